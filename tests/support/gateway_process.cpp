#include "tests/support/gateway_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace steiger::test {
namespace {

constexpr unsigned kMostSeconds = 60;

std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Child side: standard output and error to the given descriptors; never returns.
[[noreturn]] void become(const std::vector<std::string>& arguments, int out, int err) {
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

int exit_code_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t size = ::read(fd, buffer, sizeof buffer); size > 0; size = ::read(fd, buffer, sizeof buffer)) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (::read(fd, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

}  // namespace

std::string program_directory() {
  const char* directory = std::getenv("STEIGER_BIN");
  return directory == nullptr ? "" : directory;
}

ProgramResult run_program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return {};
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::alarm(kMostSeconds);  // survives exec: a program that should have ended and did not is killed, and the test says so
    for (const std::string& variable : environment) ::putenv(const_cast<char*>(variable.c_str()));
    become(arguments, out[1], out[1]);
  }
  ::close(out[1]);
  ProgramResult result;
  result.output = read_all(out[0]);
  ::close(out[0]);
  result.exit_code = exit_code_of(pid);
  return result;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "steiger-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

GatewayProcess::~GatewayProcess() {
  if (running()) stop(SIGKILL);
}

bool GatewayProcess::start(const std::vector<std::string>& more_arguments) {
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return false;
  const std::string error_file = config_file_ + ".stderr";
  const int err = ::open(error_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  std::vector<std::string> arguments = {program_, "--config", config_file_};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  const pid_t pid = ::fork();
  if (pid == 0) become(arguments, out[1], err);
  ::close(out[1]);
  ::close(err);
  const std::string line = read_line(out[0]);
  ::close(out[0]);
  const std::string mark = "\"port\":";
  const std::size_t at = line.find(mark);
  if (line.find("\"event\":\"listening\"") == std::string::npos || at == std::string::npos) {
    ::kill(pid, SIGKILL);
    exit_code_of(pid);
    return false;
  }
  pid_ = pid;
  port_ = static_cast<std::uint16_t>(std::strtoul(line.c_str() + at + mark.size(), nullptr, 10));
  return true;
}

int GatewayProcess::stop(int signal) {
  ::kill(pid_, signal);
  const int code = exit_code_of(pid_);
  pid_ = 0;
  return code;
}

std::string GatewayProcess::errors() const {
  return read_text(config_file_ + ".stderr");
}

std::size_t GatewayProcess::resident_bytes() const {
  std::istringstream statm(read_text("/proc/" + std::to_string(pid_) + "/statm"));
  std::size_t all = 0;
  std::size_t resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

double GatewayProcess::processor_seconds() const {
  std::string stat = read_text("/proc/" + std::to_string(pid_) + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));  // the name may hold spaces
  std::string skipped;
  constexpr int kFieldsBeforeTimes = 11;
  for (int i = 0; i < kFieldsBeforeTimes; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void edit_file(const std::string& path, const std::string& from, const std::string& to) {
  std::string text = read_text(path);
  const std::size_t at = text.find(from);
  if (at == std::string::npos) std::abort();
  text.replace(at, from.size(), to);
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace steiger::test
