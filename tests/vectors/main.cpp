// steiger-vectors DIR: verifies every vector file below DIR. Exit 0 when nothing failed, 1 on a failure or on an unreadable or
// unknown file, 2 on wrong usage.
#include <sodium.h>

#include <iostream>

#include "tests/vectors/vectors.h"

int main(int argc, char** argv) {
  if (argc != 2 || std::string_view(argv[1]) == "--help") {
    std::cerr << "usage: steiger-vectors DIR\n"
                 "Prints one line per file: file kind passed/total skipped(reason: N). Files are recognised by content.\n";
    return 2;
  }
  if (sodium_init() < 0) return 1;
  std::error_code error;
  if (!std::filesystem::exists(argv[1], error)) {
    std::cerr << "steiger-vectors: " << argv[1] << " does not exist\n";
    return 1;
  }
  std::size_t failed = 0;
  std::size_t passed = 0;
  const auto reports = steiger::vectors::verify_tree(argv[1]);
  for (const auto& report : reports) {
    std::cout << report << std::endl;
    passed += report.passed;
    if (!report.ok()) ++failed;
  }
  if (reports.empty()) {
    std::cerr << "steiger-vectors: no files below " << argv[1] << '\n';
    return 1;
  }
  std::cout << reports.size() << " files, " << passed << " entries passed, " << failed << " files failed\n";
  return failed == 0 ? 0 : 1;
}
