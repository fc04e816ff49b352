// A gateway that lies: every lie of this issue is caught, named, and stops only what it must (S15, S16, S21).
#include <algorithm>
#include <limits>

#include "client-sdk/src/content.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/lies.h"
#include "crypto/franking/franking.h"
#include "crypto/identity/channel.h"
#include "crypto/mls/group.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST_F(Lies, ChangedPayloadBreaksTheSignedChain) {
  chatting();
  lie_once([](wire::ChannelBatchT&, wire::EnvelopeT& envelope) { envelope.payload.back() ^= 1; });
  world.send(noor, "drie");
  expect_stopped("head_signature");
}

TEST_F(Lies, ChangedPayloadUnderAFreshSignatureIsUnreadableAndThenAFork) {
  chatting();
  lie_once([this](wire::ChannelBatchT& batch, wire::EnvelopeT& envelope) {
    envelope.payload.back() ^= 1;
    sign_again(batch);
  });
  world.send(noor, "drie");
  wait();
  EXPECT_THAT(sam.alarms(), Contains("unreadable"));
  EXPECT_EQ(sam.transcript().size(), 2u);
  // From here the chains differ; the next batch does not fit Sam's.
  world.send(noor, "vier");
  wait();
  EXPECT_THAT(sam.alarms(), Contains("chain_broken"));
  EXPECT_TRUE(sam.channels().front().stopped);
}

TEST_F(Lies, ChangedTagIsCaughtByTheMessageItself) {
  chatting();
  lie_once([this](wire::ChannelBatchT& batch, wire::EnvelopeT& envelope) {
    *envelope.tag = gateway::wire_value(ByteArray<32>{1});
    sign_again(batch);
  });
  world.send(noor, "drie");
  wait();
  EXPECT_THAT(sam.alarms(), Contains("franking_failed"));
  EXPECT_EQ(sam.transcript().size(), 2u);
}

TEST_F(Lies, AnotherSendersNameIsCaught) {
  chatting();
  lie_once([this](wire::ChannelBatchT& batch, wire::EnvelopeT& envelope) {
    *envelope.device = gateway::wire_value(DeviceId::random(world.rng));
    sign_again(batch);
  });
  world.send(noor, "drie");
  expect_stopped("sender_mismatch");
}

TEST_F(Lies, AMessageIsLeftOut) {
  chatting();
  world.network.tamper_down = tamper<wire::DeliverT>([this](wire::DeliverT& deliver) {
    for (auto& batch : deliver.batches) {
      if (batch->envelopes.empty() || batch->envelopes.front()->payload.empty() || told_) continue;
      told_ = true;
      batch->first_seq += 1;  // as if the first had been there
    }
  });
  world.send(noor, "drie");
  expect_stopped("chain_broken");
}

TEST_F(Lies, AMessageInOurNameIsCaught) {
  chatting();
  lie_once([this](wire::ChannelBatchT& batch, wire::EnvelopeT& envelope) {
    const auto status = sam.status();
    *envelope.account = gateway::wire_value(*AccountId::from_bytes(status.account));
    *envelope.device = gateway::wire_value(*DeviceId::from_bytes(status.device));
    sign_again(batch);
  });
  world.send(noor, "drie");
  expect_stopped("echo_differs");
}

TEST_F(Lies, ARewoundChannelIsCaught) {
  chatting();
  gateway().rewind(1);  // a backup was put back, quietly
  world.send(noor, "drie");
  wait();
  // Noor's and Sam's devices both stand beyond what the gateway now calls history.
  EXPECT_THAT(sam.alarms(), Contains("chain_broken"));
  EXPECT_TRUE(sam.channels().front().stopped);
}

TEST_F(Lies, AGatewayThatLostMessagesIsNotSpokenTo) {
  chatting();
  gateway().rewind(1);
  world.network.cut_all();
  wait();
  EXPECT_THAT(sam.alarms(), Contains("gateway_behind"));
  EXPECT_EQ(sam.status().connection, api::Connection::offline);
}

