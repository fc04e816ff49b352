// Crockford's base32: digits and capitals without I, L, O and U, for what people read aloud and type (S4). Lower case is accepted, and
// what looks alike: I and L read as 1, O as 0.
#pragma once

#include <string_view>

namespace steiger {

inline constexpr std::string_view kCrockfordAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
inline constexpr unsigned kBase32Bits = 5;

// 0 to 31; -1 for a character that is not accepted.
inline int crockford_value(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'I' || c == 'L') c = '1';
  if (c == 'O') c = '0';
  const std::size_t at = kCrockfordAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace steiger
