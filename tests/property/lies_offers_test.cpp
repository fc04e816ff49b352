// Lie: handover offers that no teamleider made, or not for this. The gateway carries offers and may serve what it likes; the jongere is asked
// only about one that holds, and an answer carries out only what was asked (S10).
#include "crypto/identity/handover.h"
#include "crypto/membership/errors.h"
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using identity::Role;
using ::testing::Contains;
using ::testing::Not;

class Offers : public LyingRooms {
 protected:
  identity::HandoverOffer facts(const AccountId& by) {
    identity::HandoverOffer offer;
    offer.organisation = world.organisation.facts.id;
    offer.channel = room_of(noor);
    offer.leaving = account_of(noor);
    offer.successor = account_of(kees);
    offer.successor_key = identity::key_hash(key_of(kees).verify_key());
    offer.issued = world.scheduler.now;
    offer.expires = world.scheduler.now + std::chrono::hours(24 * 14);
    offer.by = by;
    return offer;
  }
  static SigningKey key_of(SimDevice& device) {
    const auto self = SelfRecord::decode(device.disk.at(keys::kSelf).bytes()).value();
    return SigningKey(SigningKey::Seed::from_bytes(self.account_seed.bytes()).value());
  }
  static Bytes chain_of(SimDevice& device) { return SelfRecord::decode(device.disk.at(keys::kSelf).bytes())->chain; }
  // The gateway says so to everybody in the room; nobody is asked or told anything.
  void expect_ignored(const identity::HandoverOffer& offer, const Bytes& chain) {
    wire::HandoverOfferT out;
    out.offer = identity::encode_handover_offer(offer);
    out.chain = chain;
    for (SimDevice* device : {&sam, &noor}) {
      auto copy = out;
      ASSERT_TRUE(liar().tell(device_of(*device), gateway::encode_frame(0, std::move(copy))));
    }
    rest();
    EXPECT_FALSE(question(world, sam).has_value());
    EXPECT_THAT(notices(noor), Not(Contains(api::NoticeKind::handover_waits)));
    EXPECT_EQ(members(noor), 2u);
    expect_talking(noor, sam);
    no_alarms({&noor, &sam, &kees});
  }
  void ready() {
    chatting();
    world.set_up_coach(kees);
    ASSERT_TRUE(until([&] { return kees.status().connection == api::Connection::online; }));
    rest();
  }
  SimDevice& kees = world.add_device("Kees");
};

// Nothing is wrong with these facts: signed by a teamleider, they are a question.
TEST_F(Offers, WithATeamleidersSignatureTheyAreAQuestion) {
  ready();
  const Stranger tess = stranger(Role::teamleider);
  wire::HandoverOfferT out;
  out.offer = identity::encode_handover_offer(identity::sign_handover_offer(tess.account_key, facts(tess.self.account)).value());
  out.chain = tess.self.chain;
  ASSERT_TRUE(liar().tell(device_of(sam), gateway::encode_frame(0, std::move(out))));
  rest();
  EXPECT_TRUE(question(world, sam).has_value());
}

TEST_F(Offers, OneThatTheGatewaySigned) {
  ready();
  const Stranger tess = stranger(Role::teamleider);
  expect_ignored(identity::sign_handover_offer(liar().honest.head_key(), facts(tess.self.account)).value(), tess.self.chain);
}

TEST_F(Offers, OneByATeamleiderOfItsOwn) {
  ready();
  const Organisation evil = Organisation::create(world.rng, "Gemeente Voorbeeld").value();
  Stranger tess = stranger(Role::teamleider);
  auto chain = identity::decode_chain(tess.self.chain).value();
  chain.certificates = {identity::issue_certificate(evil.root, tess.certificates.front()).value()};
  expect_ignored(identity::sign_handover_offer(tess.account_key, facts(tess.self.account)).value(),
                 identity::encode_chain(chain));
}

TEST_F(Offers, OneByTheCoachWhoWouldLikeToFollow) {
  ready();
  expect_ignored(identity::sign_handover_offer(key_of(kees), facts(account_of(kees))).value(), chain_of(kees));
}

TEST_F(Offers, OneThatWasChangedAfterwards) {
  ready();
  const Stranger tess = stranger(Role::teamleider);
  auto offer = identity::sign_handover_offer(tess.account_key, facts(tess.self.account)).value();
  offer.successor = AccountId::random(world.rng);
  expect_ignored(offer, tess.self.chain);
}

// Of a room with another jongere, and in the words of that offer moved here.
TEST_F(Offers, OneForAnotherRoom) {
  ready();
  const Stranger tess = stranger(Role::teamleider);
  auto elsewhere = facts(tess.self.account);
  elsewhere.channel = ChannelId::random(world.rng);
  auto offer = identity::sign_handover_offer(tess.account_key, elsewhere).value();
  expect_ignored(offer, tess.self.chain);
  offer.channel = room_of(noor);
  expect_ignored(offer, tess.self.chain);
}

// S10: a teamleider's offer about a coach who has no place here any more; nobody would leave by it.
TEST_F(Offers, OneAboutACoachWhoIsNotHere) {
  ready();
  const Stranger tess = stranger(Role::teamleider);
  auto other = facts(tess.self.account);
  other.leaving = AccountId::random(world.rng);
  expect_ignored(identity::sign_handover_offer(tess.account_key, other).value(), tess.self.chain);
}

TEST_F(Offers, OneThatExpired) {
  ready();
  const Stranger tess = stranger(Role::teamleider);
  const auto offer = identity::sign_handover_offer(tess.account_key, facts(tess.self.account)).value();
  world.scheduler.run_for(std::chrono::hours(24 * 14 + 1));
  expect_ignored(offer, tess.self.chain);
}

// S10: carried out is carried out. Served again when Noor has come back by an offer of her own, the old one asks nothing.
TEST_F(Offers, OneThatWasCarriedOut) {
  ready();
  const Stranger tess = stranger(Role::teamleider);
  SimDevice& tom = world.add_device("Tom");
  set_up_staff(world, tom, Role::teamleider);
  rest();
  api::OfferHandoverT offer = handover_to(kees);
  Bytes kept;
  liar().down = [&, sams = device_of(sam)](const DeviceId& who, Bytes frame) {
    if (who == sams && wire::GetFrame(frame.data())->body_as_HandoverOffer() != nullptr) kept = frame;
    return frame;
  };
  ASSERT_EQ(world.ask_until_answered(tom, offer).body.AsFailed(), nullptr);
  ASSERT_TRUE(until([&] { return question(world, sam).has_value(); }));
  ASSERT_EQ(answer(world, sam, *question(world, sam), true), "");
  ASSERT_TRUE(until([&] { return kees.channels().size() == 1 && ended(noor); }));
  liar().down = nullptr;
  std::swap(offer.leaving, offer.successor);
  offer.successor_key = noor.status().account_key_hash;
  ASSERT_EQ(world.ask_until_answered(tom, offer).body.AsFailed(), nullptr);
  ASSERT_TRUE(until([&] { return question(world, sam).has_value(); }));
  ASSERT_EQ(answer(world, sam, *question(world, sam), true), "");
  ASSERT_TRUE(until([&] { return ended(kees) && !ended(noor); }));
  ASSERT_FALSE(kept.empty());
  ASSERT_TRUE(liar().tell(device_of(sam), kept));
  rest();
  EXPECT_FALSE(question(world, sam).has_value()) << "answered once";
  expect_talking(noor, sam);
  no_alarms({&noor, &sam, &kees, &tom});
}

}  // namespace
}  // namespace steiger::sdk::testing
