// The service through real frames, in virtual time: the story of two people, and every wrong move with its named error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/service/testing/world.h"
#include "gateway/service/verify.h"
#include "gateway/store/memory_store.h"

namespace steiger::gateway::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    coach.log_in();
    accept_by_invite(world, coach, jongere_person);
    jongere.log_in();
  }
  // Posted work and inboxes until nothing moves any more.
  void settle(std::initializer_list<Client*> clients = {}) {
    for (int round = 0; round < 50; ++round) {
      world.executor.run_all();
      coach.read();
      jongere.read();
      for (Client* each : clients) each->read();
    }
  }
  ChannelId open_room() {
    const ChannelId channel = coach.open_channel();
    settle();
    coach.add(channel, jongere);
    settle();
    EXPECT_TRUE(jongere.has_room(channel)) << coach.last_problem();
    return channel;
  }
  void expect_well() {
    EXPECT_THAT(coach.errors, IsEmpty());
    EXPECT_THAT(jongere.errors, IsEmpty());
    EXPECT_EQ(verify_channels(*world.store, world.store->channels_of(coach_person.device).value()), "");
    EXPECT_EQ(verify_audit(*world.store), "");
  }
  wire::SubmitT one(Client& from, const ChannelId& channel, std::uint64_t counter) {
    wire::SubmitT body;
    body.items.push_back(from.make_item(channel, MessageId::random(world.rng), "x", counter));
    return body;
  }
  // Sends a frame and expects that the connection ends with this error, while the other one goes on.
  template <class BodyT>
  void expect_fatal(Client& client, BodyT body, const char* error) {
    client.resending = false;
    client.request(std::move(body));
    settle();
    EXPECT_EQ(client.last_problem(), error);
    EXPECT_TRUE(client.is_closed());
    Client& other = &client == &coach ? jongere : coach;
    EXPECT_FALSE(other.is_closed());
  }
  template <class BodyT>
  void expect_refused(Client& client, BodyT body, const char* error) {
    client.request(std::move(body));
    settle();
    EXPECT_EQ(client.last_problem(), error);
    EXPECT_FALSE(client.is_closed());
  }

  World world;
  Person coach_person = world.make_staff();
  Person jongere_person = world.make_jongere(coach_person);
  Client coach{world, coach_person};
  Client jongere{world, jongere_person};
};

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

TEST_F(ServiceTest, ANewerLoginReplacesTheOlder) {
  Client second{world, coach_person};
  second.log_in();
  settle({&second});
  EXPECT_TRUE(coach.is_closed());
  EXPECT_EQ(coach.last_problem(), "replaced");
  EXPECT_FALSE(second.is_closed());
}

TEST_F(ServiceTest, LoginIsBoundToDeviceKeyNonceAndChain) {
  Person thief{coach_person.account, SigningKey::generate(world.rng),
               coach_person.device,  SigningKey::generate(world.rng),
               coach_person.role,    coach_person.chain};
  Client impostor{world, thief};
  impostor.log_in();
  EXPECT_EQ(impostor.last_problem(), "bad_login");
  EXPECT_FALSE(coach.is_closed()) << "a failed login replaces nobody";

  Person stranger = world.make_jongere(coach_person);
  Client unknown{world, stranger};
  unknown.log_in();
  EXPECT_EQ(unknown.last_problem(), "unknown_device") << "a certified jongere comes in through an invite only";

  World other_organisation;
  Person foreign = other_organisation.make_staff();
  Client outsider{world, foreign};
  outsider.log_in();
  EXPECT_EQ(outsider.last_problem(), "bad_login");
}

TEST_F(ServiceTest, AnExpiredCertificateNoLongerLogsIn) {
  coach.disconnect();
  world.clock.advance(std::chrono::hours(24 * 320));
  coach.log_in();
  EXPECT_EQ(coach.last_problem(), "bad_login");
}

