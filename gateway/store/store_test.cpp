// The contract of Store, run against every implementation.
#include "gateway/store/store_contract.h"

namespace steiger::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::Values(StoreKind::memory, StoreKind::sql), store_name);

TEST_P(StoreContract, IdentityIsMadeOnceAndBelongsToOneOrganisation) {
  const auto organisation = OrganisationId::random(rng_);
  const VerifyKey root(random_hash());
  const auto first = store_->bind(organisation, root, {1});
  ASSERT_TRUE(first.ok());
  const auto again = store_->bind(organisation, root, {2});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(first->head_key.verify_key(), again->head_key.verify_key());
  EXPECT_EQ(first->incarnation, again->incarnation);
  EXPECT_STREQ(store_->bind(OrganisationId::random(rng_), root, {3}).error().name, "store_other_organisation");
  EXPECT_STREQ(store_->bind(organisation, VerifyKey(random_hash()), {3}).error().name, "store_other_organisation");
}

TEST_P(StoreContract, AccountsAndDevicesAreKept) {
  const AccountRow account = new_account();
  DeviceRow device = new_device(account.account);
  begin();
  ASSERT_TRUE(store_->put_account(account, std::span(&device, 1), event()).ok());
  commit();
  EXPECT_EQ(*store_->account(account.account).value(), account);
  EXPECT_EQ(*store_->device(device.device).value(), device);
  EXPECT_THAT(store_->devices_of(account.account).value(), ElementsAre(device));
  EXPECT_FALSE(store_->account(AccountId::random(rng_)).value().has_value());
  EXPECT_FALSE(store_->device(DeviceId::random(rng_)).value().has_value());
}

TEST_P(StoreContract, ReplacingAnAccountKeepsAcceptedCounters) {
  AccountRow account = new_account();
  DeviceRow device = new_device(account.account);
  begin();
  ASSERT_TRUE(store_->put_account(account, std::span(&device, 1), event()).ok());
  RelayBatch batch;
  batch.counters.push_back({device.device, 9});
  ASSERT_TRUE(store_->append(batch, event()).ok());
  account.chain = to_bytes("a newer chain");
  device.revoked = true;
  ASSERT_TRUE(store_->put_account(account, std::span(&device, 1), event()).ok());
  commit();
  EXPECT_EQ(store_->device(device.device).value()->accepted_counter, 9u) << "S21: a counter never goes back";
  EXPECT_TRUE(store_->device(device.device).value()->revoked);
  EXPECT_EQ(store_->account(account.account).value()->chain, to_bytes("a newer chain"));
}

TEST_P(StoreContract, ADeviceCannotMoveToAnotherAccount) {
  const AccountRow account = new_account();
  const AccountRow other = new_account();
  DeviceRow device = new_device(account.account);
  begin();
  ASSERT_TRUE(store_->put_account(account, std::span(&device, 1), event()).ok());
  commit();
  device.account = other.account;
  begin();
  const auto moved = store_->put_account(other, std::span(&device, 1), event());
  ASSERT_FALSE(moved.ok());
  EXPECT_STREQ(moved.error().name, "store_constraint");
  store_->rollback();
  EXPECT_EQ(store_->device(device.device).value()->account, account.account);
  EXPECT_FALSE(store_->account(other.account).value().has_value()) << "the whole transaction is gone";
}

TEST_P(StoreContract, ChannelsGetNumbersAndKeepTheirRoster) {
  const MemberRow member{DeviceId::random(rng_), AccountId::random(rng_), 0, 0};
  const ChannelRow first = open_channel(member);
  const ChannelRow second = open_channel(member);
  EXPECT_NE(first.number, second.number);
  EXPECT_EQ(*store_->channel(first.channel).value(), first);
  EXPECT_THAT(store_->members(first.number).value(), ElementsAre(member));
  EXPECT_THAT(store_->channels_of(member.device).value(), ElementsAre(first.channel, second.channel));
  EXPECT_EQ(store_->public_group(first.number).value(), to_bytes("tree 0"));
  begin();
  EXPECT_STREQ(store_->open_channel(first, {}, event()).error().name, "store_constraint");
  store_->rollback();
}

