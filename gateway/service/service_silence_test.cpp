// What only time brings (S13): messages that nobody fetched, devices that are silent, their return; and revoked ones (S2).
#include "gateway/service/testing/roster_fixture.h"

namespace steiger::gateway::testing {
namespace {

constexpr Duration kOneDay = std::chrono::hours(24);

class SilenceTest : public RosterTest {
 protected:
  // Days go by; who is connected stays so.
  void pass(std::int64_t days) {
    world.clock.advance(kOneDay * days);
    world.service->tick();
    settle();
  }
  static std::vector<wire::RosterTaskKind> tasks_about(Client& client, Client& about) {
    std::vector<wire::RosterTaskKind> out;
    const auto told = client.last<wire::RosterTasksT>(wire::Body::RosterTasks);
    if (told == nullptr) return out;
    for (const auto& task : told->tasks) {
      if (field<DeviceId>(task->device.get()).value() == about.person().device) out.push_back(task->kind);
    }
    return out;
  }
  void give_package(Client& client) {
    client.renew_package();
    const Bytes bytes = mls::encode_message(client.key_package());
    const KeyPackageRow row{client.person().device, sha256(bytes), world.clock.now() + kOneDay, false, false, bytes};
    ASSERT_TRUE(world.store->begin().ok());
    ASSERT_TRUE(world.store->put_key_packages(std::span(&row, 1), {"test", {1}, {}}).ok());
    ASSERT_TRUE(world.store->commit().ok());
  }
  void remove_as_silent(const ChannelId& channel) {
    identity::HandshakeHeader header;
    header.silent = {tablet_person.device_identity()};
    coach.remove(channel, tablet, std::move(header));
    settle();
  }
};

TEST_F(SilenceTest, CiphertextThatNobodyFetchedExpires) {
  const ChannelId channel = open_room_with_tablet();
  jongere.disconnect();
  const MessageId lost = coach.say(channel, "too late");
  settle();
  coach.commit(channel, {});
  settle();
  pass(kSilenceDays - 1);
  EXPECT_EQ(coach.last<wire::UndeliveredT>(wire::Body::Undelivered), nullptr);
  coach.say(channel, "in time");
  settle();
  pass(1);
  const auto told = coach.last<wire::UndeliveredT>(wire::Body::Undelivered);
  ASSERT_NE(told, nullptr);
  const auto undelivered = world.store->undelivered(coach_person.device).value();
  ASSERT_THAT(undelivered, SizeIs(2)) << "the message, and the one ahead of the commit";
  EXPECT_EQ(undelivered[0].id, lost);
  EXPECT_EQ(field<MessageId>(told->id.get()).value(), undelivered[1].id);
  EXPECT_EQ(field<ChannelId>(told->channel.get()).value(), channel);
  expect_all_well();
  log_in(jongere);
  EXPECT_EQ(jongere.room(channel).expired, 2u) << "the message, and the one ahead of the commit (S5)";
  EXPECT_EQ(texts(jongere, channel).back(), "in time") << "the handshake was kept";
  EXPECT_EQ(jongere.room(channel).chain->head(), coach.room(channel).chain->head());
  expect_all_well();
}

// S13: the sender is told until it has surely heard it, and no longer.
TEST_F(SilenceTest, TheSenderIsToldAtItsLogin) {
  const ChannelId channel = open_room_with_tablet();
  jongere.disconnect();
  coach.say(channel, "too late");
  settle();
  coach.disconnect();
  pass(kSilenceDays);
  const auto is_told = [&] {
    coach.forget_bodies();
    log_in(coach);
    return coach.last<wire::UndeliveredT>(wire::Body::Undelivered) != nullptr;
  };
  EXPECT_TRUE(is_told());
  EXPECT_TRUE(is_told()) << "the first time may have been lost";
  world.clock.advance(kUndeliveredRepeat);
  EXPECT_TRUE(is_told()) << "and is forgotten with this";
  EXPECT_FALSE(is_told());
}

TEST_F(SilenceTest, WhatEverybodyFetchedIsNotUndelivered) {
  const ChannelId channel = open_room_with_tablet();
  coach.say(channel, "fetched");
  settle();
  pass(kSilenceDays);
  EXPECT_EQ(coach.last<wire::UndeliveredT>(wire::Body::Undelivered), nullptr);
  expect_all_well();
}

TEST_F(SilenceTest, ASilentDeviceIsRemovedAndComesBack) {
  const ChannelId channel = open_room_with_tablet();
  tablet.disconnect();
  pass(kSilenceDays);
  EXPECT_THAT(tasks_about(coach, tablet), IsEmpty());
  pass(1);
  EXPECT_THAT(tasks_about(coach, tablet), ElementsAre(wire::RosterTaskKind::remove_silent));
  EXPECT_THAT(tasks_about(jongere, tablet), ElementsAre(wire::RosterTaskKind::remove_silent));
  EXPECT_THAT(tasks_about(coach, jongere), IsEmpty()) << "connected all the time";
  remove_as_silent(channel);
  EXPECT_TRUE(world.store->former(state(channel).value()->number).value().at(0).silent);

  log_in(tablet);
  EXPECT_TRUE(tablet.room(channel).removed);
  coach.forget_bodies();
  log_in(coach);
  EXPECT_THAT(tasks_about(coach, tablet), IsEmpty()) << "fresh KeyPackages first";
  give_package(tablet);
  log_in(coach);
  EXPECT_THAT(tasks_about(coach, tablet), ElementsAre(wire::RosterTaskKind::add_back));

  mls::CommitOptions options;
  options.adds = {mls::VerifiedKeyPackage::verify(tablet.key_package()).value()};
  identity::HandshakeHeader header;
  header.returned = {tablet_person.device_identity()};
  jongere.commit(channel, std::move(options), std::move(header));  // somebody else than its own account
  settle();
  EXPECT_EQ(tablet.room(channel).welcomes, 2u) << jongere.last_problem() << " " << jongere.forbidden_rule;
  coach.forget_bodies();
  log_in(coach);
  EXPECT_THAT(tasks_about(coach, tablet), IsEmpty());
  coach.say(channel, "welcome back");
  settle();
  EXPECT_EQ(texts(tablet, channel).back(), "welcome back");
  expect_all_well();
}

// S13: by the gateway's own clock and record, whatever the header says.
TEST_F(SilenceTest, NobodyIsSilentOrReturnedByAssertionAlone) {
  const ChannelId channel = open_room_with_tablet();
  tablet.disconnect();
  pass(kSilenceDays);
  coach.resending = jongere.resending = false;
  identity::HandshakeHeader header;
  header.silent = {tablet_person.device_identity()};
  const auto refused = [&](Client& client, mls::CommitOptions options, const identity::HandshakeHeader& with) {
    client.request(client.make_bundle(channel, std::move(options), with, client.next_counter).body);
    settle();
    return client.last_problem();
  };
  EXPECT_EQ(refused(jongere, {.removes = {tablet.room(channel).group->own_leaf()}}, header), "commit_not_allowed");
  header = {};
  coach.remove(channel, tablet);  // by its own account, not for silence
  settle();
  header.returned = {tablet_person.device_identity()};
  tablet.renew_package();
  mls::CommitOptions options;
  options.adds = {mls::VerifiedKeyPackage::verify(tablet.key_package()).value()};
  EXPECT_EQ(refused(jongere, std::move(options), header), "commit_not_allowed");
  mls::CommitOptions own;
  own.adds = {mls::VerifiedKeyPackage::verify(tablet.key_package()).value()};
  EXPECT_EQ(refused(coach, std::move(own), header), "commit_not_allowed")
      << "its own account may add it, but not under that name";
  expect_all_well();
}

// S2: whatever its account no longer lists waits for anybody's commit; nothing is kept for it afterwards.
TEST_F(SilenceTest, ARevokedDeviceIsToBeRemoved) {
  const ChannelId channel = open_room_with_tablet();
  tablet.disconnect();
  auto& list = coach_person.chain.device_list;
  list = identity::sign_device_list(coach_person.account_key, coach_person.account, list.version + 1,
                                    {{coach_person.device, coach_person.leaf_key.verify_key(), world.clock.now()}})
             .value();
  log_in(coach);
  pass(1);
  EXPECT_THAT(tasks_about(jongere, tablet), ElementsAre(wire::RosterTaskKind::remove_revoked));
  EXPECT_THAT(tasks_about(coach, tablet), ElementsAre(wire::RosterTaskKind::remove_revoked));
  // S2: any member may, when it shows the newer list.
  identity::HandshakeHeader header;
  header.newer_chains = {coach_person.chain};
  jongere.remove(channel, tablet, std::move(header));
  settle();
  EXPECT_EQ(jongere.forbidden_rule, "");
  coach.forget_bodies();
  log_in(coach);
  EXPECT_THAT(tasks_about(coach, tablet), IsEmpty());
  EXPECT_THAT(stays_of(channel, tablet), SizeIs(1));
  pass(1);
  EXPECT_THAT(stays_of(channel, tablet), IsEmpty()) << "it cannot log in any more";
  expect_all_well();
}

// S12 and S13: what waits for a removed device does not wait for ever.
TEST_F(SilenceTest, AStayThatNobodyFetchesEnds) {
  const ChannelId channel = open_room_with_tablet();
  tablet.disconnect();
  coach.say(channel, "waits");
  settle();
  coach.remove(channel, tablet);
  settle();
  pass(kSilenceDays - 1);
  EXPECT_THAT(stays_of(channel, tablet), SizeIs(1));
  pass(1);
  EXPECT_THAT(stays_of(channel, tablet), IsEmpty());
  EXPECT_EQ(state(channel).value()->dropped_seq, state(channel).value()->head_seq);
  expect_all_well();
}

}  // namespace
}  // namespace steiger::gateway::testing
