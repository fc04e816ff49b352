#include "tests/structure/program.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <sstream>

namespace steiger::structure {
namespace {

std::set<std::string> symbols(const std::string& options, const std::string& file, const std::string& types) {
  std::istringstream lines(run("nm " + options + " '" + file + "' 2>/dev/null").output);
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    // "0000000000001139 T name" or "                 U name@VERSION"
    std::istringstream words(line);
    std::string first;
    std::string second;
    std::string third;
    words >> first >> second >> third;
    const bool has_address = !third.empty();
    const std::string& type = has_address ? second : first;
    const std::string& name = has_address ? third : second;
    if (type.size() != 1 || types.find(type) == std::string::npos || name.empty()) continue;
    names.insert(name.substr(0, name.find('@')));
  }
  return names;
}

}  // namespace

RunResult run(const std::string& command) {
  RunResult result;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");  // NOLINT(cert-env33-c): the commands are the test's own
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer{};
  while (const auto got = fread(buffer.data(), 1, buffer.size(), pipe)) result.output.append(buffer.data(), got);
  const int status = pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

std::set<std::string> defined_symbols(const std::string& file) {
  return symbols("--defined-only", file, "TDBR");
}
std::set<std::string> imported_symbols(const std::string& file) {
  return symbols("--undefined-only", file, "U");
}

}  // namespace steiger::structure
