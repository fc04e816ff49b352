// Time is an argument (design law 11): int64 milliseconds since 1970 UTC.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace steiger {

using Duration = std::chrono::milliseconds;

struct Timestamp {
  std::int64_t ms = 0;

  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;
  friend constexpr Timestamp operator+(Timestamp t, Duration d) { return {t.ms + d.count()}; }
  friend constexpr Timestamp operator-(Timestamp t, Duration d) { return {t.ms - d.count()}; }
  friend constexpr Duration operator-(Timestamp a, Timestamp b) { return Duration(a.ms - b.ms); }
};

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() const = 0;
};

}  // namespace steiger
