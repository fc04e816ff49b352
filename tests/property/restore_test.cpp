// What was missed comes back from the others (S11, S13, S17), and a store that was put back does no harm (S21). Against the real gateway
// Service.
#include "client-sdk/src/records.h"
#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/testing/lies.h"
#include "crypto/mls/group.h"
#include "tests/property/rooms_fixture.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::ElementsAre;

class Restore : public Rooms {
 protected:
  static ChannelId room(SimDevice& device) { return *ChannelId::from_bytes(device.channels().front().id); }
  static Snapshot copy(const Snapshot& disk) {
    Snapshot out;
    for (const auto& [key, value] : disk) out.emplace(key, value.clone());
    return out;
  }
  static bool whole(SimDevice& device) { return !device.channels().front().restoring; }
  static std::vector<std::string> said(SimDevice& device) {
    std::vector<std::string> out;
    for (const auto& message : device.messages(device.channels().front().id)) out.push_back(message.text);
    return out;
  }
  void say(SimDevice& from, const std::string& text, const std::vector<SimDevice*>& to) {
    send(from, text);
    for (SimDevice* device : to) ASSERT_TRUE(until([&] { return has(*device, text); })) << text << " at " << device->name;
  }
  // Sam's device misses what is said from here until it is back: its group is one of before.
  void lose_group(const Bytes& older) { sam.disk.at(keys::group(room_)) = SecretBytes::copy_of(older); }
  void everybody() {
    let_in();
    room_ = room(sam);
  }
  // Noor says it, Sam's device fetches nothing for as long as a message waits, and is not silent (S13).
  void expires_for_sam(const std::string& text) {
    sam.crash();
    send(noor, text);
    ASSERT_TRUE(until([&] { return has(noor, text); }));
    noor.crash();
    world.scheduler.run_for(std::chrono::hours(24 * 99));
    world.network.tamper_down = [](Bytes frame) {
      return wire::GetFrame(frame.data())->body_type() == wire::Body::Deliver ? Bytes() : frame;
    };
    noor.boot();
    sam.boot();
    world.scheduler.run_for(std::chrono::hours(24 * 2));
    world.network.tamper_down = nullptr;
  }
  // Sam's, of before "drie" and "vier" were said among all three.
  Snapshot store_before_a_talk() {
    everybody();
    world.scheduler.run_for(std::chrono::minutes(1));
    Snapshot old = copy(sam.disk);
    say(sam, "drie", {&noor, &bea});
    say(noor, "vier", {&sam, &bea});
    world.scheduler.run_for(std::chrono::minutes(1));
    return old;
  }
  // The gateway says that the newest message has expired; nobody waits 100 days for this.
  void withhold() {
    const std::uint64_t lost = noor.messages(noor.channels().front().id).back().seq;
    world.network.tamper_down = tamper<wire::DeliverT>([lost](wire::DeliverT& deliver) {
      for (auto& batch : deliver.batches) {
        if (lost < batch->first_seq || lost >= batch->first_seq + batch->envelopes.size()) continue;
        auto& envelope = batch->envelopes[lost - batch->first_seq];
        if (envelope->payload.empty()) continue;
        envelope->payload_hash = gateway::wire_pointer(sha256(envelope->payload));
        envelope->payload.clear();
      }
    });
  }
  ChannelId room_;
};

// S11: what was written in epochs that the device was not in.
TEST_F(Restore, WhatWasMissedComesFromTheOthers) {
  everybody();
  const Bytes older = to_bytes(sam.disk.at(keys::group(room_)).bytes());
  say(noor, "een", {&sam, &bea});
  world.scheduler.run_for(std::chrono::minutes(1));
  sam.crash();
  lose_group(older);
  say(noor, "twee", {&bea});
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  send(noor, "drie");
  world.scheduler.run_for(std::chrono::minutes(1));
  sam.boot();
  ASSERT_TRUE(until([&] { return has(sam, "drie") && whole(sam); }));
  say(sam, "vier", {&noor});
  EXPECT_THAT(said(sam), ElementsAre("hoi", "dag allemaal", "een", "twee", "drie", "vier")) << "each once, in its place";
  EXPECT_EQ(sam.transcript(), noor.transcript());
  no_alarms({&noor, &sam, &bea});
}

