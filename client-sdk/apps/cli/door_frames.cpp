#include "client-sdk/apps/cli/door_frames.h"

namespace steiger::cli {
namespace {

constexpr std::size_t kLengthBytes = 4;

}  // namespace

Bytes door_frame(ByteView content) {
  Bytes out;
  out.reserve(kLengthBytes + content.size());
  for (std::size_t i = kLengthBytes; i-- > 0;) out.push_back(static_cast<std::uint8_t>(content.size() >> (8 * i)));
  append(out, content);
  return out;
}

Result<std::optional<Bytes>> DoorFrames::next() {
  if (buffer_.size() < kLengthBytes) return std::optional<Bytes>();
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) length = length << 8 | buffer_[i];
  if (length > largest_) return kTooLarge;
  if (buffer_.size() - kLengthBytes < length) return std::optional<Bytes>();
  const auto begin = buffer_.begin() + static_cast<std::ptrdiff_t>(kLengthBytes);
  const auto end = begin + static_cast<std::ptrdiff_t>(length);
  Bytes content(begin, end);
  buffer_.erase(buffer_.begin(), end);
  return std::optional<Bytes>(std::move(content));
}

}  // namespace steiger::cli
