#include "gateway/net/device_session.h"

#include <algorithm>

namespace steiger::gateway {

void DeviceSession::receive(ByteView bytes) {
  if (ended_) return;
  const auto verified = verify_frame(bytes, context_.service->hello().limits.max_frame_bytes);
  if (!verified) return refuse(0, verified.error());
  const wire::Frame& frame = **verified;
  const bool is_hello = frame.body_type() == wire::Body::Hello;
  if (is_hello == session_.has_value()) return refuse(frame.request(), kWrongState);  // hello comes first, and once
  if (is_hello) return hello(frame);
  if (frame.body_type() == wire::Body::Ping) return send(encode_frame(frame.request(), wire::PongT()));
  context_.service->handle(*session_, frame);
}

void DeviceSession::hello(const wire::Frame& frame) {
  const wire::Hello& hello = *frame.body_as_Hello();
  const std::size_t name_size = hello.client() == nullptr ? 0 : hello.client()->size();
  if (name_size > kMaxClientNameBytes || hello.min_version() > hello.max_version()) {
    return refuse(frame.request(), kMalformedFrame);
  }
  if (hello.max_version() < kProtocolVersionMin || hello.min_version() > kProtocolVersionMax) {
    return refuse(frame.request(), kUnsupportedVersion);
  }
  ByteArray<32> nonce{};
  context_.rng.fill(nonce);
  session_ = context_.service->open(*this, nonce);
  reply_to_hello(frame.request(), nonce);
}

void DeviceSession::reply_to_hello(std::uint64_t request, const ByteArray<32>& nonce) {
  const HelloFacts facts = context_.service->hello();
  wire::HelloReplyT reply;
  reply.version = kProtocolVersionMax;
  reply.organisation = wire_pointer(facts.organisation);
  reply.incarnation = std::make_unique<wire::Id16>(flatbuffers::span<const std::uint8_t, kIdSize>(facts.incarnation));
  reply.nonce = wire_pointer(nonce);
  reply.head_key = wire_pointer(facts.head_key);
  reply.time_ms = context_.clock.now().ms;
  reply.limits = std::make_unique<wire::LimitsT>();
  reply.limits->max_frame_bytes = facts.limits.max_frame_bytes;
  reply.limits->max_payload_bytes = facts.limits.max_payload_bytes;
  reply.limits->max_outstanding = facts.limits.max_outstanding;
  reply.limits->delivery_window = facts.limits.delivery_window;
  reply.limits->max_items_per_frame = facts.limits.max_items_per_frame;
  send(encode_frame(request, std::move(reply)));
}

void DeviceSession::refuse(std::uint64_t request, const Error& why) {
  if (ended_) return;
  if (session_) context_.service->closed(*session_);
  send(problem_frame(request, why, true));
  close(why);
}

void DeviceSession::drained() {
  if (session_) context_.service->drained(*session_);
}

void DeviceSession::closed() {
  ended_ = true;
  if (session_) context_.service->closed(*session_);
  session_.reset();
}

void DeviceSession::send(Bytes frame) {
  if (!ended_) context_.server->send(connection_, std::move(frame));
}

void DeviceSession::close(const Error& why) {
  if (ended_) return;
  ended_ = true;
  session_.reset();
  const bool leaving = why == kShuttingDown;
  const bool ours = why.family == ErrorFamily::environment;  // nothing wrong with the peer
  using transport::CloseCode;
  context_.server->close(connection_,
                         leaving ? CloseCode::going_away
                         : ours  ? CloseCode::try_again_later
                                 : CloseCode::policy,
                         why.name);
  if (!leaving) context_.log.add("connection_refused", {{"error", why}});
}

void DeviceSession::forbidden(const Error& rule) {
  if (!ended_) context_.log.add("commit_forbidden", {{"rule", rule}});
}

std::size_t DeviceSession::queued_bytes() const {
  return context_.server->queued_bytes(connection_);
}

}  // namespace steiger::gateway
