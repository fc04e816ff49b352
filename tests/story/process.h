// Real programs as children: started, fed, read line by line, killed at any instant. For tests that look from outside.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace steiger::story {

using Arguments = std::vector<std::string>;

// How long anything that should happen at once may take on a busy machine, before the test says it did not happen.
inline constexpr std::chrono::seconds kPatience{60};

class Process {
 public:
  // Standard error is appended to `error_file`. Aborts when the program cannot be started.
  Process(const Arguments& arguments, const std::filesystem::path& error_file);
  // Kills and waits when it still runs.
  ~Process();
  Process(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void write(const std::string& text);
  void close_input();
  // The next line of standard output without its end; nothing at the end of the output or when the time is up.
  std::optional<std::string> read_line(std::chrono::milliseconds patience = kPatience);
  // Signals; does not wait.
  void signal(int number) const;
  // Exit code; 128 + signal when a signal ended it; nothing when the time is up.
  std::optional<int> wait(std::chrono::milliseconds patience = kPatience);
  void kill_now();  // SIGKILL and wait
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::optional<int> status_;
};

struct Finished {
  int exit = -1;  // -1: had to be killed because the time was up
  std::vector<std::string> lines;
  std::string errors;
};

// Runs a program to its end.
Finished run(const Arguments& arguments, const std::filesystem::path& error_file, const std::string& input = "",
             std::chrono::milliseconds patience = kPatience);

}  // namespace steiger::story
