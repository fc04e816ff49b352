// The SDK core against the real gateway Service: the crash stories of client-sdk/src/testing with the real far end, which is killed too.
#include <gtest/gtest.h>

#include "client-sdk/src/testing/crash_stories.h"
#include "client-sdk/src/testing/invite_stories.h"
#include "tests/property/service_gateway.h"

namespace steiger::sdk::testing {
namespace {

std::unique_ptr<GatewayEnd> make_service(Scheduler& scheduler, const identity::OrganisationPublic& organisation,
                                         std::uint64_t seed) {
  return std::make_unique<ServiceGateway>(scheduler, organisation, kGatewayOrigin, seed);
}

TEST(SdkAndService, WholeStory) {
  play_story(make_service, api::InviteKind::qr, 0, 0);
  play_story(make_service, api::InviteKind::link, 0, 0);
}

// Every fifth effect here; the sweep over all of them runs beside the core.
TEST(SdkAndService, CrashesAlongTheStory) {
  const StoryEffects whole = play_story(make_service, api::InviteKind::qr, 0, 0);
  for (std::uint64_t k = 1; k <= whole.coach && !HasFailure(); k += 5) {
    SCOPED_TRACE("coach dies after effect " + std::to_string(k));
    play_story(make_service, api::InviteKind::qr, k, 0);
  }
  for (std::uint64_t k = 3; k <= whole.newcomer && !HasFailure(); k += 5) {
    SCOPED_TRACE("jongere dies after effect " + std::to_string(k));
    play_story(make_service, api::InviteKind::link, 0, k);
  }
}

// S3: the gateway and the coach's device agree about an invite that ended.
TEST(SdkAndService, ARefusedProofEndsTheInviteForEverybody) {
  const std::uint64_t effects = refused_story(make_service, 0);
  for (std::uint64_t k = 1; k <= effects && !HasFailure(); k += 2) {
    SCOPED_TRACE("coach dies after effect " + std::to_string(k));
    refused_story(make_service, k);
  }
}

TEST(SdkAndService, ALateProofIsRefusedOnce) {
  late_proof_story(make_service, false, 0);
  late_proof_story(make_service, true, 0);
}

TEST(SdkAndService, WithoutADecisionBothSidesCallItExpired) {
  undecided_story(make_service, false);
  undecided_story(make_service, true);
}

class RandomHistory : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomHistory, WithAGatewayThatIsKilledToo) {
  random_history(make_service, GetParam(), [](World& world) {
    static_cast<ServiceGateway&>(*world.gateway).restart();
    world.network.cut_all();
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, ::testing::Range<std::uint64_t>(100, 125));

}  // namespace
}  // namespace steiger::sdk::testing
