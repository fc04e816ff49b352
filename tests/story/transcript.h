// What the story prints: one line per check, and the sum at the end.
#pragma once

#include <string>

namespace steiger::story {

class Transcript {
 public:
  void scene(const std::string& title);
  // Prints the line; returns `holds`, so that a scene can stop where going on makes no sense.
  bool check(const std::string& what, bool holds, const std::string& detail = "");
  // Prints the sum; true when everything held.
  bool close() const;

 private:
  int held_ = 0;
  int failed_ = 0;
};

}  // namespace steiger::story
