// Frames: from bytes of a peer to a verified wire::Frame, and from values to bytes. Shared with the SDK: no I/O, no exceptions,
// no globals. What a peer sent counts as well-formed only after verify_frame; ids inside are still optional until field() read
// them.
#pragma once

#include <memory>
#include <optional>

#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/sign.h"
#include "gateway/protocol/errors.h"
#include "gateway/protocol/limits.h"
#include "gateway/protocol/wire_generated.h"

namespace steiger::gateway {

// FlatBuffers reads 8-byte numbers in place. Bytes from operator new are aligned; others are copied once.
inline constexpr std::size_t kFrameAlignment = 8;

// A verified frame; keeps a copy of the bytes only when they were not aligned. Otherwise the bytes must outlive it.
class VerifiedFrame {
 public:
  [[nodiscard]] const wire::Frame& operator*() const { return *frame_; }
  [[nodiscard]] const wire::Frame* operator->() const { return frame_; }

 private:
  friend Result<VerifiedFrame> verify_frame(ByteView bytes, std::size_t max_bytes);
  const wire::Frame* frame_ = nullptr;
  std::unique_ptr<std::uint64_t[]> copy_;
};

// kFrameTooLarge, kMalformedFrame, kUnknownBody (also for a frame without a body).
Result<VerifiedFrame> verify_frame(ByteView bytes, std::size_t max_bytes = kMaxFrameBytes);

// ---- reading fields: kMalformedFrame when the field is absent

template <class IdType>
Result<IdType> field(const wire::Id16* id) {
  if (id == nullptr) return kMalformedFrame;
  return IdType::from_bytes({id->bytes()->data(), id->bytes()->size()});
}
Result<ByteArray<32>> field(const wire::Bytes32* bytes);
Result<ByteArray<64>> field(const wire::Bytes64* bytes);
// An absent vector is an empty view.
ByteView view_of(const flatbuffers::Vector<std::uint8_t>* bytes);
// kMalformedFrame when absent or empty, `too_large` above `max`.
Result<ByteView> field(const flatbuffers::Vector<std::uint8_t>* bytes, std::size_t max, const Error& too_large);

// ---- writing fields, for the object API (wire::...T) and the builders

template <class Tag>
wire::Id16 wire_value(const Id<Tag>& id) {
  return wire::Id16(flatbuffers::span<const std::uint8_t, kIdSize>(id.array()));
}
inline wire::Bytes32 wire_value(const ByteArray<32>& bytes) {
  return wire::Bytes32(flatbuffers::span<const std::uint8_t, 32>(bytes));
}
inline wire::Bytes64 wire_value(const ByteArray<64>& bytes) {
  return wire::Bytes64(flatbuffers::span<const std::uint8_t, 64>(bytes));
}
wire::Bytes32 wire_value(const VerifyKey& key);
// As the object API wants structs.
template <class T>
auto wire_pointer(const T& value) {
  return std::make_unique<decltype(wire_value(value))>(wire_value(value));
}

// ---- frames

// Finishes a frame around a body table built in `builder` and takes its bytes; the builder is clean afterwards and can be reused.
Bytes finish_frame(flatbuffers::FlatBufferBuilder& builder, std::uint64_t request, wire::Body type,
                   flatbuffers::Offset<void> body);

// A frame from an object-API table, e.g. encode_frame(7, wire::AcceptedT{...}).
template <class BodyT>
Bytes encode_frame(std::uint64_t request, BodyT body) {
  flatbuffers::FlatBufferBuilder builder;
  wire::FrameT frame;
  frame.request = request;
  frame.body.Set(std::move(body));
  builder.Finish(wire::Frame::Pack(builder, &frame), wire::FrameIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

wire::ProblemT problem_of(const Error& error, bool fatal);
Bytes problem_frame(std::uint64_t request, const Error& error, bool fatal);
// The Error a Problem stands for: name and family of our own list when we know the code, kUnknownProblem with the peer's code and
// flags otherwise (a newer gateway).
Error error_of(const wire::Problem& problem);
inline constexpr char kUnknownProblemName[] = "unknown_problem";

}  // namespace steiger::gateway
