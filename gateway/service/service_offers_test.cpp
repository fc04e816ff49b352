// Handover offers through real frames (S10): by a teamleider, for a coach who is in the room, to those whom it concerns.
#include "crypto/identity/handover.h"
#include "gateway/service/testing/membership_fixture.h"

namespace steiger::gateway::testing {
namespace {

class OffersTest : public MembershipTest {
 protected:
  OffersTest() {
    teamleider.log_in();
    successor.log_in();
    channel = open_room();
  }
  identity::HandoverOffer offer_of() {
    return {world.organisation,
            channel,
            coach_person.account,
            successor_person.account,
            identity::key_hash(successor_person.account_key.verify_key()),
            world.clock.now(),
            world.clock.now() + 10 * kOneDay,
            teamleider_person.account,
            {}};
  }
  Bytes signed_by(const Person& person, const identity::HandoverOffer& offer) {
    return identity::encode_handover_offer(identity::sign_handover_offer(person.account_key, offer).value());
  }
  // The error, or "".
  std::string make(Client& client, const Bytes& offer, const identity::IdentityChain& chain) {
    client.log_in();
    client.forget_bodies();
    wire::HandoverOfferT body;
    body.offer = offer;
    body.chain = identity::encode_chain(chain);
    client.request(std::move(body));
    settle({&client, &successor});
    if (!client.last_problem().empty()) return client.last_problem();
    return done(client) ? "" : "no answer";
  }
  std::string make(const identity::HandoverOffer& offer) {
    return make(teamleider, signed_by(teamleider_person, offer), teamleider_person.chain);
  }
  static Bytes heard(Client& client) {
    const auto body = client.last<wire::HandoverOfferT>(wire::Body::HandoverOffer);
    return body == nullptr ? Bytes() : body->offer;
  }
  void relogin(Client& client) {
    client.forget_bodies();
    client.log_in();
    settle({&client});
  }

