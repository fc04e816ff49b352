// The operating system's randomness, through libsodium.
#pragma once

#include "crypto/base/rng.h"

namespace steiger {

// Thread-safe. Initialises libsodium on first use; aborts when the system has no entropy.
class SystemRng final : public Rng {
 public:
  SystemRng();
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace steiger