TEST_F(ServiceTest, NothingButInvitesBeforeLogin) {
  Client early{world, coach_person};
  const auto expect_wrong_state = [&](auto body) {
    early.connect();
    early.request(std::move(body));
    world.executor.run_all();
    early.read();
    EXPECT_EQ(early.last_problem(), "wrong_state");
    EXPECT_TRUE(early.is_closed());
  };
  expect_wrong_state(wire::SubmitT{});
  expect_wrong_state(wire::RegisterChannelT{});
  expect_wrong_state(wire::SubmitCommitT{});
  expect_wrong_state(wire::AcknowledgeT{});
  expect_wrong_state(wire::CreateInviteT{});
  expect_wrong_state(wire::CancelInviteT{});
  expect_wrong_state(wire::AcceptInviteT{});
  expect_wrong_state(wire::RefuseInviteT{});
  expect_wrong_state(wire::HelloT{});
  expect_wrong_state(wire::DeliverT{});
  expect_wrong_state(wire::AcceptedT{});
  EXPECT_FALSE(coach.is_closed());
}

TEST_F(ServiceTest, ASecondLoginOnOneConnectionIsFatal) {
  coach.login();
  settle();
  EXPECT_EQ(coach.last_problem(), "wrong_state");
}

TEST_F(ServiceTest, MissingFieldsAreMalformed) {
  open_room();
  expect_fatal(coach, wire::SubmitT{}, "malformed_frame");
  coach.log_in();
  wire::SubmitT without_id;
  without_id.items.push_back(std::make_unique<wire::SubmissionT>());
  expect_fatal(coach, std::move(without_id), "malformed_frame");
  coach.log_in();
  expect_fatal(coach, wire::SubmitCommitT{}, "malformed_frame");
  coach.log_in();
  expect_fatal(coach, wire::RegisterChannelT{}, "malformed_frame");
  coach.log_in();
  expect_fatal(coach, wire::AcknowledgeT{}, "malformed_frame");
  coach.log_in();
  expect_fatal(coach, wire::CreateInviteT{}, "malformed_frame");
}

TEST_F(ServiceTest, TooManyItemsAreFatal) {
  const ChannelId channel = open_room();
  wire::SubmitT body;
  for (std::uint64_t i = 0; i <= kMaxItemsPerFrame; ++i) {
    auto item = std::make_unique<wire::SubmissionT>();
    item->counter = coach.next_counter + i;
    item->id = wire_pointer(MessageId());
    item->channel = wire_pointer(channel);
    item->tag = wire_pointer(ByteArray<32>{});
    item->payload = {1};
    body.items.push_back(std::move(item));
  }
  expect_fatal(coach, std::move(body), "too_many_items");
  coach.log_in();
  wire::AcknowledgeT acknowledge;
  acknowledge.positions.resize(kMaxItemsPerFrame + 1, wire::Position(wire_value(channel), 1));
  expect_fatal(jongere, std::move(acknowledge), "too_many_items");
}

TEST_F(ServiceTest, TooManyOutstandingSubmissionsAreFatal) {
  const ChannelId channel = open_room();
  for (std::size_t i = 0; i <= kMaxOutstanding; ++i) coach.request(one(coach, channel, coach.next_counter++));
  coach.resending = false;
  settle();
  EXPECT_EQ(coach.last_problem(), "outstanding_limit");
}

TEST_F(ServiceTest, TooManyOpenRequestsAreFatal) {
  for (std::size_t i = 0; i <= 32; ++i) {
    wire::FetchInviteT body;
    body.lookup = wire_pointer(Hash{});
    coach.request(std::move(body));
  }
  settle();
  EXPECT_EQ(coach.last_problem(), "too_many_requests");
}

TEST_F(ServiceTest, PayloadsAreCheckedAgainstTheirGroup) {
  const ChannelId channel = open_room();
  auto too_large = one(coach, channel, coach.next_counter);
  too_large.items[0]->payload.resize(kMaxPayloadBytes + 1);
  expect_fatal(coach, std::move(too_large), "payload_too_large");

  coach.log_in();
  auto noise = one(coach, channel, coach.next_counter);
  noise.items[0]->payload = {1, 2, 3};
  expect_fatal(coach, std::move(noise), "bad_message");

  coach.log_in();
  auto other_tag = one(coach, channel, coach.next_counter);
  other_tag.items[0]->tag = wire_pointer(ByteArray<32>{9});
  expect_fatal(coach, std::move(other_tag), "bad_message");

  coach.log_in();
  const ChannelId second = coach.open_channel();
  settle();
  auto other_group = one(coach, second, coach.next_counter);
  other_group.items[0]->channel = wire_pointer(channel);
  other_group.items[0]->epoch = 1;
  expect_fatal(coach, std::move(other_group), "bad_message");
}

