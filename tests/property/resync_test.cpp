// Falling out of step and coming back (S9, S11, S21), against the real gateway Service: nothing is lost that was not lost before, nobody
// enters by it, and a gateway that uses the moment for a lie is caught.
#include "client-sdk/src/records.h"
#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/testing/lies.h"
#include "crypto/mls/group.h"
#include "gateway/protocol/frames.h"
#include "tests/property/rooms_fixture.h"
#include "tests/property/spoiled_group.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;

class ResyncStory : public Rooms {
 protected:
  static ChannelId room(SimDevice& device) { return *ChannelId::from_bytes(device.channels().front().id); }
  static mls::Group group(const SimDevice& device, const ChannelId& id) {
    return mls::Group::deserialize(device.disk.at(keys::group(id)).bytes()).value();
  }
  static std::uint64_t epoch(SimDevice& device) { return group(device, room(device)).epoch(); }
  static bool out_of_step(SimDevice& device) { return device.disk.count(keys::step(room(device))) != 0; }
  bool in_step(SimDevice& device) {
    return until([&] { return !out_of_step(device) && epoch(device) == epoch(noor); });
  }
  // What the room's devices hold is one group.
  void same_group(const std::vector<SimDevice*>& devices) {
    const auto first = group(*devices.front(), room(*devices.front()));
    for (SimDevice* device : devices) {
      const auto other = group(*device, room(*device));
      EXPECT_EQ(to_hex(first.epoch_authenticator()), to_hex(other.epoch_authenticator())) << device->name;
    }
  }
  // The next commit of anybody, as it goes up; kept.
  void watch_commits() {
    world.network.tamper_up = tamper<wire::SubmitCommitT>([this](wire::SubmitCommitT& body) { last_commit_ = body.commit; });
  }
  void spoil(SimDevice& device, const ChannelId& id, const Bytes& commit) { ASSERT_TRUE(spoil_group(device, id, commit)); }
  // Bea leaves, and Sam's device cannot process that.
  void sam_cannot_follow() {
    let_in();
    const ChannelId id = room(sam);
    sam.crash();
    watch_commits();
    ASSERT_EQ(remove(noor, bea), "");
    ASSERT_TRUE(until([&] { return ended(bea); }));
    gone_at_ = epoch(noor);
    spoil(sam, id, last_commit_);
  }

  // From now on the gateway answers with this GroupInfo, as if it were the present one.
  void serve(const Bytes& group_info) {
    world.network.tamper_down = tamper<wire::CurrentGroupInfoT>([group_info](wire::CurrentGroupInfoT& current) {
      current.group_info = group_info;
      current.epoch = mls::decode_message<mls::GroupInfo>(group_info)->context.epoch;
    });
  }
  // Sam's device caught the lie: the room stands still, and the person is told why.
  void expect_caught() {
    ASSERT_TRUE(until([&] { return sam.channels().front().stopped; }));
    EXPECT_THAT(causes(sam), ElementsAre("commit_refused: group_info_refused"));
    EXPECT_TRUE(out_of_step(sam)) << "it has not entered that group";
    world.scheduler.run_for(std::chrono::minutes(2));
    EXPECT_EQ(epoch(noor), gone_at_) << "and nothing was sent to it";
  }
  // The room in another history: Noor's device of before made a commit that kept Bea in.
  Bytes another_branch(const mls::Group& before) {
    mls::CommitOptions options;
    options.now = world.scheduler.now;
    return before.commit(world.rng, options)->group_info;
  }

  Bytes last_commit_;
  std::uint64_t gone_at_ = 0;  // the epoch that Bea's removal began
};

// S9, S11: one device cannot process a commit: it says so, comes in again, and the room has noticed nothing.
TEST_F(ResyncStory, ADeviceThatCannotFollowComesBackByItself) {
  sam_cannot_follow();
  std::size_t nacks = 0;
  world.network.tamper_up = tamper<wire::NackT>([&](wire::NackT&) { ++nacks; });
  sam.boot();
  ASSERT_TRUE(in_step(sam)) << ::testing::PrintToString(causes(sam)) << epoch(sam) << " " << epoch(noor) << " " << nacks;
  EXPECT_EQ(nacks, 1u);
  EXPECT_EQ(members(sam), 2u) << "what the commit did is known all the same";
  EXPECT_THAT(notices(sam), Contains(api::NoticeKind::left));
  send(sam, "weer daar");
  send(noor, "fijn");
  EXPECT_TRUE(until([&] { return has(noor, "weer daar") && has(sam, "fijn"); }));
  same_group({&noor, &sam});
  EXPECT_EQ(sam.transcript(), noor.transcript());
  no_alarms({&noor, &sam, &bea});
}

