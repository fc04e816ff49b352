#include "client-sdk/src/testing/invite_stories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/small_gateway.h"
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

std::uint64_t late_proof_story(const MakeGateway& make_gateway, bool early, std::uint64_t coach_dies) {
  World world(33, make_gateway);
  SimDevice& noor = world.add_device("Noor");
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::link, "Sam");
  SimDevice& sam = world.add_device("Sam");
  SimDevice& stranger = world.add_device("Vreemde");
  std::set<Hash> strangers_proofs;
  std::vector<Hash> refused;
  std::uint64_t repeats = 0;
  world.network.tamper_up = [&](Bytes frame) {
    const auto* content = gateway::wire::GetFrame(frame.data());
    if (const auto* redeem = content->body_as_RedeemInvite()) strangers_proofs.insert(sha256(gateway::view_of(redeem->proof())));
    if (const auto* refusal = content->body_as_RefuseInvite()) refused.push_back(*gateway::field(refusal->proof_hash()));
    return frame;
  };
  world.network.tamper_down = [&](Bytes frame) {
    if (gateway::wire::GetFrame(frame.data())->body_type() == gateway::wire::Body::InviteProof) ++repeats;
    return frame;
  };
  world.start_join(sam, link);
  wait(world);
  strangers_proofs.clear();  // that was Sam's
  const std::uint64_t before = noor.effects();
  if (coach_dies != 0) noor.crash_after_effects(coach_dies);
  const auto say_yes = [&] {
    for (int i = 0; i < 10 && first_invite(world, noor).state == api::InviteState::to_confirm; ++i) {
      world.confirm_when_asked(noor);
      wait(world);
    }
  };
  if (!early) say_yes();
  world.start_join(stranger, link);
  wait(world);
  if (early) say_yes();
  // A few logins, in which an unanswered proof would come again.
  for (int login = 0; login < 3; ++login) {
    repeats = 0;
    world.network.cut_all();
    wait(world);
  }
  const std::uint64_t effects = noor.effects() - before;
  EXPECT_EQ(repeats, 0u) << "the gateway still waits for an answer";
  EXPECT_EQ(first_invite(world, noor).state, api::InviteState::accepted);
  EXPECT_TRUE(first_invite(world, noor).second_proof);
  EXPECT_EQ(join_failure(stranger), "invite_used");
  EXPECT_EQ(strangers_proofs.size(), 1u);
  EXPECT_THAT(refused, ::testing::Not(::testing::IsEmpty()));
  for (const Hash& hash : refused) EXPECT_EQ(strangers_proofs.count(hash), 1u) << "of the one that was accepted";
  if (coach_dies == 0) {
    EXPECT_EQ(refused.size(), 1u);
    EXPECT_THAT(noor.alarms(), ::testing::ElementsAre("invite_second_proof"));
  }
  EXPECT_EQ(noor.channels().size(), 1u);
  EXPECT_EQ(sam.channels().size(), 1u);
  EXPECT_THAT(stranger.channels(), ::testing::IsEmpty());
  world.send(noor, "hoi Sam");
  EXPECT_TRUE(world.settle({&noor, &sam}, 1));
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
