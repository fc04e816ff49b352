// The rules of rooms, one commit at a time: what people need passes, and each thing that a gateway, a coach, a third party or a thief
// could try is refused by the name of its rule.
#include "crypto/membership/rules.h"

#include <gtest/gtest.h>

#include "crypto/identity/test_support.h"

namespace steiger::membership {
namespace {

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

constexpr std::uint64_t kEpoch = 20;

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
                                              epoch,
                                              account,
                                              role,
                                              GrantPurpose::debts,
                                              kNow,
                                              kNow + Days(7),
                                              jongere.account,
                                              {}})
        .value();
  }
  Result<Judgement> judged() {
    return judge({binding_, before_, after_, facts_, header_, kEpoch, kNow, trust_, former_, carried_over_});
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

  Person noor_ = staff(Role::coach);
  Person sam_ = client(noor_, Role::jongere);
  Person eva_ = client(noor_, Role::third_party);  // begeleider
  Seat noors_laptop_ = seat(0, noor_, device());
  Seat sams_phone_ = seat(1, sam_, device());
};

// ---------------------------------------------------------------- S8: opening, and no ghosts

TEST_F(RulesTest, ACoachOpensARoomForTheJongereWhoRedeemedAnInvite) {
  room({noors_laptop_});
  by(noors_laptop_);
  add(sams_phone_);
  EXPECT_EQ(refused(), kNotRedeemed);
  with_psk();
  EXPECT_EQ(judged().value().joined, std::vector<AccountId>{sam_.account});
}

TEST_F(RulesTest, ARoomIsNotOpenedWithAGhostInIt) {
  const Person otto = staff(Role::coach);
  room({noors_laptop_});
  by(noors_laptop_);
  with_psk();
  add(seat(2, otto, device()));
  EXPECT_EQ(refused(), kNoGrant);
  again();
  by(noors_laptop_);
  with_psk();
  add(seat(1, client(otto, Role::jongere), device()));  // somebody else's client
  EXPECT_EQ(refused(), kNoGrant);
}

TEST_F(RulesTest, AThirdPartyComesInWithTheJongeresGrantOnly) {
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  with_psk();
  const Seat evas = seat(2, eva_, device());
  add(evas);
  EXPECT_EQ(refused(), kNoGrant);
  header_.grants = {grant(sam_, AccountId::random(rng_), Role::third_party)};
  EXPECT_EQ(refused(), kNoGrant);
  header_.grants = {grant(noor_, eva_.account, Role::third_party)};  // the coach's own yes
  EXPECT_EQ(refused(), identity::kGrantMismatch);
  header_.grants = {grant(sam_, eva_.account, Role::coach)};
  EXPECT_EQ(refused(), identity::kGrantMismatch);
  header_.grants = {grant(sam_, eva_.account, Role::third_party)};
  EXPECT_EQ(judged().value().joined, std::vector<AccountId>{eva_.account});
  facts_.psks.clear();
  EXPECT_EQ(refused(), kNotRedeemed);
  // Removed in the epoch of the grant: it does not bring her back.
  with_psk();
  former_ = {{evas.who, evas.account_key, kEpoch, false}};
  EXPECT_EQ(refused(), identity::kGrantExpired);
}

TEST_F(RulesTest, ASecondJongereNeverComesIntoARoom) {
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  with_psk();
  const Person bo = client(noor_, Role::jongere);
  header_.grants = {grant(sam_, bo.account, Role::jongere)};
  add(seat(2, bo, device()));
  EXPECT_EQ(refused(), kRoomKind);
}