// Without a commit nothing is out of step; what one device cannot read, another member re-sends all the same.
TEST_F(ResyncStory, WhatADeviceCannotReadComesFromTheOthers) {
  let_in();
  const ChannelId id = room(sam);
  sam.crash();
  ASSERT_TRUE(deafen(sam, id, group(noor, id), group(bea, id), world.rng));
  sam.boot();
  send(noor, "hoor je dit?");
  EXPECT_TRUE(until([&] { return has(sam, "hoor je dit?"); }));
  EXPECT_THAT(causes(sam), Each("unreadable: ")) << "Noor's messages, and her answer to Sam's question";
  EXPECT_EQ(sam.transcript(), noor.transcript());
  no_alarms({&noor, &bea});
}

// What is written meanwhile waits, and goes once, in order.
TEST_F(ResyncStory, WhatWasWrittenWaitsForTheNewGroup) {
  sam_cannot_follow();
  bool closed = true;
  world.network.tamper_up = [&](Bytes frame) {
    const auto body = wire::GetFrame(frame.data())->body_type();
    return closed && body == wire::Body::FetchGroupInfo ? Bytes() : frame;
  };
  sam.boot();
  ASSERT_TRUE(until([&] { return out_of_step(sam); }));
  send(sam, "een");
  send(noor, "van Noor");
  send(sam, "twee");
  world.scheduler.run_for(std::chrono::minutes(2));
  EXPECT_FALSE(has(noor, "een")) << "nothing is encrypted with the keys of before";
  sam.crash();
  sam.boot();
  world.scheduler.run_for(std::chrono::minutes(2));
  EXPECT_TRUE(out_of_step(sam)) << "known after a restart";
  closed = false;
  sam.crash();
  sam.boot();
  ASSERT_TRUE(in_step(sam));
  ASSERT_TRUE(until([&] { return has(noor, "twee"); }));
  std::vector<std::string> said;
  for (const auto& message : noor.messages(noor.channels().front().id)) said.push_back(message.text);
  EXPECT_THAT(said, ElementsAre("hoi", "dag allemaal", "van Noor", "een", "twee"));
  no_alarms({&noor, &sam, &bea});
}

// A member's client whose membership tag is wrong for all; the gateway cannot see that (S7).
TEST_F(ResyncStory, ACommitThatNobodyCanProcess) {
  let_in();
  const ChannelId id = room(noor);
  bool held = true;
  world.network.tamper_up = [&](Bytes frame) {
    return held && wire::GetFrame(frame.data())->body_type() == wire::Body::SubmitCommit ? Bytes() : frame;
  };
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return noor.disk.count(keys::pending(id)) != 0; }));
  noor.crash();
  held = false;
  auto record = PendingRecord::decode(noor.disk.at(keys::pending(id)).bytes()).value();
  auto pending = mls::PendingCommit::deserialize(record.commit.bytes()).value();
  pending.commit.back() ^= 1;
  record.commit = pending.serialize();
  noor.disk.at(keys::pending(id)) = record.encode();
  bool nacked = false;
  world.network.tamper_up = tamper<wire::NackT>([&](wire::NackT&) { nacked = true; });
  noor.boot();
  ASSERT_TRUE(until([&] { return nacked; }));
  ASSERT_TRUE(in_step(sam));
  EXPECT_TRUE(until([&] { return ended(bea); })) << "who is removed need not come back";
  send(sam, "van Sam");
  send(noor, "van Noor");
  EXPECT_TRUE(until([&] { return has(sam, "van Noor") && has(noor, "van Sam"); }));
  same_group({&noor, &sam});
  EXPECT_EQ(sam.transcript(), noor.transcript());
  no_alarms({&noor, &sam, &bea});
}

