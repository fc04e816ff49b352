// What invites are for beside a new jongere (S2, S8): a third party, somebody's return, another own device.
#include "gateway/service/testing/membership_fixture.h"

namespace steiger::gateway::testing {
namespace {

using wire::InvitePurpose;

class PurposesTest : public MembershipTest {
 protected:
  struct Acceptance {
    identity::IdentityChain chain;
    Bytes sealed = {};
    bool lost = false;
  };
  // Makes an invite and a proof for it. The error of CreateInvite, or "".
  std::string invite(Client& inviter, InvitePurpose purpose, const AccountId& account = {},
                     wire::InviteKind kind = wire::InviteKind::qr) {
    wire::CreateInviteT body;
    body.id = wire_pointer(invite_id = InviteId::random(world.rng));
    world.rng.fill(lookup);
    body.lookup = wire_pointer(lookup);
    body.kind = kind;
    body.expires_ms = (world.clock.now() + std::chrono::minutes(15)).ms;
    body.terms = to_bytes("terms");
    body.purpose = purpose;
    if (!account.is_none()) body.account = wire_pointer(account);
    inviter.log_in();
    inviter.request(std::move(body));
    settle({&inviter});
    if (!inviter.last_problem().empty()) return inviter.last_problem();
    redeemer.connect();
    wire::RedeemInviteT redeem;
    redeem.lookup = wire_pointer(lookup);
    redeem.proof = to_bytes("proof");
    redeemer.request(std::move(redeem));
    settle({&inviter, &redeemer});
    EXPECT_NE(inviter.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr) << "the inviter hears of the proof";
    return "";
  }
  // The error of AcceptInvite, or "".
  std::string accept(Client& inviter, const Acceptance& what) {
    inviter.log_in();
    wire::AcceptInviteT body;
    body.id = wire_pointer(invite_id);
    body.proof_hash = wire_pointer(sha256(as_bytes("proof")));
    body.chain = identity::encode_chain(what.chain);
    body.sealed = what.sealed;
    body.lost = what.lost;
    inviter.request(std::move(body));
    settle({&inviter, &redeemer});
    return inviter.last_problem();
  }
  // Of a third party for this room, by the coach.
  Person third_party(const ChannelId& channel) {
    Person out = world.make_jongere(coach_person);
    out.role = identity::Role::third_party;
    identity::Certificate& own = out.chain.certificates.back();
    own.role = out.role;
    own.channel = channel;
    own = identity::issue_certificate(coach_person.account_key, own).value();
    return out;
  }
  std::string login_of(Client& client, bool with_chain = true) {
    client.connect();
    client.login(with_chain);
    settle({&client});
    return client.last_problem();
  }

