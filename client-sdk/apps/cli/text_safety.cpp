#include "client-sdk/apps/cli/text_safety.h"

#include <cstdint>
#include <optional>

namespace steiger::cli {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;
};

// The well-formed code point at the start of `text` (Unicode 15, table 3-7), or nothing.
std::optional<CodePoint> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return CodePoint{lead, 1};
  std::size_t size = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if ((lead & 0xe0) == 0xc0) {
    size = 2, value = lead & 0x1f, smallest = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    size = 3, value = lead & 0x0f, smallest = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    size = 4, value = lead & 0x07, smallest = 0x10000;
  } else {
    return std::nullopt;
  }
  if (text.size() < size) return std::nullopt;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    value = (value << 6) | (byte(i) & 0x3f);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest || value > 0x10ffff || surrogate) return std::nullopt;
  return CodePoint{value, size};
}

// Marks that change the direction of what follows, or are invisible line separators.
bool reorders_or_hides(char32_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

template <class Visit>
void for_each(std::string_view text, Visit&& visit) {
  while (!text.empty()) {
    const auto point = decode(text);
    const std::size_t size = point ? point->size : 1;
    visit(point, text.substr(0, size));
    text.remove_prefix(size);
  }
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  for_each(text, [&](const std::optional<CodePoint>& point, std::string_view bytes) { out += point ? bytes : kReplacement; });
  return out;
}

std::string terminal_safe(std::string_view text, std::string_view line_break) {
  std::string out;
  for_each(text, [&](const std::optional<CodePoint>& point, std::string_view bytes) {
    if (!point) {
      out += kReplacement;
    } else if (point->value == '\n') {
      out += line_break;
    } else if (point->value == '\t') {
      out += ' ';
    } else if (!is_control(point->value) && !reorders_or_hides(point->value)) {
      out += bytes;
    }
  });
  return out;
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for_each(text, [&](const std::optional<CodePoint>&, std::string_view) { ++count; });
  return count;
}

}  // namespace steiger::cli
