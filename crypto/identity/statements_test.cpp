// Grants, handover offers and NACKs (S8, S10, S11): who may say them, for what, and for how long.
#include <gtest/gtest.h>

#include "crypto/identity/grant.h"
#include "crypto/identity/handover.h"
#include "crypto/identity/nack.h"
#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

Error error_of(const Result<void>& result) {
  return result.ok() ? Error{} : result.error();
}

// ---- Grants (S8)

struct GrantTest : testing::Test {
  World world;
  AccountId begeleider = AccountId::random(world.rng);
  Hash group = sha256(to_bytes("the group"));
  Grant fields{
      world.organisation.id, world.channel,   group,         5, begeleider, Role::third_party, GrantPurpose::housing, kNow,
      kNow + Days(7),        kNow + Days(90), world.jongere, {}};
  Grant grant = sign_grant(world.jongere_key, fields).value();
  GrantUse use{world.organisation.id, world.channel, group,           5,           begeleider,
               Role::third_party,     kNow,          kNow + Days(90), std::nullopt};

  [[nodiscard]] Error check(const Grant& g) const {
    return error_of(check_grant(g, world.jongere, world.jongere_key.verify_key(), use));
  }
  [[nodiscard]] Error with(const std::function<void(GrantUse&)>& change) const {
    GrantUse changed = use;
    change(changed);
    return error_of(check_grant(grant, world.jongere, world.jongere_key.verify_key(), changed));
  }
};

TEST_F(GrantTest, IsForOneAccountRoleAndRoom) {
  EXPECT_EQ(check(grant), Error{});
  EXPECT_EQ(with([&](GrantUse& u) { u.account = AccountId::random(world.rng); }), kGrantMismatch);
  EXPECT_EQ(with([&](GrantUse& u) { u.channel = ChannelId::random(world.rng); }), kGrantMismatch);
  EXPECT_EQ(with([&](GrantUse& u) { u.organisation = OrganisationId::random(world.rng); }), kGrantMismatch);
  EXPECT_EQ(with([](GrantUse& u) { u.role = Role::agent; }), kGrantMismatch);
  EXPECT_EQ(with([](GrantUse& u) { u.group[0] ^= 1; }), kGrantMismatch) << "another generation of the room (S11)";
}

TEST_F(GrantTest, SaysUntilWhen) {
  EXPECT_EQ(with([](GrantUse& u) { u.until = kNow + Days(90) + Duration(1); }), kGrantOutlived);
  EXPECT_EQ(with([](GrantUse& u) { u.until = kNow + Days(1); }), Error{});
  Grant endless = fields;
  endless.until = {};
  EXPECT_EQ(sign_grant(world.jongere_key, endless).error(), kBadGrant);
  endless.until = endless.issued;
  EXPECT_EQ(sign_grant(world.jongere_key, endless).error(), kBadGrant);
  endless.role = Role::coach;
  endless.until = kNow + Days(90);
  EXPECT_EQ(sign_grant(world.jongere_key, endless).error(), kBadGrant) << "only a third party's time ends";
  endless.until = {};
  EXPECT_TRUE(sign_grant(world.jongere_key, endless).ok());
}

TEST_F(GrantTest, OnlyTheJongereSignsIt) {
  EXPECT_EQ(check(sign_grant(world.coach_key, fields).value()), kBadGrantSignature);
  Grant by_coach = fields;
  by_coach.by = world.coach;
  EXPECT_EQ(check(sign_grant(world.coach_key, by_coach).value()), kGrantMismatch);
}

TEST_F(GrantTest, EndsWithItsTimeAndItsEpochs) {
  EXPECT_EQ(with([](GrantUse& u) { u.now = kNow + Days(7) - Duration(1); }), Error{});
  EXPECT_EQ(with([](GrantUse& u) { u.now = kNow + Days(7); }), kGrantExpired);
  EXPECT_EQ(with([](GrantUse& u) { u.now = kNow - kClockTolerance - Duration(1); }), kGrantExpired);
  EXPECT_EQ(with([](GrantUse& u) { u.epoch = 4; }), kGrantExpired);
  EXPECT_EQ(with([](GrantUse& u) { u.epoch = 5 + kMaxGrantEpochs; }), Error{});
  EXPECT_EQ(with([](GrantUse& u) { u.epoch = 6 + kMaxGrantEpochs; }), kGrantExpired);
}