// A program that ends between its question and the answer reads the answer when it runs again, as a command line does.
TEST_F(Restore, AnAnswerThatComesAfterADeathIsRead) {
  Snapshot old = store_before_a_talk();
  for (SimDevice* device : {&sam, &noor, &bea}) device->crash();
  sam.disk = std::move(old);
  sam.boot();
  world.scheduler.run_for(std::chrono::minutes(2));
  ASSERT_EQ(sam.disk.count(keys::answer(room_)), 1u) << "it has asked, and nobody is there";
  sam.crash();
  noor.boot();
  world.scheduler.run_for(std::chrono::minutes(2));
  world.network.tamper_up = [](Bytes frame) {  // nothing is asked again
    return wire::GetFrame(frame.data())->body_type() == wire::Body::Submit ? Bytes() : frame;
  };
  sam.boot();
  EXPECT_TRUE(until([&] { return has(sam, "drie") && has(sam, "vier"); }));
  EXPECT_TRUE(until([&] { return sam.disk.count(keys::answer(room_)) == 0; })) << "deleted when nothing is missing";
}

// S11: it is switched off while accounts of the generation before have yet to come back.
TEST_F(Restore, AStoreWithTheKeyOfTheGenerationBeforeOpens) {
  everybody();
  sam.crash();
  sam.disk[keys::carried(room_)] = CarriedRecord{Bytes(16, 7), 3, SecretBytes(32)}.encode();
  sam.boot();
  say(sam, "weer daar", {&noor, &bea});
}

// S17: what does not fit the chain is not the original. Somebody else is asked.
TEST_F(Restore, AChangedCopyIsRefused) {
  everybody();
  sam.crash();
  say(bea, "het echte", {&noor});
  noor.crash();
  for (auto& [key, value] : noor.disk) {
    if (key.rfind(keys::kMessagePrefix, 0) != 0) continue;
    auto message = MessageRecord::decode(value.bytes()).value();
    if (as_text(message.content.bytes()).find("het echte") == std::string_view::npos) continue;
    Bytes changed = to_bytes(message.franked.bytes());
    changed.back() ^= 1;
    message.franked = SecretBytes::copy_of(changed);
    value = message.encode();
  }
  noor.boot();
  withhold();
  sam.boot();
  ASSERT_TRUE(until([&] { return has(sam, "het echte") && whole(sam); }));
  EXPECT_THAT(causes(sam), ElementsAre("unreadable: expired_too_soon", "franking_failed: history_refused"));
}

// S8: whoever came later is not given what was said before, whatever their device asks.
TEST_F(Restore, NobodyIsGivenWhatWasSaidBeforeTheyCame) {
  everybody();
  bea.crash();
  GapsRecord gaps;
  const auto record = ChannelRecord::decode(bea.disk.at(keys::channel(room_)).bytes()).value();
  gaps.add(GapsRecord::Range{1, record.base_seq});
  bea.disk[keys::gaps(room_)] = gaps.encode();
  bea.boot();
  world.scheduler.run_for(std::chrono::minutes(30));
  EXPECT_FALSE(has(bea, "hoi"));
  EXPECT_TRUE(bea.channels().front().restoring) << "it asked";
}

// S13: the gateway no longer has it; a member does. Who sent it heard of it, and it is remembered.
TEST_F(Restore, AnExpiredMessageComesFromAMember) {
  chatting();
  expires_for_sam("verlopen");
  const auto state = [&] { return noor.messages(noor.channels().front().id).back().state; };
  EXPECT_EQ(state(), api::MessageState::undelivered);
  noor.crash();
  noor.boot();
  EXPECT_EQ(state(), api::MessageState::undelivered);
  sam.crash();
  sam.boot();
  ASSERT_TRUE(until([&] { return has(sam, "verlopen") && whole(sam); }));
  EXPECT_EQ(sam.transcript(), noor.transcript());
  no_alarms({&noor, &sam});
}

