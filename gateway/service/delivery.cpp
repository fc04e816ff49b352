#include "gateway/service/delivery.h"

namespace steiger::gateway {
namespace {

flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> bytes_of(flatbuffers::FlatBufferBuilder& builder, const Bytes& bytes) {
  return builder.CreateVector(bytes.data(), bytes.size());
}

}  // namespace

void DeliverFrames::add(const ChannelPortion& portion, const DeviceId& device, const Out& out) {
  if (count_ > 0 && (count_ + portion.messages.size() > kMaxItemsPerFrame || bytes_ + portion.payload_bytes > kMaxReadBytes)) {
    finish(out);
  }
  envelopes_.clear();
  for (const MessageRow& message : portion.messages) {
    const bool own = message.device == device;
    const bool with_payload = !own && message.payload.has_value();
    flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> payload;
    if (with_payload) payload = bytes_of(builder_, *message.payload);
    const auto id = wire_value(message.id);
    const auto account = wire_value(message.account);
    const auto sender = wire_value(message.device);
    const auto tag = wire_value(message.tag);
    const auto hash = wire_value(message.payload_hash);
    wire::EnvelopeBuilder envelope(builder_);
    envelope.add_id(&id);
    envelope.add_kind(static_cast<wire::EnvelopeKind>(message.kind));
    envelope.add_epoch(message.epoch);
    envelope.add_account(&account);
    envelope.add_device(&sender);
    envelope.add_tag(&tag);
    envelope.add_accepted_ms(message.accepted.ms);
    if (with_payload) {
      envelope.add_payload(payload);
    } else {
      envelope.add_payload_hash(&hash);
    }
    if (own) envelope.add_counter(message.counter);
    envelopes_.push_back(envelope.Finish());
  }
  const auto list = builder_.CreateVector(envelopes_);
  const auto channel = wire_value(portion.channel);
  const auto previous = wire_value(portion.previous);
  const auto signature = wire_value(portion.head_signature);
  batches_.push_back(wire::CreateChannelBatch(builder_, &channel, portion.first_seq, &previous, list, &signature));
  count_ += portion.messages.size();
  bytes_ += portion.payload_bytes;
}

void DeliverFrames::finish(const Out& out) {
  if (batches_.empty()) return;
  const auto body = wire::CreateDeliver(builder_, builder_.CreateVector(batches_));
  out(finish_frame(builder_, 0, wire::Body::Deliver, body.Union()));
  batches_.clear();
  count_ = bytes_ = 0;
}

Bytes welcome_frame(const WelcomePortion& portion) {
  wire::DeliverWelcomeT out;
  out.channel = wire_pointer(portion.channel);
  out.seq = portion.welcome.seq;
  out.epoch = portion.welcome.epoch;
  out.welcome = portion.welcome.welcome;
  out.first_link_seq = portion.welcome.first_link_seq;
  for (const MessageRow& message : portion.links) {
    auto link = std::make_unique<wire::ChainLinkT>();
    link->id = wire_pointer(message.id);
    link->account = wire_pointer(message.account);
    link->device = wire_pointer(message.device);
    link->tag = wire_pointer(message.tag);
    link->accepted_ms = message.accepted.ms;
    link->payload_hash = wire_pointer(message.payload_hash);
    out.links.push_back(std::move(link));
  }
  out.head_signature = wire_pointer(portion.head_signature);
  out.generation = portion.welcome.generation;
  return encode_frame(0, std::move(out));
}

}  // namespace steiger::gateway
