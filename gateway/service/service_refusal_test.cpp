// Every wrong move with its named error, which costs nobody but its maker (laws 8 and 9).
#include "gateway/service/testing/service_fixture.h"

namespace steiger::gateway::testing {
namespace {

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

TEST_F(ServiceTest, AcknowledgingWhatDoesNotExistIsFatal) {
  const ChannelId channel = open_room();
  wire::AcknowledgeT body;
  body.positions.emplace_back(wire_value(channel), coach.room(channel).chain->seq() + 1);
  expect_fatal(jongere, std::move(body), "bad_acknowledgement");
  jongere.log_in();
  wire::AcknowledgeT elsewhere;  // it may have been there: a device that repeats the last word of its removal
  elsewhere.positions.emplace_back(wire_value(ChannelId::random(world.rng)), 1);
  jongere.request(std::move(elsewhere));
  settle();
  EXPECT_FALSE(jongere.is_closed());
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

// S8 to S13: right by RFC 9420, and refused by the rules of membership, whose own name goes to the log.
TEST_F(ServiceTest, CommitsThatTheRulesForbidAreRefused) {
  const ChannelId channel = open_room();
  coach.resending = jongere.resending = false;
  const std::uint64_t counter = coach.next_counter;
  const mls::Group& group = *coach.room(channel).group;
  const auto expect_forbidden = [&](Client& client, mls::CommitOptions options, const char* rule,
                                    identity::HandshakeHeader header = {}) {
    expect_refused(client, client.make_bundle(channel, std::move(options), std::move(header), client.next_counter).body,
                   "commit_not_allowed");
    EXPECT_EQ(client.forbidden_rule, rule);
  };
  const mls::LeafIndex of_jongere = jongere.room(channel).group->own_leaf();
  expect_forbidden(coach, {.removes = {of_jongere}}, "removal_not_allowed");
  identity::HandshakeHeader silent;  // S13: not by the gateway's own clock
  silent.silent = {jongere_person.device_identity()};
  expect_forbidden(coach, {.removes = {of_jongere}}, "removal_not_allowed", silent);
  expect_forbidden(jongere, {.removes = {group.own_leaf()}}, "removal_not_allowed");
  mls::CommitOptions reinit;
  reinit.reinit = mls::ReInit{to_bytes("next"), mls::kMls10, mls::kSuite3, group.group_context().extensions};
  expect_forbidden(coach, std::move(reinit), "reinit_refused");
  auto extensions = group.group_context().extensions;
  extensions.push_back(mls::external_senders_extension({}));
  expect_forbidden(coach, {.context_extensions = extensions}, "context_change");

  Person other_person = world.make_staff();  // S8: without the jongere's grant
  Client other{world, other_person};
  other.log_in();
  mls::CommitOptions ghost;
  ghost.adds = {mls::VerifiedKeyPackage::verify(other.key_package()).value()};
  expect_forbidden(coach, std::move(ghost), "no_grant");
  EXPECT_EQ(coach.next_counter, counter) << "the counter stays free";
  EXPECT_EQ(world.store->channel(channel).value()->epoch, 1u);
  expect_well();
}

}  // namespace
}  // namespace steiger::gateway::testing
