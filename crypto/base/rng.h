// Randomness comes in as an argument, so that tests and fuzzers can replay a run.
#pragma once

#include <cstdint>
#include <span>

namespace steiger {

// Not thread-safe unless an implementation says so. Production: primitives/system_rng.h.
class Rng {
 public:
  virtual ~Rng() = default;
  // Fills all of `out`; cannot fail (an implementation without entropy aborts).
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace steiger
