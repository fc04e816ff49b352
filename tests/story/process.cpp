#include "tests/story/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

namespace steiger::story {
namespace {

using Clock = std::chrono::steady_clock;

// Between two looks at a child that has not ended yet.
constexpr std::chrono::milliseconds kLook{2};

[[noreturn]] void start_in_child(const Arguments& arguments, int input, int output, const std::filesystem::path& error_file) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  const int errors = ::open(error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(errors, STDERR_FILENO);
  std::vector<char*> pointers;
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  std::perror(pointers[0]);
  ::_exit(127);
}

void require(bool condition, const char* what) {
  if (condition) return;
  std::perror(what);
  std::abort();
}

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

}  // namespace

Process::Process(const Arguments& arguments, const std::filesystem::path& error_file) {
  std::signal(SIGPIPE, SIG_IGN);  // a killed child's input
  int input[2];
  int output[2];
  require(::pipe2(input, O_CLOEXEC) == 0 && ::pipe2(output, O_CLOEXEC) == 0, "pipe");
  pid_ = ::fork();
  require(pid_ >= 0, "fork");
  if (pid_ == 0) start_in_child(arguments, input[0], output[1], error_file);
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  output_ = output[0];
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)),
      status_(other.status_) {}

Process::~Process() {
  if (pid_ > 0 && !status_) kill_now();
  close_input();
  if (output_ >= 0) ::close(output_);
}

void Process::write(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(input_, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;  // the child is gone, which its exit code will say
    done += static_cast<std::size_t>(count);
  }
}

void Process::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

std::optional<std::string> Process::read_line(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd watched{output_, POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(left.count())) <= 0) continue;
    char piece[65536];
    const ssize_t count = ::read(output_, piece, sizeof piece);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    buffer_.append(piece, static_cast<std::size_t>(count));
  }
}

void Process::signal(int number) const {
  if (pid_ > 0 && !status_) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!status_) {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else if (Clock::now() >= deadline) {
      return std::nullopt;
    } else {
      ::poll(nullptr, 0, static_cast<int>(kLook.count()));
    }
  }
  return status_;
}

void Process::kill_now() {
  signal(SIGKILL);
  wait();
}

Finished run(const Arguments& arguments, const std::filesystem::path& error_file, const std::string& input,
             std::chrono::milliseconds patience) {
  std::error_code ignored;
  const auto errors_before = std::filesystem::exists(error_file, ignored) ? std::filesystem::file_size(error_file, ignored) : 0;
  const auto deadline = Clock::now() + patience;
  const auto left = [&] {
    return std::max(std::chrono::milliseconds(1), std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()));
  };
  Process process(arguments, error_file);
  process.write(input);
  process.close_input();
  Finished out;
  while (auto line = process.read_line(left())) out.lines.push_back(std::move(*line));
  if (const auto status = process.wait(left())) {
    out.exit = *status;
  } else {
    process.kill_now();
  }
  out.errors = content_of(error_file).substr(errors_before);
  return out;
}

}  // namespace steiger::story
