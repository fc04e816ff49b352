// The programs that ship, looked at from outside: their symbols, their texts, what they answer.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace steiger::structure {

struct RunResult {
  int exit_code = -1;
  std::string output;  // standard output and standard error together
};

// Runs a shell command line built by the test itself.
RunResult run(const std::string& command);

// Names of functions and data that an object file, archive or program defines strongly (nm types T, D, B, R), mangled.
std::set<std::string> defined_symbols(const std::string& file);

// Names that a program takes from shared libraries (nm type U), without version suffix.
std::set<std::string> imported_symbols(const std::string& file);

}  // namespace steiger::structure