// S13: the words can be sent again.
TEST_F(Restore, AnUndeliveredMessageCanBeSentAgain) {
  chatting();
  expires_for_sam("niet aangekomen");
  api::SendAgainT again;
  again.channel = noor.channels().front().id;
  again.seq = noor.messages(again.channel).back().seq;
  again.message = to_bytes(MessageId::random(world.rng).bytes());
  const auto* first = world.ask_until_answered(noor, again).body.AsMessage();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->text, "niet aangekomen");
  const auto* second = world.ask_until_answered(noor, again).body.AsMessage();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->id, first->id) << "asked twice is sent once";
  sam.crash();
  sam.boot();
  std::vector<std::string> texts;
  ASSERT_TRUE(until([&] { return texts = said(sam), std::count(texts.begin(), texts.end(), "niet aangekomen") == 2; }));
  no_alarms({&noor, &sam});
}

// ---------------------------------------------------------------- S21

TEST_F(Restore, AStoreThatWasPutBackComesInAnew) {
  Snapshot old = store_before_a_talk();
  sam.crash();
  sam.disk = std::move(old);
  sam.boot();
  send(sam, "vijf");
  ASSERT_TRUE(until([&] { return has(noor, "vijf") && has(bea, "vijf") && whole(sam); }));
  EXPECT_THAT(said(sam), ElementsAre("hoi", "dag allemaal", "drie", "vier", "vijf"));
  EXPECT_EQ(sam.transcript(), noor.transcript());
  EXPECT_THAT(sam.alarms(), ElementsAre(kRollbackDetected.name)) << "told once";
  no_alarms({&noor, &bea});
  say(bea, "zes", {&sam, &noor});
}

// A device that only reads has no counter that tells; what it acknowledged does.
TEST_F(Restore, AnOldStoreOfAReaderIsFoundToo) {
  everybody();
  world.scheduler.run_for(std::chrono::minutes(1));
  Snapshot old = copy(bea.disk);
  say(noor, "drie", {&sam, &bea});
  world.scheduler.run_for(std::chrono::minutes(1));
  const auto counter = [](const Snapshot& disk) { return CounterRecord::decode(disk.at(keys::kCounter).bytes())->assigned; };
  bea.crash();
  old[keys::kCounter] = bea.disk.at(keys::kCounter).clone();  // as if it had sent no receipt either
  ASSERT_EQ(counter(old), counter(bea.disk));
  bea.disk = std::move(old);
  bea.boot();
  ASSERT_TRUE(until([&] { return has(bea, "drie") && whole(bea); }));
  EXPECT_THAT(bea.alarms(), ElementsAre(kRollbackDetected.name));
  say(bea, "vier", {&sam, &noor});
  no_alarms({&noor, &sam});
}

// What waited in the old copy was sent in the life that it has forgotten: it is not sent twice.
TEST_F(Restore, WhatWasSentInTheForgottenLifeIsNotSentAgain) {
  everybody();
  world.network.options.refuse_percent = 100;
  world.network.cut_all();
  send(sam, "een keer");
  world.scheduler.run_for(std::chrono::minutes(1));
  Snapshot old = copy(sam.disk);
  world.network.options.refuse_percent = 0;
  ASSERT_TRUE(until([&] { return has(noor, "een keer") && has(sam, "een keer"); }));
  say(noor, "twee", {&sam, &bea});
  world.scheduler.run_for(std::chrono::minutes(1));
  sam.crash();
  sam.disk = std::move(old);
  sam.boot();
  ASSERT_TRUE(until([&] { return has(sam, "twee") && whole(sam); }));
  world.scheduler.run_for(std::chrono::minutes(5));
  EXPECT_THAT(said(sam), ElementsAre("hoi", "dag allemaal", "een keer", "twee"));
  EXPECT_EQ(sam.transcript(), noor.transcript());
  EXPECT_EQ(sam.status().waiting, 0u);
  no_alarms({&noor, &bea});
}

// A message of the present epoch may rest on places whose links are forgotten; they come from the others, and are checked then (S15).
TEST_F(Restore, AMessageThatRestsOnForgottenLinksIsNoLie) {
  Snapshot old = store_before_a_talk();
  sam.crash();
  sam.disk = std::move(old);
  say(noor, "vijf", {&bea});
  sam.boot();
  ASSERT_TRUE(until([&] { return has(sam, "vijf") && whole(sam); })) << ::testing::PrintToString(causes(sam));
  EXPECT_EQ(sam.transcript(), noor.transcript());
  EXPECT_THAT(sam.alarms(), ElementsAre(kRollbackDetected.name));
}

