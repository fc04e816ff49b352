// Other people's text on our terminal: a message must never move the cursor, set a colour or hide a line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace steiger::cli {

// `text` with every malformed UTF-8 sequence (overlong, surrogate, truncated) replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// valid_utf8 without control characters (C0, C1, DEL) and without the Unicode marks that reorder or hide a line;
// a line break becomes `line_break`.
std::string terminal_safe(std::string_view text, std::string_view line_break = "\n");

// Code points of valid UTF-8: the columns a text takes, near enough for padding (wide characters count as one).
std::size_t code_points(std::string_view text);

}  // namespace steiger::cli
