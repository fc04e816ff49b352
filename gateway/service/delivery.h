// Outgoing frames of envelopes: how rows become wire::Deliver and wire::DeliverWelcome. Payload of a device's own message is left out:
// it has it and only learns its place (wire.fbs).
#pragma once

#include "gateway/service/commands.h"

namespace steiger::gateway {

// Collects portions for one device and cuts them into frames. Reusable; belongs to one thread.
class DeliverFrames {
 public:
  // Where finished frames go.
  using Out = std::function<void(Bytes frame)>;

  // Adds a portion for `device`; may emit the frame that was full before it. A portion is never split: its signature is over its end.
  void add(const ChannelPortion& portion, const DeviceId& device, const Out& out);
  // Emits what is left.
  void finish(const Out& out);

 private:
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<wire::ChannelBatch>> batches_;
  std::vector<flatbuffers::Offset<wire::Envelope>> envelopes_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

Bytes welcome_frame(const WelcomePortion& portion);

}  // namespace steiger::gateway