// Times begin with 1970, that moment included.
TEST_F(GrantTest, MayBeFromTheFirstMoment) {
  Grant old = fields;
  old.issued = Timestamp{0};
  old.expires = old.issued + Days(7);
  EXPECT_TRUE(sign_grant(world.jongere_key, old).ok());
  old.issued = Timestamp{-1};
  EXPECT_EQ(sign_grant(world.jongere_key, old).error(), kBadGrant);
  HandoverOffer offer{world.organisation.id, world.channel, world.coach,   begeleider, {},
                      Timestamp{0},          Timestamp{1},  world.jongere, {}};
  EXPECT_TRUE(sign_handover_offer(world.coach_key, offer).ok());
  offer.issued = Timestamp{-1};
  EXPECT_EQ(sign_handover_offer(world.coach_key, offer).error(), kBadHandoverOffer);
}

// A removed account does not come back on the yes that let it in.
TEST_F(GrantTest, DoesNotBringBackTheRemoved) {
  EXPECT_EQ(with([](GrantUse& u) { u.epoch = 8, u.removed_in = 7; }), kGrantExpired);
  EXPECT_EQ(with([](GrantUse& u) { u.epoch = 8, u.removed_in = 5; }), kGrantExpired);
  EXPECT_EQ(with([](GrantUse& u) { u.epoch = 8, u.removed_in = 4; }), Error{});
}

TEST_F(GrantTest, RulesHoldWhenSigningAndWhenChecking) {
  const auto broken = [&](const std::function<void(Grant&)>& change) {
    Grant changed = fields;
    change(changed);
    EXPECT_EQ(check(changed), kBadGrant);
    return sign_grant(world.jongere_key, changed).error();
  };
  EXPECT_EQ(broken([](Grant& g) { g.expires = g.issued; }), kBadGrant);
  EXPECT_EQ(broken([](Grant& g) { g.expires = g.issued + kMaxGrantLife + Duration(1); }), kBadGrant);
  EXPECT_EQ(broken([](Grant& g) { g.account = {}; }), kBadGrant);
  EXPECT_EQ(broken([](Grant& g) { g.channel = {}; }), kBadGrant);
}

TEST_F(GrantTest, EveryFlippedBitIsNoticed) {
  const Bytes bytes = encode_grant(grant);
  EXPECT_EQ(decode_grant(bytes).value(), grant);
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto decoded = decode_grant(changed);
    EXPECT_FALSE(decoded.ok() && check(*decoded) == Error{}) << "bit " << bit;
  });
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_grant(ByteView(bytes).first(size)).ok());
}

// ---- Handover (S10)

struct HandoverTest : testing::Test {
  World world;
  SigningKey leader_key = SigningKey::generate(world.rng);
  SigningKey successor_key = SigningKey::generate(world.rng);
  AccountId leader_account = AccountId::random(world.rng);
  AccountId successor_account = AccountId::random(world.rng);
  VerifiedIdentity leader{leader_account, leader_key.verify_key(), Role::teamleider, kNow + Days(90), {}, {}, {}};
  VerifiedIdentity successor{successor_account, successor_key.verify_key(), Role::coach, kNow + Days(90), {}, {}, {}};
  HandoverOffer fields{
      world.organisation.id, world.channel,  world.coach, successor_account, key_hash(successor_key.verify_key()), kNow,
      kNow + Days(30),       leader_account, {}};
  HandoverOffer offer = sign_handover_offer(leader_key, fields).value();

  [[nodiscard]] Error verify(const HandoverOffer& o, Timestamp now = kNow) const {
    return error_of(verify_handover_offer(o, leader, world.organisation.id, world.channel, now));
  }
};

