#include "gateway/protocol/frames.h"

#include <cstring>

namespace steiger::gateway {

Result<VerifiedFrame> verify_frame(ByteView bytes, std::size_t max_bytes) {
  if (bytes.size() > max_bytes) return kFrameTooLarge;
  // Smaller than a root offset and an identifier: BufferHasIdentifier would read past the end.
  constexpr std::size_t kSmallest = sizeof(flatbuffers::uoffset_t) + flatbuffers::kFileIdentifierLength;
  if (bytes.size() < kSmallest) return kMalformedFrame;
  VerifiedFrame verified;
  const std::uint8_t* data = bytes.data();
  if (reinterpret_cast<std::uintptr_t>(data) % kFrameAlignment != 0) {
    verified.copy_ = std::make_unique<std::uint64_t[]>(bytes.size() / sizeof(std::uint64_t) + 1);
    std::memcpy(verified.copy_.get(), data, bytes.size());
    data = reinterpret_cast<const std::uint8_t*>(verified.copy_.get());
  }
  flatbuffers::Verifier verifier(data, bytes.size(), kMaxTableDepth, kMaxTables);
  if (!wire::VerifyFrameBuffer(verifier)) return kMalformedFrame;
  verified.frame_ = wire::GetFrame(data);
  // The verifier lets union members pass that it does not know.
  const wire::Body type = verified.frame_->body_type();
  if (type <= wire::Body::NONE || type > wire::Body::MAX || verified.frame_->body() == nullptr) return kUnknownBody;
  return verified;
}

namespace {
template <std::size_t N, class Struct>
Result<ByteArray<N>> read_array(const Struct* bytes) {
  if (bytes == nullptr) return kMalformedFrame;
  ByteArray<N> out{};
  std::copy_n(bytes->bytes()->data(), N, out.begin());
  return out;
}
}  // namespace

Result<ByteArray<32>> field(const wire::Bytes32* bytes) {
  return read_array<32>(bytes);
}
Result<ByteArray<64>> field(const wire::Bytes64* bytes) {
  return read_array<64>(bytes);
}

ByteView view_of(const flatbuffers::Vector<std::uint8_t>* bytes) {
  if (bytes == nullptr) return {};
  return {bytes->data(), bytes->size()};
}

Result<ByteView> field(const flatbuffers::Vector<std::uint8_t>* bytes, std::size_t max, const Error& too_large) {
  const ByteView view = view_of(bytes);
  if (view.empty()) return kMalformedFrame;
  if (view.size() > max) return too_large;
  return view;
}

wire::Bytes32 wire_value(const VerifyKey& key) {
  return wire::Bytes32(flatbuffers::span<const std::uint8_t, 32>(key.bytes().data(), 32));
}

Bytes finish_frame(flatbuffers::FlatBufferBuilder& builder, std::uint64_t request, wire::Body type,
                   flatbuffers::Offset<void> body) {
  builder.Finish(wire::CreateFrame(builder, request, type, body), wire::FrameIdentifier());
  Bytes out(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  builder.Clear();
  return out;
}

wire::ProblemT problem_of(const Error& error, bool fatal) {
  wire::ProblemT problem;
  problem.code = error.code;
  problem.name = error.name;
  problem.family = static_cast<wire::ProblemFamily>(error.family);
  problem.retryable = error.retryable;
  problem.retry_after_ms = error.retry_after_ms;
  problem.fatal = fatal;
  return problem;
}

Bytes problem_frame(std::uint64_t request, const Error& error, bool fatal) {
  return encode_frame(request, problem_of(error, fatal));
}

Error error_of(const wire::Problem& problem) {
  Error error{problem.code(), kUnknownProblemName, ErrorFamily::peer, problem.retryable(), problem.retry_after_ms()};
  if (const Error* known = find_wire_error(problem.code()); known != nullptr) {
    error.name = known->name;
    error.family = known->family;
  }
  return error;
}

}  // namespace steiger::gateway
