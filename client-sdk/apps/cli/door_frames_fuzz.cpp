// What a program at the door may send: any bytes, in any pieces. The pieces must not matter.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "client-sdk/apps/cli/door_frames.h"

namespace {

constexpr std::size_t kLargest = 64;

std::vector<steiger::Bytes> messages_of(steiger::ByteView bytes, std::size_t piece) {
  steiger::cli::DoorFrames frames(kLargest);
  std::vector<steiger::Bytes> out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    frames.add(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    for (;;) {
      auto next = frames.next();
      if (!next.ok()) return out;
      if (!*next) break;
      if ((*next)->size() > kLargest) std::abort();
      out.push_back(std::move(**next));
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const steiger::ByteView bytes(data, size);
  if (messages_of(bytes, size + 1) != messages_of(bytes, 1)) std::abort();
  return 0;
}