// Law 4: another commit wins the epoch that the own external commit was made for.
TEST_F(ResyncStory, TheLoserOfTheRaceStandsOnTheWinner) {
  let_in();
  const ChannelId id = room(sam);
  const Bytes older = to_bytes(sam.disk.at(keys::group(id)).bytes());
  send(sam, "een");
  ASSERT_TRUE(until([&] { return has(noor, "een"); }));
  sam.crash();
  put_group(sam, id, older, false);
  int commits = 0;
  world.network.tamper_up = [&](Bytes frame) {
    return wire::GetFrame(frame.data())->body_type() == wire::Body::SubmitCommit && commits++ == 0 ? Bytes() : frame;
  };
  sam.boot();
  ASSERT_TRUE(until([&] { return commits == 1; }));
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  ASSERT_TRUE(in_step(sam));
  EXPECT_EQ(commits, 4) << "the one that was lost on the way, Noor's, the same again, and the one that counts";
  EXPECT_EQ(members(sam), 2u);
  send(sam, "weer daar");
  EXPECT_TRUE(until([&] { return has(noor, "weer daar"); }));
  same_group({&noor, &sam});
  no_alarms({&noor, &sam, &bea});
}

// The stored group is an older one: its keys were used before, so none of them is used again (S21).
TEST_F(ResyncStory, AnOlderGroupPutInItsPlaceIsFound) {
  let_in();
  const ChannelId id = room(sam);
  const Bytes older = to_bytes(sam.disk.at(keys::group(id)).bytes());
  send(sam, "een");
  send(noor, "twee");
  ASSERT_TRUE(until([&] { return has(noor, "een") && has(sam, "twee"); }));
  world.scheduler.run_for(std::chrono::minutes(1));
  sam.crash();
  ASSERT_NE(to_hex(older), to_hex(sam.disk.at(keys::group(id)).bytes()));
  put_group(sam, id, older, false);
  send(noor, "drie");
  world.scheduler.run_for(std::chrono::minutes(1));
  const std::uint64_t before = epoch(noor);
  sam.boot();
  send(sam, "vier");
  ASSERT_TRUE(in_step(sam));
  EXPECT_EQ(epoch(noor), before + 1);
  EXPECT_TRUE(until([&] { return has(noor, "vier") && has(bea, "vier"); }));
  same_group({&noor, &sam, &bea});
  no_alarms({&noor, &sam, &bea});
}

// Law 12: a death after any effect of coming back.
class ResyncThroughCrashes : public ResyncStory, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(ResyncThroughCrashes, ItComesBackAllTheSame) {
  sam_cannot_follow();
  sam.boot();
  sam.crash_after_effects(GetParam());
  world.scheduler.run_for(std::chrono::seconds(10));
  ASSERT_TRUE(until([&] { return sam.running(); }));
  ASSERT_TRUE(in_step(sam));
  send(sam, "weer daar");
  world.scheduler.run_for(std::chrono::minutes(1));
  if (!has(noor, "weer daar")) send(sam, "weer daar");  // died before it was stored
  ASSERT_TRUE(until([&] { return has(noor, "weer daar") && has(sam, "weer daar"); }));
  EXPECT_EQ(epoch(noor), gone_at_ + 1) << "it came in once";
  EXPECT_EQ(sam.transcript(), noor.transcript());
  same_group({&noor, &sam});
  no_alarms({&noor, &sam, &bea});
}

INSTANTIATE_TEST_SUITE_P(Deaths, ResyncThroughCrashes, ::testing::Range<std::uint64_t>(1, 32, 3));

// ---------------------------------------------------------------- lies

TEST_F(ResyncStory, AGroupInfoOfBeforeIsCaught) {
  let_in();
  const Bytes before = group(noor, room(noor)).group_info({}).value();
  const ChannelId id = room(sam);
  sam.crash();
  watch_commits();
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  gone_at_ = epoch(noor);
  spoil(sam, id, last_commit_);
  serve(before);
  sam.boot();
  expect_caught();
}

TEST_F(ResyncStory, AnotherBranchOfTheGroupIsCaught) {
  let_in();
  const mls::Group before = group(noor, room(noor));
  const ChannelId id = room(sam);
  sam.crash();
  watch_commits();
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  gone_at_ = epoch(noor);
  spoil(sam, id, last_commit_);
  serve(another_branch(before));
  sam.boot();
  expect_caught();
}