TEST_F(RulesTest, AgentsLiveInReminderChannelsOnly) {
  const Person agent = staff(Role::agent);
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  header_.grants = {grant(sam_, agent.account, Role::agent)};
  add(seat(2, agent, device()));
  EXPECT_EQ(refused(), kAgentNotAllowed);

  // In its own room, opened with the grant of the jongere whom it takes in.
  binding_.room = RoomKind::reminders;
  const Seat robot = seat(0, agent, device());
  room({robot});
  again();
  by(robot);
  add(sams_phone_);
  EXPECT_EQ(refused(), kNoGrant);
  header_.grants = {grant(sam_, agent.account, Role::agent)};
  EXPECT_TRUE(judged().ok());
  room({robot, sams_phone_});
  again();
  by(robot);
  header_.grants = {grant(sam_, noor_.account, Role::coach)};
  add(seat(2, noor_, device()));
  EXPECT_EQ(refused(), kRoomKind);
}

TEST_F(RulesTest, TheGroupItselfNeverChanges) {
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  facts_.extensions_changed = true;
  EXPECT_EQ(refused(), kContextChange);
  again();
  by(noors_laptop_);
  facts_.reinit = mls::ReInit{};
  EXPECT_EQ(refused(), kReinitRefused);
}

// ---------------------------------------------------------------- S2: devices and keys

TEST_F(RulesTest, OnlyTheAccountItselfAddsItsDevices) {
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  add(seat(2, noor_, device(), 2));
  EXPECT_EQ(judged().value().new_devices.size(), 1u);
  again();
  by(noors_laptop_);
  add(seat(2, sam_, device(), 2));
  EXPECT_EQ(refused(), kForeignDevice);
}

TEST_F(RulesTest, ALeafStaysItsDevice) {
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  after_[1] = seat(1, sam_, device());
  EXPECT_EQ(refused(), kIdentityChanged);
  after_[1] = seat(1, sam_, sams_phone_.who.device, 2);
  EXPECT_TRUE(judged().ok());
  before_[1] = seat(1, sam_, sams_phone_.who.device, 3);
  EXPECT_EQ(refused(), identity::kDeviceListRollback);
}

TEST_F(RulesTest, AnAccountGoesOnUnderANewKeyWithALaterCertificate) {
  const Seat tablet = seat(2, sam_, device());
  room({noors_laptop_, sams_phone_, tablet});
  by(tablet);
  const Person renewed = client(noor_, Role::jongere, kNow - Days(1), Days(300), sam_.account);
  after_[2] = seat(2, renewed, tablet.who.device);
  remove(sams_phone_);  // the lost one
  const Judgement out = judged().value();
  EXPECT_EQ(out.new_keys, std::vector<AccountId>{sam_.account});
  EXPECT_EQ(out.gone_devices, std::vector<DeviceIdentity>{sams_phone_.who});
  // A thief certified nothing later.
  again();
  by(tablet);
  const Person earlier = client(noor_, Role::jongere, kStart, Days(300), sam_.account);
  after_[2] = seat(2, earlier, tablet.who.device);
  EXPECT_EQ(refused(), kNotNewer);
}

TEST_F(RulesTest, ComingBackIsUnderANewKeyByTheCoachsInvite) {
  const Person renewed = client(noor_, Role::jongere, kNow - Days(1), Days(300), sam_.account);
  const Seat back = seat(2, renewed, device());
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  add(back);
  EXPECT_EQ(refused(), kNotRedeemed);
  with_psk();
  const Judgement out = judged().value();
  EXPECT_EQ(out.new_devices, std::vector<DeviceIdentity>{back.who});
  EXPECT_TRUE(out.joined.empty());
  // The lost phone goes in the same commit.
  remove(sams_phone_);
  EXPECT_EQ(judged().value().gone_devices, std::vector<DeviceIdentity>{sams_phone_.who});
  // Another coach cannot bring anybody back.
  const Person otto = staff(Role::coach);
  again();
  by(noors_laptop_);
  with_psk();
  add(seat(2, client(otto, Role::jongere, kNow - Days(1), Days(300), sam_.account), device()));
  EXPECT_EQ(refused(), kForeignDevice);
}

