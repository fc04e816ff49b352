// One connection of a device, from hello to its end: turns bytes into verified frames, holds the bounds, and hands on to the
// service. Everything happens on the transport thread.
#pragma once

#include <optional>

#include "crypto/base/rng.h"
#include "gateway/net/log.h"
#include "gateway/service/service.h"
#include "gateway/transport/server.h"

namespace steiger::gateway {

// What sessions share. The objects outlive every session.
struct SessionContext {
  transport::Server* server = nullptr;
  Service* service = nullptr;
  const Clock& clock;
  Rng& rng;
  PeerLog& log;
};

class DeviceSession final : public SessionSink {
 public:
  DeviceSession(SessionContext& context, transport::ConnectionId connection) : context_(context), connection_(connection) {}

  // Any bytes of a peer. Whatever is wrong with them is answered with a fatal Problem and ends this connection only (law 9).
  void receive(ByteView frame);
  // A fatal Problem, then the end: for bytes that did not even become a frame.
  void refuse(std::uint64_t request, const Error& why);
  void drained();
  void closed();

  // SessionSink
  void send(Bytes frame) override;
  void close(const Error& why) override;
  void forbidden(const Error& rule) override;
  [[nodiscard]] std::size_t queued_bytes() const override;

 private:
  void hello(const wire::Frame& frame);
  void reply_to_hello(std::uint64_t request, const ByteArray<32>& nonce);

  SessionContext& context_;
  transport::ConnectionId connection_;
  std::optional<SessionId> session_;  // after hello, until the end
  bool ended_ = false;
};

}  // namespace steiger::gateway