// Sam's two devices have a group of their own, of another channel, with this device in it; it is not the room (S9).
TEST_F(ResyncStory, AGroupInfoOfAnotherChannelIsCaught) {
  SimDevice& tablet = world.add_device("tablet");
  let_in();
  api::MakeInviteT make;
  make.kind = api::InviteKind::qr;
  make.purpose = api::InvitePurpose::device;
  make.page_url = kPage;
  world.start_join(tablet, world.ask_until_stored(sam, make).body.AsInvite()->url);
  const ChannelId id = room(sam);
  ASSERT_TRUE(until(
      [&] { return tablet.channels().size() == 1 && tablet.disk.count(keys::group(id)) != 0 && epoch(sam) == epoch(noor); }));
  std::optional<Bytes> other;
  for (const auto& [key, value] : sam.disk) {
    if (key.rfind(keys::kGroupPrefix, 0) != 0 || key == keys::group(id)) continue;
    auto own = mls::Group::deserialize(value.bytes()).value();
    mls::CommitOptions options;
    options.now = world.scheduler.now;
    while (own.epoch() < epoch(noor) + 5)
      own = std::move(own.commit(world.rng, options)->next);  // not because it is an older one
    other = own.group_info({}).value();
  }
  ASSERT_TRUE(other.has_value());
  sam.crash();
  watch_commits();
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  gone_at_ = epoch(noor);
  spoil(sam, id, last_commit_);
  serve(*other);
  sam.boot();
  expect_caught();
}

// The own public state is lost too: then nobody may be in it but those whom the device knew there.
TEST_F(ResyncStory, WithoutItsOwnStateNobodyUnknownIsAccepted) {
  let_in();
  const ChannelId id = room(sam);
  const mls::Group before = group(noor, id);
  const Bytes older = to_bytes(sam.disk.at(keys::group(id)).bytes());
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea) && members(sam) == 2; }));
  world.scheduler.run_for(std::chrono::minutes(1));
  gone_at_ = epoch(noor);
  sam.crash();
  put_group(sam, id, older, false);
  serve(another_branch(before));
  sam.boot();
  expect_caught();
}

TEST_F(ResyncStory, WithoutItsOwnStateItComesBackAmongThoseItKnew) {
  let_in();
  const ChannelId id = room(sam);
  const Bytes older = to_bytes(sam.disk.at(keys::group(id)).bytes());
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea) && members(sam) == 2; }));
  world.scheduler.run_for(std::chrono::minutes(1));
  sam.crash();
  put_group(sam, id, older, false);
  sam.boot();
  ASSERT_TRUE(in_step(sam));
  send(sam, "weer daar");
  EXPECT_TRUE(until([&] { return has(noor, "weer daar"); }));
  same_group({&noor, &sam});
  no_alarms({&noor, &sam, &bea});
}

// S2, S8: the phone of before a comeback is still in the room, under its account's earlier key: it is known all the same.
TEST_F(ResyncStory, AnEarlierKeyThatIsStillThereIsKnown) {
  chatting();
  SimDevice& new_phone = world.add_device("Sam");
  const ChannelId id = room(noor);
  const Bytes older = to_bytes(noor.disk.at(keys::group(id)).bytes());
  api::MakeInviteT make;
  make.kind = api::InviteKind::link;
  make.purpose = api::InvitePurpose::comeback;
  make.page_url = kPage;
  make.channel = noor.channels().front().id;
  make.account = sam.status().account;
  world.start_join(new_phone, world.ask_until_stored(noor, make).body.AsInvite()->url);
  ASSERT_TRUE(until([&] {
    world.confirm_when_asked(noor);
    return new_phone.channels().size() == 1;
  }));
  ASSERT_EQ(group(noor, id).tree().members().size(), 3u);
  world.scheduler.run_for(std::chrono::minutes(1));
  noor.crash();
  put_group(noor, id, older, false);
  noor.boot();
  ASSERT_TRUE(until([&] { return !out_of_step(noor) && epoch(noor) == epoch(new_phone); }))
      << ::testing::PrintToString(causes(noor));
  send(noor, "weer daar");
  EXPECT_TRUE(until([&] { return has(new_phone, "weer daar"); }));
  same_group({&noor, &new_phone});
  no_alarms({&noor, &new_phone});
}

