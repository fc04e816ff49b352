// Invites through real frames (S3): one secret the gateway does not know, one proof that the coach takes, and an alarm for a second.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/service/testing/invite_fixture.h"
#include "gateway/service/testing/temporary_folder.h"
#include "gateway/store/sql_store.h"

namespace steiger::gateway::testing {
namespace {

class LateProofTest : public InviteTest {
 protected:
  explicit LateProofTest(std::unique_ptr<Store> store = nullptr) : InviteTest(std::move(store)) {}

  // S3: a second person with the link is an alarm also when the coach's device was off, at each login until that device answers.
  void a_late_proof() {
    create();
    redeem(redeemer, "proof");
    accept("proof", jongere);
    coach.disconnect();
    redeem(second, "late proof");
    EXPECT_EQ(outcome(second), "used");
    for (int login = 0; login < 2; ++login) {
      coach.forget_bodies();
      coach.log_in();
      settle();
      const auto proof = coach.last<wire::InviteProofT>(wire::Body::InviteProof);
      ASSERT_NE(proof, nullptr) << "the coach never hears that somebody else has the link";
      EXPECT_EQ(as_text(proof->proof), "late proof");
      EXPECT_EQ(proof->ordinal, 2u);
    }
    world.clock.advance(identity::kInviteDecisionTime + 8 * kDay);  // nothing is left to decide, but it is still an alarm
    coach.forget_bodies();
    coach.log_in();
    settle();
    EXPECT_NE(coach.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr);

    refuse("late proof");
    coach.forget_bodies();
    coach.log_in();
    settle();
    EXPECT_EQ(coach.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr);
    second.disconnect();
    redeem(second, "late proof");
    EXPECT_EQ(outcome(second), "used") << "the answer to the second person stays the same";
  }
};

class InviteOnDiskTest : public LateProofTest {
 protected:
  InviteOnDiskTest() : InviteOnDiskTest(std::make_unique<Disk>()) {}
  ~InviteOnDiskTest() override {  // the files go after those who use them
    coach.disconnect();
    redeemer.disconnect();
    second.disconnect();
    world.service.reset();
    world.store.reset();
  }

 private:
  struct Disk {
    TemporaryFolder folder;
    SystemRng rng;  // the store keeps a reference to it
  };
  explicit InviteOnDiskTest(std::unique_ptr<Disk> disk) : LateProofTest(open(*disk)), disk_(std::move(disk)) {}
  static std::unique_ptr<Store> open(Disk& disk) {
    return open_sql_store(
               {disk.folder.file("store.db"), sqlcipher::DatabaseKey::random(disk.rng), SecretboxKey::random(disk.rng)}, disk.rng)
        .value();
  }
  std::unique_ptr<Disk> disk_;
};

TEST_F(InviteTest, TheStory) {
  create();
  redeemer.connect();
  wire::FetchInviteT fetch;
  fetch.lookup = wire_pointer(lookup);
  redeemer.request(std::move(fetch));
  settle({&redeemer});
  const auto info = redeemer.last<wire::InviteInfoT>(wire::Body::InviteInfo);
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(as_text(info->terms), "organisation, keys, coach chain");

  redeem(redeemer, "proof");
  EXPECT_EQ(outcome(redeemer), "pending");
  const auto proof = coach.last<wire::InviteProofT>(wire::Body::InviteProof);
  ASSERT_NE(proof, nullptr);
  EXPECT_EQ(as_text(proof->proof), "proof");
  EXPECT_EQ(proof->ordinal, 1u);

  accept("proof", jongere);
  settle({&redeemer});
  EXPECT_EQ(outcome(coach), "accepted");
  EXPECT_EQ(outcome(redeemer), "accepted") << "told unasked, on the same connection";
  EXPECT_EQ(redeemer.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome)->chain, identity::encode_chain(jongere.chain));
  redeemer.login();
  settle({&redeemer});
  EXPECT_NE(redeemer.last<wire::LoginReplyT>(wire::Body::LoginReply), nullptr) << redeemer.last_problem();
}

TEST_F(InviteTest, ASecondProofAlarmsTheCoachAndIsToldItIsUsed) {
  create();
  redeem(redeemer, "proof");
  redeem(second, "another proof");
  EXPECT_EQ(outcome(second), "pending");
  EXPECT_EQ(coach.last<wire::InviteProofT>(wire::Body::InviteProof)->ordinal, 2u);
  accept("proof", jongere);
  settle({&redeemer, &second});
  EXPECT_EQ(outcome(redeemer), "accepted");
  EXPECT_EQ(outcome(second), "used");
  EXPECT_TRUE(second.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome)->chain.empty());

