#include "crypto/primitives/system_rng.h"

#include <sodium.h>

#include <cstdlib>

namespace steiger {

SystemRng::SystemRng() {
  if (sodium_init() < 0) std::abort();
}

void SystemRng::fill(std::span<std::uint8_t> out) {
  randombytes_buf(out.data(), out.size());
}

}  // namespace steiger
