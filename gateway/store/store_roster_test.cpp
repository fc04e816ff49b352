// What every Store promises about rosters: stays, removals, generations, NACKs, who was seen when, and what expires.
#include "gateway/store/store_contract.h"

namespace steiger::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RosterContract : public StoreContract {
 protected:
  MemberRow new_member(std::uint64_t joined_seq = 0) {
    return {DeviceId::random(rng_), AccountId::random(rng_), joined_seq, joined_seq == 0 ? 0 : joined_seq - 1};
  }
  void register_device(const MemberRow& member, bool revoked = false) {
    const AccountRow account{member.account, VerifyKey(random_hash()), 1, {}, {}};
    const DeviceRow device{member.device, member.account, {}, 0, revoked};
    begin();
    ASSERT_TRUE(store_->put_account(account, std::span(&device, 1), event()).ok());
    commit();
  }
  void see(const DeviceId& device, DayNumber day) {
    AcknowledgeBatch batch;
    batch.seen.push_back({device, day});
    begin();
    ASSERT_TRUE(store_->acknowledge(batch).ok());
    commit();
  }
  void remove(const ChannelRow& channel, MemberRow& member, std::uint64_t seq, bool silent = false) {
    member.removed_seq = seq;
    GroupChange next = group_change(channel.number, "smaller");
    next.changed = {member};
    next.removed = {{member.device, member.account, VerifyKey(random_hash()), 5, seq, silent}};
    change(next);
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, RosterContract, testing::Values(StoreKind::memory, StoreKind::sql), store_name);

// S12: a device that was removed keeps its stay until it has fetched everything; it can come back in between, with a stay of its own.
TEST_P(RosterContract, ADeviceMayBeInAChannelMoreThanOnce) {
  MemberRow member = new_member();
  const ChannelRow channel = open_channel(member);
  remove(channel, member, 4);
  EXPECT_THAT(store_->channels_of(member.device).value(), ElementsAre(channel.channel));
  MemberRow again = member;
  again.joined_seq = 7;
  again.acknowledged_seq = 6;
  again.removed_seq = 0;
  GroupChange next = group_change(channel.number, "larger", {again});
  next.back = {member.device};
  change(next);
  EXPECT_THAT(store_->members(channel.number).value(), ElementsAre(member, again));
  EXPECT_THAT(store_->channels_of(member.device).value(), ElementsAre(channel.channel)) << "once";
  EXPECT_THAT(store_->former(channel.number).value(), IsEmpty());

  AcknowledgeBatch batch;
  batch.positions.push_back({channel.number, again.device, 7, 9});
  batch.gone.push_back({channel.number, member.device, 0});
  begin();
  ASSERT_TRUE(store_->acknowledge(batch).ok());
  commit();
  again.acknowledged_seq = 9;
  EXPECT_THAT(store_->members(channel.number).value(), ElementsAre(again));
}

TEST_P(RosterContract, AChangedStayKeepsItsPosition) {
  MemberRow member = new_member();
  const ChannelRow channel = open_channel(member);
  AcknowledgeBatch batch;
  batch.positions.push_back({channel.number, member.device, 0, 3});
  begin();
  ASSERT_TRUE(store_->acknowledge(batch).ok());
  commit();
  member.nacked_seq = 4;
  member.resync_day = 12;
  member.resyncs = 2;
  GroupChange next = group_change(channel.number, "t");
  next.changed = {member};  // with an older position: acknowledgements are written by acknowledge() alone
  change(next);
  member.acknowledged_seq = 3;
  EXPECT_THAT(store_->members(channel.number).value(), ElementsAre(member));

  next.changed[0].joined_seq = 9;
  begin();
  EXPECT_STREQ(store_->change_group(next, event()).error().name, "store_misuse");
  store_->rollback();
}

TEST_P(RosterContract, WhoWasRemovedIsRemembered) {
  MemberRow member = new_member();
  const ChannelRow channel = open_channel(member);
  remove(channel, member, 4, true);
  const auto former = store_->former(channel.number).value();
  ASSERT_THAT(former, SizeIs(1));
  EXPECT_EQ(former[0].device, member.device);
  EXPECT_EQ(former[0].account, member.account);
  EXPECT_EQ(former[0].removed_in, 5u);
  EXPECT_EQ(former[0].removed_seq, 4u);
  EXPECT_TRUE(former[0].silent);
}

TEST_P(RosterContract, AGenerationReplacesTheGroupAndRemembersItsAccounts) {
  const MemberRow member = new_member();
  const ChannelRow channel = open_channel(member);
  const MemberRow returning = new_member(3);
  std::vector<AccountId> accounts{returning.account, AccountId::random(rng_)};
  std::sort(accounts.begin(), accounts.end());
  GroupChange next = group_change(channel.number, "tree of generation 1");
  next.generation = GroupChange::Generation{1, to_bytes("group 1"), {accounts[1], accounts[0]}};
  change(next);
  EXPECT_EQ(store_->channel(channel.channel).value()->generation, 1u);
  EXPECT_EQ(store_->channel(channel.channel).value()->group_id, to_bytes("group 1"));
  EXPECT_EQ(store_->carried_over(channel.number).value(), accounts);
  // Who is back may not come back a second time.
  GroupChange back = group_change(channel.number, "tree with one of them");
  back.added = {returning};
  change(back);
  const AccountId& other = accounts[0] == returning.account ? accounts[1] : accounts[0];
  EXPECT_THAT(store_->carried_over(channel.number).value(), ElementsAre(other));
  next.generation = GroupChange::Generation{2, to_bytes("group 2"), {accounts[0]}};
  change(next);
  EXPECT_THAT(store_->carried_over(channel.number).value(), ElementsAre(accounts[0]));
}

TEST_P(RosterContract, NacksHoldAStayUntilTheyAreSettled) {
  MemberRow member = new_member();
  const ChannelRow channel = open_channel(member);
  member.nacked_seq = 3;
  begin();
  ASSERT_TRUE(store_->put_nack(channel.number, {member.device, 3, to_bytes("first")}, member, event()).ok());
  ASSERT_TRUE(store_->put_nack(channel.number, {member.device, 3, to_bytes("second")}, member, event()).ok());
  commit();
  EXPECT_THAT(store_->nacks(channel.number).value(), ElementsAre(NackRow{member.device, 3, to_bytes("second")}));
  EXPECT_EQ(store_->members(channel.number).value()[0].nacked_seq, 3u);
  GroupChange next = group_change(channel.number, "t");
  next.freed = {member.device};
  change(next);
  EXPECT_THAT(store_->nacks(channel.number).value(), IsEmpty());
}

// S2 and S13: what waits for a member's commit, seen by a device of the same channel only.
TEST_P(RosterContract, TasksNameRevokedSilentAndReturnedDevices) {
  const MemberRow asker = new_member();
  MemberRow revoked = new_member(1);
  MemberRow silent = new_member(1);
  MemberRow present = new_member(1);
  MemberRow returned = new_member(1);
  const ChannelRow channel = open_channel(asker);
  for (const MemberRow& each : {asker, silent, present, returned}) register_device(each);
  register_device(revoked, true);
  change(group_change(channel.number, "t", {revoked, silent, present, returned}));
  remove(channel, returned, 2, true);
  EXPECT_THAT(store_->roster_tasks(asker.device, 100).value(),
              ElementsAre(RosterTaskRow{RosterTaskKind::remove_revoked, channel.channel, revoked.account, revoked.device}))
      << "who was never seen is not silent";
  begin();
  ASSERT_TRUE(store_->watch_unseen(50).ok());
  commit();
  see(present.device, 100);
  see(asker.device, 99);
  const RosterTaskRow remove_revoked{RosterTaskKind::remove_revoked, channel.channel, revoked.account, revoked.device};
  const RosterTaskRow remove_silent{RosterTaskKind::remove_silent, channel.channel, silent.account, silent.device};
  const RosterTaskRow add_back{RosterTaskKind::add_back, channel.channel, returned.account, returned.device};
  EXPECT_THAT(store_->roster_tasks(asker.device, 100).value(), ElementsAre(remove_revoked, remove_silent));
  see(returned.device, 100);
  EXPECT_THAT(store_->roster_tasks(asker.device, 100).value(), ElementsAre(remove_revoked, remove_silent, add_back));
  EXPECT_THAT(store_->roster_tasks(DeviceId::random(rng_), 100).value(), IsEmpty());
  EXPECT_THAT(store_->roster_tasks(returned.device, 100).value(), IsEmpty()) << "it is not in the roster";
  EXPECT_THAT(store_->channels_with_tasks(100).value(), ElementsAre(channel.channel));
  EXPECT_EQ(store_->last_seen(silent.device).value(), 50);
}

// S13: application ciphertext goes, handshakes stay, the sender is remembered.
TEST_P(RosterContract, OnlyApplicationMessagesExpire) {
  const MemberRow member = new_member();
  const ChannelRow channel = open_channel(member);
  std::vector<MessageRow> messages;
  for (std::uint64_t seq = 1; seq <= 4; ++seq) messages.push_back(new_message(seq));
  messages[1].kind = MessageKind::commit;
  append(channel, messages);
  EXPECT_THAT(store_->channels_overdue({1000}).value(), IsEmpty());
  EXPECT_THAT(store_->channels_overdue({1001}).value(), ElementsAre(channel.channel));
  const UndeliveredRow told{messages[0].device, channel.channel, 1, messages[0].id, {}};
  begin();
  ASSERT_TRUE(store_->expire(channel.number, 3, {told}, event()).ok());
  commit();
  EXPECT_EQ(store_->channel(channel.channel).value()->expired_seq, 3u);
  const auto kept = store_->messages(channel.number, 1, {}).value();
  EXPECT_FALSE(kept[0].payload.has_value());
  EXPECT_EQ(kept[1], messages[1]) << "a handshake";
  EXPECT_FALSE(kept[2].payload.has_value());
  EXPECT_EQ(kept[3], messages[3]);
  EXPECT_THAT(store_->channels_overdue({1003}).value(), IsEmpty());
  EXPECT_THAT(store_->channels_overdue({1004}).value(), ElementsAre(channel.channel));

  EXPECT_THAT(store_->undelivered(told.device).value(), ElementsAre(told));
  EXPECT_THAT(store_->undelivered(DeviceId::random(rng_)).value(), IsEmpty());
  const auto tell = [&](Timestamp now, Timestamp forget_before) {
    begin();
    ASSERT_TRUE(store_->told_undelivered(told.device, now, forget_before).ok());
    commit();
  };
  tell({50}, {10});
  EXPECT_EQ(store_->undelivered(told.device).value().at(0).told, Timestamp{50});
  tell({60}, {49});
  EXPECT_EQ(store_->undelivered(told.device).value().at(0).told, Timestamp{50}) << "the first time counts";
  tell({70}, {50});
  EXPECT_THAT(store_->undelivered(told.device).value(), IsEmpty());
}

TEST_P(RosterContract, StaysThatNobodyFetchesEnd) {
  const MemberRow opener = new_member();
  MemberRow old = new_member(1);
  MemberRow recent = new_member(1);
  MemberRow lost = new_member(1);
  const ChannelRow channel = open_channel(opener);
  register_device(lost, true);
  change(group_change(channel.number, "t", {old, recent, lost}));
  append(channel, {new_message(1), new_message(2), new_message(3)});  // accepted at 1001, 1002, 1003
  remove(channel, old, 2);
  remove(channel, recent, 3);
  remove(channel, lost, 3);
  std::vector<DeviceId> overdue;
  const auto stays = store_->stays_overdue({1002}).value();
  for (const auto& [id, stay] : stays) {
    EXPECT_EQ(id, channel.channel);
    overdue.push_back(stay.device);
  }
  EXPECT_THAT(overdue, testing::UnorderedElementsAre(old.device, lost.device));
}

TEST_P(RosterContract, ACommitIsFoundByItsEpoch) {
  const ChannelRow channel = open_channel(new_member());
  std::vector<MessageRow> messages;
  for (std::uint64_t seq = 1; seq <= 4; ++seq) messages.push_back(new_message(seq));
  messages[1].kind = messages[3].kind = MessageKind::commit;  // epochs begin again in another generation: the newest counts
  append(channel, messages);
  EXPECT_EQ(store_->commit_of(channel.number, 2).value()->seq, 4u);
  EXPECT_FALSE(store_->commit_of(channel.number, 2).value()->payload.has_value());
  EXPECT_FALSE(store_->commit_of(channel.number, 3).value().has_value());
}

}  // namespace
}  // namespace steiger::gateway
