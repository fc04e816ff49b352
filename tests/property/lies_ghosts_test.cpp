// Lie: a ghost. The gateway lets a commit pass that adds somebody without the jongere's yes, changes what the room is, or comes from
// outside; a member who works with it made that commit with real keys, so everything about it is right but the one thing. Whoever is honest
// in the room stops, names the rule, and says nothing to the ghost (S8, S9, S10).
#include "client-sdk/src/content.h"
#include "crypto/franking/franking.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/invite_secret.h"
#include "crypto/identity/room_past.h"
#include "crypto/membership/errors.h"
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using identity::Role;
using ::testing::IsEmpty;

class Ghosts : public LyingRooms {
 protected:
  // Noor's device is in hostile hands from here on.
  Hand taken() {
    rest();
    noor.crash();
    return Hand(noor);
  }
  mls::CommitOptions adding(const Stranger& who, bool with_psk = false) {
    mls::CommitOptions options;
    options.adds.push_back(who.package(world.rng, world.scheduler.now));
    // S5: every member has a PSK that came in the `before` slot; the hostile member sends it as it should.
    if (with_psk) options.psks.push_back({Bytes(identity::kInvitePskIdSize, 7), SecretBytes::copy_of(Bytes(32, 8))});
    return options;
  }
  static identity::HandshakeHeader showing(const Hand& by, const Stranger& who) {
    auto header = by.header();
    header.certificates = who.certificates;
    return header;
  }
  // The PSK of `adding`, told in the room first, then the commit on top.
  void let_pass_with_psk(SimDevice& to, Hand& by, const mls::CommitOptions& options, const identity::HandshakeHeader& header) {
    const MessageId id = MessageId::random(world.rng);
    const SecretBytes content = encode_commit_psk(options.psks.front().id, options.psks.front().psk.bytes(), world.scheduler.now);
    const auto sealed = franking::seal_content(world.rng, {by.record.id, by.self.account, id}, content.bytes()).value();
    const Bytes message =
        by.group.encrypt(world.rng, identity::encode_message_header({sealed.tag, header.processed}), sealed.plaintext.bytes())
            .value();
    mls::CommitOptions same;
    same.adds = options.adds;
    same.psks.push_back({options.psks.front().id, options.psks.front().psk.clone()});
    const auto pending = commit(by, std::move(same), header);
    ASSERT_TRUE(liar().tell(device_of(to), deliver(to, {{by.who(), wire::EnvelopeKind::application, message, id, sealed.tag},
                                                        {by.who(), wire::EnvelopeKind::commit, pending.commit}})));
    rest();
  }
};

// S8: a colleague, with a certificate that is in order, whom the jongere was never asked about.
TEST_F(Ghosts, ACoachWithoutTheJongeresYes) {
  chatting();
  Hand hand = taken();
  const Stranger ghost = stranger(Role::coach);
  let_pass(sam, hand, commit(hand, adding(ghost), showing(hand, ghost)).commit);
  expect_stopped(sam, kCommitRefused, &membership::kNoGrant);
  EXPECT_EQ(members(sam), 2u);
}

// S8: every yes that is not this yes.
TEST_F(Ghosts, AGrantOfAnotherRoomOrPersonOrRole) {
  chatting();
  Hand noors = taken();
  const Hand sams(sam);  // he signs things, elsewhere and at other times
  const Stranger ghost = stranger(Role::fg);
  const auto refused = [&](const identity::Grant& shown, const Error& rule) {
    auto header = showing(noors, ghost);
    header.grants = {shown};
    let_pass(sam, noors, commit(noors, adding(ghost), header).commit);
    expect_stopped(sam, kCommitRefused, &rule);
  };
  refused(grant(sams, ghost.self.account, Role::fg, ChannelId::random(world.rng)), identity::kGrantMismatch);
}

