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
  // Commits of a hostile client lead nowhere: nobody can follow them, nor come in by their GroupInfo. The room goes on in the next
  // generation of its group (S11), once every other device that counts as reachable has said so: with lost phones that takes days.
  bool dead_ends = false;
  bool aloud = false;  // prints the story while it is played
};
Outcome play(std::uint64_t seed, const PlayOptions& options);

}  // namespace steiger::sdk::histories
