#include "tests/story/transcript.h"

#include <iostream>

namespace steiger::story {

void Transcript::scene(const std::string& title) {
  std::cout << "\n" << title << std::endl;
}

bool Transcript::check(const std::string& what, bool holds, const std::string& detail) {
  ++(holds ? held_ : failed_);
  std::cout << (holds ? "  ok      " : "  FAILED  ") << what;
  if (!holds && !detail.empty()) std::cout << "\n          " << detail;
  std::cout << std::endl;
  return holds;
}

bool Transcript::close() const {
  std::cout << "\n" << held_ << " checks hold, " << failed_ << " failed" << std::endl;
  return failed_ == 0 && held_ > 0;
}

}  // namespace steiger::story