// S8, S11: epochs begin again with each generation; what the jongere said in the group of before counts no more.
TEST_F(Ghosts, AGrantOfAnotherGeneration) {
  chatting();
  Hand hand = taken();
  const Hand sams(sam);
  const Stranger ghost = stranger(Role::fg);
  auto old = grant(sams, ghost.self.account, Role::fg);
  old.group[0] ^= 1;
  auto header = showing(hand, ghost);
  header.grants = {identity::sign_grant(sams.account_key, old).value()};
  let_pass(sam, hand, commit(hand, adding(ghost), header).commit);
  expect_stopped(sam, kCommitRefused, &identity::kGrantMismatch);
}

TEST_F(Ghosts, AGrantThatExpired) {
  chatting();
  rest();
  const Stranger ghost = stranger(Role::fg);
  const auto old = grant(Hand(sam), ghost.self.account, Role::fg);
  world.scheduler.run_for(std::chrono::hours(24 * 7 + 1));
  Hand hand = taken();
  auto header = showing(hand, ghost);
  header.grants = {old};
  let_pass(sam, hand, commit(hand, adding(ghost), header).commit);
  expect_stopped(sam, kCommitRefused, &identity::kGrantExpired);
}

// Nor does the gateway turn back time for it: what came before was accepted later.
TEST_F(Ghosts, AGrantThatExpiredAndACommitThatIsSaidToBeOlder) {
  chatting();
  rest();
  const Stranger ghost = stranger(Role::fg);
  const auto old = grant(Hand(sam), ghost.self.account, Role::fg);
  world.scheduler.run_for(std::chrono::hours(24 * 7 + 1));
  expect_talking(noor, sam);
  Hand hand = taken();
  auto header = showing(hand, ghost);
  header.grants = {old};
  const Bytes bytes = commit(hand, adding(ghost), header).commit;
  Forged late{hand.who(), wire::EnvelopeKind::commit, bytes};
  late.accepted = old.issued + std::chrono::hours(1);
  ASSERT_TRUE(liar().tell(device_of(sam), deliver(sam, {late})));
  rest();
  expect_stopped(sam, kCommitRefused, &identity::kGrantExpired);
}

TEST_F(Ghosts, AGrantByTheCoachHerself) {
  chatting();
  Hand hand = taken();
  const Stranger ghost = stranger(Role::fg);
  auto header = showing(hand, ghost);
  header.grants = {grant(hand, ghost.self.account, Role::fg)};
  let_pass(sam, hand, commit(hand, adding(ghost), header).commit);
  expect_stopped(sam, kCommitRefused, &identity::kGrantMismatch);
}

// The same commit with the jongere's own yes is taken: nothing but the grant was wrong in the lies above.
TEST_F(Ghosts, WithTheRightGrantTheSameCommitIsTaken) {
  chatting();
  Hand hand = taken();
  const Stranger guest = stranger(Role::fg);
  auto header = showing(hand, guest);
  header.grants = {grant(Hand(sam), guest.self.account, Role::fg)};
  // What Sam's device acknowledges, the honest half of this gateway has never heard of.
  liar().up = [](const DeviceId&, Bytes frame) {
    return wire::GetFrame(frame.data())->body_as_Acknowledge() != nullptr ? Bytes() : frame;
  };
  let_pass(sam, hand, commit(hand, adding(guest), header).commit);
  EXPECT_THAT(causes(sam), IsEmpty());
  EXPECT_EQ(members(sam), 3u);
}

