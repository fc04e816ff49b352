// Who leaves, comes back, falls out of step (S9, S11, S12): with real groups, in virtual time.
#include "crypto/identity/nack.h"
#include "gateway/service/testing/roster_fixture.h"

namespace steiger::gateway::testing {
namespace {

// S12: the queue up to and including the removal, and nothing behind it.
TEST_F(RosterTest, ARemovedDeviceGetsEverythingUpToItsRemoval) {
  const ChannelId channel = open_room_with_tablet();
  tablet.disconnect();
  coach.say(channel, "before");
  settle();
  coach.remove(channel, tablet);
  settle();
  coach.say(channel, "behind");
  settle();
  EXPECT_THAT(state(channel).value()->head_seq, Eq(jongere.room(channel).chain->seq()));
  log_in(tablet);
  EXPECT_TRUE(tablet.room(channel).removed);
  EXPECT_THAT(texts(tablet, channel), ::testing::Contains("before"));
  EXPECT_THAT(texts(tablet, channel), ::testing::Not(::testing::Contains("behind")));
  EXPECT_THAT(stays_of(channel, tablet), IsEmpty()) << "fetched: nothing is kept for it any more";
  log_in(tablet);
  EXPECT_FALSE(tablet.is_closed()) << tablet.last_problem();
  expect_all_well();
  const auto rows = world.store->messages(state(channel).value()->number, 1, {}).value();
  for (const MessageRow& row : rows) {
    EXPECT_FALSE(row.payload.has_value()) << "everybody has everything";
  }
}

// Everything in one batch: what comes behind the removal does not ride along.
TEST_F(RosterTest, ARemovedDeviceThatIsOnlineHearsNothingMore) {
  const ChannelId channel = open_room_with_tablet();
  auto late = submission(tablet, channel);
  coach.remove(channel, tablet);
  jongere.say(channel, "of the epoch before, and again in the next");
  settle();
  coach.say(channel, "behind");
  tablet.resending = false;
  settle();
  EXPECT_TRUE(tablet.room(channel).removed);
  EXPECT_THAT(texts(tablet, channel), ::testing::Not(::testing::Contains("behind")));
  expect_all_well();
  tablet.request(std::move(late));
  settle();
  EXPECT_EQ(tablet.last_problem(), "not_a_member");
  EXPECT_FALSE(tablet.is_closed());
}

// A refusal that overtakes the removal would look like a gateway that forgot the device.
TEST_F(RosterTest, TheRefusalWaitsForTheRemoval) {
  world.limits.delivery_window = 1;
  restart();
  const ChannelId channel = open_room_with_tablet();
  tablet.acknowledging = false;
  tablet.resending = false;
  auto late = submission(tablet, channel);
  coach.remove(channel, tablet);
  world.executor.run_all();
  tablet.request(std::move(late));
  settle();
  EXPECT_EQ(tablet.problems, 0u);
  tablet.acknowledging = true;
  settle();
  EXPECT_TRUE(tablet.room(channel).removed);
  EXPECT_EQ(tablet.last_problem(), "not_a_member");
}

// The same device again, which has not even heard of its removal: first that, then the Welcome, nothing of between.
TEST_F(RosterTest, ADeviceThatIsAddedAgainHearsOfBoth) {
  world.limits.delivery_window = 4;
  restart();
  const ChannelId channel = open_room_with_tablet();
  tablet.disconnect();
  coach.say(channel, "before");
  settle();
  coach.remove(channel, tablet);
  settle();
  for (int i = 0; i < 12; ++i) coach.say(channel, "between");
  settle();
  tablet.renew_package();
  coach.add(channel, tablet);
  settle();
  coach.say(channel, "after");
  settle();
  EXPECT_THAT(stays_of(channel, tablet), SizeIs(2));
  log_in(tablet);
  EXPECT_EQ(tablet.room(channel).welcomes, 2u);
  EXPECT_FALSE(tablet.room(channel).removed);
  EXPECT_THAT(texts(tablet, channel), ::testing::Contains("before"));
  EXPECT_THAT(texts(tablet, channel), ::testing::Contains("after"));
  EXPECT_THAT(texts(tablet, channel), ::testing::Not(::testing::Contains("between")));
  EXPECT_THAT(stays_of(channel, tablet), SizeIs(1));
  tablet.say(channel, "here again");
  settle();
  EXPECT_EQ(texts(jongere, channel).back(), "here again");
  expect_all_well();
}

TEST_F(RosterTest, ADeviceThatIsOnlineIsRemovedAndAddedAgain) {
  const ChannelId channel = open_room_with_tablet();
  for (int round = 0; round < 3; ++round) {
    coach.remove(channel, tablet);
    settle();
    coach.say(channel, "between");
    settle();
    tablet.renew_package();
    coach.add(channel, tablet);
    settle();
    coach.say(channel, "after");
    settle();
    EXPECT_EQ(texts(tablet, channel).back(), "after");
  }
  EXPECT_THAT(texts(tablet, channel), ::testing::Not(::testing::Contains("between")));
  expect_all_well();
}

// S9: the roster's devices only.
TEST_F(RosterTest, GroupInfoIsForTheRoster) {
  const ChannelId channel = open_room_with_tablet();
  coach.fetch_group_info(channel);
  settle();
  const auto info = coach.last<wire::CurrentGroupInfoT>(wire::Body::CurrentGroupInfo);
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->epoch, 2u);
  EXPECT_EQ(mls::decode_message<mls::GroupInfo>(info->group_info).value().context, coach.room(channel).group->group_context());
  Person stranger_person = world.make_staff();
  Client stranger{world, stranger_person};
  stranger.log_in();
  stranger.fetch_group_info(channel);
  settle({&stranger});
  EXPECT_EQ(stranger.last_problem(), "not_a_member");
  coach.remove(channel, tablet);
  settle();
  tablet.fetch_group_info(channel);
  settle();
  EXPECT_EQ(tablet.last_problem(), "not_a_member");
  tablet.fetch_group_info(ChannelId::random(world.rng));
  settle();
  EXPECT_EQ(tablet.last_problem(), "unknown_channel");
}

// S9: the same device comes in again by itself; S11: three times a day.
TEST_F(RosterTest, ADeviceResyncsThreeTimesADay) {
  const ChannelId channel = open_room_with_tablet();
  const auto resync = [&] {
    jongere.fetch_group_info(channel);
    settle();
    jongere.resync(channel);
    settle();
  };
  for (std::uint32_t i = 0; i < kMaxResyncsPerDay; ++i) {
    resync();
    EXPECT_EQ(jongere.problems, 0u);
    EXPECT_EQ(jongere.room(channel).group->epoch(), coach.room(channel).group->epoch());
    jongere.say(channel, "back");
    coach.say(channel, "good");
    settle();
  }
  EXPECT_EQ(texts(jongere, channel).back(), "good");
  EXPECT_THAT(stays_of(channel, jongere), SizeIs(1)) << "its queue goes on";
  jongere.resending = false;
  resync();
  EXPECT_EQ(jongere.last_problem(), "resync_limit");
  expect_all_well();
  jongere.outbox.clear();
  --jongere.next_counter;
  world.clock.advance(std::chrono::hours(24));
  const std::size_t problems = jongere.problems;
  resync();
  EXPECT_EQ(jongere.problems, problems);
  expect_all_well();
}

// S9: of the own leaf, and nothing else.
TEST_F(RosterTest, NobodyComesInInPlaceOfSomebodyElse) {
  const ChannelId channel = open_room_with_tablet();
  coach.remove(channel, tablet);
  settle();
  coach.fetch_group_info(channel);
  settle();
  const auto info = coach.last<wire::CurrentGroupInfoT>(wire::Body::CurrentGroupInfo);
  const auto enter = [&](Client& client, mls::LeafIndex removes) {
    mls::ExternalJoinOptions options{client.person().leaf_key.clone(), client.leaf_options(), removes};
    options.authenticated_data = identity::encode_handshake_header({{}, {}});
    const auto pending = mls::Group::join_externally(world.rng, info->group_info, std::move(options)).value();
    wire::SubmitCommitT body;
    body.counter = client.next_counter;
    body.id = wire_pointer(MessageId::random(world.rng));
    body.channel = wire_pointer(channel);
    body.epoch = info->epoch;
    body.commit = pending.commit;
    body.group_info = pending.group_info;
    client.resending = false;
    client.request(std::move(body));
    settle();
  };
  enter(tablet, coach.room(channel).group->own_leaf());
  EXPECT_EQ(tablet.last_problem(), "not_a_member");
  enter(jongere, coach.room(channel).group->own_leaf());
  EXPECT_EQ(jongere.last_problem(), "bad_bundle") << "its key would be in the tree twice (RFC 9420 section 7.3)";
  expect_all_well();
}

// S11: holds this device's queue and nobody else's, over a restart too, until it comes in again.
TEST_F(RosterTest, ANackHoldsOneQueueUntilTheResync) {
  const ChannelId channel = open_room_with_tablet();
  commit_that_nobody_can_follow(coach, channel, {&tablet});
  EXPECT_TRUE(jongere.room(channel).stuck);
  const auto heard = coach.last<wire::NackT>(wire::Body::Nack);
  ASSERT_NE(heard, nullptr);
  EXPECT_EQ(identity::decode_nack(heard->nack).value().device, jongere_person.device);
  coach.say(channel, "behind");
  settle();
  EXPECT_EQ(texts(tablet, channel).back(), "behind");
  restart();
  tablet.forget_bodies();
  log_in(tablet);
  EXPECT_NE(tablet.last<wire::NackT>(wire::Body::Nack), nullptr) << "told again at the login";
  expect_all_well();  // the jongere's device would have complained
  jongere.fetch_group_info(channel);
  settle();
  jongere.resync(channel);
  settle();
  EXPECT_FALSE(jongere.room(channel).stuck);
  EXPECT_EQ(jongere.room(channel).chain->head(), coach.room(channel).chain->head());
  coach.say(channel, "again");
  settle();
  EXPECT_EQ(texts(jongere, channel).back(), "again");
  EXPECT_THAT(world.store->nacks(state(channel).value()->number).value(), IsEmpty());
  expect_all_well();
}

TEST_F(RosterTest, NacksAreChecked) {
  const ChannelId channel = open_room_with_tablet();
  jongere.nacking = false;
  coach.commit(channel, {});
  settle();
  const std::uint64_t epoch = coach.room(channel).group->epoch() - 1;
  const Hash hash = sha256(jongere.room(channel).last_commit);
  const auto expect_bad = [&](Client& client, std::uint64_t in, const Hash& of) {
    client.nack(channel, in, of);
    settle();
    EXPECT_EQ(client.last_problem(), "bad_nack");
  };
  expect_bad(coach, epoch, hash);        // its own
  expect_bad(jongere, epoch, Hash{});    // nobody made such a one
  expect_bad(jongere, epoch - 1, hash);  // of another epoch
  expect_bad(jongere, epoch + 1, hash);  // not ended yet
  expect_bad(tablet, 0, hash);
  wire::NackT noise;
  noise.nack = to_bytes("noise");
  jongere.request(std::move(noise));
  settle();
  EXPECT_EQ(jongere.last_problem(), "bad_nack");
  EXPECT_THAT(world.store->nacks(state(channel).value()->number).value(), IsEmpty());
  const std::size_t problems = jongere.problems;
  jongere.nack(channel, epoch, hash);
  jongere.nack(channel, epoch, hash);  // twice is once
  settle();
  EXPECT_EQ(jongere.problems, problems);
  EXPECT_NE(jongere.last<wire::DoneT>(wire::Body::Done), nullptr);
  EXPECT_THAT(world.store->nacks(state(channel).value()->number).value(), SizeIs(1));
}

// S11: who can be reached and cannot follow opens the next generation, and brings back who was there.
TEST_F(RosterTest, AGenerationReplacesAGroupThatNobodyCanFollow) {
  const ChannelId channel = open_room_with_tablet();
  coach.say(channel, "of the first group");
  settle();
  commit_that_nobody_can_follow(coach, channel, {&tablet});
  coach.say(channel, "nobody reads this");
  settle();
  jongere.open_generation(channel, 1);
  settle();
  EXPECT_EQ(state(channel).value()->generation, 1u);
  EXPECT_EQ(state(channel).value()->epoch, 0u);
  EXPECT_EQ(jongere.problems, 0u);
  // Both devices of the coach, without an invite and without a grant.
  coach.renew_package();
  tablet.renew_package();
  mls::CommitOptions options;
  for (Client* each : {&coach, &tablet}) options.adds.push_back(mls::VerifiedKeyPackage::verify(each->key_package()).value());
  jongere.commit(channel, std::move(options));
  settle();
  EXPECT_EQ(coach.room(channel).generation, 1u);
  EXPECT_EQ(tablet.room(channel).generation, 1u);
  coach.say(channel, "of the second group");
  settle();
  EXPECT_EQ(texts(jongere, channel).back(), "of the second group");
  EXPECT_EQ(texts(tablet, channel).back(), "of the second group");
  EXPECT_EQ(jongere.room(channel).chain->head(), coach.room(channel).chain->head()) << "one chain over both";
  expect_all_well();
  log_in(coach);
  const auto login = coach.last<wire::LoginReplyT>(wire::Body::LoginReply);
  EXPECT_EQ(login->channels.at(0)->generation, 1u);
}

// S11: who was in the group before and is not yet in the next one hears that its Welcome is on its way, not that it was removed.
TEST_F(RosterTest, WhoWaitsForTheNextGenerationIsToldSo) {
  const ChannelId channel = open_room_with_tablet();
  commit_that_nobody_can_follow(coach, channel, {&tablet});
  jongere.open_generation(channel, 1);
  settle();
  ASSERT_EQ(state(channel).value()->generation, 1u);
  coach.resending = false;
  coach.say(channel, "to the group of before");
  settle();
  EXPECT_EQ(coach.last_problem(), "generation_replaced");
}

TEST_F(RosterTest, AGenerationNeedsAFoundationAndIsTakenOnce) {
  const ChannelId channel = open_room_with_tablet();
  const auto expect_generation = [&](Client& client, std::uint32_t generation, const char* error) {
    client.resending = false;
    const std::uint64_t counter = client.next_counter;
    client.open_generation(channel, generation);
    settle();
    EXPECT_EQ(client.last_problem(), error);
    client.outbox.clear();
    client.room(channel).next_group.reset();
    client.next_counter = counter;
  };
  expect_generation(jongere, 1, "generation_unfounded");
  commit_that_nobody_can_follow(coach, channel, {&tablet});
  expect_generation(coach, 1, "generation_unfounded");  // it made that commit
  expect_generation(jongere, 2, "generation_unfounded");
  jongere.open_generation(channel, 1);
  settle();
  EXPECT_EQ(state(channel).value()->generation, 1u);
  expect_generation(jongere, 1, "generation_taken");
  expect_generation(coach, 1, "generation_taken");
}

// S11: every device that can be reached, and those of the last week count as such.
TEST_F(RosterTest, WhoWasHeardOfLatelyIsAskedFirst) {
  Person phone_person = world.make_device(jongere_person);
  Client phone{world, phone_person};
  const ChannelId channel = open_room_with_tablet();
  log_in(jongere);
  phone.log_in();
  jongere.add(channel, phone);
  settle({&phone});
  ASSERT_TRUE(phone.has_room(channel));
  phone.disconnect();
  commit_that_nobody_can_follow(coach, channel, {&tablet});
  jongere.resending = false;
  const std::uint64_t counter = jongere.next_counter;
  jongere.open_generation(channel, 1);
  settle();
  EXPECT_EQ(jongere.last_problem(), "generation_unfounded");
  jongere.outbox.clear();
  jongere.next_counter = counter;
  world.clock.advance(std::chrono::hours(24) * (kReachableDays + 1));
  jongere.open_generation(channel, 1);
  settle();
  EXPECT_EQ(state(channel).value()->generation, 1u);
}

}  // namespace
}  // namespace steiger::gateway::testing
