// Invites that go wrong, against the small gateway; tests/property does the same with the real Service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/invite_stories.h"
#include "client-sdk/src/testing/small_gateway.h"
#include "crypto/identity/channel.h"
#include "crypto/mls/group.h"

namespace steiger::sdk::testing {
namespace {

// Law 8: more open invites than any caseload needs is an error with a name.
TEST(Invites, AtTheirBoundTheNextOneIsRefusedByName) {
  World world(35);
  SimDevice& noor = world.add_device("Noor");
  world.set_up_coach(noor);
  for (std::size_t i = 0; i < kMaxOpenInvites; ++i) world.make_invite(noor, api::InviteKind::link);
  api::MakeInviteT one_more;
  one_more.kind = api::InviteKind::link;
  one_more.label = "Sam";
  one_more.page_url = "https://example.invalid/";
  const auto* refused = world.ask_until_answered(noor, one_more).body.AsFailed();
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->name, kTooManyInvites.name);
}

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

// S3: the gateway repeats a proof that lost until the coach's device has answered it.
TEST(Invites, ALateProofIsRefusedOnce) {
  late_proof_story(make_small_gateway, false, 0);
  late_proof_story(make_small_gateway, true, 0);
}

TEST(Invites, TheAnswerToALateProofSurvivesCrashes) {
  for (const bool early : {false, true}) {
    const std::uint64_t effects = late_proof_story(make_small_gateway, early, 0);
    ASSERT_GT(effects, 4u);
    for (std::uint64_t k = 1; k <= effects && !HasFailure(); k += 2) {
      SCOPED_TRACE(std::string(early ? "early" : "late") + ", coach dies after effect " + std::to_string(k));
      late_proof_story(make_small_gateway, early, k);
    }
  }
}

TEST(Invites, WithoutADecisionBothSidesCallItExpired) {
  undecided_story(make_small_gateway, false);
  undecided_story(make_small_gateway, true);
}

// S7: another commit won the epoch while the one that adds the newcomer was on its way. It is made again on top, with a PSK of its own,
// and the newcomer (who takes no Welcome without the PSK, S5) still gets in. The winner is played by the test, as a second device of the
// coach with the same leaf; so the coach's device gets what that commit made from the store instead of from the wire.
TEST(Invites, AnAdditionThatLostTheRaceIsMadeAgain) {
  World world(34);
  auto& gateway = static_cast<SmallGateway&>(*world.gateway);
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::qr);
  std::vector<std::unique_ptr<wire::FrameT>> commits;
  bool lost = true;  // on the way to the gateway
  world.network.tamper_up = [&](Bytes frame) {
    if (wire::GetFrame(frame.data())->body_type() != wire::Body::SubmitCommit) return frame;
    commits.emplace_back(wire::GetFrame(frame.data())->UnPack());
    return lost ? Bytes() : frame;
  };
  world.start_join(sam, link);
  world.scheduler.run_for(std::chrono::seconds(10));
  ASSERT_EQ(commits.size(), 1u);
  noor.crash();

  const auto channel = *gateway::field<ChannelId>(commits.front()->body.AsSubmitCommit()->channel.get());
  const auto self = SelfRecord::decode(noor.disk.at(keys::kSelf).bytes()).value();
  auto record = ChannelRecord::decode(noor.disk.at(keys::channel(channel)).bytes()).value();
  const auto group = mls::Group::deserialize(noor.disk.at(keys::group(channel)).bytes()).value();
  ASSERT_EQ(record.processed, 0u);
  mls::CommitOptions options;
  options.authenticated_data = identity::encode_handshake_header({{record.processed, record.head}, {}});
  options.now = world.scheduler.now;
  auto winner = group.commit(world.rng, options);
  ASSERT_TRUE(winner.ok());
  ASSERT_TRUE(gateway.commit_as(self.account, DeviceId::random(world.rng), channel, winner->commit, winner->group_info));
  record.processed = 1;
  record.head = gateway.head(channel);
  noor.disk.insert_or_assign(keys::channel(channel), record.encode());
  noor.disk.insert_or_assign(keys::group(channel), std::move(winner).value().merge(group)->serialize());
  noor.disk.erase(keys::stamp(channel));  // else the device would find that this group is not the one it wrote (S21)

  lost = false;
  noor.boot();
  world.scheduler.run_for(std::chrono::minutes(1));
  ASSERT_GE(commits.size(), 2u);
  EXPECT_EQ(commits.size(), 2u) << "the lost one was sent again, or the new one more than once";
  const auto& old = *commits.front()->body.AsSubmitCommit();
  const auto& rebuilt = *commits.back()->body.AsSubmitCommit();
  EXPECT_EQ(old.epoch, 0u);
  EXPECT_EQ(rebuilt.epoch, 1u);
  EXPECT_EQ(rebuilt.counter, old.counter);  // its place in the stream is still free
  EXPECT_NE(*gateway::field<MessageId>(rebuilt.id.get()), *gateway::field<MessageId>(old.id.get()));
  EXPECT_EQ(rebuilt.links_from, 1u);
  ASSERT_EQ(rebuilt.before.size(), 1u);  // the PSK, for whoever is a member
  EXPECT_NE(rebuilt.before.front()->payload, old.before.front()->payload);
  ASSERT_EQ(sam.channels().size(), 1u);
  EXPECT_THAT(sam.alarms(), ::testing::IsEmpty());
  EXPECT_THAT(noor.alarms(), ::testing::IsEmpty());
  world.send(noor, "welkom");
  world.send(sam, "dank");
  EXPECT_TRUE(world.settle({&noor, &sam}, 2));
  for (const auto& [key, value] : noor.disk) {
    EXPECT_NE(key.rfind(keys::kPendingPrefix, 0), 0u) << "merged and gone (S5)";
  }
}

}  // namespace
}  // namespace steiger::sdk::testing
