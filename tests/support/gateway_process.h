// The real gateway binary as a child process, for behaviour tests and benchmarks. Binaries come from $STEIGER_BIN.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace steiger::test {

// The directory of the programs under test; empty when STEIGER_BIN is not set.
std::string program_directory();

struct ProgramResult {
  int exit_code = -1;  // -signal when a signal ended it
  std::string output;  // standard output and standard error
};
// Runs a program to its end, with more environment ("NAME=value") if given.
ProgramResult run_program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment = {});

// A directory that goes away with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class GatewayProcess {
 public:
  explicit GatewayProcess(std::string config_file, std::string program = program_directory() + "/steiger-gateway")
      : config_file_(std::move(config_file)), program_(std::move(program)) {}
  ~GatewayProcess();  // kills it
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  // Waits for the "listening" line. False when the program ended without it; errors() says why.
  bool start(const std::vector<std::string>& more_arguments = {});
  // Sends the signal and waits for the end: its exit code, or -signal.
  int stop(int signal);
  [[nodiscard]] bool running() const { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // What it wrote on standard error since its last start.
  [[nodiscard]] std::string errors() const;
  [[nodiscard]] std::size_t resident_bytes() const;
  [[nodiscard]] double processor_seconds() const;  // of all its threads since its start

 private:
  std::string config_file_;
  std::string program_;
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};

// Replaces `from`, which must be there, by `to` in a file.
void edit_file(const std::string& path, const std::string& from, const std::string& to);

}  // namespace steiger::test
