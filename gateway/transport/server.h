// A WebSocket and HTTP server on an EventLoop: whole binary frames in, whole binary frames out. It knows nothing of their
// meaning. All calls and all callbacks are on the loop's thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "crypto/base/bytes.h"
#include "gateway/transport/event_loop.h"
#include "gateway/transport/http.h"
#include "gateway/transport/limits.h"

namespace steiger::transport {

// Never reused within a process.
using ConnectionId = std::uint64_t;

// WebSocket close codes (RFC 6455 section 7.4.1) that we use.
// try_again_later is the IANA registry's.
enum class CloseCode : std::uint16_t { normal = 1000, going_away = 1001, policy = 1008, internal = 1011, try_again_later = 1013 };

class ServerHandler {
 public:
  virtual ~ServerHandler() = default;
  virtual void on_open(ConnectionId id) = 0;
  // `frame` is valid during the call only.
  virtual void on_frame(ConnectionId id, ByteView frame) = 0;
  // Nothing more is read from this connection: say why if you like, then close() it. kNotBinary, kFrameTooLong; kServerFull, directly
  // after on_open; kQueueFull: what waited for it was thrown away and its time is kLinger. Never called from inside send().
  virtual void on_refused(ConnectionId id, const Error& why) = 0;
  // The queue was above kLowWaterBytes and fell to it: more may be sent.
  virtual void on_drained(ConnectionId id) = 0;
  // Exactly once for every on_open, also at shutdown; the id means nothing afterwards.
  virtual void on_close(ConnectionId id) = 0;
  virtual HttpResponse on_http(const HttpRequest& request) = 0;
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // numeric IPv4 or IPv6 address
  std::uint16_t port = 0;          // 0: any free one, see port()
  std::size_t max_frame_bytes = kMaxFrameBytes;
  std::size_t max_queued_bytes = kMaxQueuedBytes;
  std::size_t max_connections = kMaxConnections;
};

class Server {
 public:
  // Listens at once. kPortTaken, kCannotListen, kLoopUnavailable.
  static Result<std::unique_ptr<Server>> create(EventLoop& loop, ServerOptions options, ServerHandler& handler);
  // Drops every connection without ceremony (each still gets its on_close). Ask stop_listening() and close() first for a graceful
  // end.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::size_t connections() const;

  // Queues a frame; unknown ids are ignored (the peer has just gone). Above max_queued_bytes the connection is given up: on_refused.
  void send(ConnectionId id, Bytes frame);
  // Bytes queued and not yet handed to the kernel; 0 for unknown ids.
  [[nodiscard]] std::size_t queued_bytes(ConnectionId id) const;
  // Sends what is queued, then the close frame; at most kLinger. Frames that still arrive are dropped. `reason`: an error name.
  void close(ConnectionId id, CloseCode code, std::string_view reason);
  void stop_listening();

 private:
  friend struct ServerParts;
  explicit Server(std::unique_ptr<struct ServerParts> parts);
  std::unique_ptr<struct ServerParts> parts_;
};

}  // namespace steiger::transport
