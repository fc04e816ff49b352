// A small organisation and one commit at a time, for tests of the rules of rooms: who is in the room, what the commit does, and what the
// rules say of it. For tests only.
#pragma once

#include <gtest/gtest.h>

#include "crypto/identity/test_support.h"
#include "crypto/membership/errors.h"
#include "crypto/membership/rules.h"

namespace steiger::membership::test {

using identity::Certificate;
using identity::Days;
using identity::DeviceIdentity;
using identity::Grant;
using identity::GrantPurpose;
using identity::HandoverOffer;
using identity::IdentityChain;
using identity::Role;
using identity::RoomKind;
using identity::Standing;
using identity::test::kNow;
using identity::test::kStart;

inline constexpr std::uint64_t kEpoch = 20;

// A person of the organisation: keys, a certificate, and devices that are made when they are asked for.
struct Person {
  AccountId account;
  SigningKey key;
  std::vector<Certificate> certificates;
  Role role;
};

class RulesTest : public ::testing::Test {
 protected:
  RulesTest() { trust_.organisation = organisation_, trust_.roots = {{root_.verify_key()}}; }

  Certificate fields(const Person& who, Timestamp from, Duration life) {
    Certificate c;
    c.organisation = organisation_;
    c.subject = who.account;
    c.subject_key = who.key.verify_key();
    c.role = who.role;
    c.not_before = from;
    c.not_after = from + life;
    if (who.role == Role::third_party) c.channel = binding_.channel;
    return c;
  }
  Person staff(Role role) {
    Person out{AccountId::random(rng_), SigningKey::generate(rng_), {}, role};
    out.certificates = {identity::issue_certificate(root_, fields(out, kStart, Days(365))).value()};
    return out;
  }
  // Certified by `coach`; under the pseudonym `account` when given.
  Person client(const Person& coach, Role role, Timestamp from = kStart + Days(1), Duration life = Days(300),
                std::optional<AccountId> account = std::nullopt) {
    Person out{account ? *account : AccountId::random(rng_), SigningKey::generate(rng_), {}, role};
    out.certificates = {coach.certificates.front(), identity::issue_certificate(coach.key, fields(out, from, life)).value()};
    return out;
  }
  DeviceId device() { return DeviceId::random(rng_); }
  Seat seat(std::uint32_t leaf, const Person& who, const DeviceId& id, std::uint32_t version = 1) {
    const auto list = identity::sign_device_list(who.key, who.account, version, {{id, root_.verify_key(), kStart}}).value();
    const Certificate& own = who.certificates.back();
    std::optional<AccountId> by;
    if (who.certificates.size() == 2) by = who.certificates.front().subject;
    return {{leaf},
            {who.account, id},
            who.key.verify_key(),
            who.role,
            own.not_before,
            own.not_after,
            by,
            {who.certificates, who.key.verify_key(), list}};
  }

  // ---- the commit at hand
  void by(const Seat& committer) { facts_.committer = committer.leaf; }
  void add(Seat newcomer) {
    facts_.added.push_back({newcomer.leaf, {}});
    after_.push_back(std::move(newcomer));
  }
  void remove(const Seat& gone) {
    facts_.removed.push_back({gone.leaf, {mls::SenderType::member, facts_.committer.value}});
    std::erase_if(after_, [&](const Seat& each) { return each.who == gone.who; });
  }
  void with_psk() { facts_.psks.push_back({mls::PskType::external, to_bytes("psk"), {}, {}, {}, {}}); }
  void room(Roster seats) { before_ = seats, after_ = std::move(seats); }
  Grant grant(const Person& jongere, const AccountId& account, Role role, std::uint64_t epoch = kEpoch) {
    return identity::sign_grant(jongere.key, {organisation_,
                                              binding_.channel,
                                              group_,
                                              epoch,
                                              account,
                                              role,
                                              GrantPurpose::debts,
                                              kNow,
                                              kNow + Days(7),
                                              role == Role::third_party ? agreed_until_ : Timestamp(),
                                              jongere.account,
                                              {}})
        .value();
  }
  Result<Judgement> judged() {
    return judge({binding_, before_, after_, facts_, header_, group_, kEpoch, kNow, trust_, former_, carried_over_, known_});
  }
  Error refused() {
    const auto result = judged();
    EXPECT_FALSE(result.ok());
    return result.ok() ? Error{} : result.error();
  }
  void status(std::vector<identity::StatusEntry> entries, Timestamp issued = kNow - Days(1)) {
    const SigningKey key = SigningKey::generate(rng_);
    const auto delegation =
        identity::issue_delegation(root_, {organisation_, key.verify_key(), kStart, kStart + Days(300), {}}).value();
    trust_.status =
        identity::sign_status_list(key, {organisation_, 1, issued, issued + Days(14), std::move(entries), delegation, {}})
            .value();
  }
  // Starts over with the same room.
  void again() { facts_ = {}, header_ = {}, after_ = before_; }

  identity::test::SeededRng rng_{7};
  OrganisationId organisation_ = OrganisationId::random(rng_);
  SigningKey root_ = SigningKey::generate(rng_);
  identity::ChannelBinding binding_{ChannelId::random(rng_), organisation_, root_.verify_key(), RoomKind::one_to_one};
  Trust trust_;
  Roster before_, after_;
  mls::CommitFacts facts_;
  identity::HandshakeHeader header_;
  std::vector<Former> former_;
  std::vector<AccountId> carried_over_;
  std::vector<Known> known_;
  Hash group_ = sha256(to_bytes("the group"));
  Timestamp agreed_until_ = kStart + Days(301);  // eva_'s certificate ends then

  Person noor_ = staff(Role::coach);
  Person sam_ = client(noor_, Role::jongere);
  Person eva_ = client(noor_, Role::third_party);  // begeleider
  Seat noors_laptop_ = seat(0, noor_, device());
  Seat sams_phone_ = seat(1, sam_, device());
};

}  // namespace steiger::membership::test
