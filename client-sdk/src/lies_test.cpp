// A gateway that lies: every lie of this issue is caught, named, and stops only what it must (S3, S5, S15, S16, S21).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "client-sdk/src/invites.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/small_gateway.h"
#include "client-sdk/src/testing/world.h"
#include "crypto/identity/invite.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Changes every frame that carries a `Body`.
template <class Body, class Change>
Network::Tamper tamper(Change change) {
  return [change](Bytes frame) {
    std::unique_ptr<wire::FrameT> native(wire::GetFrame(frame.data())->UnPack());
    if (native->body.type != wire::BodyUnionTraits<Body>::enum_value) return frame;
    change(*static_cast<Body*>(native->body.value));
    flatbuffers::FlatBufferBuilder builder;
    wire::FinishFrameBuffer(builder, wire::Frame::Pack(builder, native.get()));
    return Bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  };
}

class Lies : public ::testing::Test {
 protected:
  void chatting(api::InviteKind kind = api::InviteKind::qr) {
    world.set_up_coach(noor);
    ASSERT_TRUE(world.invite(noor, sam, kind));
    world.send(noor, "een");
    world.send(sam, "twee");
    ASSERT_TRUE(world.settle({&noor, &sam}, 2));
  }
  SmallGateway& gateway() { return static_cast<SmallGateway&>(*world.gateway); }
  void wait() { world.scheduler.run_for(std::chrono::minutes(3)); }
  // Sam's channel stopped with this alarm; nothing of the lie is shown.
  void expect_stopped(const std::string& alarm) {
    wait();
    EXPECT_THAT(sam.alarms(), ElementsAre(alarm));
    ASSERT_EQ(sam.channels().size(), 1u);
    EXPECT_TRUE(sam.channels().front().stopped);
    EXPECT_STREQ(api::EnumNameAlarmKind(sam.channels().front().stop), alarm.c_str());
    EXPECT_EQ(sam.transcript().size(), 2u);
  }
  // Signs the batch as the gateway would, over what is now in it: the lie is a consistent one.
  void sign_again(wire::ChannelBatchT& batch) {
    const auto id = *gateway::field<ChannelId>(batch.channel.get());
    Hash head = *gateway::field(batch.previous.get());
    std::uint64_t seq = batch.first_seq;
    for (const auto& envelope : batch.envelopes) {
      const Hash payload = envelope->payload.empty() ? *gateway::field(envelope->payload_hash.get()) : sha256(envelope->payload);
      head = log::chain_next(head, {id,
                                    seq++,
                                    payload,
                                    *gateway::field<AccountId>(envelope->account.get()),
                                    *gateway::field<DeviceId>(envelope->device.get()),
                                    *gateway::field<MessageId>(envelope->id.get()),
                                    *gateway::field(envelope->tag.get()),
                                    {envelope->accepted_ms}});
    }
    batch.head_signature =
        gateway::wire_pointer(log::sign_head(gateway().head_key(), world.organisation.facts.id, id, seq - 1, head));
  }
  // Tells the lie in the next batch that holds a message of somebody else, then no more.
  template <class Change>
  void lie_once(Change change) {
    world.network.tamper_down = tamper<wire::DeliverT>([this, change](wire::DeliverT& deliver) {
      for (auto& batch : deliver.batches) {
        for (auto& envelope : batch->envelopes) {
          if (told_ || envelope->payload.empty()) continue;
          told_ = true;
          change(*batch, *envelope);
        }
      }
    });
  }

  World world{11};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  bool told_ = false;
};

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