// S8: a yes is used up when the person was taken out again. The gateway replays the very commit header that let Bea in.
TEST_F(Ghosts, TheGrantOfSomebodyWhoWasRemovedSince) {
  Bytes answered;
  liar().up = [&](const DeviceId&, Bytes frame) {
    const auto* submit = wire::GetFrame(frame.data())->body_as_SubmitCommit();
    if (submit != nullptr && submit->commit() != nullptr) answered = to_bytes(gateway::view_of(submit->commit()));
    return frame;
  };
  chatting();
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  ASSERT_TRUE(until([&] { return bea.channels().size() == 1 && members(sam) == 3; }));
  const auto message = mls::decode_message<mls::PublicMessage>(answered);
  ASSERT_TRUE(message.ok());
  const auto header = identity::decode_handshake_header(message->content.authenticated_data);
  ASSERT_TRUE(header.ok());
  ASSERT_EQ(header->grants.size(), 1u);
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea) && members(sam) == 2; }));
  Hand hand = taken();
  const Stranger again = stranger(Role::third_party, &hand, hand.record.id, account_of(bea));
  auto shown = showing(hand, again);
  shown.grants = header->grants;
  let_pass_with_psk(sam, hand, adding(again, true), shown);
  expect_stopped(sam, kCommitRefused, &identity::kGrantExpired);
}

// S8: agents live in reminder channels, whatever the jongere said.
TEST_F(Ghosts, AnAgentInAConversation) {
  chatting();
  Hand hand = taken();
  const Stranger agent = stranger(Role::agent);
  auto header = showing(hand, agent);
  header.grants = {grant(Hand(sam), agent.self.account, Role::agent)};
  let_pass(sam, hand, commit(hand, adding(agent), header).commit);
  expect_stopped(sam, kCommitRefused, &membership::kAgentNotAllowed);
}

// S8, S16: another binding would give the room another gateway key, or another policy.
TEST_F(Ghosts, APolicyThatChanges) {
  chatting();
  Hand hand = taken();
  auto binding = identity::decode_channel_binding(hand.record.binding).value();
  binding.room = identity::RoomKind::group;
  mls::CommitOptions options;
  options.context_extensions = mls::Extensions{{identity::kChannelExtension, identity::encode_channel_binding(binding)}};
  let_pass(sam, hand, commit(hand, std::move(options), hand.header()).commit);
  expect_stopped(sam, kCommitRefused, &membership::kContextChange);
}

// S8: a room is not moved elsewhere.
TEST_F(Ghosts, ARoomThatIsMovedToAnotherGroup) {
  chatting();
  Hand hand = taken();
  mls::CommitOptions options;
  options.reinit = mls::ReInit{Bytes(32, 5), mls::kMls10, mls::kSuite3, hand.group.group_context().extensions};
  let_pass(sam, hand, commit(hand, std::move(options), hand.header()).commit);
  expect_stopped(sam, kCommitRefused, &membership::kReinitRefused);
}

// S2: a new key in the jongere's name, certified by the coach, but nobody redeemed an invite for it.
TEST_F(Ghosts, AComebackThatNobodyAskedFor) {
  chatting();
  Hand hand = taken();
  const Stranger twin = stranger(Role::jongere, &hand, std::nullopt, account_of(sam));
  let_pass(sam, hand, commit(hand, adding(twin), showing(hand, twin)).commit);
  expect_stopped(sam, kCommitRefused, &membership::kNotRedeemed);
}

// Law 7, S13: the coach and the gateway together do not take the jongere out by calling the phone silent. Here everybody heard it.
TEST_F(Ghosts, ADeviceThatSpeaksIsCalledSilent) {
  let_in();
  rest();
  noor.crash();
  Hand hand(noor);
  mls::CommitOptions options;
  auto header = hand.header();
  options.removes = {hand.leaf_of(account_of(sam))};
  header.silent = {{account_of(sam), device_of(sam)}};
  const Bytes pushed_out = commit(hand, std::move(options), header).commit;
  let_pass(bea, hand, pushed_out);
  expect_stopped(bea, kCommitRefused, &membership::kRemovalNotAllowed);
  let_pass(sam, hand, pushed_out);
  expect_stopped(sam, kCommitRefused, &membership::kRemovalNotAllowed);
}

// ---------------------------------------------------------------- a time that is yet to come

