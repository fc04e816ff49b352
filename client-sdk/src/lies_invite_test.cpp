// Lies about invites: swapped keys, a second person, Welcomes of somebody else (S3, S5).
#include "client-sdk/src/invites.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/lies.h"
#include "crypto/identity/invite.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::IsEmpty;

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
    options.adds.push_back(*mls::VerifiedKeyPackage::decode(key_package));
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

// Whether its keys are still here, or went with the real one.
TEST_F(Lies, AReplayedWelcomeInAnotherChannelIsRefused) {
  std::optional<wire::DeliverWelcomeT> kept;
  bool instead = true, again = false;
  const auto elsewhere = [&](wire::DeliverWelcomeT welcome) {
    *welcome.channel = gateway::wire_value(ChannelId::random(world.rng));
    return gateway::encode_frame(0, std::move(welcome));
  };
  world.network.tamper_down = [&](Bytes frame) {
    std::unique_ptr<wire::FrameT> native(wire::GetFrame(frame.data())->UnPack());
    if (const auto* welcome = native->body.AsDeliverWelcome()) {
      kept = *welcome;
      return instead ? elsewhere(*kept) : frame;
    }
    const auto* deliver = native->body.AsDeliver();
    if (!again || deliver == nullptr || deliver->batches.front()->envelopes.front()->payload.empty()) return frame;
    again = false;
    return elsewhere(*kept);
  };
  world.set_up_coach(noor);
  world.start_join(sam, world.make_invite(noor, api::InviteKind::qr));
  wait();
  ASSERT_TRUE(kept.has_value());
  EXPECT_THAT(sam.alarms(), Each("welcome_refused"));
  EXPECT_FALSE(sam.alarms().empty());
  EXPECT_EQ(sam.channels().size(), 0u);
  instead = false;
  world.network.cut_all();
  wait();
  ASSERT_EQ(sam.channels().size(), 1u) << "the real one is still taken";
  const std::size_t alarms = sam.alarms().size();
  again = true;
  world.send(noor, "drie");
  wait();
  EXPECT_EQ(sam.alarms().size(), alarms + 1);
  EXPECT_THAT(sam.alarms(), Each("welcome_refused"));
  EXPECT_EQ(sam.channels().size(), 1u);
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

}  // namespace
}  // namespace steiger::sdk::testing