TEST_P(StoreContract, GroupsAdvanceWithMembersAndWelcome) {
  const ChannelRow channel = open_channel({DeviceId::random(rng_), AccountId::random(rng_), 0, 0});
  const MemberRow added{DeviceId::random(rng_), AccountId::random(rng_), 4, 3};
  const WelcomeRow welcome{4, 1, 2, to_bytes("welcome"), 3};
  begin();
  GroupChange next = group_change(channel.number, "tree 1", {added});
  next.group_info = to_bytes("info 1");
  next.certificates = to_bytes("certificates 1");
  next.welcome = welcome;
  ASSERT_TRUE(store_->change_group(next, event()).ok());
  commit();
  EXPECT_EQ(store_->group_info(channel.number).value(), next.group_info);
  EXPECT_EQ(store_->certificates(channel.number).value(), next.certificates);
  EXPECT_EQ(store_->public_group(channel.number).value(), to_bytes("tree 1"));
  EXPECT_THAT(store_->members(channel.number).value(), testing::Contains(added));
  EXPECT_EQ(*store_->welcome(channel.number, 4).value(), welcome);
  EXPECT_FALSE(store_->welcome(channel.number, 5).value().has_value());
}

TEST_P(StoreContract, MessagesComeBackInOrderWithinTheLimits) {
  const ChannelRow channel = open_channel({DeviceId::random(rng_), AccountId::random(rng_), 0, 0});
  const ChannelRow other = open_channel({DeviceId::random(rng_), AccountId::random(rng_), 0, 0});
  std::vector<MessageRow> messages;
  for (std::uint64_t seq = 1; seq <= 6; ++seq) messages.push_back(new_message(seq));
  append(channel, messages);
  append(other, {new_message(1)});
  EXPECT_EQ(store_->messages(channel.number, 1, {}).value(), messages);
  EXPECT_THAT(store_->messages(channel.number, 3, {.max_messages = 2}).value(), ElementsAre(messages[2], messages[3]));
  EXPECT_THAT(store_->messages(channel.number, 1, {.max_bytes = 40}).value(), SizeIs(2));
  EXPECT_THAT(store_->messages(channel.number, 1, {.max_bytes = 1}).value(), SizeIs(1)) << "at least one, or nobody moves on";
  EXPECT_THAT(store_->messages(channel.number, 7, {}).value(), IsEmpty());
  const auto links = store_->messages(channel.number, 1, {.max_bytes = 1, .with_payload = false}).value();
  ASSERT_THAT(links, SizeIs(6));
  EXPECT_FALSE(links[5].payload.has_value());
  EXPECT_EQ(links[5].chain, messages[5].chain);
}

TEST_P(StoreContract, HeadsAndCountersAreWrittenWithTheBatch) {
  ChannelRow channel = open_channel({DeviceId::random(rng_), AccountId::random(rng_), 0, 0});
  channel.epoch = 3;
  channel.head_seq = 1;
  channel.head = random_hash();
  const MessageRow message = new_message(1);
  RelayBatch batch;
  batch.appended.push_back({channel.number, {&message}});
  batch.heads.push_back(&channel);
  begin();
  ASSERT_TRUE(store_->append(batch, event()).ok());
  commit();
  EXPECT_EQ(*store_->channel(channel.channel).value(), channel);
}

TEST_P(StoreContract, ASeqIsWrittenOnce) {
  const ChannelRow channel = open_channel({DeviceId::random(rng_), AccountId::random(rng_), 0, 0});
  append(channel, {new_message(1)});
  const MessageRow again = new_message(1);
  RelayBatch batch;
  batch.appended.push_back({channel.number, {&again}});
  begin();
  EXPECT_STREQ(store_->append(batch, event()).error().name, "store_constraint");
  store_->rollback();
}

TEST_P(StoreContract, AcknowledgingMovesPositionsAndDropsCiphertext) {
  const MemberRow member{DeviceId::random(rng_), AccountId::random(rng_), 0, 0};
  const ChannelRow channel = open_channel(member);
  std::vector<MessageRow> messages;
  for (std::uint64_t seq = 1; seq <= 4; ++seq) messages.push_back(new_message(seq));
  append(channel, messages);
  GroupChange next = group_change(channel.number, "t");
  next.welcome = WelcomeRow{2, 1, 1, to_bytes("w")};
  change(next);
  AcknowledgeBatch batch;
  batch.positions.push_back({channel.number, member.device, 0, 3});
  batch.drops.push_back({channel.number, 0, 3});
  begin();
  ASSERT_TRUE(store_->acknowledge(batch).ok());
  commit();
  EXPECT_EQ(store_->members(channel.number).value()[0].acknowledged_seq, 3u);
  EXPECT_EQ(store_->channel(channel.channel).value()->dropped_seq, 3u);
  EXPECT_FALSE(store_->welcome(channel.number, 2).value().has_value());
  const auto kept = store_->messages(channel.number, 1, {}).value();
  ASSERT_THAT(kept, SizeIs(4));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(kept[i].payload.has_value());
    EXPECT_EQ(kept[i].payload_hash, messages[i].payload_hash) << "the link stays provable";
  }
  EXPECT_EQ(kept[3], messages[3]);
}