  Person teamleider_person = world.make_staff(identity::Role::teamleider);
  Person successor_person = world.make_staff();
  Client teamleider{world, teamleider_person};
  Client successor{world, successor_person};
  ChannelId channel;
};

TEST_F(OffersTest, ThoseWhomItConcernsHearOfIt) {
  Person stranger_person = world.make_staff();
  Client stranger(world, stranger_person);
  stranger.log_in();
  const Bytes offer = signed_by(teamleider_person, offer_of());
  EXPECT_EQ(make(teamleider, offer, teamleider_person.chain), "");
  for (Client* client : {&jongere, &coach, &successor}) {
    EXPECT_EQ(heard(*client), offer) << "at once";
    relogin(*client);
    EXPECT_EQ(heard(*client), offer) << "and after login";
  }
  EXPECT_EQ(jongere.last<wire::HandoverOfferT>(wire::Body::HandoverOffer)->chain,
            identity::encode_chain(teamleider_person.chain));
  settle({&stranger});
  EXPECT_THAT(heard(stranger), IsEmpty());
  EXPECT_EQ(make(teamleider, offer, teamleider_person.chain), "") << "a resend";
  // S14: the relation by which the jongere gets the successor's package.
  put(successor, {package(successor)});
  const auto answer = claimed(jongere, claim(successor_person.account, wire::Relation::offer, channel, offer));
  ASSERT_NE(answer, nullptr) << jongere.last_problem();
  EXPECT_THAT(answer->packages, SizeIs(1));
  EXPECT_EQ(claimed(jongere, claim(successor_person.account, wire::Relation::offer, channel, to_bytes("another"))), nullptr);
  world.restart();
  relogin(jongere);
  EXPECT_EQ(heard(jongere), offer) << "it is on disk";
  expect_well();
}

TEST_F(OffersTest, WhatIsNoOffer) {
  using identity::HandoverOffer;
  const auto changed = [&](const auto& change) {
    HandoverOffer offer = offer_of();
    change(offer);
    return make(offer);
  };
  EXPECT_EQ(make(coach, signed_by(coach_person, offer_of()), coach_person.chain), "not_allowed") << "a coach gives no room away";
  EXPECT_EQ(make(teamleider, signed_by(coach_person, offer_of()), teamleider_person.chain), "bad_offer") << "another's signature";
  EXPECT_EQ(make(teamleider, signed_by(teamleider_person, offer_of()), coach_person.chain), "bad_offer") << "another's chain";
  EXPECT_EQ(make(teamleider, to_bytes("none"), teamleider_person.chain), "bad_offer");
  EXPECT_EQ(changed([&](HandoverOffer& o) { o.channel = ChannelId::random(world.rng); }), "bad_offer") << "no such room";
  EXPECT_EQ(changed([&](HandoverOffer& o) { o.leaving = teamleider_person.account; }), "bad_offer") << "not in the room";
  EXPECT_EQ(changed([&](HandoverOffer& o) { o.leaving = jongere_person.account; }), "bad_offer")
      << "a jongere is not handed over";
  EXPECT_EQ(changed([&](HandoverOffer& o) { o.successor = AccountId::random(world.rng); }), "bad_offer") << "nobody";
  EXPECT_EQ(changed([&](HandoverOffer& o) {
              o.successor = teamleider_person.account;
              o.successor_key = identity::key_hash(teamleider_person.account_key.verify_key());
            }),
            "bad_offer")
      << "no coach";
  EXPECT_EQ(changed([&](HandoverOffer& o) { o.successor_key[0] ^= 1; }), "bad_offer") << "another key in that name";
  EXPECT_EQ(changed([&](HandoverOffer& o) { o.organisation = OrganisationId::random(world.rng); }), "bad_offer");
  EXPECT_EQ(changed([&](HandoverOffer& o) { o.issued = o.issued + kOneDay; }), "bad_offer") << "not yet";
  EXPECT_THAT(world.store->offers().value(), IsEmpty());
  EXPECT_THAT(heard(jongere), IsEmpty());
}

TEST_F(OffersTest, ANewerOneTakesThePlaceOfTheEarlier) {
  EXPECT_EQ(make(offer_of()), "");
  const auto earlier = offer_of();
  world.clock.advance(std::chrono::minutes(1));
  const auto newer = offer_of();
  EXPECT_EQ(make(newer), "");
  auto late = earlier;
  late.expires = late.expires + kOneDay;
  EXPECT_EQ(make(late), "bad_offer");
  ASSERT_THAT(world.store->offers().value(), SizeIs(1));
  EXPECT_EQ(world.store->offers().value()[0].issued, newer.issued);
}

// One for each coach who leaves, and a room has few: beyond the bound a teamleider hears so, and those that wait stay.
TEST_F(OffersTest, ARoomHoldsAFewOfThem) {
  for (std::size_t i = 0; i < kMaxOffersPerRoom; ++i) {
    const OfferRow other{channel,           AccountId::random(world.rng), successor_person.account,
                         world.clock.now(), world.clock.now() + kOneDay,  Bytes{1},
                         Bytes{2}};
    ASSERT_TRUE(world.store->begin().ok());
    ASSERT_TRUE(world.store->put_offer(other, {"offer.made", world.clock.now(), {}}).ok());
    ASSERT_TRUE(world.store->commit().ok());
    if (i + 1 < kMaxOffersPerRoom) continue;
    EXPECT_EQ(make(offer_of()), "bad_offer");
    EXPECT_THAT(world.store->offers().value(), SizeIs(kMaxOffersPerRoom));
    ASSERT_TRUE(world.store->begin().ok());
    ASSERT_TRUE(world.store->remove_offer(channel, other.leaving, {"offer.expired", world.clock.now(), {}}).ok());
    ASSERT_TRUE(world.store->commit().ok());
  }
  EXPECT_EQ(make(offer_of()), "");
  EXPECT_THAT(world.store->offers().value(), SizeIs(kMaxOffersPerRoom));
  expect_well();
}

TEST_F(OffersTest, ItEnds) {
  const Bytes offer = signed_by(teamleider_person, offer_of());
  EXPECT_EQ(make(teamleider, offer, teamleider_person.chain), "");
  world.clock.advance(10 * kOneDay);
  relogin(jongere);
  EXPECT_THAT(heard(jongere), IsEmpty());
  EXPECT_EQ(claimed(jongere, claim(successor_person.account, wire::Relation::offer, channel, offer)), nullptr);
  EXPECT_THAT(world.store->offers().value(), SizeIs(1));
  world.service->tick();
  settle();
  EXPECT_THAT(world.store->offers().value(), IsEmpty());
  expect_well();
}

// S10: a departed coach's login is blocked while the offer waits; the room and the offer stay.
TEST_F(OffersTest, TheCoachWhoLeftIsRefusedMeanwhile) {
  publish(teamleider, status_list(1, {entry(coach_person.account_key, identity::Standing::ended, world.clock.now())}));
  EXPECT_EQ(coach.last_problem(), "revoked_device");
  EXPECT_EQ(make(offer_of()), "");
  EXPECT_THAT(heard(jongere), ::testing::Not(IsEmpty()));
  EXPECT_THAT(heard(successor), ::testing::Not(IsEmpty()));
  publish(teamleider, status_list(2, {entry(coach_person.account_key, identity::Standing::ended, world.clock.now()),
                                      entry(successor_person.account_key, identity::Standing::ended, world.clock.now())}));
  world.clock.advance(std::chrono::minutes(1));
  EXPECT_EQ(make(offer_of()), "bad_offer") << "who left is no successor";
}

}  // namespace
}  // namespace steiger::gateway::testing
