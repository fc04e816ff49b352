// steiger-bench relay|mls [--json] [--rounds N] [--seconds S]: figures as one JSON object, on one line with --json. Never a verdict:
// exit 0 when it measured, 1 when it could not. The gateway is the binary in the same directory.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/bench/benches.h"

namespace {

// A client per idle connection.
void allow_descriptors() {
  rlimit limit{};
  constexpr rlim_t kWanted = 4096;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min(kWanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  ::setenv("STEIGER_BIN", self.c_str(), 0);
  allow_descriptors();
  CLI::App app("Measures Steiger on this machine. Figures only; use the release build.", "steiger-bench");
  steiger::bench::BenchOptions options;
  bool one_line = false;
  app.add_flag("--json", one_line, "One line of JSON instead of an indented object");
  app.add_option("--rounds", options.rounds, "Rounds, of which medians are given")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Per round and measurement")->check(CLI::Range(0.1, 600.))->capture_default_str();
  app.fallthrough();
  app.require_subcommand(1);
  CLI::App* relay = app.add_subcommand("relay", "Messages through the real gateway");
  app.add_subcommand("mls", "Groups and messages of crypto/mls");
  CLI11_PARSE(app, argc, argv);
  try {
    const auto figures = relay->parsed() ? steiger::bench::relay_bench(options) : steiger::bench::mls_bench(options);
    std::cout << figures.dump(one_line ? -1 : 2) << "\n";
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << "steiger-bench: " << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
