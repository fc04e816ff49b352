// Errors are values. An Error names what went wrong and whose fault it is; it never carries data, so it is always safe to log.
#pragma once

#include <cstdint>
#include <string_view>

namespace steiger {

// Who has to change something before the same call can succeed.
enum class ErrorFamily : std::uint8_t {
  caller,       // our own program used an interface wrongly
  peer,         // bytes from another party are malformed, forged or not allowed
  environment,  // disk, network or operating system; never used in crypto and schedules
};

// Codes run in hundreds per area so that a bare number in a log names its room:
//   1xx codec and base types   2xx primitives   3xx mls   4xx identity   5xx log and franking   6xx schedules
//   10xx wire and sessions     11xx service     12xx store   13xx transport   14xx configuration
//   20xx SDK core              21xx SDK adapters 22xx apps
// An area declares its errors once, in its own errors.h, as inline constexpr values.
struct Error {
  std::uint16_t code = 0;
  const char* name = "";  // stable snake_case; the same name travels on the wire and in problem+json
  ErrorFamily family = ErrorFamily::peer;
  bool retryable = false;
  std::uint32_t retry_after_ms = 0;  // 0: no advice

  friend constexpr bool operator==(const Error& a, const Error& b) { return a.code == b.code; }
};

inline constexpr Error kTruncated{101, "truncated", ErrorFamily::peer};
inline constexpr Error kTrailingBytes{102, "trailing_bytes", ErrorFamily::peer};
inline constexpr Error kBadLength{103, "bad_length", ErrorFamily::peer};
inline constexpr Error kTooLarge{104, "too_large", ErrorFamily::peer};
inline constexpr Error kBadValue{105, "bad_value", ErrorFamily::peer};
inline constexpr Error kBadText{106, "bad_text", ErrorFamily::peer};

}  // namespace steiger
