// One thread's event loop: libev with a libwebsockets context on it (anchors: lws's own loop is poll(), which dies of idle
// connections). Servers, clients and timers live on a loop; everything about them happens on the thread that calls run().
// Work of other threads comes through a Boost.Asio io_context that this loop polls whenever something
// was posted (design section 1).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/base/clock.h"
#include "crypto/base/result.h"
#include "gateway/transport/errors.h"
#include "gateway/transport/limits.h"

struct lws_context;
struct lws_protocols;
struct lws_vhost;
struct ev_loop;

namespace steiger::transport {

class EventLoop {
 public:
  struct Options {
    bool tls_client = false;  // prepares OpenSSL for wss:// clients; costs memory, so a gateway leaves it off
    // wss://: PEM file of the certificate authorities to trust, and no others; empty: the system's (OpenSSL's own variables SSL_CERT_FILE
    // and SSL_CERT_DIR say where those are).
    std::string certificate_file;
    // Numeric addresses of a host name, called on a thread of its own; empty: the system's resolver. And how long it may take.
    std::function<Result<std::vector<std::string>>(const std::string& host)> lookup;
    Duration lookup_timeout = kLookupTimeout;
  };
  // kLoopUnavailable, kCertificateFile.
  static Result<std::unique_ptr<EventLoop>> create(const Options& options);
  static Result<std::unique_ptr<EventLoop>> create();
  // Destroy after every Server, Client and Timer on it, on the thread that ran it. Work posted and not yet run is dropped.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs until stop(). May be called again.
  void run();
  // Thread-safe.
  void stop();
  // Thread-safe. `task` runs on the loop's thread, in the order of posting, never inside the call. A task must not throw.
  void post(std::function<void()> task);
  // On the loop's thread. The process-wide signal is handled here from now on (one loop per signal).
  void on_signal(int signal, std::function<void()> handler);

  // For this folder only.
  [[nodiscard]] lws_context* websockets() const;
  [[nodiscard]] struct ev_loop* events() const;
  // The one virtual host of all outgoing connections, made at first use; nullptr when that fails.
  lws_vhost* client_vhost(const lws_protocols* protocols);
  [[nodiscard]] class Resolver& resolver() const;
  [[nodiscard]] Duration lookup_timeout() const;

 private:
  struct Parts;
  explicit EventLoop(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Calls `handler` once after each start(). Real (monotonic) time: for sockets and pacing, never for product rules (design law
// 11).
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> handler);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // On the loop's thread. Starting a running timer moves it.
  void start(Duration after);
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace steiger::transport
