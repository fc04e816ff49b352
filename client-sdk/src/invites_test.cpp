// Invites that go wrong, against the small gateway; tests/property does the same with the real Service.
#include <gtest/gtest.h>

#include "client-sdk/src/testing/invite_stories.h"

namespace steiger::sdk::testing {
namespace {

TEST(Invites, ARefusedProofEndsTheInviteForEverybody) {
  refused_story(make_small_gateway, 0);
}

TEST(Invites, ARefusalSurvivesEveryCrash) {
  const std::uint64_t effects = refused_story(make_small_gateway, 0);
  ASSERT_GT(effects, 4u);
  for (std::uint64_t k = 1; k <= effects && !HasFailure(); ++k) {
    SCOPED_TRACE("coach dies after effect " + std::to_string(k));
    refused_story(make_small_gateway, k);
  }
}

TEST(Invites, WithoutADecisionBothSidesCallItExpired) {
  undecided_story(make_small_gateway, false);
  undecided_story(make_small_gateway, true);
}

}  // namespace
}  // namespace steiger::sdk::testing