  Client third{world, jongere};
  coach.forget_bodies();
  redeem(third, "a third proof, after the acceptance");
  EXPECT_EQ(outcome(third), "used");
  ASSERT_NE(coach.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr) << "somebody else has the link";
  EXPECT_EQ(coach.last<wire::InviteProofT>(wire::Body::InviteProof)->ordinal, 3u);
}

TEST_F(InviteTest, EverythingIsIdempotent) {
  create();
  coach.request(creation());
  settle();
  EXPECT_EQ(outcome(coach), "open");
  redeem(redeemer, "proof");
  redeemer.disconnect();
  redeem(redeemer, "proof");
  EXPECT_EQ(outcome(redeemer), "pending");
  EXPECT_EQ(world.store->proofs(invite).value().size(), 1u) << "each proof once";
  accept("proof", jongere);
  accept("proof", jongere);
  EXPECT_EQ(outcome(coach), "accepted");
  redeemer.disconnect();
  redeem(redeemer, "proof");
  EXPECT_EQ(outcome(redeemer), "accepted");
}

TEST_F(InviteTest, UndecidedProofsComeAgainAtLogin) {
  create();
  coach.disconnect();
  redeem(redeemer, "proof");
  coach.forget_bodies();
  coach.log_in();
  settle();
  ASSERT_NE(coach.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr);
  accept("proof", jongere);
  coach.forget_bodies();
  coach.log_in();
  settle();
  EXPECT_EQ(coach.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr);
}

TEST_F(LateProofTest, ALateProofComesAtLoginUntilItIsAnswered) {
  a_late_proof();
}
TEST_F(InviteOnDiskTest, ALateProofComesAtLoginUntilItIsAnswered) {
  a_late_proof();
}

// Nor is one lost that came before the decision and was passed over, and other coaches hear of none of it.
TEST_F(InviteTest, AProofThatWasPassedOverComesAtLoginUntilItIsAnswered) {
  create();
  redeem(redeemer, "proof");
  redeem(second, "passed over");
  accept("proof", jongere);
  coach.forget_bodies();
  coach.log_in();
  settle();
  ASSERT_NE(coach.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr);
  EXPECT_EQ(as_text(coach.last<wire::InviteProofT>(wire::Body::InviteProof)->proof), "passed over");
  Person other_coach = world.make_staff();
  Client other{world, other_coach};
  other.log_in();
  settle({&other});
  EXPECT_EQ(other.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr);
  refuse("passed over");
  coach.forget_bodies();
  coach.log_in();
  settle();
  EXPECT_EQ(coach.last<wire::InviteProofT>(wire::Body::InviteProof), nullptr);
}

TEST_F(InviteTest, ARefusedProofLeavesTheInviteForTheRightPerson) {
  create();
  redeem(second, "of a stranger");
  refuse("of a stranger");
  settle({&second});
  EXPECT_EQ(outcome(second), "refused");
  redeem(redeemer, "proof");
  EXPECT_EQ(outcome(redeemer), "pending");
  accept("of a stranger", jongere);
  EXPECT_EQ(coach.last_problem(), "bad_invite");
  accept("proof", jongere);
  EXPECT_EQ(outcome(coach), "accepted");
}

TEST_F(InviteTest, Cancelling) {
  create();
  redeem(redeemer, "proof");
  wire::CancelInviteT cancel;
  cancel.id = wire_pointer(invite);
  coach.request(std::move(cancel));
  settle({&redeemer});
  EXPECT_EQ(outcome(coach), "cancelled");
  EXPECT_EQ(outcome(redeemer), "cancelled");
  accept("proof", jongere);
  EXPECT_EQ(coach.last_problem(), "invite_decided");
}