TEST_F(Lies, ASwappedCoachIsRefusedByTheCoach) {
  world.set_up_coach(noor);
  // The gateway shows the invited person terms with its own root and its own "coach" (S3).
  const Organisation evil = Organisation::create(world.rng, "Gemeente Voorbeeld").value();
  world.network.tamper_down = tamper<wire::InviteInfoT>([&](wire::InviteInfoT& info) {
    auto terms = *identity::decode_invite_terms(info.terms);
    const SigningKey account = SigningKey::generate(world.rng);
    const SigningKey leaf = SigningKey::generate(world.rng);
    const auto id = AccountId::random(world.rng);
    auto list = *identity::sign_device_list(account, id, 1, {{DeviceId::random(world.rng), leaf.verify_key(), {}}});
    identity::Certificate certificate;
    certificate.organisation = world.organisation.facts.id;
    certificate.subject = id;
    certificate.subject_key = account.verify_key();
    certificate.role = identity::Role::coach;
    certificate.not_before = world.scheduler.now;
    certificate.not_after = world.scheduler.now + std::chrono::hours(24);
    terms.organisation.root_key = evil.facts.root_key;
    terms.coach = {{*identity::issue_certificate(evil.root, certificate)}, account.verify_key(), list};
    info.terms = identity::encode_invite_terms(terms);
  });
  const std::string link = world.make_invite(noor, api::InviteKind::qr);
  world.start_join(sam, link);
  wait();
  EXPECT_THAT(noor.alarms(), Contains("invite_proof_invalid"));  // the MAC covers the keys that Sam was shown
  EXPECT_THAT(noor.channels(), IsEmpty());
  EXPECT_THAT(sam.channels(), IsEmpty());
}

TEST_F(Lies, ASecondProofRaisesTheAlarm) {
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::link, "Sam");
  SimDevice& thief = world.add_device("Dief");
  world.start_join(thief, link);
  world.scheduler.run_for(std::chrono::seconds(20));
  world.start_join(sam, link);
  wait();
  EXPECT_THAT(noor.alarms(), Contains("invite_second_proof"));
  const auto& list = world.ask_until_answered(noor, api::ListInvitesT());
  EXPECT_TRUE(list.body.AsInviteList()->invites.front()->second_proof);
  EXPECT_THAT(noor.channels(), IsEmpty());  // before the coach confirmed, no channel and no content (S3)
}

TEST_F(Lies, TheLoserOfAnInviteHearsThatItWasUsed) {
  chatting(api::InviteKind::link);
  const auto& list = world.ask_until_answered(noor, api::ListInvitesT());
  EXPECT_EQ(list.body.AsInviteList()->invites.front()->state, api::InviteState::accepted);
  EXPECT_EQ(list.body.AsInviteList()->invites.front()->url, "");  // the secret is gone after the merge (S5)
}

// S5: everything is right, down to the coach's own keys; only the invite's PSK is missing. Who holds the coach's keys but not the
// secret that the two people share gets nobody into a room.
TEST_F(Lies, AWelcomeWithoutTheInvitesPskIsRefused) {
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::qr);
  Bytes key_package;
  world.network.tamper_up = [&](Bytes frame) {
    if (const auto* redeem = wire::GetFrame(frame.data())->body_as_RedeemInvite()) {
      key_package = identity::decode_redeem_proof(gateway::view_of(redeem->proof()))->key_package;
    }
    return frame;
  };
  bool with_psk = false;
  world.network.tamper_down = tamper<wire::DeliverWelcomeT>([&](wire::DeliverWelcomeT& delivery) {
    const auto coach = SelfRecord::decode(noor.disk.at(keys::kSelf).bytes()).value();
    const auto channel = *gateway::field<ChannelId>(delivery.channel.get());
    const auto record = ChannelRecord::decode(noor.disk.at(keys::channel(channel)).bytes()).value();
    const SigningKey leaf(*SigningKey::Seed::from_bytes(coach.leaf_seed.bytes()));
    auto group = mls::Group::create(
        world.rng,
        {Bytes(32, 1), leaf.clone(), leaf_options(coach, world.scheduler.now), {{identity::kChannelExtension, record.binding}}});
    mls::CommitOptions options;
    options.adds.push_back(*mls::decode_key_package(key_package));
    options.group_info_extensions.push_back(
        {identity::kChainHeadExtension, identity::encode_chain_position({0, log::chain_start(channel)})});
    options.now = world.scheduler.now;
    if (with_psk) {
      const auto secret = *identity::parse_invite_text(link);
      const Bytes id(identity::kInvitePskIdSize, 7);
      options.psks.push_back({id, identity::invite_psk(secret, id)});
    }
    delivery.welcome = *group->commit(world.rng, options)->welcome;
  });
  world.start_join(sam, link);
  wait();
  EXPECT_THAT(sam.alarms(), Contains("welcome_refused"));
  EXPECT_THAT(sam.channels(), IsEmpty());
  // With the PSK the same Welcome is taken: nothing but the PSK was missing.
  with_psk = true;
  world.network.cut_all();
  wait();
  EXPECT_EQ(sam.channels().size(), 1u);
}

