// Bytes that are planted in secrets, and a count of the freed blocks in which they are still found.
#pragma once

#include <functional>

#include "crypto/base/bytes.h"
#include "crypto/base/rng.h"

namespace steiger::test {

// Unlikely by chance.
inline constexpr std::size_t kMarkerSize = 16;

// Fills `out` with markers.
void plant(std::span<std::uint8_t> out);
bool contains_marker(const void* block, std::size_t size);
// Counts the blocks with a marker in them that this program freed while `action` ran.
int freed_with_marker(const std::function<void()>& action);

// Every 32 bytes that it gives are a marker and a number of their own: secrets drawn from it can be found again.
class MarkingRng final : public Rng {
 public:
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::uint64_t drawn_ = 0;
};

}  // namespace steiger::test