TEST_F(RulesTest, AnOldDeviceMayObjectAndIsNotPushedOut) {
  const Person renewed = client(noor_, Role::jongere, kNow - Days(1), Days(300), sam_.account);
  const Seat back = seat(2, renewed, device());
  room({noors_laptop_, sams_phone_, back});
  by(sams_phone_);
  remove(back);
  EXPECT_TRUE(judged().ok());
  again();
  by(back);
  remove(sams_phone_);
  EXPECT_EQ(refused(), kRemovalNotAllowed);
  again();
  by(noors_laptop_);  // after the time to object
  remove(sams_phone_);
  EXPECT_TRUE(judged().ok());
}

TEST_F(RulesTest, AnybodyTakesOutALostDevice) {
  const Seat tablet = seat(2, sam_, device());
  const Seat evas = seat(3, eva_, device());
  room({noors_laptop_, sams_phone_, tablet, evas});
  by(evas);
  remove(sams_phone_);
  EXPECT_EQ(refused(), kRemovalNotAllowed);
  header_.newer_chains = {seat(2, sam_, tablet.who.device, 2).chain};  // sam's list without the phone
  EXPECT_TRUE(judged().ok());
  header_.newer_chains = {seat(2, sam_, sams_phone_.who.device, 2).chain};  // it still lists the phone
  EXPECT_EQ(refused(), kRemovalNotAllowed);
  header_.newer_chains = {tablet.chain};  // not newer
  EXPECT_EQ(refused(), kRemovalNotAllowed);
  header_.newer_chains.clear();
  status({{identity::key_hash(sams_phone_.account_key), Standing::replaced, kNow - Days(1)}});
  EXPECT_TRUE(judged().ok());
}

// ---------------------------------------------------------------- S1: standing

TEST_F(RulesTest, WhoNoLongerCountsDoesNotComeIn) {
  room({noors_laptop_});
  by(noors_laptop_);
  with_psk();
  add(sams_phone_);
  status({});
  EXPECT_TRUE(judged().ok());
  status({{identity::key_hash(sams_phone_.account_key), Standing::compromised, kNow - Days(1)}});
  EXPECT_EQ(refused(), identity::kKeyRevoked);
  status({{identity::key_hash(noors_laptop_.account_key), Standing::ended, kStart}});
  EXPECT_EQ(refused(), identity::kIssuerEnded);
  status({}, kNow - Days(15));
  EXPECT_EQ(refused(), identity::kStatusStale);
  // Chat, and own devices, go on with a stale list.
  again();
  by(noors_laptop_);
  add(seat(2, noor_, device(), 2));
  EXPECT_TRUE(judged().ok());
}

TEST_F(RulesTest, AThirdPartysTimeEnds) {
  const Person brief = client(noor_, Role::third_party, kStart + Days(1), Days(10));
  const Seat briefs = seat(2, brief, device());
  const Seat evas = seat(3, eva_, device());
  room({noors_laptop_, sams_phone_, briefs, evas});
  by(evas);
  remove(briefs);
  EXPECT_TRUE(judged().ok());
  again();
  by(briefs);
  remove(evas);
  EXPECT_EQ(refused(), kRemovalNotAllowed);
}

// ---------------------------------------------------------------- who may send whom away

TEST_F(RulesTest, RemovalsFollowLawSeven) {
  const Seat evas = seat(2, eva_, device());
  room({noors_laptop_, sams_phone_, evas});
  const auto try_it = [&](const Seat& who, const Seat& whom) {
    again();
    by(who);
    remove(whom);
    return judged().ok();
  };
  EXPECT_TRUE(try_it(noors_laptop_, evas));
  EXPECT_TRUE(try_it(sams_phone_, evas));
  EXPECT_FALSE(try_it(noors_laptop_, sams_phone_));
  EXPECT_FALSE(try_it(evas, sams_phone_));
  EXPECT_FALSE(try_it(evas, noors_laptop_));
  EXPECT_FALSE(try_it(sams_phone_, noors_laptop_)) << "the only coach leaves by handover";
  const Person otto = staff(Role::coach);
  room({noors_laptop_, sams_phone_, evas, seat(3, otto, device())});
  EXPECT_TRUE(try_it(sams_phone_, noors_laptop_));
  EXPECT_FALSE(try_it(before_[3], noors_laptop_));
  // Who asks to leave may be let go by anybody.
  again();
  by(sams_phone_);
  remove(evas);
  facts_.committer = noors_laptop_.leaf;
  facts_.removed.front().proposed_by = {mls::SenderType::member, evas.leaf.value};
  EXPECT_TRUE(judged().ok());
}

