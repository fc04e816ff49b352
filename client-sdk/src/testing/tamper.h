// How tests change a frame of the wire on its way.
#pragma once

#include "client-sdk/src/testing/network.h"
#include "gateway/protocol/frames.h"

namespace steiger::sdk::testing {

namespace wire = steiger::gateway::wire;

// Changes every frame that carries a `Body`.
template <class Body, class Change>
Network::Tamper tamper(Change change) {
  return [change](Bytes frame) {
    std::unique_ptr<wire::FrameT> native(wire::GetFrame(frame.data())->UnPack());
    if (native->body.type != wire::BodyUnionTraits<Body>::enum_value) return frame;
    change(*static_cast<Body*>(native->body.value));
    flatbuffers::FlatBufferBuilder builder;
    wire::FinishFrameBuffer(builder, wire::Frame::Pack(builder, native.get()));
    return Bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  };
}

}  // namespace steiger::sdk::testing