TEST_F(Lies, OneLiedToMemberIsNoticedByTheOther) {
  chatting();
  // Sam is shown another time of acceptance, consistently signed from then on: a fork that only members can see.
  std::map<std::uint64_t, Hash> forked;
  bool forking = false;
  world.network.tamper_down = tamper<wire::DeliverT>([&](wire::DeliverT& deliver) {
    for (auto& batch : deliver.batches) {
      const bool to_sam = batch->envelopes.front()->account && !batch->envelopes.front()->payload.empty();
      if (!to_sam || forking) continue;
      forking = true;
      batch->envelopes.front()->accepted_ms += 1;
      sign_again(*batch);
    }
  });
  world.send(noor, "drie");
  wait();
  ASSERT_TRUE(forking);
  EXPECT_EQ(sam.transcript().size(), 3u);  // nothing is wrong for Sam alone
  world.send(sam, "vier");                 // carries Sam's head: Noor's device compares
  wait();
  EXPECT_THAT(noor.alarms(), Contains("history_differs"));
  EXPECT_TRUE(noor.channels().front().stopped);
}

// S21: an old copy of the local store was put back. Its keys were used already: nothing is sent with them, ever. (The small gateway knows
// no GroupInfo, so the device waits; how it comes back: tests/property.)
TEST_F(Lies, AnOldLocalStoreSendsNothingWithItsOldKeys) {
  chatting();
  Snapshot old;
  for (const auto& [key, value] : sam.disk) old.emplace(key, value.clone());
  world.send(sam, "drie");
  ASSERT_TRUE(world.settle({&noor, &sam}, 3));
  sam.crash();
  noor.crash();  // from here on every frame is of Sam's device
  std::vector<wire::Body> said;
  world.network.tamper_up = [&](Bytes frame) {
    said.push_back(wire::GetFrame(frame.data())->body_type());
    return frame;
  };
  sam.disk = std::move(old);
  sam.boot();
  world.send(sam, "vier");
  wait();
  EXPECT_THAT(sam.alarms(), Contains("rollback_detected"));
  for (int lives = 0; lives < 2; ++lives) {
    for (const wire::Body submission : {wire::Body::Submit, wire::Body::RegisterChannel, wire::Body::SubmitCommit}) {
      EXPECT_EQ(std::count(said.begin(), said.end(), submission), 0) << wire::EnumNameBody(submission);
    }
    EXPECT_THAT(said, Contains(wire::Body::FetchGroupInfo));
    EXPECT_TRUE(sam.channels().front().restoring);
    sam.crash();
    sam.boot();
    wait();
  }
  EXPECT_THAT(sam.alarms(), ElementsAre("rollback_detected")) << "told once";
  noor.boot();
  wait();
  EXPECT_EQ(noor.transcript().size(), 3u);
}

// A member (Sam's device, played by the test from its stored group) sends proper messages under ids that the channel has had.
class Repeats : public Lies {
 protected:
  // Sam's hostile device; the honest one is dead.
  void say(const std::string& text, const MessageId& id) {
    const auto self = SelfRecord::decode(sam.disk.at(keys::kSelf).bytes()).value();
    const auto record = ChannelRecord::decode(sam.disk.at(keys::channel(channel())).bytes()).value();
    if (!group_) group_ = mls::Group::deserialize(sam.disk.at(keys::group(channel())).bytes()).value();
    const SecretBytes content = encode_text(text, world.scheduler.now);
    const auto sealed = franking::seal_content(world.rng, {channel(), self.account, id}, content.bytes()).value();
    const identity::MessageHeader header{sealed.tag, {record.processed, record.head}};
    const Bytes payload = group_->encrypt(world.rng, identity::encode_message_header(header), sealed.plaintext.bytes()).value();
    gateway().message_as(self.account, self.device, channel(), id, sealed.tag, payload);
  }
  ChannelId channel() { return *ChannelId::from_bytes(noor.channels().front().id); }
  MessageId id_of(const std::string& text) {
    for (const auto& message : noor.messages(noor.channels().front().id)) {
      if (message.text == text) return *MessageId::from_bytes(message.id);
    }
    ADD_FAILURE() << text;
    return {};
  }
  std::optional<mls::Group> group_;
};

