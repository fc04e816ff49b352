// The chat's window: lines above, the line being typed below, and marks in front of lines that change later (waiting, accepted, ...).
#pragma once

#include <termios.h>

#include <iosfwd>
#include <map>
#include <string>

#include "client-sdk/apps/cli/line_editor.h"

namespace steiger::cli {

// On a terminal it reads key by key, so that a message that arrives does not tear the line being typed; otherwise (a pipe, a
// file) it reads and prints plain lines and a changed mark is a new line.
class Screen {
 public:
  Screen(std::ostream& out, bool terminal);
  ~Screen();  // gives the terminal back as it was
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Whole lines; `text` must be terminal_safe already.
  void print(const std::string& text);
  // A line that begins with a mark of kMarkWidth columns; `key` finds it again.
  void print_marked(const std::string& key, const std::string& mark, const std::string& text);
  // Changes the mark of a line when that is still in sight.
  void change_mark(const std::string& key, const std::string& mark);

  // Reads what is there. `end`: the person or the pipe is done.
  EditResult read_input();

  static constexpr std::size_t kMarkWidth = 2;

 private:
  void hide_input();
  void show_input();
  [[nodiscard]] std::size_t rows_of(const std::string& text) const;
  void measure();

  struct Marked {
    std::size_t row = 0;  // counted from the first line printed
    std::string mark, text;
  };

  std::ostream& out_;
  bool terminal_;
  termios before_{};
  LineEditor editor_;
  std::size_t columns_ = 80;
  std::size_t height_ = 24;
  std::size_t rows_ = 0;  // printed so far
  std::map<std::string, Marked> marked_;
};

}  // namespace steiger::cli