TEST_F(RulesTest, SilentDevicesGoAndComeBack) {
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  header_.silent = {sams_phone_.who};
  remove(sams_phone_);
  EXPECT_EQ(judged().value().left, std::vector<AccountId>{sam_.account});

  room({noors_laptop_});
  again();
  by(noors_laptop_);
  header_.returned = {sams_phone_.who};
  add(sams_phone_);
  EXPECT_FALSE(judged().ok()) << "nobody remembers it";
  former_ = {{sams_phone_.who, sams_phone_.account_key, kEpoch - 1, false}};
  EXPECT_FALSE(judged().ok()) << "it was removed for another reason";
  former_ = {{sams_phone_.who, sams_phone_.account_key, kEpoch - 1, true}};
  EXPECT_EQ(judged().value().joined, std::vector<AccountId>{sam_.account});
  former_ = {{sams_phone_.who, noors_laptop_.account_key, kEpoch - 1, true}};
  EXPECT_FALSE(judged().ok()) << "under another key";
}

// ---------------------------------------------------------------- S9

TEST_F(RulesTest, AnExternalCommitIsOnlyTheSameDeviceAgain) {
  room({noors_laptop_, sams_phone_});
  facts_.external = true;
  facts_.removed.push_back({sams_phone_.leaf, {mls::SenderType::new_member_commit, 0}});
  facts_.committer = sams_phone_.leaf;
  after_ = {noors_laptop_, sams_phone_};
  EXPECT_TRUE(judged().value().resync);
  after_ = {noors_laptop_, seat(1, sam_, device())};
  EXPECT_EQ(refused(), kBadResync) << "another device";
  after_ = {noors_laptop_,
            seat(1, client(noor_, Role::jongere, kNow - Days(1), Days(300), sam_.account), sams_phone_.who.device)};
  EXPECT_EQ(refused(), kBadResync) << "another account key";
  after_ = {noors_laptop_, sams_phone_};
  status({{identity::key_hash(sams_phone_.account_key), Standing::replaced, kNow - Days(1)}});
  EXPECT_EQ(refused(), identity::kKeyRevoked);
  trust_.status.reset();
  facts_.removed.push_back({noors_laptop_.leaf, {}});
  EXPECT_EQ(refused(), kBadResync) << "more than one Remove";
  facts_.removed.clear();
  EXPECT_EQ(refused(), kBadResync) << "no Remove";
}

// ---------------------------------------------------------------- S10

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

// ---------------------------------------------------------------- S11, self groups

TEST_F(RulesTest, ANewGenerationHoldsTheAccountsOfTheOneBefore) {
  room({sams_phone_});
  by(sams_phone_);
  add(noors_laptop_);
  EXPECT_FALSE(judged().ok());
  carried_over_ = {noor_.account, sam_.account};
  EXPECT_TRUE(judged().ok());
  add(seat(4, staff(Role::coach), device()));
  EXPECT_FALSE(judged().ok());
}

TEST_F(RulesTest, ASelfGroupHoldsOneAccount) {
  binding_.room = RoomKind::self;
  room({noors_laptop_});
  by(noors_laptop_);
  add(seat(1, noor_, device(), 2));
  EXPECT_TRUE(judged().ok());
  add(sams_phone_);
  EXPECT_EQ(refused(), kRoomKind);
}

}  // namespace
}  // namespace steiger::membership