TEST_F(Repeats, AnIdThatTheChannelHasHadIsNotShown) {
  chatting();
  sam.crash();
  const auto before = noor.transcript();
  say("in Noors naam", id_of("een"));   // of another member
  say("anders gezegd", id_of("twee"));  // of the same one
  wait();
  EXPECT_THAT(noor.alarms(), ElementsAre("repeated_message", "repeated_message"));
  EXPECT_EQ(noor.transcript(), before);
  EXPECT_FALSE(noor.channels().front().stopped);
  noor.crash();
  noor.boot();
  say("na de herstart", id_of("een"));
  say("eerlijk", MessageId::random(world.rng));
  wait();
  EXPECT_EQ(noor.alarms().size(), 3u);
  auto after = before;
  after.push_back(noor.transcript().back());
  EXPECT_EQ(noor.transcript(), after);
  EXPECT_THAT(after.back(), ::testing::EndsWith(": eerlijk"));
}

// With the gateway's help an id can be taken before its owner's message has a place. Then the later one fails, visibly.
TEST_F(Repeats, AnIdTakenByAnotherFailsOnesOwnMessage) {
  chatting();
  sam.crash();
  bool taken = false;
  world.network.tamper_up = [&](Bytes frame) {
    const auto* submit = wire::GetFrame(frame.data())->body_as_Submit();
    if (submit == nullptr || taken) return frame;
    taken = true;
    say("eerst", *gateway::field<MessageId>(submit->items()->Get(0)->id()));
    return frame;
  };
  world.send(noor, "drie");
  wait();
  ASSERT_TRUE(taken);
  EXPECT_THAT(noor.alarms(), ElementsAre("repeated_message"));
  const auto messages = noor.messages(noor.channels().front().id);
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[2].text, "eerst");
  EXPECT_EQ(messages[3].text, "drie");
  EXPECT_EQ(messages[3].state, api::MessageState::failed);
  EXPECT_NE(messages[2].id, messages[3].id);
  EXPECT_EQ(noor.status().waiting, 0u);
}

// The gateway's clock moves ours by a bounded amount only, and its most extreme words overflow nothing (UBSan watches).
TEST_F(Lies, AnAbsurdTimeIsNotBelieved) {
  world.set_up_coach(noor);
  for (const std::int64_t time : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    noor.crash();
    world.network.tamper_down = tamper<wire::HelloReplyT>([time](wire::HelloReplyT& reply) { reply.time_ms = time; });
    noor.boot();
    wait();
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    const auto* invite = world.ask_until_answered(noor, make).body.AsInvite();
    ASSERT_NE(invite, nullptr);
    const Duration off = Timestamp{invite->expires_ms} - world.scheduler.now;
    EXPECT_GT(off, -kMaxClockOffset - std::chrono::hours(1));
    EXPECT_LT(off, kMaxClockOffset + std::chrono::hours(1));
  }
}

TEST_F(Lies, AnotherHeadKeyIsNotAccepted) {
  chatting();
  world.network.tamper_down =
      tamper<wire::HelloReplyT>([&](wire::HelloReplyT& reply) { *reply.head_key = gateway::wire_value(ByteArray<32>{9}); });
  world.network.cut_all();
  wait();
  EXPECT_THAT(sam.alarms(), Contains("head_key_changed"));
  EXPECT_EQ(sam.status().connection, api::Connection::offline);
}

}  // namespace
}  // namespace steiger::sdk::testing