TEST_P(StoreContract, InvitesAndProofsAreKept) {
  InviteRow invite;
  invite.invite = InviteId::random(rng_);
  invite.lookup = random_hash();
  invite.coach = AccountId::random(rng_);
  invite.kind = 2;
  invite.created = {10};
  invite.expires = {20};
  invite.terms = to_bytes("terms");
  begin();
  ASSERT_TRUE(store_->put_invite(invite, event()).ok());
  commit();
  EXPECT_EQ(*store_->invite(invite.invite).value(), invite);
  EXPECT_EQ(*store_->invite_by_lookup(invite.lookup).value(), invite);
  EXPECT_THAT(store_->open_invites_of(invite.coach).value(), ElementsAre(invite));

  ProofRow proof{1, random_hash(), to_bytes("proof"), {15}, false};
  begin();
  ASSERT_TRUE(store_->put_proof(invite.invite, proof, event()).ok());
  proof.refused = true;
  ASSERT_TRUE(store_->put_proof(invite.invite, proof, event()).ok());
  invite.status = InviteStatus::accepted;
  invite.accepted_proof = proof.hash;
  invite.accepted_chain = to_bytes("chain");
  ASSERT_TRUE(store_->put_invite(invite, event()).ok());
  commit();
  EXPECT_THAT(store_->proofs(invite.invite).value(), ElementsAre(proof));
  EXPECT_EQ(*store_->invite(invite.invite).value(), invite);
  EXPECT_THAT(store_->open_invites_of(invite.coach).value(), IsEmpty());

  InviteRow thief = invite;
  thief.invite = InviteId::random(rng_);
  begin();
  EXPECT_STREQ(store_->put_invite(thief, event()).error().name, "store_constraint");
  store_->rollback();
  EXPECT_EQ(store_->invite_by_lookup(invite.lookup).value()->invite, invite.invite);
}

// S3: what a coach is told at login. Each kind of proof that must not come back stands beside one that must.
TEST_P(StoreContract, UnansweredProofsAreReadInOrderInPortions) {
  const AccountId coach = AccountId::random(rng_);
  const auto put_invite = [&](const AccountId& whose, InviteStatus status, std::int64_t expires) {
    InviteRow row;
    row.invite = InviteId::random(rng_);
    row.lookup = random_hash();
    row.coach = whose;
    row.expires = {expires};
    row.status = status;
    EXPECT_TRUE(store_->put_invite(row, event()).ok());
    return row;
  };
  const auto put_proof = [&](const InviteRow& invite, std::uint32_t ordinal, bool refused = false, std::size_t size = 10) {
    UnansweredProof out{invite.invite, {ordinal, random_hash(), Bytes(size, 7), {15}, refused}};
    EXPECT_TRUE(store_->put_proof(invite.invite, out.proof, event()).ok());
    return out;
  };
  begin();
  std::vector<UnansweredProof> expected;
  const InviteRow open = put_invite(coach, InviteStatus::open, 101);
  expected.push_back(put_proof(open, 1));
  put_proof(open, 2, true);  // answered
  expected.push_back(put_proof(open, 3));
  put_proof(put_invite(coach, InviteStatus::open, 100), 1);  // over: at `ends_after`, not later
  put_proof(put_invite(AccountId::random(rng_), InviteStatus::open, 200), 1);
  put_proof(put_invite(coach, InviteStatus::cancelled, 200), 1);
  InviteRow accepted = put_invite(coach, InviteStatus::open, 50);
  const UnansweredProof taken = put_proof(accepted, 1);
  expected.push_back(put_proof(accepted, 2));  // late: time plays no part
  put_proof(accepted, 3, true);
  accepted.status = InviteStatus::accepted;
  accepted.accepted_proof = taken.proof.hash;
  ASSERT_TRUE(store_->put_invite(accepted, event()).ok());
  commit();
  std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) { return a.place() < b.place(); });

  EXPECT_EQ(store_->unanswered_proofs(coach, {}, {100}, {}).value(), expected);
  for (std::size_t i = 0; i <= expected.size(); ++i) {  // from any place on
    const ProofPlace after = i == 0 ? ProofPlace{} : expected[i - 1].place();
    const std::vector<UnansweredProof> rest(expected.begin() + static_cast<std::ptrdiff_t>(i), expected.end());
    EXPECT_EQ(store_->unanswered_proofs(coach, after, {100}, {}).value(), rest);
  }
  const auto first = std::vector(expected.begin(), expected.begin() + 1);
  const auto two = std::vector(expected.begin(), expected.begin() + 2);
  EXPECT_EQ(store_->unanswered_proofs(coach, {}, {100}, {.max_messages = 2}).value(), two);
  EXPECT_EQ(store_->unanswered_proofs(coach, {}, {100}, {.max_bytes = 20}).value(), two);
  EXPECT_EQ(store_->unanswered_proofs(coach, {}, {100}, {.max_bytes = 1}).value(), first) << "at least one, or nobody gets on";
}