// The store knows nothing of a room that the device is in: nobody in it can be believed (S5, S8). It says so, and the other rooms go on.
TEST_F(Restore, ARoomThatTheStoreForgotDoesNotStopTheOthers) {
  chatting();
  room_ = room(noor);
  world.scheduler.run_for(std::chrono::minutes(1));
  Snapshot old = copy(noor.disk);
  SimDevice& kim = world.add_device("Kim");
  ASSERT_TRUE(world.invite(noor, kim, api::InviteKind::qr));
  world.scheduler.run_for(std::chrono::minutes(1));
  noor.crash();
  noor.disk = std::move(old);
  send(kim, "ben je daar");
  noor.boot();
  ASSERT_TRUE(until([&] { return !noor.alarms().empty() && noor.status().connection == api::Connection::online; }));
  send(noor, "hier wel");
  send(sam, "hier ook");
  ASSERT_TRUE(until([&] { return has(sam, "hier wel") && has(noor, "hier ook") && whole(noor); }));
  EXPECT_EQ(noor.channels().size(), 1u);
  EXPECT_THAT(noor.alarms(), ElementsAre(kRollbackDetected.name, kRollbackDetected.name)) << "the store, and the room";
  send(kim, "hallo");
  world.scheduler.run_for(std::chrono::minutes(5));
  EXPECT_EQ(noor.status().connection, api::Connection::online);
  EXPECT_EQ(noor.alarms().size(), 2u) << "told once";
  no_alarms({&sam, &kim});
}

// Its removal, which it had processed, does not come again (S12).
TEST_F(Restore, AStoreOfBeforeTheRemovalIsOutAgain) {
  everybody();
  world.scheduler.run_for(std::chrono::minutes(1));
  Snapshot old = copy(bea.disk);
  say(bea, "nog iets", {&sam, &noor});
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  world.scheduler.run_for(std::chrono::minutes(1));
  bea.crash();
  bea.disk = std::move(old);
  ASSERT_FALSE(ended(bea));
  bea.boot();
  reads_nothing_more(bea, noor, sam);
  EXPECT_THAT(notices(bea), ::testing::Contains(api::NoticeKind::removed));
}

// Nor does it when the device has sent nothing since, so that its counters do not tell.
TEST_F(Restore, WhoHadSentNothingSinceTheRemovalIsOutAgainToo) {
  everybody();
  world.scheduler.run_for(std::chrono::minutes(1));
  Snapshot old = copy(bea.disk);
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  world.scheduler.run_for(std::chrono::minutes(1));
  bea.crash();
  bea.disk = std::move(old);
  bea.boot();
  ASSERT_FALSE(ended(bea));
  EXPECT_TRUE(until([&] { return ended(bea); }, std::chrono::hours(1)));
  EXPECT_THAT(bea.alarms(), ElementsAre(kRollbackDetected.name));
  reads_nothing_more(bea, noor, sam);
  no_alarms({&noor, &sam});
}

// S21, law 12: coming back after a store was put back, and fetching what was missed, with a death after any effect of it.
class RestoreThroughCrashes : public Restore, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(RestoreThroughCrashes, NothingIsLostOrDoubled) {
  Snapshot old = store_before_a_talk();
  sam.crash();
  sam.disk = std::move(old);
  sam.boot();
  sam.crash_after_effects(GetParam());
  send(sam, "vijf");
  ASSERT_TRUE(until([&] { return sam.running() && has(noor, "vier") && whole(sam) && sam.status().waiting == 0; }));
  if (!has(noor, "vijf")) send(sam, "vijf");  // died before it was stored
  ASSERT_TRUE(until([&] { return has(noor, "vijf") && has(sam, "vijf"); }));
  EXPECT_THAT(said(sam), ElementsAre("hoi", "dag allemaal", "drie", "vier", "vijf"));
  EXPECT_EQ(sam.transcript(), noor.transcript());
  EXPECT_THAT(sam.alarms(), ::testing::Each(kRollbackDetected.name));
  no_alarms({&noor, &bea});
}

INSTANTIATE_TEST_SUITE_P(Deaths, RestoreThroughCrashes, ::testing::Range<std::uint64_t>(1, 50, 4));

}  // namespace
}  // namespace steiger::sdk::testing