TEST_F(HandoverTest, ComesFromATeamleiderForThisChannelInTime) {
  EXPECT_EQ(verify(offer), Error{});
  EXPECT_EQ(verify(offer, kNow + Days(30)), kBadHandoverOffer);
  EXPECT_EQ(verify(offer, kNow - kClockTolerance - Duration(1)), kBadHandoverOffer);
  EXPECT_EQ(verify(sign_handover_offer(world.coach_key, fields).value()), kBadHandoverOffer);
  VerifiedIdentity coach = leader;
  coach.role = Role::coach;
  EXPECT_EQ(verify_handover_offer(offer, coach, world.organisation.id, world.channel, kNow).error(), kRoleNotAllowed);
  VerifiedIdentity another = leader;
  another.account = AccountId::random(world.rng);
  EXPECT_EQ(verify_handover_offer(offer, another, world.organisation.id, world.channel, kNow).error(), kAccountMismatch);
  EXPECT_EQ(verify_handover_offer(offer, leader, world.organisation.id, ChannelId::random(world.rng), kNow).error(),
            kWrongChannel);
  EXPECT_EQ(verify_handover_offer(offer, leader, OrganisationId::random(world.rng), world.channel, kNow).error(),
            kWrongOrganisation);
  HandoverOffer long_lived = fields;
  long_lived.expires = long_lived.issued + kMaxHandoverOfferLife + Duration(1);
  EXPECT_EQ(sign_handover_offer(leader_key, long_lived).error(), kBadHandoverOffer);
  HandoverOffer to_itself = fields;
  to_itself.successor = to_itself.leaving;
  EXPECT_EQ(sign_handover_offer(leader_key, to_itself).error(), kBadHandoverOffer);
}

TEST_F(HandoverTest, NamesOneSuccessorWithOneKey) {
  EXPECT_TRUE(check_successor(offer, successor).ok());
  VerifiedIdentity other_key = successor;
  other_key.account_key = world.coach_key.verify_key();
  EXPECT_EQ(check_successor(offer, other_key).error(), kAccountKeyMismatch);
  VerifiedIdentity other = successor;
  other.account = world.coach;
  EXPECT_EQ(check_successor(offer, other).error(), kAccountMismatch);
  VerifiedIdentity agent = successor;
  agent.role = Role::agent;
  EXPECT_EQ(check_successor(offer, agent).error(), kRoleNotAllowed);
}

TEST_F(HandoverTest, EveryFlippedBitIsNoticed) {
  const Bytes bytes = encode_handover_offer(offer);
  EXPECT_EQ(decode_handover_offer(bytes).value(), offer);
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto decoded = decode_handover_offer(changed);
    EXPECT_FALSE(decoded.ok() && verify(*decoded) == Error{}) << "bit " << bit;
  });
}

// ---- NACKs (S11)

TEST(NackTest, IsTheDevicesOwnWord) {
  World world;
  const Nack fields{world.organisation.id,   world.channel, to_bytes("group"), 4, sha256(as_bytes("commit")),
                    NackReason::unknown_psk, world.jongere, world.phone.id,    {}};
  const Nack nack = sign_nack(world.phone.leaf_key, fields).value();
  EXPECT_TRUE(verify_nack(nack, world.phone.leaf_key.verify_key()).ok());
  EXPECT_EQ(verify_nack(nack, world.tablet.leaf_key.verify_key()).error(), kBadNack);
  Nack empty = fields;
  empty.group_id.clear();
  EXPECT_EQ(sign_nack(world.phone.leaf_key, empty).error(), kBadNack);
  Nack long_id = fields;
  long_id.group_id.resize(kMaxNackGroupId + 1);
  EXPECT_EQ(sign_nack(world.phone.leaf_key, long_id).error(), kBadNack);
  const Bytes bytes = encode_nack(nack);
  EXPECT_EQ(decode_nack(bytes).value(), nack);
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto decoded = decode_nack(changed);
    EXPECT_FALSE(decoded.ok() && verify_nack(*decoded, world.phone.leaf_key.verify_key()).ok()) << "bit " << bit;
  });
}

}  // namespace
}  // namespace steiger::identity