// Law 5: as many leaves as changes, none without the other.
TEST_P(StoreContract, EveryChangeLeavesOneAuditRowInTheSameTransaction) {
  ASSERT_TRUE(store_->bind(OrganisationId::random(rng_), VerifyKey(random_hash()), {1}).ok());
  const std::size_t before = store_->audit(0, 100).value().size();
  const AccountRow account = new_account();
  begin();
  ASSERT_TRUE(store_->put_account(account, {}, event("kept")).ok());
  commit();
  begin();
  ASSERT_TRUE(store_->put_account(new_account(), {}, event("gone")).ok());
  store_->rollback();
  begin();
  ASSERT_TRUE(store_->put_account(account, {}, event("kept too")).ok());
  commit();
  const auto rows = store_->audit(0, 100).value();
  ASSERT_EQ(rows.size(), before + 2);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].index, i) << "no gap after a rollback";
  EXPECT_EQ(store_->sealer().open(rows[before]).value(), event("kept").record());
  EXPECT_EQ(store_->sealer().open(rows[before + 1]).value(), event("kept too").record());
  EXPECT_THAT(store_->audit(1, 1).value(), SizeIs(1));
}

TEST_P(StoreContract, RollbackUndoesEverything) {
  const MemberRow member{DeviceId::random(rng_), AccountId::random(rng_), 0, 0};
  ChannelRow channel = open_channel(member);
  append(channel, {new_message(1), new_message(2)});
  const auto messages_before = store_->messages(channel.number, 1, {}).value();

  begin();
  AccountRow account = new_account();
  ASSERT_TRUE(store_->put_account(account, {}, event()).ok());
  ChannelRow opened = new_channel();
  ASSERT_TRUE(store_->open_channel(opened, group_change({}, "x", {member}), event()).ok());
  GroupChange next = group_change(channel.number, "y", {{DeviceId::random(rng_), AccountId::random(rng_), 1, 0}});
  next.welcome = WelcomeRow{1, 1, 1, {}};
  MemberRow removed = member;
  removed.removed_seq = 1;
  next.changed = {removed};
  next.removed = {{member.device, member.account, {}, 0, 1, true}};
  next.generation = GroupChange::Generation{1, to_bytes("other group"), {member.account}};
  ASSERT_TRUE(store_->change_group(next, event()).ok());
  ASSERT_TRUE(store_->put_nack(channel.number, {member.device, 1, to_bytes("nack")}, removed, event()).ok());
  ASSERT_TRUE(
      store_->expire(channel.number, 1, {{member.device, channel.channel, 1, MessageId::random(rng_), {}}}, event()).ok());
  const MessageRow message = new_message(3);
  channel.head_seq = 3;
  RelayBatch relay;
  relay.appended.push_back({channel.number, {&message}});
  relay.heads.push_back(&channel);
  ASSERT_TRUE(store_->append(relay, event()).ok());
  AcknowledgeBatch acknowledge;
  acknowledge.positions.push_back({channel.number, member.device, 0, 2});
  acknowledge.drops.push_back({channel.number, 0, 2});
  acknowledge.seen.push_back({member.device, 9});
  acknowledge.gone.push_back({channel.number, member.device, 0});
  ASSERT_TRUE(store_->acknowledge(acknowledge).ok());
  store_->rollback();

  channel.head_seq = 0;
  EXPECT_FALSE(store_->account(account.account).value().has_value());
  EXPECT_FALSE(store_->channel(opened.channel).value().has_value());
  EXPECT_EQ(*store_->channel(channel.channel).value(), channel);
  EXPECT_THAT(store_->members(channel.number).value(), ElementsAre(member));
  EXPECT_EQ(store_->public_group(channel.number).value(), to_bytes("tree 0"));
  EXPECT_EQ(store_->messages(channel.number, 1, {}).value(), messages_before);
  EXPECT_FALSE(store_->welcome(channel.number, 1).value().has_value());
  EXPECT_THAT(store_->former(channel.number).value(), IsEmpty());
  EXPECT_THAT(store_->carried_over(channel.number).value(), IsEmpty());
  EXPECT_THAT(store_->nacks(channel.number).value(), IsEmpty());
  EXPECT_THAT(store_->undelivered(member.device).value(), IsEmpty());
  EXPECT_FALSE(store_->last_seen(member.device).value().has_value());
}

}  // namespace
}  // namespace steiger::gateway
