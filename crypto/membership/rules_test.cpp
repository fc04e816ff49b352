// The rules of rooms, one commit at a time: what people need passes, and each thing that a gateway, a coach, a third party or a thief
// could try is refused by the name of its rule.
#include "crypto/membership/test_support.h"

namespace steiger::membership::test {
namespace {

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
  // S11: what the jongere said in another generation's group.
  group_ = sha256(to_bytes("the next group"));
  EXPECT_EQ(refused(), identity::kGrantMismatch);
  group_ = sha256(to_bytes("the group"));
  // Not for longer than the jongere said.
  agreed_until_ = evas.certified_until - Duration(1);
  header_.grants = {grant(sam_, eva_.account, Role::third_party)};
  EXPECT_EQ(refused(), identity::kGrantOutlived);
  agreed_until_ = evas.certified_until;
  header_.grants = {grant(sam_, eva_.account, Role::third_party)};
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
  // A chain that does not count is no way to go on (S1).
  before_[1] = sams_phone_;
  status({{identity::key_hash(sams_phone_.account_key), Standing::replaced, kNow - Days(1)}});
  EXPECT_EQ(refused(), identity::kKeyRevoked);
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
  // Lost with the account key (S2): a later certificate under a new key tells it, an earlier one does not.
  const auto under_new_key = [&](Timestamp from) {
    return seat(2, client(noor_, Role::jongere, from, Days(300), sam_.account), tablet.who.device).chain;
  };
  header_.newer_chains = {under_new_key(kNow - Days(1))};
  EXPECT_TRUE(judged().ok());
  status({{identity::key_hash(noor_.key.verify_key()), Standing::ended, kNow - Days(2)}});
  EXPECT_EQ(refused(), kRemovalNotAllowed) << "certified by a coach who had left";
  trust_.status.reset();
  header_.newer_chains = {under_new_key(sams_phone_.certified_from)};
  EXPECT_EQ(refused(), kRemovalNotAllowed);
  header_.newer_chains = {under_new_key(sams_phone_.certified_from - Days(1))};
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
  const Person until_now = client(noor_, Role::third_party, kNow - Days(10), Days(10));
  const Seat ends_now = seat(4, until_now, device());
  room({noors_laptop_, sams_phone_, evas, ends_now});
  again();
  by(evas);
  remove(ends_now);
  EXPECT_TRUE(judged().ok()) << "at the very moment";
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
  EXPECT_FALSE(judged().ok()) << "nobody remembers as what";
  known_ = {known_by(sams_phone_.chain)};
  EXPECT_EQ(judged().value().joined, std::vector<AccountId>{sam_.account});
  known_.front().role = Role::third_party;
  EXPECT_FALSE(judged().ok()) << "in another role";
  known_ = {known_by(sams_phone_.chain)};
  former_ = {{sams_phone_.who, noors_laptop_.account_key, kEpoch - 1, true}};
  EXPECT_FALSE(judged().ok()) << "under another key";
}

// S8: a third party's time is what the jongere agreed to: no other certificate makes it longer, in none of the ways of coming or staying.
TEST_F(RulesTest, NobodyStretchesAThirdPartysTime) {
  const Seat evas = seat(2, eva_, device());
  Person longer{eva_.account, SigningKey(eva_.key.seed().clone()), {}, Role::third_party};
  Certificate stretched = fields(longer, kStart + Days(2), Days(400));
  longer.certificates = {noor_.certificates.front(), identity::issue_certificate(noor_.key, stretched).value()};
  const Seat later = seat(2, longer, evas.who.device, 2);
  // Her own leaf goes on under it, one more device of hers comes with it, or hers comes in again by itself.
  room({noors_laptop_, sams_phone_, evas});
  by(evas);
  after_[2] = later;
  EXPECT_EQ(refused(), identity::kGrantOutlived);
  header_.grants = {grant(sam_, eva_.account, Role::third_party)};
  EXPECT_EQ(refused(), identity::kGrantOutlived) << "a yes to less";
  agreed_until_ = later.certified_until;
  header_.grants = {grant(sam_, eva_.account, Role::third_party)};
  EXPECT_TRUE(judged().ok()) << "another yes";
  again();
  by(evas);
  add(seat(3, longer, device(), 2));
  EXPECT_EQ(refused(), identity::kGrantOutlived);
  again();
  facts_.external = true;
  facts_.committer = {2};
  facts_.removed = {{evas.leaf, {}}};
  after_[2] = later;
  EXPECT_EQ(refused(), identity::kGrantOutlived);
  // Back from silence, or in the next generation.
  room({noors_laptop_, sams_phone_});
  again();
  by(noors_laptop_);
  former_ = {{evas.who, evas.account_key, kEpoch - 1, true}};
  known_ = {known_by(evas.chain)};
  header_.returned = {evas.who};
  add(later);
  EXPECT_EQ(refused(), identity::kGrantOutlived);
  again();
  by(noors_laptop_);
  former_.clear();
  carried_over_ = {eva_.account};
  add(later);
  EXPECT_EQ(refused(), identity::kGrantOutlived);
  again();
  by(noors_laptop_);
  add(evas);
  EXPECT_TRUE(judged().ok());
  // A group room is the coach's, and her own devices' group has nobody to ask.
  binding_.room = RoomKind::group;
  room({noors_laptop_, sams_phone_, evas});
  again();
  by(evas);
  after_[2] = later;
  EXPECT_TRUE(judged().ok());
}

// S1: a coach who has left lets nobody in under a new key, whatever date the certificate bears.
TEST_F(RulesTest, WhoHasLeftCertifiesNobodyAnyMore) {
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  with_psk();
  const Seat twin = seat(2, client(noor_, Role::jongere, kNow - Days(3), Days(300), sam_.account), device());
  add(twin);
  status({});
  EXPECT_TRUE(judged().ok());
  status({{identity::key_hash(noors_laptop_.account_key), Standing::ended, kNow - Days(2)}});
  EXPECT_EQ(refused(), identity::kIssuerEnded) << "dated back to before the end";
  status({{identity::key_hash(noors_laptop_.account_key), Standing::ended, kNow + Days(1)}});
  EXPECT_TRUE(judged().ok()) << "ends tomorrow";
  // Whom she certified stays, and comes back under the same key.
  room({noors_laptop_});
  again();
  by(noors_laptop_);
  former_ = {{sams_phone_.who, sams_phone_.account_key, kEpoch - 1, true}};
  known_ = {known_by(sams_phone_.chain)};
  header_.returned = {sams_phone_.who};
  add(sams_phone_);
  status({{identity::key_hash(noors_laptop_.account_key), Standing::ended, kNow - Days(2)}});
  EXPECT_TRUE(judged().ok());
}

// ---------------------------------------------------------------- S11, self groups

TEST_F(RulesTest, ANewGenerationHoldsTheAccountsOfTheOneBefore) {
  room({sams_phone_});
  by(sams_phone_);
  add(noors_laptop_);
  EXPECT_FALSE(judged().ok());
  carried_over_ = {noor_.account, sam_.account};
  EXPECT_FALSE(judged().ok()) << "nobody remembers as what";
  known_ = {known_by(noors_laptop_.chain)};
  EXPECT_TRUE(judged().ok());
  known_.front().account_key = sams_phone_.account_key;
  EXPECT_FALSE(judged().ok()) << "under another key, not certified later";
  known_.front().certified_from = noors_laptop_.certified_from - Duration(1);
  EXPECT_TRUE(judged().ok()) << "certified later";
  known_.front().role = Role::agent;
  EXPECT_FALSE(judged().ok()) << "in another role";
  known_ = {known_by(noors_laptop_.chain)};
  add(seat(4, staff(Role::coach), device()));
  EXPECT_FALSE(judged().ok());
}

// S1: under a later key only as long as who certified it is there.
TEST_F(RulesTest, WhoHasLeftGivesNobodyALaterKeyInTheNextGeneration) {
  room({noors_laptop_});
  by(noors_laptop_);
  add(sams_phone_);
  carried_over_ = {sam_.account};
  known_ = {known_by(sams_phone_.chain)};
  status({{identity::key_hash(noors_laptop_.account_key), Standing::ended, kNow - Days(2)}});
  EXPECT_TRUE(judged().ok()) << "under the key that was here";
  known_.front().account_key = eva_.key.verify_key();
  known_.front().certified_from = sams_phone_.certified_from - Duration(1);
  EXPECT_EQ(refused(), identity::kIssuerEnded);
  status({});
  EXPECT_TRUE(judged().ok());
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

// ---------------------------------------------------------------- group rooms, and who was here

// S8: a group room is the coach's: clients come in without the others' yes, and nobody else lets anybody in.
TEST_F(RulesTest, TheCoachLetsPeopleIntoAGroupRoom) {
  binding_.room = RoomKind::group;
  const Seat bos = seat(2, client(noor_, Role::jongere), device());
  room({noors_laptop_, sams_phone_});
  by(noors_laptop_);
  add(bos);
  EXPECT_TRUE(judged().ok()) << "a second jongere, and no grant";
  again();
  by(sams_phone_);
  add(bos);
  EXPECT_EQ(refused(), kNoGrant);
}

// S2: the jongere is out and comes back into a room with somebody else in it; for whoever was never here that is no way in.
TEST_F(RulesTest, OnlyWhoWasHereComesBackAmongOthers) {
  const Seat evas = seat(2, eva_, device());
  room({noors_laptop_, evas});
  former_ = {{sams_phone_.who, sams_phone_.account_key, kEpoch - 1, false}};
  by(noors_laptop_);
  with_psk();
  add(seat(3, client(noor_, Role::jongere, kNow - Days(1), Days(300), sam_.account), device()));
  EXPECT_TRUE(judged().ok());
  again();
  by(noors_laptop_);
  with_psk();
  add(seat(3, client(noor_, Role::jongere, kNow - Days(1)), device()));
  EXPECT_EQ(refused(), kNoGrant);
}

// S13: this member does not know that the device was here; its account is, and vouches for it.
TEST_F(RulesTest, ADeviceReturnsThatThisMemberNeverSaw) {
  const Seat tablet = seat(3, sam_, device(), 2);
  room({noors_laptop_, sams_phone_, seat(2, eva_, device())});
  by(noors_laptop_);
  add(tablet);
  EXPECT_EQ(refused(), kForeignDevice);
  header_.returned = {tablet.who};
  EXPECT_TRUE(judged().ok());
  facts_.committer = {2};
  EXPECT_EQ(refused(), kForeignDevice) << "not by the begeleider";
}

}  // namespace
}  // namespace steiger::membership::test
