// How two `steiger` programs on one computer put messages on a stream: four bytes of length (big endian), then that many bytes.
#pragma once

#include <optional>

#include "crypto/base/bytes.h"
#include "crypto/base/result.h"

namespace steiger::cli {

// Length and content of one message.
Bytes door_frame(ByteView content);

// Puts what arrives in pieces together again.
class DoorFrames {
 public:
  explicit DoorFrames(std::size_t largest) : largest_(largest) {}
  void add(ByteView piece) { append(buffer_, piece); }
  // The next whole message; nothing when more has to arrive first; kTooLarge when one is announced that is larger than allowed:
  // nothing after it can be understood.
  Result<std::optional<Bytes>> next();

 private:
  std::size_t largest_;
  Bytes buffer_;
};

}  // namespace steiger::cli
