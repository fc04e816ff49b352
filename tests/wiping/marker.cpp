#include "tests/wiping/marker.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace steiger::test {
namespace {

std::uint8_t marker_byte(std::size_t i) {
  return static_cast<std::uint8_t>(0xA5u ^ (i * 29u));
}

std::atomic<bool> watching{false};
std::atomic<int> found{0};

}  // namespace

void plant(std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = marker_byte(i % kMarkerSize);
}

bool contains_marker(const void* block, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(block);
  for (std::size_t at = 0; at + kMarkerSize <= size; ++at) {
    std::size_t i = 0;
    while (i < kMarkerSize && bytes[at + i] == marker_byte(i)) ++i;
    if (i == kMarkerSize) return true;
  }
  return false;
}

int freed_with_marker(const std::function<void()>& action) {
  found = 0;
  watching = true;
  action();
  watching = false;
  return found;
}

void MarkingRng::fill(std::span<std::uint8_t> out) {
  plant(out);
  if (out.size() <= kMarkerSize) return;
  ++drawn_;
  const auto* number = reinterpret_cast<const std::uint8_t*>(&drawn_);
  for (std::size_t i = kMarkerSize; i < out.size(); ++i) out[i] = number[i % sizeof drawn_];
}

// What every delete in this program goes through.
void inspect(void* block) {
  if (block != nullptr && watching && contains_marker(block, malloc_usable_size(block))) ++found;
}

}  // namespace steiger::test

void* operator new(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) std::abort();
  return block;
}
// For std::stable_sort and its like, which give back by plain delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
void operator delete(void* block) noexcept {
  steiger::test::inspect(block);
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
}
