// Order and delivery: one winner per epoch, windows, slow readers, and acknowledgements that were lost (S12, laws 3 and 4).
#include "gateway/service/testing/service_fixture.h"

namespace steiger::gateway::testing {
namespace {

// Law 4 and S12: one winner, and the loser has the winner's commit before it hears that it lost.
TEST_F(ServiceTest, OneWinnerPerEpoch) {
  const ChannelId channel = open_room();
  auto by_coach = coach.make_bundle(channel, nullptr, coach.next_counter++);
  auto by_jongere = jongere.make_bundle(channel, nullptr, jongere.next_counter++);
  coach.pending_commit = std::move(by_coach.pending);
  jongere.pending_commit = std::move(by_jongere.pending);
  jongere.outbox.push_back({by_jongere.body.counter, {}, channel, {}, encode_frame(7, by_jongere.body)});
  coach.request(std::move(by_coach.body));
  jongere.transmit(jongere.outbox.back().frame);
  settle();
  EXPECT_EQ(coach.room(channel).group->epoch(), 2u);
  EXPECT_EQ(jongere.room(channel).group->epoch(), 2u);
  EXPECT_EQ(jongere.last_problem(), "stale_epoch");
  EXPECT_EQ(coach.room(channel).chain->head(), jongere.room(channel).chain->head());
  EXPECT_EQ(coach.room(channel).seen.back().text, "instead of the commit that lost");
  EXPECT_TRUE(std::equal(coach.room(channel).group->epoch_authenticator().begin(),
                         coach.room(channel).group->epoch_authenticator().end(),
                         jongere.room(channel).group->epoch_authenticator().begin()));
  expect_well();
}

// S12: with acknowledgements held back and a window of one, the refusal still waits for the commit.
TEST_F(ServiceTest, TheRefusalWaitsForTheDelivery) {
  world.limits.delivery_window = 1;
  coach.disconnect();
  jongere.disconnect();
  world.restart();
  coach.log_in();
  jongere.log_in();
  const ChannelId channel = open_room();
  jongere.acknowledging = false;
  coach.say(channel, "fills the window");
  settle();
  const std::uint64_t counter = jongere.next_counter++;
  jongere.outbox.push_back({counter, MessageId::random(world.rng), channel, "encrypted too early", {}});
  wire::SubmitT stale;
  stale.items.push_back(jongere.make_item(channel, jongere.outbox.back().id, "encrypted too early", counter));
  auto bundle = coach.make_bundle(channel, nullptr, coach.next_counter++);
  coach.pending_commit = std::move(bundle.pending);
  coach.request(std::move(bundle.body));
  world.executor.run_all();
  jongere.request(std::move(stale));
  settle();
  EXPECT_EQ(jongere.problems, 0u) << "refused before the commit was handed out";
  jongere.acknowledging = true;
  settle();
  EXPECT_EQ(jongere.last_problem(), "stale_epoch");
  EXPECT_EQ(coach.room(channel).seen.back().text, "encrypted too early");
  expect_well();
}

TEST_F(ServiceTest, DeliveryStaysWithinTheWindow) {
  world.limits.delivery_window = 8;
  coach.disconnect();
  jongere.disconnect();
  world.restart();
  coach.log_in();
  jongere.log_in();
  const ChannelId channel = open_room();
  jongere.acknowledging = false;
  jongere.delivered_unacknowledged = 0;
  for (int i = 0; i < 100; ++i) coach.say(channel, std::to_string(i));
  settle();
  EXPECT_LE(jongere.delivered_unacknowledged, 8u);
  EXPECT_GT(jongere.delivered_unacknowledged, 0u);
  jongere.acknowledging = true;
  settle();
  EXPECT_THAT(jongere.room(channel).seen, SizeIs(100));
  expect_well();
}

TEST_F(ServiceTest, ASlowReaderIsNotFedUntilItDrains) {
  const ChannelId channel = open_room();
  jongere.pretended_queue = kSinkHighWater + 1;
  coach.say(channel, "1");
  settle();
  const std::size_t first = jongere.room(channel).seen.size();
  for (int i = 0; i < 20; ++i) coach.say(channel, "more");
  settle();
  EXPECT_EQ(jongere.room(channel).seen.size(), first);
  jongere.pretended_queue = 0;
  world.service->drained(*jongere.session_);
  settle();
  EXPECT_THAT(jongere.room(channel).seen, SizeIs(21));
  expect_well();
}

// A device that was killed after its own commit, or whose gateway was killed before its: what it has processed it acknowledges
// right after the login, before anything is sent to it on this connection, with the catch-up read already under way.
TEST_F(ServiceTest, LostAcknowledgementsAreMadeGoodAfterTheLogin) {
  const ChannelId channel = open_room();
  jongere.acknowledging = false;
  for (int i = 0; i < 3; ++i) coach.say(channel, "processed, not acknowledged");
  settle();
  ASSERT_THAT(jongere.room(channel).seen, SizeIs(3));
  jongere.connect();
  coach.say(channel, "while it was away");
  settle();
  jongere.acknowledging = true;
  jongere.login();
  ASSERT_TRUE(world.executor.run_one());  // the login; it leaves a read for the lane in the queue
  jongere.read();                         // the acknowledgement joins it there
  EXPECT_FALSE(jongere.is_closed()) << jongere.last_problem();
  settle();
  coach.say(channel, "and on");
  settle();
  EXPECT_FALSE(jongere.is_closed()) << jongere.last_problem();
  EXPECT_THAT(jongere.room(channel).seen, SizeIs(5));
  EXPECT_EQ(jongere.room(channel).acknowledged, coach.room(channel).chain->seq());
  EXPECT_EQ(jongere.delivered_unacknowledged, 0u);
  expect_well();
}

// The same with nothing new behind it, and a window of one: all of it counts as handed out, and the lane is up to date again.
TEST_F(ServiceTest, LostAcknowledgementsFreeTheWindow) {
  world.limits.delivery_window = 4;
  coach.disconnect();
  jongere.disconnect();
  world.restart();
  coach.log_in();
  jongere.log_in();
  const ChannelId channel = open_room();
  jongere.acknowledging = false;
  for (int i = 0; i < 4; ++i) coach.say(channel, "processed, not acknowledged");
  settle();
  world.limits.delivery_window = 1;
  coach.disconnect();
  jongere.disconnect();
  world.restart();
  coach.log_in();
  jongere.acknowledging = true;
  jongere.log_in();
  settle();
  for (int i = 0; i < 3; ++i) coach.say(channel, "new");
  settle();
  EXPECT_FALSE(jongere.is_closed()) << jongere.last_problem();
  EXPECT_THAT(jongere.room(channel).seen, SizeIs(7));
  expect_well();
}

// The Welcome is dropped from the store by the very batch that was to read it for the joiner.
TEST_F(ServiceTest, ALostAcknowledgementOfTheWelcomeIsMadeGood) {
  jongere.acknowledging = false;
  const ChannelId channel = open_room();
  jongere.connect();
  jongere.acknowledging = true;
  jongere.login();
  ASSERT_TRUE(world.executor.run_one());
  jongere.read();
  settle();
  EXPECT_FALSE(jongere.is_closed()) << jongere.last_problem();
  coach.say(channel, "welcome");
  settle();
  EXPECT_FALSE(jongere.is_closed()) << jongere.last_problem();
  EXPECT_THAT(jongere.room(channel).seen, SizeIs(1));
  expect_well();
}

// S12: the device has processed what the refusal waited for, says its acknowledgement.
TEST_F(ServiceTest, AnAcknowledgementReleasesTheRefusalThatWaited) {
  world.limits.delivery_window = 1;
  coach.disconnect();
  jongere.disconnect();
  world.restart();
  coach.log_in();
  jongere.log_in();
  const ChannelId channel = open_room();
  jongere.acknowledging = false;
  jongere.resending = false;
  coach.say(channel, "fills the window");
  settle();
  wire::SubmitT stale = one(jongere, channel, jongere.next_counter);
  auto bundle = coach.make_bundle(channel, nullptr, coach.next_counter++);
  coach.pending_commit = std::move(bundle.pending);
  coach.request(std::move(bundle.body));
  world.executor.run_all();
  jongere.request(std::move(stale));
  settle();
  ASSERT_EQ(jongere.problems, 0u);
  wire::AcknowledgeT body;
  body.positions.emplace_back(wire_value(channel), coach.room(channel).chain->seq());
  jongere.request(std::move(body));
  settle();
  EXPECT_FALSE(jongere.is_closed());
  EXPECT_EQ(jongere.last_problem(), "stale_epoch");
}

}  // namespace
}  // namespace steiger::gateway::testing