// S9: a change that waits to be sent when the device falls out of step is built anew afterwards; nobody waits for its fate.
TEST_F(ResyncStory, AChangeThatWasNeverSentHoldsNothingUp) {
  chatting();
  const ChannelId id = room(noor);
  const Bytes older = to_bytes(noor.disk.at(keys::group(id)).bytes());
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  ASSERT_TRUE(until([&] { return bea.channels().size() == 1 && members(noor) == 3 && members(sam) == 3; }));
  world.scheduler.run_for(std::chrono::minutes(1));
  world.network.tamper_up = [](Bytes frame) {
    return wire::GetFrame(frame.data())->body_type() == wire::Body::SubmitCommit ? Bytes() : frame;
  };
  ASSERT_EQ(remove(noor, bea), "");
  world.scheduler.run_for(std::chrono::seconds(5));
  noor.crash();
  world.network.tamper_up = nullptr;
  // It had no number yet: so many messages were ahead of it.
  bool waits = false;
  for (auto& [key, value] : noor.disk) {
    if (key.rfind(keys::kOutboxPrefix, 0) != 0) continue;
    auto item = OutboxRecord::decode(value.bytes()).value();
    if (item.kind != OutboxRecord::Kind::commit) continue;
    auto counter = CounterRecord::decode(noor.disk.at(keys::kCounter).bytes()).value();
    ASSERT_EQ(std::exchange(item.counter, 0), counter.assigned--);
    noor.disk.at(keys::kCounter) = counter.encode();
    value = item.encode();
    waits = true;
  }
  ASSERT_TRUE(waits);
  put_group(noor, id, older, false);
  noor.boot();
  ASSERT_TRUE(until([&] { return !out_of_step(noor) && members(sam) == 2; })) << ::testing::PrintToString(causes(noor));
  send(noor, "weer daar");
  EXPECT_TRUE(until([&] { return has(sam, "weer daar"); }));
  same_group({&noor, &sam});
}

// S11: what the device had processed before its NACK held the queue it acknowledges at any time later.
TEST_F(ResyncStory, WhatItHadBeforeItsQueueWasHeldIsAcknowledgedLater) {
  sam_cannot_follow();
  send(noor, "achter het slot");
  world.scheduler.run_for(std::chrono::minutes(1));
  bool told = false;
  world.network.tamper_up = [&](Bytes frame) {
    const auto body = wire::GetFrame(frame.data())->body_type();
    told = told || body == wire::Body::Nack;
    return body == wire::Body::Acknowledge || body == wire::Body::FetchGroupInfo ? Bytes() : frame;
  };
  sam.boot();
  ASSERT_TRUE(until([&] { return told; }));
  world.scheduler.run_for(std::chrono::seconds(10));
  sam.crash();
  world.network.tamper_up = nullptr;
  sam.boot();
  ASSERT_TRUE(in_step(sam));
  EXPECT_TRUE(until([&] { return has(sam, "achter het slot"); }));
  EXPECT_EQ(sam.transcript(), noor.transcript());
  no_alarms({&noor, &sam, &bea});
}

// S11: three times a day; then the person hears it, and the next day it goes on by itself.
TEST_F(ResyncStory, AtMostThreeTimesADay) {
  let_in();
  const ChannelId id = room(sam);
  world.scheduler.run_for(std::chrono::hours(24) - Duration(world.scheduler.now.ms % Duration(std::chrono::hours(24)).count()));
  std::size_t asked = 0;
  world.network.tamper_up = tamper<wire::FetchGroupInfoT>([&](wire::FetchGroupInfoT&) { ++asked; });
  for (std::size_t time = 0; time <= kMaxResyncsPerDay; ++time) {
    const Bytes older = to_bytes(sam.disk.at(keys::group(id)).bytes());
    send(sam, "keer " + std::to_string(time));
    ASSERT_TRUE(until([&] { return has(noor, "keer " + std::to_string(time)); }));
    world.scheduler.run_for(std::chrono::seconds(10));
    sam.crash();
    put_group(sam, id, older, false);
    sam.boot();
    if (time < kMaxResyncsPerDay) {
      ASSERT_TRUE(in_step(sam)) << time;
    }
  }
  ASSERT_TRUE(until([&] { return !sam.alarms().empty(); }));
  EXPECT_EQ(asked, kMaxResyncsPerDay) << "the device counts by itself, whatever the gateway would allow";
  EXPECT_THAT(sam.alarms(), ElementsAre(kResyncLimit.name));
  EXPECT_FALSE(sam.channels().front().stopped);
  send(sam, "tot morgen");
  world.scheduler.run_for(std::chrono::hours(1));
  EXPECT_TRUE(out_of_step(sam));
  EXPECT_FALSE(has(noor, "tot morgen"));
  world.scheduler.run_for(std::chrono::hours(24));
  EXPECT_TRUE(has(noor, "tot morgen"));
  EXPECT_THAT(sam.alarms(), ElementsAre(kResyncLimit.name)) << "told once";
}

}  // namespace
}  // namespace steiger::sdk::testing
