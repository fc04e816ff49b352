// Restart at any instant is safe (design law 12), against the small gateway; tests/property does the same with the real Service.
#include <gtest/gtest.h>

#include "client-sdk/src/testing/crash_stories.h"

namespace steiger::sdk::testing {
namespace {

class EveryCrash : public ::testing::TestWithParam<api::InviteKind> {};

TEST_P(EveryCrash, OfTheCoachIsHealed) {
  const StoryEffects whole = play_story(make_small_gateway, GetParam(), 0, 0);
  ASSERT_GT(whole.coach, 20u);
  for (std::uint64_t k = 1; k <= whole.coach; ++k) {
    SCOPED_TRACE("coach dies after effect " + std::to_string(k));
    play_story(make_small_gateway, GetParam(), k, 0);
    if (HasFailure()) return;
  }
}

TEST_P(EveryCrash, OfTheJongereIsHealed) {
  const StoryEffects whole = play_story(make_small_gateway, GetParam(), 0, 0);
  ASSERT_GT(whole.newcomer, 20u);
  for (std::uint64_t k = 1; k <= whole.newcomer; ++k) {
    SCOPED_TRACE("jongere dies after effect " + std::to_string(k));
    play_story(make_small_gateway, GetParam(), 0, k);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryCrash, ::testing::Values(api::InviteKind::qr, api::InviteKind::link),
                         [](const auto& kind) { return kind.param == api::InviteKind::qr ? "qr" : "link"; });

class RandomHistory : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomHistory, EndsTheSameOnBothSides) {
  random_history(make_small_gateway, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, ::testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace steiger::sdk::testing