TEST_F(ServiceTest, StrangersAndUnknownChannelsAreRefused) {
  const ChannelId channel = coach.open_channel();
  settle();
  jongere.resending = false;
  auto body = one(coach, channel, 1);
  expect_refused(jongere, std::move(body), "not_a_member");
  auto unknown = one(coach, channel, 1);
  unknown.items[0]->channel = wire_pointer(ChannelId::random(world.rng));
  expect_refused(jongere, std::move(unknown), "unknown_channel");
}

TEST_F(ServiceTest, AnEpochNobodyReachedIsRefused) {
  const ChannelId channel = open_room();
  coach.resending = false;
  auto body = one(coach, channel, coach.next_counter);
  body.items[0]->epoch = 7;
  expect_refused(coach, std::move(body), "epoch_ahead");
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

TEST_F(ServiceTest, AcknowledgingWhatDoesNotExistIsFatal) {
  const ChannelId channel = open_room();
  wire::AcknowledgeT body;
  body.positions.emplace_back(wire_value(channel), coach.room(channel).chain->seq() + 1);
  expect_fatal(jongere, std::move(body), "bad_acknowledgement");
  jongere.log_in();
  wire::AcknowledgeT elsewhere;
  elsewhere.positions.emplace_back(wire_value(ChannelId::random(world.rng)), 1);
  expect_fatal(jongere, std::move(elsewhere), "bad_acknowledgement");
}

TEST_F(ServiceTest, RegistrationIsChecked) {
  const ChannelId channel = coach.open_channel();
  settle();
  coach.resending = false;
  wire::RegisterChannelT again;
  again.counter = coach.next_counter;
  again.channel = wire_pointer(channel);
  again.group_info = coach.room(channel).group->group_info({}).value();
  const Bytes info = again.group_info;
  expect_refused(coach, std::move(again), "channel_exists");

  wire::RegisterChannelT other_channel;  // the group is bound to `channel`
  other_channel.counter = coach.next_counter;
  other_channel.channel = wire_pointer(ChannelId::random(world.rng));
  other_channel.group_info = info;
  expect_refused(coach, std::move(other_channel), "bad_bundle");

  wire::RegisterChannelT by_other;  // somebody else's leaf
  by_other.counter = jongere.next_counter;
  by_other.channel = wire_pointer(ChannelId::random(world.rng));
  by_other.group_info = info;
  jongere.resending = false;
  expect_refused(jongere, std::move(by_other), "bad_bundle");
}

TEST_F(ServiceTest, CommitBundlesAreCheckedAsOne) {
  const ChannelId channel = open_room();
  coach.resending = false;
  const std::uint64_t counter = coach.next_counter;
  const auto fresh = [&] { return coach.make_bundle(channel, nullptr, counter).body; };
  auto other_info = fresh();
  other_info.group_info = fresh().group_info;  // of another commit
  expect_refused(coach, std::move(other_info), "bad_bundle");
  auto flipped = fresh();
  flipped.commit[flipped.commit.size() / 2] ^= 1;
  expect_refused(coach, std::move(flipped), "bad_bundle");
  auto needless_welcome = fresh();
  needless_welcome.welcome = {1, 2, 3};
  expect_refused(coach, std::move(needless_welcome), "bad_bundle");
  auto of_jongere = jongere.make_bundle(channel, nullptr, counter).body;  // another member's commit under our name
  expect_refused(coach, std::move(of_jongere), "bad_bundle");
  EXPECT_EQ(world.store->channel(channel).value()->epoch, 1u);

  Person stranger = world.make_jongere(coach_person);
  Client unknown{world, stranger};
  auto ghost = coach.make_bundle(channel, &unknown, counter);  // S8 in small: an account the gateway never registered
  expect_refused(coach, std::move(ghost.body), "unknown_member");
  expect_well();
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