// Law 7, S1, S13: a gateway that dates a commit far ahead, so that certificates have ended, or a hundred days of silence have gone by.
class TimeAhead : public Ghosts {
 protected:
  void says(SimDevice& taken_device, SimDevice& whom, Duration ahead, bool silent, bool first_a_message = false) {
    let_in();
    rest();
    taken_device.crash();
    Hand hand(taken_device);
    mls::CommitOptions options;
    auto header = hand.header();
    if (silent) header.silent = {{account_of(whom), device_of(whom)}};
    options.removes = {hand.leaf_of(account_of(whom))};
    std::vector<Forged> envelopes;
    if (first_a_message) {  // the time of what came before is the gateway's word too
      const MessageId id = MessageId::random(world.rng);
      const SecretBytes content = encode_text("hoi", world.scheduler.now);
      const auto sealed = franking::seal_content(world.rng, {hand.record.id, hand.self.account, id}, content.bytes()).value();
      const Bytes message =
          hand.group.encrypt(world.rng, identity::encode_message_header({sealed.tag, header.processed}), sealed.plaintext.bytes())
              .value();
      envelopes.push_back({hand.who(), wire::EnvelopeKind::application, message, id, sealed.tag, world.scheduler.now + ahead});
    }
    envelopes.push_back({hand.who(), wire::EnvelopeKind::commit, commit(hand, std::move(options), header).commit});
    if (!first_a_message) envelopes.back().accepted = world.scheduler.now + ahead;
    ASSERT_TRUE(liar().tell(device_of(sam), deliver(sam, envelopes)));
    rest();
    expect_stopped(sam, kCommitRefused, &membership::kRemovalNotAllowed);
  }
};

constexpr Duration kYears = std::chrono::hours(24 * 365 * 6);

TEST_F(TimeAhead, TheCoachRemovesTheJongere) {
  says(noor, sam, kYears, false);
}
TEST_F(TimeAhead, AThirdPartyRemovesTheCoach) {
  says(bea, noor, kYears, false);
}
TEST_F(TimeAhead, AfterAMessageOfThatTime) {
  says(noor, sam, kYears, false, true);
}
TEST_F(TimeAhead, APhoneThatJustSpokeIsCalledSilent) {
  says(noor, sam, std::chrono::hours(24 * 101), true);
}

// ---------------------------------------------------------------- a past that never was

// S8: a hostile coach's Welcome says who may come back without asking, to a jongere in whose room nobody was before.
class Past : public Ghosts {
 protected:
  // Sam joins by a commit that Noor's hostile device made, whose GroupInfo names `past`; then it brings the ghost in.
  void tells(const identity::RoomPast& past, const Stranger& ghost, bool returned) {
    world.set_up_coach(noor);
    bool lost = true;
    liar().up = [&](const DeviceId&, Bytes frame) {
      const bool is_commit = wire::GetFrame(frame.data())->body_type() == wire::Body::SubmitCommit;
      return is_commit && lost ? Bytes() : frame;
    };
    world.start_join(sam, world.make_invite(noor, api::InviteKind::qr));
    const auto pending = [&] {
      return std::find_if(noor.disk.begin(), noor.disk.end(),
                          [](const auto& e) { return e.first.rfind(keys::kPendingPrefix, 0) == 0; });
    };
    ASSERT_TRUE(until([&] { return pending() != noor.disk.end(); }));
    noor.crash();
    Hand hand(noor);
    auto record = PendingRecord::decode(pending()->second.bytes()).value();
    const auto real = mls::PendingCommit::deserialize(record.commit.bytes()).value();
    const auto shown = mls::decode_message<mls::PublicMessage>(real.commit).value();
    const auto invite = InviteRecord::decode(noor.disk.at(keys::invite(record.invite)).bytes()).value();
    const auto secret =
        identity::InviteSecret::from_bytes(static_cast<identity::InviteKind>(invite.kind), invite.secret.bytes()).value();
    mls::CommitOptions options;
    options.adds.push_back(mls::VerifiedKeyPackage::decode(identity::decode_redeem_proof(invite.proof)->key_package).value());
    const Bytes psk_id(identity::kInvitePskIdSize, 9);
    options.psks.push_back({psk_id, identity::invite_psk(secret, psk_id)});
    options.authenticated_data = shown.content.authenticated_data;
    const auto header = identity::decode_handshake_header(shown.content.authenticated_data).value();
    options.group_info_extensions = {{identity::kChainHeadExtension, identity::encode_chain_position(header.processed)},
                                     {identity::kRoomPastExtension, identity::encode_room_past(past)}};
    options.now = world.scheduler.now;
    record.commit = hand.group.commit(world.rng, options).value().serialize();
    pending()->second = record.encode();
    lost = false;
    noor.boot();
    ASSERT_TRUE(until([&] { return sam.channels().size() == 1; }));
    rest();
    Hand hostile = taken();
    auto with_ghost = showing(hostile, ghost);
    if (returned) with_ghost.returned = {ghost.who()};
    let_pass(sam, hostile, commit(hostile, adding(ghost), with_ghost).commit);
    expect_stopped(sam, kCommitRefused, &membership::kNoGrant);
    EXPECT_EQ(members(sam), 2u);
  }
  static identity::IdentityChain chain_of(const Stranger& who) { return identity::decode_chain(who.self.chain).value(); }
};

