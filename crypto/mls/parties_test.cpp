// Random scripts for the parties of parties.h. Longer ones, written by a fuzzer: parties_fuzz.cpp.
#include "crypto/mls/parties.h"

#include <gtest/gtest.h>

namespace steiger::mls {
namespace {

// Section 14 and S7, S12, S21: nothing refused leaves a trace, nobody forks, everybody reads what is for them once, nothing
// damaged is believed, storage loses nothing.
TEST(Parties, KeepTogetherUnderRandomScripts) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    test::SeededRng rng(seed);
    ASSERT_EQ(test::Parties::play(rng.bytes(400)), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace steiger::mls