TEST_F(InviteTest, ExpiryIsByTheGatewaysClock) {
  create();
  redeem(redeemer, "in time");
  world.clock.advance(7 * kDay);
  redeem(second, "too late");
  EXPECT_EQ(outcome(second), "expired");
  accept("in time", jongere);
  EXPECT_EQ(outcome(coach), "accepted") << "a proof that came in time may be decided later";
}

TEST_F(InviteTest, DecidingEnds) {
  create();
  redeem(redeemer, "proof");
  world.clock.advance(6 * kDay + identity::kInviteDecisionTime);
  accept("proof", jongere);
  EXPECT_EQ(coach.last_problem(), "invite_expired");
}

TEST_F(InviteTest, LifetimesAreBoundedByKind) {
  auto too_long = creation();
  too_long.expires_ms = (world.clock.now() + 8 * kDay).ms;
  coach.request(std::move(too_long));
  settle();
  EXPECT_EQ(coach.last_problem(), "bad_invite");
  auto qr = creation();
  qr.kind = wire::InviteKind::qr;  // 15 minutes, not days
  coach.request(std::move(qr));
  settle();
  EXPECT_EQ(outcome(coach), "none");
  auto past = creation();
  past.expires_ms = world.clock.now().ms;
  coach.request(std::move(past));
  settle();
  EXPECT_EQ(outcome(coach), "none");
  auto without_terms = creation();
  without_terms.terms.clear();
  coach.request(std::move(without_terms));
  settle();
  EXPECT_EQ(outcome(coach), "none");
}

TEST_F(InviteTest, ProofsPerInviteAreBounded) {
  create();
  for (std::size_t i = 0; i < kMaxProofsPerInvite; ++i) redeem(redeemer, "proof " + std::to_string(i));
  redeem(redeemer, "one too many");
  EXPECT_EQ(redeemer.last_problem(), "invite_limit");
  EXPECT_FALSE(redeemer.is_closed());
}

TEST_F(InviteTest, UnknownLookupAndForeignInvites) {
  create();
  wire::FetchInviteT fetch;
  fetch.lookup = wire_pointer(Hash{1});
  redeemer.connect();
  redeemer.request(std::move(fetch));
  settle({&redeemer});
  EXPECT_EQ(redeemer.last_problem(), "invite_unknown");
  EXPECT_FALSE(redeemer.is_closed());

  Person other_coach = world.make_staff();
  Client other{world, other_coach};
  other.log_in();
  wire::CancelInviteT cancel;
  cancel.id = wire_pointer(invite);
  other.request(std::move(cancel));
  settle({&other});
  EXPECT_EQ(other.last_problem(), "not_allowed");
  auto same_lookup = creation();
  same_lookup.id = wire_pointer(InviteId::random(world.rng));
  other.request(std::move(same_lookup));
  settle({&other});
  EXPECT_EQ(other.last_problem(), "invite_exists");
}

TEST_F(InviteTest, OnlyACoachInvites) {
  Person beheerder = world.make_staff(identity::Role::beheerder);
  Client other{world, beheerder};
  other.log_in();
  other.request(creation());
  settle({&other});
  EXPECT_EQ(other.last_problem(), "not_allowed");
}

// S1: what a coach may certify, and that it was this coach.
TEST_F(InviteTest, TheAcceptedChainIsVerified) {
  create();
  redeem(redeemer, "proof");
  Person colleague = world.make_staff();
  accept("proof", colleague);  // a coach cannot be invited in
  EXPECT_EQ(coach.last_problem(), "bad_chain");
  coach.log_in();
  Person of_colleague = world.make_jongere(colleague);
  accept("proof", of_colleague);  // certified by somebody else
  EXPECT_EQ(coach.last_problem(), "bad_chain");
  coach.log_in();
  Person changed = world.make_jongere(coach_person);
  changed.chain.certificates.back().signature[0] ^= 1;
  accept("proof", changed);
  EXPECT_EQ(coach.last_problem(), "bad_chain");
  accept("proof", jongere);
  EXPECT_EQ(outcome(coach), "accepted");
}

TEST_F(InviteTest, ProofsAreBoundedInSize) {
  create();
  redeem(redeemer, std::string(kMaxProofBytes + 1, 'x'));
  EXPECT_EQ(redeemer.last_problem(), "malformed_frame");
}

}  // namespace
}  // namespace steiger::gateway::testing
