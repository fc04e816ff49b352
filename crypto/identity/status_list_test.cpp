// The status list and the succession of roots (S1).
#include "crypto/identity/status_list.h"

#include <gtest/gtest.h>

#include "crypto/identity/root_succession.h"
#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

struct StatusTest : testing::Test {
  World world;
  SigningKey delegate = SigningKey::generate(world.rng);
  Delegation delegation =
      issue_delegation(world.root, {world.organisation.id, delegate.verify_key(), kStart, kStart + Days(365), {}}).value();

  [[nodiscard]] StatusList fields(std::vector<StatusEntry> entries = {}, std::uint64_t version = 1) const {
    return {world.organisation.id, version, kNow, kNow + Days(14), std::move(entries), delegation, {}};
  }
  [[nodiscard]] StatusList list(std::vector<StatusEntry> entries = {}, std::uint64_t version = 1) const {
    return sign_status_list(delegate, fields(std::move(entries), version)).value();
  }
  [[nodiscard]] Result<void> verify(const StatusList& list) const {
    return verify_status_list(list, world.root.verify_key(), world.organisation.id);
  }
  [[nodiscard]] static StatusEntry against(const SigningKey& key, Standing standing, Timestamp since) {
    return {key_hash(key.verify_key()), standing, since};
  }
  [[nodiscard]] Error standing(const StatusList& list, const IdentityChain& chain, Timestamp now = kNow) const {
    const auto result = check_standing(list, chain, now);
    return result.ok() ? Error{} : result.error();
  }
};

TEST_F(StatusTest, EveryFlippedBitIsNoticed) {
  const Bytes bytes = encode_status_list(list({against(world.coach_key, Standing::ended, kNow)}));
  EXPECT_TRUE(verify(decode_status_list(bytes).value()).ok());
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto decoded = decode_status_list(changed);
    EXPECT_FALSE(decoded.ok() && verify(*decoded).ok()) << "bit " << bit;
  });
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_status_list(ByteView(bytes).first(size)).ok());
}

TEST_F(StatusTest, OnlyTheKeyThatTheRootAppointedSigns) {
  EXPECT_EQ(sign_status_list(world.root, fields()).error(), kBadDelegation);
  StatusList by_coach = fields();
  by_coach.delegation = Delegation{world.organisation.id, world.coach_key.verify_key(), kStart, kStart + Days(365), {}};
  by_coach.delegation = issue_delegation(world.coach_key, by_coach.delegation).value();
  EXPECT_EQ(verify(sign_status_list(world.coach_key, by_coach).value()).error(), kBadDelegation);
  EXPECT_EQ(verify_status_list(list(), world.root.verify_key(), OrganisationId::random(world.rng)).error(), kWrongOrganisation);
  StatusList changed = list();  // appointed rightly, signed for another version
  changed.version = 2;
  EXPECT_EQ(verify(changed).error(), kBadStatusSignature);
}

