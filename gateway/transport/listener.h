// A listening TCP socket of our own: libwebsockets would hide why it cannot listen, and allocates before we can count. For this
// folder only.
#pragma once

#include <ev.h>

#include <functional>
#include <memory>
#include <string>

#include "crypto/base/result.h"
#include "gateway/transport/event_loop.h"

namespace steiger::transport {

class Listener {
 public:
  // `accepted` gets each new non-blocking socket and owns it. kPortTaken, kCannotListen.
  static Result<std::unique_ptr<Listener>> open(EventLoop& loop, const std::string& host, std::uint16_t port,
                                                std::function<void(int)> accepted);
  ~Listener();
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  Listener(EventLoop& loop, int socket, std::function<void(int)> accepted);
  void accept_waiting();

  EventLoop& loop_;
  int socket_;
  std::uint16_t port_ = 0;
  std::function<void(int)> accepted_;
  ev_io readable_{};
  Timer retry_;  // after running out of file descriptors
};

}  // namespace steiger::transport
