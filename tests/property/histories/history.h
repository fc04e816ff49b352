// One random history, from its seed alone: played, brought to rest, and checked.
#pragma once

#include <string>
#include <vector>

#include "tests/property/histories/cast.h"

namespace steiger::sdk::histories {

struct Outcome {
  Counts counts;
  std::vector<std::string> findings;  // empty: all is well
  std::string digest;                 // of all that any device showed, and when it ended: the same for the same seed
};

struct PlayOptions {
  unsigned steps = 0;  // 0: a number of the history's own; fewer, to find the shortest that fails
  bool damage = true;  // what devices keep of their groups goes wrong too: older copies, wrong keys
  bool aloud = false;  // prints the story while it is played
};
Outcome play(std::uint64_t seed, const PlayOptions& options);

}  // namespace steiger::sdk::histories
