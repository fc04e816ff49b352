#include "client-sdk/apps/cli/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>

#include "client-sdk/apps/cli/text_safety.h"

namespace steiger::cli {
namespace {

constexpr const char* kPrompt = "> ";
constexpr std::size_t kPromptWidth = 2;
constexpr const char* kClearToEnd = "\033[J";

std::string padded(const std::string& mark) {
  const std::size_t width = code_points(mark);
  return mark + std::string(width < Screen::kMarkWidth ? Screen::kMarkWidth - width : 0, ' ');
}

}  // namespace

Screen::Screen(std::ostream& out, bool terminal) : out_(out), terminal_(terminal && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
  if (!terminal_) return;
  termios raw = before_;
  raw.c_lflag &= static_cast<tcflag_t>(~(ICANON | ECHO | ISIG));
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  measure();
  show_input();
}

Screen::~Screen() {
  if (!terminal_) return;
  hide_input();
  out_ << std::flush;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

void Screen::measure() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return;
  columns_ = size.ws_col;
  height_ = size.ws_row;
}

std::size_t Screen::rows_of(const std::string& text) const {
  std::size_t rows = 0;
  std::size_t start = 0;
  while (start <= text.size()) {
    const auto end = std::min(text.find('\n', start), text.size());
    const std::size_t width = code_points(std::string_view(text).substr(start, end - start));
    rows += std::max<std::size_t>(1, (width + columns_ - 1) / columns_);
    start = end + 1;
  }
  return rows;
}

void Screen::hide_input() {
  if (!terminal_) return;
  // The cursor stands behind the typed text; go back to the first of its rows and clear from there.
  const std::size_t width = kPromptWidth + code_points(editor_.text());
  const std::size_t up = width / columns_;
  if (up != 0) out_ << "\033[" << up << 'A';
  out_ << '\r' << kClearToEnd;
}

void Screen::show_input() {
  if (terminal_) out_ << kPrompt << editor_.text() << std::flush;
}

void Screen::print(const std::string& text) {
  if (terminal_) measure();
  hide_input();
  out_ << text << '\n';
  rows_ += rows_of(text);
  show_input();
  out_ << std::flush;
}

void Screen::print_marked(const std::string& key, const std::string& mark, const std::string& text) {
  marked_[key] = {rows_, mark, text};
  print(padded(mark) + " " + text);
}

void Screen::change_mark(const std::string& key, const std::string& mark) {
  const auto found = marked_.find(key);
  if (found == marked_.end() || found->second.mark == mark) return;
  found->second.mark = mark;
  if (!terminal_) {
    out_ << padded(mark) << ' ' << found->second.text << std::endl;
    return;
  }
  measure();
  const std::size_t up = rows_ - found->second.row;
  if (up >= height_ - 1) return;  // scrolled away
  hide_input();
  out_ << "\0337\033[" << up << "A\r" << padded(mark) << "\0338";  // save cursor, up, mark, restore
  show_input();
}

EditResult Screen::read_input() {
  char buffer[4096];
  const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return {};
  if (count <= 0) {
    EditResult out;
    out.end = true;
    return out;
  }
  hide_input();
  EditResult result = editor_.take({buffer, static_cast<std::size_t>(count)});
  show_input();
  return result;
}

}  // namespace steiger::cli
