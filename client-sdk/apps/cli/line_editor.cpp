#include "client-sdk/apps/cli/line_editor.h"

#include <utility>

namespace steiger::cli {
namespace {

constexpr char kCtrlC = 0x03;
constexpr char kCtrlD = 0x04;
constexpr char kBackspace = 0x08;
constexpr char kCtrlU = 0x15;
constexpr char kCtrlW = 0x17;
constexpr char kEscape = 0x1b;
constexpr char kDelete = 0x7f;

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

void LineEditor::erase_character() {
  while (!text_.empty() && continues_character(text_.back())) text_.pop_back();
  if (!text_.empty()) text_.pop_back();
}

void LineEditor::erase_word() {
  while (!text_.empty() && text_.back() == ' ') text_.pop_back();
  while (!text_.empty() && text_.back() != ' ') text_.pop_back();
}

bool LineEditor::in_escape(char c) {
  switch (escape_) {
    case Escape::none:
      if (c != kEscape) return false;
      escape_ = Escape::started;
      return true;
    case Escape::started:
      // ESC [ ... and ESC O ... go on until a letter or '~'; any other character ends a two-character sequence.
      escape_ = (c == '[' || c == 'O') ? Escape::control : Escape::none;
      return true;
    case Escape::control:
      if (c >= '@' && c <= '~') escape_ = Escape::none;
      return true;
  }
  return false;
}

EditResult LineEditor::take(std::string_view input) {
  EditResult out;
  for (const char c : input) {
    if (in_escape(c)) continue;
    switch (c) {
      case '\r':
      case '\n':
        out.lines.push_back(std::exchange(text_, {}));
        break;
      case kBackspace:
      case kDelete:
        erase_character();
        break;
      case kCtrlU:
        text_.clear();
        break;
      case kCtrlW:
        erase_word();
        break;
      case kCtrlC:
        out.end = true;
        return out;
      case kCtrlD:
        if (text_.empty()) {
          out.end = true;
          return out;
        }
        break;
      default:
        if ((static_cast<unsigned char>(c) >= 0x20 || c == '\t') && text_.size() < kMaxLineBytes)
          text_.push_back(c == '\t' ? ' ' : c);
    }
  }
  return out;
}

}  // namespace steiger::cli