TEST_F(StatusTest, RulesOfTimeAndSize) {
  const auto with = [&](const std::function<void(StatusList&)>& change) {
    StatusList changed = fields();
    change(changed);
    const auto result = sign_status_list(delegate, std::move(changed));
    return result.ok() ? Error{} : result.error();
  };
  EXPECT_EQ(with([](StatusList&) {}), Error{});
  EXPECT_EQ(with([](StatusList& l) { l.version = 0; }), kBadStatusList);
  EXPECT_EQ(with([](StatusList& l) { l.next_update = l.issued; }), kBadStatusList);
  EXPECT_EQ(with([](StatusList& l) { l.next_update = l.issued + kMaxStatusListLife + Duration(1); }), kBadStatusList);
  EXPECT_EQ(with([](StatusList& l) { l.entries.resize(2); }), kBadStatusList);  // one key twice
  EXPECT_EQ(with([](StatusList& l) { l.issued = kStart - Duration(1), l.next_update = kStart; }), kBadDelegation);
  EXPECT_EQ(with([](StatusList& l) { l.issued = kStart + Days(365), l.next_update = l.issued + Days(1); }), kBadDelegation);
  const Delegation endless{world.organisation.id, delegate.verify_key(), kStart, kStart + kMaxDelegationLife + Duration(1), {}};
  EXPECT_EQ(issue_delegation(world.root, endless).error(), kBadDelegation);
  const auto issuing = [&](const std::function<void(Delegation&)>& change) {
    Delegation d{world.organisation.id, world.coach_key.verify_key(), kStart, kStart + Days(30), {}};
    change(d);
    const auto issued = issue_delegation(world.root, d);
    return issued.ok() ? Error{} : issued.error();
  };
  EXPECT_EQ(issuing([](Delegation&) {}), Error{});
  EXPECT_EQ(issuing([](Delegation& d) { d.organisation = {}; }), kBadDelegation);
  EXPECT_EQ(issuing([](Delegation& d) { d.not_before = Timestamp{-1}, d.not_after = Timestamp{1}; }), kBadDelegation);
  EXPECT_EQ(issuing([](Delegation& d) { d.not_after = d.not_before; }), kBadDelegation);
  // A list whose entries are not in order is refused even when signed so.
  StatusList unsorted =
      list({against(world.coach_key, Standing::ended, kNow), against(world.jongere_key, Standing::ended, kNow)});
  std::swap(unsorted.entries[0], unsorted.entries[1]);
  EXPECT_EQ(verify(unsorted).error(), kBadStatusList);
}

TEST_F(StatusTest, ADelegationMayBeFromTheFirstMoment) {
  EXPECT_TRUE(issue_delegation(world.root, {world.organisation.id, delegate.verify_key(), Timestamp{0}, Timestamp{1}, {}}).ok());
}

TEST_F(StatusTest, FreshUntilItsNextUpdate) {
  EXPECT_TRUE(check_status_fresh(list(), kNow + Days(14) - Duration(1)).ok());
  EXPECT_EQ(check_status_fresh(list(), kNow + Days(14)).error(), kStatusStale);
  EXPECT_TRUE(check_status_fresh(list(), kNow - kClockTolerance).ok());
  EXPECT_EQ(check_status_fresh(list(), kNow - kClockTolerance - Duration(1)).error(), kBadStatusList);
}

TEST_F(StatusTest, VersionsGoUpAndDoNotFork) {
  const StatusList first = list();
  const StatusList second = list({against(world.coach_key, Standing::ended, kNow)}, 2);
  EXPECT_TRUE(check_status_successor(first, first).ok());
  EXPECT_TRUE(check_status_successor(first, second).ok());
  EXPECT_EQ(check_status_successor(second, first).error(), kStatusRollback);
  EXPECT_EQ(check_status_successor(first, list({against(world.coach_key, Standing::ended, kNow)})).error(), kStatusFork);
}

// "Coach leaves: ended T, earlier certificates stay valid; compromised: the successor certifies again."
TEST_F(StatusTest, WhatStandsAgainstAChain) {
  const IdentityChain coach = world.coach_chain();
  const IdentityChain jongere = world.jongere_chain();
  const Timestamp certified = world.jongere_certificate().not_before;
  EXPECT_EQ(standing(list(), jongere), Error{});

  const StatusList left = list({against(world.coach_key, Standing::ended, certified + Duration(1))});
  EXPECT_EQ(standing(left, jongere), Error{});
  EXPECT_EQ(standing(left, coach), kKeyRevoked);
  EXPECT_EQ(standing(left, coach, certified), Error{});  // not yet
  EXPECT_EQ(standing(list({against(world.coach_key, Standing::ended, certified)}), jongere), kIssuerEnded);
  EXPECT_EQ(standing(list({against(world.coach_key, Standing::replaced, certified + Duration(1))}), jongere), Error{});
  EXPECT_EQ(standing(list({against(world.coach_key, Standing::replaced, certified)}), jongere), kIssuerEnded);
  EXPECT_EQ(standing(list({against(world.coach_key, Standing::compromised, kNow)}), jongere), kIssuerCompromised);
  // What is said of a member of staff holds for it from its day on; who certified it is the root, of which no list speaks.
  EXPECT_EQ(standing(list({against(world.coach_key, Standing::compromised, kNow)}), coach, kNow - Duration(1)), Error{});
  for (const Standing each : {Standing::ended, Standing::replaced, Standing::compromised}) {
    EXPECT_EQ(standing(list({against(world.jongere_key, each, kNow)}), jongere), kKeyRevoked);
  }
}

