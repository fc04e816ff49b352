// One line being typed: enough editing for a chat (UTF-8, backspace, erase line). Pure; the terminal itself is screen.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace steiger::cli {

// What one piece of input led to.
struct EditResult {
  std::vector<std::string> lines;  // completed with Enter, in order
  bool end = false;                // Ctrl-D on an empty line, or Ctrl-C
};

class LineEditor {
 public:
  // Longest line; further characters are ignored (the SDK refuses longer texts anyway).
  static constexpr std::size_t kMaxLineBytes = 32 * 1024;

  EditResult take(std::string_view input);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void erase_character();
  void erase_word();
  // Swallows escape sequences (arrow keys and the like), which mean nothing here.
  bool in_escape(char c);

  std::string text_;
  enum class Escape { none, started, control } escape_ = Escape::none;
};

}  // namespace steiger::cli
