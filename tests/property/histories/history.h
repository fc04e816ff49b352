// One random history, from its seed alone: played, brought to rest, and checked.
#pragma once

#include <string>
#include <vector>

#include "tests/property/histories/cast.h"

namespace steiger::sdk::histories {

struct Outcome {
  Counts counts;
  std::vector<std::string> findings;  // empty: all is well
  std::vector<std::string> story;
  std::string digest;  // of all that any device showed, and when it ended: the same for the same seed
};

// `steps`: 0 for a number of the history's own; fewer, to find the shortest that fails.
Outcome play(std::uint64_t seed, unsigned steps = 0);

}  // namespace steiger::sdk::histories