TEST_F(StatusTest, ANewRootIsSignedByTheOldOne) {
  const SigningKey second = SigningKey::generate(world.rng);
  const SigningKey third = SigningKey::generate(world.rng);
  const OrganisationId& id = world.organisation.id;
  const std::vector<RootSuccession> steps{sign_root_succession(world.root, second, id, kNow).value(),
                                          sign_root_succession(second, third, id, kNow + Days(1)).value()};
  EXPECT_EQ(newest_root(world.root.verify_key(), steps, id).value(), third.verify_key());
  EXPECT_EQ(newest_root(second.verify_key(), steps, id).value(), third.verify_key());
  EXPECT_EQ(newest_root(third.verify_key(), steps, id).value(), third.verify_key());
  EXPECT_EQ(newest_root(world.root.verify_key(), {}, id).value(), world.root.verify_key());
  EXPECT_EQ(newest_root(world.root.verify_key(), {steps[1], steps[0]}, id).value(), second.verify_key());
  EXPECT_EQ(sign_root_succession(world.root, world.root, id, kNow).error(), kBadRootSuccession);
  EXPECT_EQ(newest_root(world.root.verify_key(), std::vector(kMaxRootSuccessions + 1, steps[0]), id).error(), kBadRootSuccession);
  EXPECT_TRUE(newest_root(world.root.verify_key(), std::vector(kMaxRootSuccessions, steps[0]), id).ok());
  EXPECT_EQ(trusted_roots(world.root.verify_key(), std::vector(kMaxRootSuccessions + 1, steps[0]), id).error(),
            kBadRootSuccession);
  EXPECT_TRUE(trusted_roots(world.root.verify_key(), std::vector(kMaxRootSuccessions, steps[0]), id).ok());

  const Bytes bytes = encode_root_successions(steps);
  EXPECT_EQ(decode_root_successions(bytes).value(), steps);
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto decoded = decode_root_successions(changed);
    EXPECT_FALSE(decoded.ok() && newest_root(world.root.verify_key(), *decoded, id).ok()) << "bit " << bit;
  });
}

TEST_F(StatusTest, AReplacedRootKeepsWhatItCertifiedInItsTime) {
  const SigningKey second = SigningKey::generate(world.rng);
  const SigningKey third = SigningKey::generate(world.rng);
  const OrganisationId& id = world.organisation.id;
  const Timestamp certified = world.coach_certificate().not_before;
  const auto roots = [&](const VerifyKey& known, Timestamp since) {
    const std::vector<RootSuccession> steps{sign_root_succession(world.root, second, id, since).value(),
                                            sign_root_succession(second, third, id, since + Days(1)).value()};
    return trusted_roots(known, steps, id).value();
  };
  const auto verified = [&](const std::vector<TrustedRoot>& trusted) {
    const auto result = verify_chain_under(world.jongere_chain(), trusted, id, kNow);
    return result.ok() ? Error{} : result.error();
  };
  // Whichever root a device knows: the row is the same.
  for (const VerifyKey& known : {world.root.verify_key(), second.verify_key(), third.verify_key()}) {
    const auto trusted = roots(known, certified + Duration(1));
    ASSERT_EQ(trusted.size(), 3u);
    EXPECT_EQ(trusted.back().key, third.verify_key());
    EXPECT_FALSE(trusted.back().until.has_value());
    EXPECT_EQ(verified(trusted), Error{});
    EXPECT_EQ(verified(roots(known, certified)), kWrongIssuer);
  }
  EXPECT_EQ(verified({{third.verify_key()}}), kWrongIssuer);
  EXPECT_EQ(verify_chain_under({{}, world.jongere_key.verify_key(), {}}, roots(third.verify_key(), kNow), id, kNow).error(),
            kNotCertified);
}

}  // namespace
}  // namespace steiger::identity