  InviteId invite_id;
  Hash lookup{};
  Person nobody = world.make_jongere(coach_person);
  Client redeemer{world, nobody};
};

TEST_F(PurposesTest, AThirdPartyReadsAlongInARoomOfTheCoach) {
  const ChannelId channel = open_room();
  const Person begeleider = third_party(channel);
  ASSERT_EQ(invite(coach, InvitePurpose::third_party), "");
  EXPECT_EQ(accept(coach, {nobody.chain}), "bad_chain") << "a jongere is no third party";
  EXPECT_EQ(accept(coach, {third_party(ChannelId::random(world.rng)).chain}), "not_allowed") << "a room that is not the coach's";
  EXPECT_EQ(accept(coach, {begeleider.chain}), "");
  EXPECT_EQ(world.store->account(begeleider.account).value()->role, static_cast<RoleNumber>(identity::Role::third_party));
  ASSERT_EQ(invite(coach, InvitePurpose::newcomer), "");
  EXPECT_EQ(accept(coach, {third_party(channel).chain}), "bad_chain") << "nor the other way round";
  EXPECT_EQ(invite(jongere, InvitePurpose::third_party), "not_allowed");
  expect_well();
}

// S8: neither a certificate of the same key nor a return under another one makes it longer.
TEST_F(PurposesTest, AThirdPartysTimeGetsNoLonger) {
  const ChannelId channel = open_room();
  Person begeleider = third_party(channel);
  ASSERT_EQ(invite(coach, InvitePurpose::third_party), "");
  ASSERT_EQ(accept(coach, {begeleider.chain}), "");
  Client reader(world, begeleider);
  ASSERT_EQ(login_of(reader), "");
  const auto dated = [&](identity::IdentityChain chain, Duration later, Duration longer) {
    identity::Certificate& own = chain.certificates.back();
    own.not_before = own.not_before + later;
    own.not_after = own.not_after + longer;
    own = identity::issue_certificate(coach_person.account_key, own).value();
    return chain;
  };
  update_chain(reader, dated(begeleider.chain, Duration(1), Duration(1)));
  EXPECT_EQ(reader.last_problem(), "bad_chain");
  const auto shorter = begeleider.chain;
  begeleider.chain = dated(begeleider.chain, Duration(1), Duration(1));
  EXPECT_EQ(login_of(reader), "bad_login");
  begeleider.chain = shorter;
  ASSERT_EQ(login_of(reader), "");
  update_chain(reader, dated(begeleider.chain, Duration(1), Duration()));
  EXPECT_TRUE(done(reader)) << reader.last_problem();
  ASSERT_EQ(invite(coach, InvitePurpose::comeback, begeleider.account), "");
  Person returned{begeleider.account,          SigningKey::generate(world.rng),
                  DeviceId::random(world.rng), SigningKey::generate(world.rng),
                  identity::Role::third_party, {}};
  const auto again = rekeyed(begeleider, returned.account_key, {&returned});
  const Duration as_before = begeleider.chain.certificates.back().not_after - again.certificates.back().not_after;
  EXPECT_EQ(accept(coach, {dated(again, Duration(2), as_before + Duration(1))}), "bad_chain");
  EXPECT_EQ(accept(coach, {dated(again, Duration(2), as_before)}), "");
  expect_well();
}

// S2: the storage was lost, the telephone perhaps not: both keys live until the people have settled it.
TEST_F(PurposesTest, AReturnUnderAnotherKey) {
  const ChannelId channel = open_room();
  ASSERT_EQ(invite(coach, InvitePurpose::comeback, jongere_person.account), "");
  Person returned{jongere_person.account,          SigningKey::generate(world.rng), DeviceId::random(world.rng),
                  SigningKey::generate(world.rng), identity::Role::jongere,         {}};
  EXPECT_EQ(accept(coach, {jongere_person.chain}), "bad_chain") << "the same key is no return";
  EXPECT_EQ(accept(coach, {nobody.chain}), "bad_chain") << "somebody else";
  EXPECT_EQ(accept(coach, {rekeyed(coach_person, returned.account_key, {&returned})}), "bad_chain") << "staff return by the root";
  returned.chain = rekeyed(jongere_person, returned.account_key, {&returned});
  auto by_another = returned.chain;
  Person colleague = world.make_staff();
  by_another.certificates.front() = colleague.chain.certificates.front();
  by_another.certificates.back() = identity::issue_certificate(colleague.account_key, by_another.certificates.back()).value();
  EXPECT_EQ(accept(coach, {by_another}), "bad_chain") << "certified by another coach";
  EXPECT_EQ(accept(coach, {returned.chain, to_bytes("sealed")}), "bad_invite") << "nothing is sealed to who comes back";
  EXPECT_EQ(accept(coach, {returned.chain}), "");
  Client fresh(world, returned);
  EXPECT_EQ(login_of(fresh), "");
  EXPECT_EQ(login_of(jongere), "") << "the old device may still object";
  coach.say(channel, "hoi");
  settle();
  ASSERT_THAT(jongere.room(channel).seen, SizeIs(1));
  EXPECT_EQ(jongere.room(channel).seen.back().text, "hoi");
  // Another own device of the returned one does not end the old device either.
  Person tablet = another_device(returned);
  returned.chain = relisted(returned, {&returned, &tablet});
  update_chain(fresh, returned.chain);
  EXPECT_TRUE(done(fresh)) << fresh.last_problem();
  EXPECT_FALSE(jongere.is_closed());
  expect_well();
}

TEST_F(PurposesTest, AReturnAfterALossEndsTheOldDevices) {
  open_room();
  put(jongere, {package(jongere)});
  ASSERT_EQ(invite(coach, InvitePurpose::comeback, jongere_person.account), "");
  Person returned{jongere_person.account,          SigningKey::generate(world.rng), DeviceId::random(world.rng),
                  SigningKey::generate(world.rng), identity::Role::jongere,         {}};
  returned.chain = rekeyed(jongere_person, returned.account_key, {&returned});
  EXPECT_EQ(accept(coach, {returned.chain, {}, true}), "");
  EXPECT_EQ(jongere.last_problem(), "revoked_device");
  EXPECT_EQ(login_of(jongere), "revoked_device");
  EXPECT_EQ(login_of(jongere, false), "revoked_device");
  EXPECT_THAT(world.store->devices_with_key_packages().value(), IsEmpty());
  Client fresh(world, returned);
  EXPECT_EQ(login_of(fresh), "");
  const auto first_answer = redeemer.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome);
  ASSERT_NE(first_answer, nullptr);
  EXPECT_EQ(first_answer->chain, identity::encode_chain(returned.chain));
}

TEST_F(PurposesTest, OnlyACoachWhoKnowsThePersonBringsThemBack) {
  open_room();
  Person colleague_person = world.make_staff();
  Client colleague(world, colleague_person);
  EXPECT_EQ(invite(colleague, InvitePurpose::comeback, jongere_person.account), "not_allowed");
  EXPECT_EQ(invite(coach, InvitePurpose::comeback, AccountId::random(world.rng)), "not_allowed");
  EXPECT_EQ(invite(coach, InvitePurpose::comeback, colleague_person.account), "not_allowed") << "staff return by the root";
  EXPECT_EQ(invite(jongere, InvitePurpose::comeback, jongere_person.account), "not_allowed");
  EXPECT_EQ(invite(coach, static_cast<InvitePurpose>(9)), "not_allowed");
  EXPECT_EQ(invite(coach, InvitePurpose::newcomer, jongere_person.account), "not_allowed");
  EXPECT_EQ(invite(coach, InvitePurpose::newcomer), "");
  EXPECT_EQ(accept(coach, {nobody.chain, {}, true}), "bad_invite") << "a newcomer has lost nothing";
}

// S2: everybody links own devices, face to face; what the new one needs goes through sealed, to it alone.
TEST_F(PurposesTest, AnotherOwnDevice) {
  EXPECT_EQ(invite(jongere, InvitePurpose::device, coach_person.account), "not_allowed");
  EXPECT_EQ(invite(jongere, InvitePurpose::device, jongere_person.account, wire::InviteKind::link), "bad_invite");
  ASSERT_EQ(invite(jongere, InvitePurpose::device, jongere_person.account), "");
  Person tablet_person = another_device(jongere_person);
  const auto newer = relisted(jongere_person, {&jongere_person, &tablet_person});
  const Bytes sealed = to_bytes("sealed to the tablet");
  EXPECT_EQ(accept(jongere, {newer}), "bad_invite") << "without what the tablet needs";
  EXPECT_EQ(accept(jongere, {newer, Bytes(kMaxSealedBytes + 1)}), "bad_invite");
  EXPECT_EQ(accept(jongere, {newer, sealed, true}), "bad_invite");
  EXPECT_EQ(accept(jongere, {coach_person.chain, sealed}), "bad_chain") << "somebody else's";
  EXPECT_EQ(accept(jongere, {rekeyed(jongere_person, SigningKey::generate(world.rng), {&jongere_person}), sealed}), "bad_chain")
      << "another key is no linking";
  Client second(world, nobody);
  second.connect();
  wire::RedeemInviteT late;
  late.lookup = wire_pointer(lookup);
  late.proof = to_bytes("another proof");
  second.request(std::move(late));
  update_chain(jongere, newer);
  EXPECT_EQ(accept(jongere, {newer, sealed}), "") << "also when the list is known already";
  settle({&second});
  const auto outcome = redeemer.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome);
  ASSERT_NE(outcome, nullptr);
  EXPECT_EQ(outcome->state, wire::InviteState::accepted);
  EXPECT_EQ(outcome->sealed, sealed) << "told unasked";
  EXPECT_THAT(second.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome)->sealed, IsEmpty());
  redeemer.connect();
  wire::RedeemInviteT again;
  again.lookup = wire_pointer(lookup);
  again.proof = to_bytes("proof");
  redeemer.request(std::move(again));
  settle({&redeemer});
  EXPECT_EQ(redeemer.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome)->sealed, sealed) << "and again when it asks";
  tablet_person.chain = newer;
  Client tablet(world, tablet_person);
  EXPECT_EQ(login_of(tablet), "");
}

}  // namespace
}  // namespace steiger::gateway::testing