TEST_F(Past, SomebodyOfAnEarlierGeneration) {
  const Stranger ghost = stranger(Role::coach);
  identity::RoomPast past;
  past.carried_over = {ghost.self.account};
  past.chains = {chain_of(ghost)};
  tells(past, ghost, false);
}

TEST_F(Past, SomebodyWhoWasSilent) {
  const Stranger ghost = stranger(Role::coach);
  identity::RoomPast past;
  past.silent = {{ghost.self.account, ghost.self.device, ghost.account_key.verify_key()}};
  past.chains = {chain_of(ghost)};
  tells(past, ghost, true);
}

// ---------------------------------------------------------------- from outside (S9)

class FromOutside : public Ghosts {
 protected:
  mls::PendingCommit enters(const Stranger& who, const Hand& info_of, std::optional<mls::LeafIndex> instead_of) {
    mls::ExternalJoinOptions options{who.leaf_key.clone(), leaf_options(who.self, world.scheduler.now), instead_of};
    auto header = info_of.header();
    header.certificates = who.certificates;
    options.authenticated_data = identity::encode_handshake_header(header);
    return mls::Group::join_externally(world.rng, info_of.group.group_info({}).value(), std::move(options)).value();
  }
  // The gateway has the GroupInfo of every epoch: it gives it to a stranger of its own, and lets the commit pass.
  void intrude(const Stranger& who, std::optional<mls::LeafIndex> instead_of, const Error& rule) {
    const Bytes commit = enters(who, Hand(sam), instead_of).commit;
    ASSERT_TRUE(liar().tell(device_of(sam), deliver(sam, {{who.who(), wire::EnvelopeKind::commit, commit}})));
    rest();
    expect_stopped(sam, kCommitRefused, &rule);
    EXPECT_EQ(members(sam), 2u);
  }
};

TEST_F(FromOutside, AStrangerWithACertificate) {
  chatting();
  rest();
  intrude(stranger(Role::coach), std::nullopt, membership::kBadResync);
}

TEST_F(FromOutside, AStrangerInTheCoachsPlace) {
  chatting();
  rest();
  intrude(stranger(Role::coach), Hand(sam).leaf_of(account_of(noor)), membership::kBadResync);
}

// Even under her pseudonym, with a certificate from the beheerder: it is not her account key.
TEST_F(FromOutside, AStrangerUnderTheCoachsName) {
  chatting();
  rest();
  const Stranger twin = stranger(Role::coach, nullptr, std::nullopt, account_of(noor));
  intrude(twin, Hand(sam).leaf_of(account_of(noor)), membership::kBadResync);
}

}  // namespace
}  // namespace steiger::sdk::testing
