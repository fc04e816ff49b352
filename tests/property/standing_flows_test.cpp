// What happens to people's devices over weeks and months, against the real gateway Service: a lost phone with another device left and a
// comeback that is objected to (S2), silence and return (S13), a certificate that is renewed after the root was, and a coach in wrong hands
// (S1).
#include "client-sdk/src/organisation_status.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/lies.h"
#include "crypto/identity/root_succession.h"
#include "tests/property/rooms_fixture.h"

namespace steiger::sdk::testing {
namespace {

using identity::Role;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Flows : public Rooms {
 protected:
  void start_link(SimDevice& from, SimDevice& to) {
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    make.purpose = api::InvitePurpose::device;
    make.page_url = kPage;
    world.start_join(to, world.ask_until_stored(from, make).body.AsInvite()->url);
  }
  bool link(SimDevice& from, SimDevice& to) {
    start_link(from, to);
    return until([&] { return to.status().membership == api::Membership::ready && to.channels().size() == 1; });
  }
  void lose_sams_phone(SimDevice& said_on) {
    api::RemoveDeviceT lost;
    lost.device = sam.status().device;
    lost.lost = true;
    ASSERT_EQ(world.ask_until_answered(said_on, lost).body.AsFailed(), nullptr);
  }
  static std::uint32_t devices_of(SimDevice& seen_by, const std::vector<std::uint8_t>& account) {
    const auto rooms = seen_by.channels();
    for (const auto& member : rooms.front().members) {
      if (member->account == account) return member->devices;
    }
    return 0;
  }
  void expect_talking(SimDevice& a, SimDevice& b) {
    for (const auto& [from, to] : {std::pair(&a, &b), std::pair(&b, &a)}) {
      const std::string text = from->name + std::to_string(said_++);
      send(*from, text);
      EXPECT_TRUE(until([&, heard = to] { return has(*heard, text); })) << to->name;
    }
  }
  int said_ = 0;
};

// S2: the phone is gone, the tablet is there. The phone is out at once; the coach, after a call, vouches for the new key.
TEST_F(Flows, AJongereWhoLostThePhoneGoesOnWithTheTablet) {
  chatting();
  SimDevice& tablet = world.add_device("tablet");
  ASSERT_TRUE(link(sam, tablet));
  const auto account = sam.status().account;
  const auto before = tablet.status().account_key_hash;
  lose_sams_phone(tablet);
  EXPECT_TRUE(until([&] { return sam.status().membership == api::Membership::stopped; }));
  std::optional<api::QuestionT> asked;
  ASSERT_TRUE(until([&] { return (asked = question(world, noor)).has_value(); }));
  EXPECT_EQ(asked->kind, api::QuestionKind::new_key);
  EXPECT_EQ(asked->account, account);
  EXPECT_EQ(devices_of(noor, account), 1u);
  ASSERT_EQ(answer(world, noor, *asked, true), "");
  EXPECT_TRUE(until([&] { return tablet.status().account_key_hash != before; }));
  EXPECT_TRUE(until([&] {
    const auto told = notices(noor);
    return std::count(told.begin(), told.end(), api::NoticeKind::new_key) == 1;
  }));
  expect_talking(noor, tablet);
  EXPECT_EQ(tablet.status().account, account);
  EXPECT_THAT(sam.alarms(), ElementsAre("revoked_device"));
  EXPECT_FALSE(has(sam, "Noor0"));
  // The new key is the account's: its yes lets somebody in.
  std::optional<api::QuestionT> let_in;
  const std::string url = world.ask_until_stored(noor, reading_along()).body.AsInvite()->url;
  world.start_join(bea, url);
  ASSERT_TRUE(until([&] { return (let_in = question(world, tablet)).has_value(); }));
  ASSERT_EQ(answer(world, tablet, *let_in, true), "");
  EXPECT_TRUE(until([&] { return bea.channels().size() == 1; }));
  no_alarms({&noor, &tablet, &bea});
}

// S2: the coach vouches for the new key while the next phone is just being linked under the old one. It comes in all the same.
TEST_F(Flows, ANewKeyWaitsForThePhoneThatIsBeingLinked) {
  chatting();
  SimDevice& tablet = world.add_device("tablet");
  SimDevice& next = world.add_device("next phone");
  ASSERT_TRUE(link(sam, tablet));
  const auto account = sam.status().account;
  const auto before = tablet.status().account_key_hash;
  lose_sams_phone(tablet);
  std::optional<api::QuestionT> asked;
  ASSERT_TRUE(until([&] { return (asked = question(world, noor)).has_value(); }));
  start_link(tablet, next);
  while (next.status().membership != api::Membership::ready) world.scheduler.run_for(std::chrono::milliseconds(20));
  ASSERT_THAT(next.channels(), IsEmpty()) << "it has yet to come into the room";
  ASSERT_EQ(answer(world, noor, *asked, true), "");
  EXPECT_TRUE(until([&] { return next.channels().size() == 1; }));
  EXPECT_TRUE(until([&] {
    return tablet.status().account_key_hash != before && next.status().account_key_hash == tablet.status().account_key_hash;
  }));
  EXPECT_EQ(devices_of(noor, account), 2u);
  expect_talking(noor, next);
  no_alarms({&noor, &tablet, &next});
}

// S2: "no": the lost phone is out all the same, and the account stays under its key.
TEST_F(Flows, TheCoachDoesNotVouchForANewKey) {
  chatting();
  SimDevice& tablet = world.add_device("tablet");
  ASSERT_TRUE(link(sam, tablet));
  const auto before = tablet.status().account_key_hash;
  lose_sams_phone(tablet);
  std::optional<api::QuestionT> asked;
  ASSERT_TRUE(until([&] { return (asked = question(world, noor)).has_value(); }));
  ASSERT_EQ(answer(world, noor, *asked, false), "");
  world.scheduler.run_for(std::chrono::minutes(2));
  EXPECT_EQ(tablet.status().account_key_hash, before);
  EXPECT_EQ(sam.status().membership, api::Membership::stopped);
  expect_talking(noor, tablet);
  no_alarms({&noor, &tablet});
}

// S2: somebody else came back in Sam's name. Sam's phone is alive, sees it, and takes it out; a week later Sam is still there.
TEST_F(Flows, ALivePhoneObjectsToAComeback) {
  chatting();
  api::MakeInviteT make;
  make.kind = api::InviteKind::link;
  make.purpose = api::InvitePurpose::comeback;
  make.channel = noor.channels().front().id;
  make.account = sam.status().account;
  make.page_url = kPage;
  const std::string url = world.ask_until_stored(noor, make).body.AsInvite()->url;
  SimDevice& thief = world.add_device("Sam");
  world.start_join(thief, url);
  ASSERT_TRUE(until([&] {
    world.confirm_when_asked(noor);
    return thief.channels().size() == 1;
  }));
  EXPECT_TRUE(until([&] { return devices_of(sam, sam.status().account) == 2; }));
  EXPECT_THAT(notices(sam), Contains(api::NoticeKind::new_device));
  EXPECT_THAT(notices(noor), Contains(api::NoticeKind::new_device));
  api::RemoveDeviceT object;
  object.device = thief.status().device;
  ASSERT_NE(world.ask_until_answered(sam, object).body.AsDone(), nullptr);
  reads_nothing_more(thief, sam, noor);
  EXPECT_EQ(devices_of(noor, sam.status().account), 1u);
  world.scheduler.run_for(kObjectionTime + std::chrono::hours(1));
  EXPECT_FALSE(ended(sam)) << "the device of before stays";
  expect_talking(noor, sam);
  no_alarms({&noor, &sam});
}

// S2, S8: who comes while the jongere is out has not seen the account go; the Welcome says that it may come back.
TEST_F(Flows, WhoCameWhileTheJongereWasOutSeesTheComeback) {
  let_in();
  SimDevice& laptop = world.add_device("Noor");
  ASSERT_TRUE(link(noor, laptop));
  api::MakeInviteT make;
  make.kind = api::InviteKind::qr;
  make.purpose = api::InvitePurpose::comeback;
  make.page_url = kPage;
  make.channel = noor.channels().front().id;
  make.account = sam.status().account;
  make.lost = true;
  SimDevice& new_phone = world.add_device("Sam");
  world.start_join(new_phone, world.ask_until_stored(noor, make).body.AsInvite()->url);
  // Noor's phone accepts the invite, and dies before the new phone is in the room; the laptop takes the old one out.
  world.network.tamper_up = [](Bytes frame) {
    return wire::GetFrame(frame.data())->body_type() == wire::Body::SubmitCommit ? Bytes() : frame;
  };
  ASSERT_TRUE(until([&] { return sam.status().membership == api::Membership::stopped; }));
  noor.crash();
  world.network.tamper_up = nullptr;
  world.network.cut_all();  // what was sent and lost is sent again
  ASSERT_TRUE(until([&] { return members(bea) == 2; }));
  SimDevice& tablet = world.add_device("Bea");
  ASSERT_TRUE(link(bea, tablet));
  ASSERT_EQ(members(tablet), 2u);
  noor.boot();
  ASSERT_TRUE(until([&] { return new_phone.channels().size() == 1; }));
  EXPECT_TRUE(until([&] { return members(tablet) == 3; })) << ::testing::PrintToString(causes(tablet));
  expect_talking(new_phone, tablet);
  no_alarms({&noor, &laptop, &bea, &tablet, &new_phone});
}

// S13: away for a hundred days, taken out, back again: with what was said before the removal, and in every later message.
TEST_F(Flows, AHundredDaysOfSilenceAndBack) {
  chatting();
  world.scheduler.run_for(std::chrono::minutes(2));
  sam.crash();
  noor.crash();
  world.scheduler.run_for(std::chrono::hours(24 * 99));
  noor.boot();
  world.scheduler.run_for(std::chrono::minutes(5));
  EXPECT_EQ(members(noor), 2u) << "not yet";
  send(noor, "waar ben je?");
  world.scheduler.run_for(std::chrono::minutes(5));
  noor.crash();
  world.scheduler.run_for(std::chrono::hours(24 * 3));
  noor.boot();
  ASSERT_TRUE(until([&] { return members(noor) == 1; }, std::chrono::hours(48)));
  sam.boot();
  EXPECT_TRUE(until([&] { return has(sam, "waar ben je?"); }));
  ASSERT_TRUE(until([&] { return members(noor) == 2 && !ended(sam); }, std::chrono::hours(2)));
  expect_talking(noor, sam);
  EXPECT_EQ(sam.channels().size(), 1u);
  no_alarms({&noor, &sam});
}

// ---------------------------------------------------------------- standing of staff (S1)

class StaffStanding : public Flows {
 protected:
  void publish(SimDevice& by, const Bytes& list, const Bytes& roots = {}) {
    api::PublishStandingT body;
    body.status_list = list;
    body.root_successions = roots;
    const auto* failed = world.ask_until_answered(by, body).body.AsFailed();
    ASSERT_EQ(failed, nullptr) << failed->name;
    world.scheduler.run_for(std::chrono::minutes(1));
  }
  Bytes list_of(const Organisation& organisation, const std::vector<identity::StatusEntry>& entries) {
    SeededRng keys(3);
    const auto authority = appoint_status_key(organisation, SigningKey::generate(keys), world.scheduler.now).value();
    StatusBook book = book_;
    for (const auto& entry : entries) EXPECT_TRUE(book.note(entry.key, entry.standing, entry.since).ok());
    auto made = sign_next_status(organisation.facts, authority, book, world.scheduler.now).value();
    book_ = made.book;
    return identity::encode_status_list(made.list);
  }
  static Hash key_of(SimDevice& device) {
    Hash out{};
    const auto hash = device.status().account_key_hash;
    std::copy(hash.begin(), hash.end(), out.begin());
    return out;
  }
  StatusBook book_;
};

// The beheerder replaced the root: staff install a certificate by the new one and go on, in the rooms too.
TEST_F(StaffStanding, ARenewedCertificateAfterANewRoot) {
  world.set_up_coach(noor);
  const auto asked = world.ask_until_answered(noor, api::GetStatusT()).body.AsStatus() != nullptr;
  EXPECT_TRUE(asked);
  ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
  expect_talking(noor, sam);
  const SigningKey next_root = SigningKey::generate(world.rng);
  const auto step =
      identity::sign_root_succession(world.organisation.root, next_root, world.organisation.facts.id, world.scheduler.now)
          .value();
  Organisation renewed{world.organisation.facts, next_root.clone()};
  renewed.facts.root_key = next_root.verify_key();
  world.scheduler.run_for(std::chrono::minutes(1));
  const auto self = SelfRecord::decode(noor.disk.at(keys::kSelf).bytes()).value();
  const auto chain = identity::decode_chain(self.chain).value();
  const StaffRequest request{renewed.facts.id, "Noor", chain.account_key, chain.device_list};
  api::InstallCertificateT install;
  install.certificate = certify_staff(renewed, request, Role::coach, world.scheduler.now).value();
  const auto* early = world.ask_until_answered(noor, install).body.AsFailed();
  ASSERT_NE(early, nullptr) << "nobody has vouched for that root yet";
  EXPECT_EQ(early->name, kBadCertificate.name);
  publish(noor, list_of(renewed, {}), identity::encode_root_successions({step}));
  auto as_teamleider = install;
  as_teamleider.certificate = certify_staff(renewed, request, Role::teamleider, world.scheduler.now).value();
  EXPECT_NE(world.ask_until_answered(noor, as_teamleider).body.AsFailed(), nullptr) << "another role is another person";
  EXPECT_NE(world.ask_until_answered(noor, install).body.AsDone(), nullptr);
  EXPECT_TRUE(until([&] {
    return noor.disk.count(keys::kSelf) == 1 && SelfRecord::decode(noor.disk.at(keys::kSelf).bytes())->chain != self.chain;
  }));
  expect_talking(noor, sam);
  // What she certifies now hangs under the new root.
  SimDevice& kim = world.add_device("Kim");
  EXPECT_TRUE(world.invite(noor, kim, api::InviteKind::link));
  no_alarms({&noor, &sam, &kim});
}

// S1: a coach's keys are in wrong hands. From the list on her device is refused, and an invite that was under way lets nobody in.
TEST_F(StaffStanding, ACompromisedCoachLetsNobodyIn) {
  chatting();
  SimDevice& tess = world.add_device("Tess");
  set_up_staff(world, tess, Role::teamleider);
  const std::string url = world.make_invite(noor, api::InviteKind::link, "Kim");
  SimDevice& kim = world.add_device("Kim");
  world.start_join(kim, url);
  world.scheduler.run_for(std::chrono::minutes(1));
  publish(tess, list_of(world.organisation, {{key_of(noor), identity::Standing::compromised, world.scheduler.now}}));
  EXPECT_TRUE(until([&] { return noor.status().membership == api::Membership::stopped; }));
  world.confirm_when_asked(noor);
  world.scheduler.run_for(std::chrono::minutes(5));
  EXPECT_THAT(kim.channels(), IsEmpty());
  EXPECT_EQ(noor.channels().size(), 1u);
  EXPECT_THAT(noor.alarms(), ElementsAre("revoked_device"));
}

// S10: what the jongere writes while nobody follows yet waits, and the successor reads it; the coach who left does not.
TEST_F(StaffStanding, WhatIsWrittenForACoachWhoLeftIsReadByTheSuccessor) {
  chatting();
  SimDevice& tess = world.add_device("Tess");
  SimDevice& kees = world.add_device("Kees");
  set_up_staff(world, tess, Role::teamleider);
  world.set_up_coach(kees);
  world.scheduler.run_for(std::chrono::seconds(30));  // his KeyPackages are there
  EXPECT_FALSE(sam.channels().front().awaits_coach);
  publish(tess, list_of(world.organisation, {{key_of(noor), identity::Standing::ended, world.scheduler.now}}));
  ASSERT_TRUE(until([&] { return sam.channels().front().awaits_coach; }));
  send(sam, "leest iemand dit?");
  ASSERT_TRUE(until([&] { return sam.status().waiting == 1; }));
  world.scheduler.run_for(std::chrono::seconds(2));
  sam.crash();
  sam.boot();
  world.scheduler.run_for(std::chrono::minutes(5));
  EXPECT_FALSE(has(sam, "leest iemand dit?")) << "it has no place yet";
  EXPECT_EQ(sam.status().waiting, 1u);
  const api::OfferHandoverT offer = handover_to(kees);
  ASSERT_EQ(world.ask_until_answered(tess, offer).body.AsFailed(), nullptr);
  std::optional<api::QuestionT> asked;
  ASSERT_TRUE(until([&] { return (asked = question(world, sam)).has_value(); }));
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  EXPECT_TRUE(until([&] { return has(kees, "leest iemand dit?"); }));
  EXPECT_FALSE(sam.channels().front().awaits_coach);
  EXPECT_EQ(sam.status().waiting, 0u);
  EXPECT_FALSE(has(noor, "leest iemand dit?"));
  no_alarms({&sam, &kees, &tess});
}

// S2: `replaced` on the list refuses the lost phone too, without any newer chain.
TEST_F(StaffStanding, AReplacedKeyLogsInNoMore) {
  chatting();
  SimDevice& tess = world.add_device("Tess");
  set_up_staff(world, tess, Role::teamleider);
  publish(tess, list_of(world.organisation, {{key_of(noor), identity::Standing::replaced, world.scheduler.now}}));
  EXPECT_TRUE(until([&] { return noor.status().membership == api::Membership::stopped; }));
  EXPECT_THAT(noor.alarms(), ElementsAre("revoked_device"));
  send(sam, "is daar iemand?");
  world.scheduler.run_for(std::chrono::minutes(1));
  EXPECT_FALSE(has(noor, "is daar iemand?"));
  no_alarms({&sam, &tess});
}

}  // namespace
}  // namespace steiger::sdk::testing
