// Handovers (S10): the old coach goes and the new one comes as the teamleider's offer says, by the hand of the jongere, and not otherwise.
#include "crypto/membership/test_support.h"

namespace steiger::membership::test {
namespace {

class HandoverTest : public RulesTest {
 protected:
  HandoverTest() {
    room({noors_laptop_, sams_phone_, evas_});
    offer_ = sign(joost_);
    propose();
  }
  HandoverOffer sign(const Person& teamleider) {
    return identity::sign_handover_offer(teamleider.key, {organisation_,
                                                          binding_.channel,
                                                          noor_.account,
                                                          otto_.account,
                                                          identity::key_hash(otto_.key.verify_key()),
                                                          kNow,
                                                          kNow + Days(30),
                                                          teamleider.account,
                                                          {}})
        .value();
  }
  void propose() {
    again();
    by(sams_phone_);
    header_.offer = offer_;
    header_.certificates = joost_.certificates;
    remove(noors_laptop_);
    add(ottos_);
  }
  Person joost_ = staff(Role::teamleider);
  Person otto_ = staff(Role::coach);
  Seat ottos_ = seat(5, otto_, device());
  Seat evas_ = seat(2, eva_, device());
  HandoverOffer offer_;
};

TEST_F(HandoverTest, IsMadeByTheJongereAsTheOfferSays) {
  const Judgement out = judged().value();
  EXPECT_TRUE(out.handover);
  EXPECT_EQ(out.joined, std::vector<AccountId>{otto_.account});
  EXPECT_EQ(out.left, std::vector<AccountId>{noor_.account});
}

TEST_F(HandoverTest, AnInventedOfferIsRefused) {
  header_.certificates.clear();
  EXPECT_EQ(refused(), kBadHandover);
  header_.certificates = joost_.certificates;
  header_.offer->successor = eva_.account;
  EXPECT_FALSE(judged().ok());
  header_.offer = sign(noor_);  // a coach signs for herself
  header_.certificates = noor_.certificates;
  EXPECT_EQ(refused(), kBadHandover);
  // A root that was replaced before it certified the teamleider (S1).
  const Timestamp certified = joost_.certificates.front().not_before;
  for (const auto& [until, counts] : {std::pair{certified + Days(1), true}, {certified, false}, {certified - Days(1), false}}) {
    propose();
    trust_.roots.front().until = until;
    EXPECT_EQ(judged().ok(), counts);
    if (!counts) {
      EXPECT_EQ(refused(), identity::kWrongIssuer);
    }
  }
  trust_.roots.front().until.reset();
  // A teamleider whose key no longer counts.
  propose();
  status({{identity::key_hash(joost_.key.verify_key()), Standing::compromised, kNow - Days(1)}});
  EXPECT_EQ(refused(), identity::kKeyRevoked);
}

TEST_F(HandoverTest, TheOldCoachDoesNotStayBehind) {
  const Seat phone = seat(3, noor_, device(), 2);
  room({noors_laptop_, sams_phone_, evas_, phone});
  propose();
  EXPECT_EQ(refused(), kBadHandover);
  remove(phone);
  EXPECT_TRUE(judged().ok());
}

TEST_F(HandoverTest, OnlyTheNamedKeyIsTheSuccessor) {
  Person false_otto{otto_.account, SigningKey::generate(rng_), {}, Role::coach};
  false_otto.certificates = {identity::issue_certificate(root_, fields(false_otto, kStart, Days(365))).value()};
  again();
  by(sams_phone_);
  header_.offer = offer_;
  header_.certificates = joost_.certificates;
  remove(noors_laptop_);
  add(seat(5, false_otto, device()));
  EXPECT_EQ(refused(), identity::kAccountKeyMismatch);
}

TEST_F(HandoverTest, AnotherMemberNeedsTheJongeresYes) {
  facts_.committer = evas_.leaf;
  EXPECT_EQ(refused(), kBadHandover);
  header_.grants = {grant(sam_, otto_.account, Role::coach)};
  EXPECT_TRUE(judged().ok());
}

// S10: everything is as the offer says, and the offer is not the teamleider's.
TEST_F(HandoverTest, AnOfferThatDoesNotHoldIsRefused) {
  ASSERT_TRUE(judged().ok());
  header_.offer->expires = header_.offer->expires + Days(1);
  EXPECT_EQ(refused(), identity::kBadHandoverOffer) << "another's signature";
  header_.offer = offer_;
  header_.offer->channel = ChannelId::random(rng_);
  header_.offer = identity::sign_handover_offer(joost_.key, *header_.offer).value();
  EXPECT_EQ(refused(), identity::kWrongChannel) << "of another room";
  header_.offer = offer_;
  header_.offer->issued = kNow - Days(30);
  header_.offer->expires = kNow;
  header_.offer = identity::sign_handover_offer(joost_.key, *header_.offer).value();
  EXPECT_EQ(refused(), identity::kBadHandoverOffer) << "over";
}

TEST_F(HandoverTest, WithoutASuccessorNobodyLeaves) {
  again();
  by(sams_phone_);
  header_.offer = offer_;
  header_.certificates = joost_.certificates;
  remove(noors_laptop_);
  EXPECT_EQ(refused(), kBadHandover);
}

// Law 7: an offer is about one coach.
TEST_F(HandoverTest, NobodyElseGoesWithTheOldCoach) {
  const Seat annas = seat(3, staff(Role::coach), device());
  room({noors_laptop_, sams_phone_, evas_, annas});
  propose();
  EXPECT_TRUE(judged().ok());
  remove(annas);
  EXPECT_EQ(refused(), kRemovalNotAllowed);
}

}  // namespace
}  // namespace steiger::membership::test