TEST_F(Lies, ADamagedWelcomeIsRefusedAndTheRealOneTaken) {
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::qr);
  world.network.tamper_down = tamper<wire::DeliverWelcomeT>([&](wire::DeliverWelcomeT& delivery) {
    delivery.welcome.back() ^= 1;  // whatever is not exactly the coach's Welcome
  });
  world.start_join(sam, link);
  wait();
  EXPECT_THAT(sam.alarms(), Contains("welcome_refused"));
  EXPECT_THAT(sam.channels(), IsEmpty());
  EXPECT_EQ(sam.status().membership, api::Membership::waiting_for_coach);
  // The real one, later, is still taken.
  world.network.tamper_down = nullptr;
  world.network.cut_all();
  wait();
  EXPECT_EQ(sam.channels().size(), 1u);
}

TEST_F(Lies, AReplayedWelcomeInAnotherChannelIsRefused) {
  std::optional<wire::DeliverWelcomeT> kept;
  bool replay = false;
  world.network.tamper_down = [&](Bytes frame) {
    std::unique_ptr<wire::FrameT> native(wire::GetFrame(frame.data())->UnPack());
    if (const auto* welcome = native->body.AsDeliverWelcome()) kept = *welcome;
    if (!replay || native->body.AsDeliver() == nullptr ||
        native->body.AsDeliver()->batches.front()->envelopes.front()->payload.empty()) {
      return frame;
    }
    replay = false;
    auto again = *kept;
    *again.channel = gateway::wire_value(ChannelId::random(world.rng));
    return gateway::encode_frame(0, std::move(again));
  };
  chatting();
  ASSERT_TRUE(kept.has_value());
  replay = true;
  world.send(noor, "drie");
  wait();
  EXPECT_THAT(sam.alarms(), Contains("welcome_refused"));
  EXPECT_EQ(sam.channels().size(), 1u);
}

// S21: an old copy of the local store was put back. It must never send again: its keys were used already.
TEST_F(Lies, AnOldLocalStoreNeverSendsAgain) {
  chatting();
  Snapshot old;
  for (const auto& [key, value] : sam.disk) old.emplace(key, value.clone());
  world.send(sam, "drie");
  ASSERT_TRUE(world.settle({&noor, &sam}, 3));
  sam.crash();
  sam.disk = std::move(old);
  sam.boot();
  world.send(sam, "vier");
  const std::uint64_t sent = world.network.frames_up;
  wait();
  EXPECT_THAT(sam.alarms(), Contains("rollback_detected"));
  EXPECT_EQ(sam.status().membership, api::Membership::stopped);
  EXPECT_EQ(sam.status().stop, api::AlarmKind::rollback_detected);
  EXPECT_EQ(noor.transcript().size(), 3u);
  EXPECT_LE(world.network.frames_up, sent + 4);  // hello and login, and then silence (Noor's device may say a little)
  sam.crash();
  sam.boot();
  wait();
  EXPECT_EQ(sam.status().membership, api::Membership::stopped);  // for good
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

// S3: a QR code counts as face to face only while its minutes run on the coach's device too; afterwards the coach is asked.
TEST_F(Lies, ALateQrProofWaitsForTheCoachsYes) {
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::qr, "Sam");
  noor.crash();
  world.start_join(sam, link);
  world.scheduler.run_for(std::chrono::minutes(30));
  noor.boot();
  wait();
  EXPECT_THAT(noor.channels(), IsEmpty());
  const auto& list = world.ask_until_answered(noor, api::ListInvitesT());
  EXPECT_EQ(list.body.AsInviteList()->invites.front()->state, api::InviteState::to_confirm);
  world.confirm_when_asked(noor);
  wait();
  const auto channels = noor.channels();
  ASSERT_EQ(channels.size(), 1u);
  for (const auto& member : channels.front().members) {
    EXPECT_TRUE(member->self || !member->verified_at_intake);
  }
  EXPECT_EQ(sam.channels().size(), 1u);
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
