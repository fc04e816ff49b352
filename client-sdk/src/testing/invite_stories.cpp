#include "client-sdk/src/testing/invite_stories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/records.h"
#include "crypto/identity/limits.h"

namespace steiger::sdk::testing {
namespace {

api::InviteT first_invite(World& world, SimDevice& coach) {
  return *world.ask_until_answered(coach, api::ListInvitesT()).body.AsInviteList()->invites.front();
}

void wait(World& world) {
  world.scheduler.run_for(std::chrono::minutes(2));
}

}  // namespace

std::string join_failure(const SimDevice& device) {
  std::string out;
  for (const auto& event : device.events()) {
    if (const auto* failed = event->body.AsFailed()) out = failed->name;
  }
  return out;
}

std::uint64_t refused_story(const MakeGateway& make_gateway, std::uint64_t coach_dies) {
  World world(31, make_gateway);
  SimDevice& noor = world.add_device("Noor");
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::link, "Sam");
  SimDevice& stranger = world.add_device("Vreemde");
  world.start_join(stranger, link);
  wait(world);
  SimDevice& sam = world.add_device("Sam");
  world.start_join(sam, link);
  wait(world);
  const auto invite = first_invite(world, noor);
  EXPECT_EQ(invite.state, api::InviteState::to_confirm);
  EXPECT_TRUE(invite.second_proof);

  const std::uint64_t before = noor.effects();
  if (coach_dies != 0) noor.crash_after_effects(coach_dies);
  // A refusal that died with the device was not answered: the coach taps again.
  for (int i = 0; i < 10 && first_invite(world, noor).state == api::InviteState::to_confirm; ++i) {
    api::RefuseInviteT refuse;
    refuse.invite = invite.id;
    world.ask_until_answered(noor, refuse);
    wait(world);
  }
  EXPECT_EQ(first_invite(world, noor).state, api::InviteState::refused);
  EXPECT_EQ(first_invite(world, noor).url, "");
  wait(world);
  const std::uint64_t effects = noor.effects() - before;
  EXPECT_EQ(join_failure(stranger), "invite_refused");
  EXPECT_EQ(join_failure(sam), "invite_cancelled");
  world.start_join(stranger, link);  // no second try
  wait(world);
  EXPECT_EQ(join_failure(stranger), "invite_cancelled");
  EXPECT_THAT(noor.channels(), ::testing::IsEmpty());
  // One tap: the right person is in.
  EXPECT_TRUE(world.invite(noor, sam, api::InviteKind::link));
  EXPECT_EQ(noor.channels().size(), 1u);
  EXPECT_THAT(stranger.channels(), ::testing::IsEmpty());
  return effects;
}

void undecided_story(const MakeGateway& make_gateway, bool reconnect) {
  World world(32, make_gateway);
  SimDevice& noor = world.add_device("Noor");
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::link, "Sam");
  SimDevice& sam = world.add_device("Sam");
  world.start_join(sam, link);
  const Duration life = identity::kLinkInviteLife + identity::kInviteDecisionTime;
  world.scheduler.run_for(life - std::chrono::hours(1));
  EXPECT_EQ(first_invite(world, noor).state, api::InviteState::to_confirm);
  EXPECT_EQ(sam.status().membership, api::Membership::waiting_for_coach);
  world.scheduler.run_for(std::chrono::hours(2));
  EXPECT_EQ(first_invite(world, noor).state, api::InviteState::expired);
  for (const auto& [key, value] : noor.disk) {
    if (key.rfind(keys::kInvitePrefix, 0) != 0) continue;
    EXPECT_TRUE(InviteRecord::decode(value.bytes())->secret.empty());
  }
  if (reconnect) {
    world.network.cut_all();
    wait(world);
  }
  EXPECT_EQ(join_failure(sam), "invite_expired");
  EXPECT_EQ(sam.status().membership, api::Membership::none);
  EXPECT_TRUE(world.invite(noor, sam, api::InviteKind::link));
}

}  // namespace steiger::sdk::testing
