// The service through real frames, in virtual time: the story of two people, its interruptions, and its end.
#include "gateway/service/testing/service_fixture.h"

namespace steiger::gateway::testing {
namespace {

TEST_F(ServiceTest, CoachAndJongereChat) {
  const ChannelId channel = open_room();
  coach.say(channel, "hoi");
  jongere.say(channel, "hallo");
  settle();
  EXPECT_EQ(coach.room(channel).chain->head(), jongere.room(channel).chain->head());
  ASSERT_THAT(jongere.room(channel).seen, SizeIs(2));
  EXPECT_EQ(jongere.room(channel).seen[0].text, "hoi");
  EXPECT_EQ(coach.room(channel).seen.back().text, "hallo");
  EXPECT_THAT(coach.outbox, IsEmpty());
  EXPECT_EQ(world.service->counts().accepted, 4u);  // before, commit, two messages
  expect_well();
}

TEST_F(ServiceTest, CiphertextIsGoneOnceEverybodyHasIt) {
  const ChannelId channel = open_room();
  jongere.acknowledging = false;
  coach.say(channel, "hoi");
  settle();
  const auto number = world.store->channel(channel).value()->number;
  EXPECT_TRUE(world.store->messages(number, 3, {}).value()[0].payload.has_value());
  jongere.acknowledging = true;
  settle();
  const auto rows = world.store->messages(number, 1, {}).value();
  for (const MessageRow& row : rows) EXPECT_FALSE(row.payload.has_value());
  EXPECT_FALSE(world.store->welcome(number, 2).value().has_value());
  expect_well();
}

TEST_F(ServiceTest, MessagesWaitForADeviceThatIsAway) {
  const ChannelId channel = open_room();
  jongere.disconnect();
  for (int i = 0; i < 40; ++i) coach.say(channel, std::to_string(i));
  settle();
  jongere.log_in();
  settle();
  ASSERT_THAT(jongere.room(channel).seen, SizeIs(40));
  EXPECT_EQ(jongere.room(channel).seen[39].text, "39");
  expect_well();
}

// Law 12: a new service over the same store goes on where the old one was, with the same identity.
TEST_F(ServiceTest, RestartLosesAndDoublesNothing) {
  const ChannelId channel = open_room();
  const auto head_key = world.service->hello().head_key;
  coach.say(channel, "before the restart, not yet accepted");
  coach.disconnect();
  jongere.disconnect();
  world.restart();
  EXPECT_EQ(world.service->hello().head_key, head_key);
  coach.log_in();
  jongere.log_in();
  settle();
  ASSERT_THAT(jongere.room(channel).seen, SizeIs(1));
  expect_well();
}

TEST_F(ServiceTest, AResentCounterIsAnsweredAndNotStoredAgain) {
  const ChannelId channel = open_room();
  const std::uint64_t counter = coach.next_counter++;
  coach.request(one(coach, channel, counter));
  coach.request(one(coach, channel, counter));
  settle();
  EXPECT_EQ(coach.accepted, counter);
  EXPECT_THAT(jongere.room(channel).seen, SizeIs(1));
  expect_well();
}

TEST_F(ServiceTest, AGapInTheCountersIsFatal) {
  const ChannelId channel = open_room();
  expect_fatal(coach, one(coach, channel, coach.next_counter + 1), "counter_gap");
  EXPECT_THAT(jongere.room(channel).seen, IsEmpty());
}

// Law 3 and the counter rule: after a refusal later counters are dropped in silence until the refused one comes again.
TEST_F(ServiceTest, AfterARefusalLaterCountersWait) {
  const ChannelId channel = open_room();
  coach.resending = false;
  const std::uint64_t counter = coach.next_counter;
  auto first = one(coach, channel, counter);
  first.items[0]->epoch = 9;
  coach.request(std::move(first));
  coach.request(one(coach, channel, counter + 1));
  coach.request(one(coach, channel, counter + 2));
  settle();
  EXPECT_EQ(coach.problems, 1u);
  EXPECT_THAT(jongere.room(channel).seen, IsEmpty());
  coach.request(one(coach, channel, counter));
  coach.request(one(coach, channel, counter + 1));
  settle();
  EXPECT_EQ(coach.accepted, counter + 1);
  EXPECT_THAT(jongere.room(channel).seen, SizeIs(2));
}

// Law 2: a batch that could not be written is never acknowledged; the sessions in it hear storage_failed, nothing is half done.
TEST_F(ServiceTest, AFailedTransactionIsToldAndForgotten) {
  const ChannelId channel = open_room();
  auto* memory = dynamic_cast<MemoryStore*>(world.store.get());
  ASSERT_NE(memory, nullptr);
  const std::uint64_t accepted_before = coach.accepted;
  memory->fail_next_commit(kStoreDiskFull);
  coach.say(channel, "does not fit");
  settle();
  EXPECT_EQ(coach.last_problem(), "storage_failed");
  EXPECT_TRUE(coach.is_closed());
  EXPECT_EQ(coach.accepted, accepted_before);
  coach.log_in();
  settle();
  ASSERT_THAT(jongere.room(channel).seen, SizeIs(1)) << "once, after the resend";
  EXPECT_EQ(jongere.room(channel).seen[0].text, "does not fit");
  expect_well();
}

TEST_F(ServiceTest, ShutdownTellsEverybody) {
  world.service->shut_down();
  settle();
  EXPECT_EQ(coach.last_problem(), "shutting_down");
  EXPECT_EQ(jongere.last_problem(), "shutting_down");
}

}  // namespace
}  // namespace steiger::gateway::testing
