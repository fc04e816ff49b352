// Devices of one person, against the real gateway Service (S1, S2, S14): linking, dropping, losing, coming back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/organisation_status.h"
#include "client-sdk/src/testing/world.h"
#include "tests/property/service_gateway.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::unique_ptr<GatewayEnd> make_service(Scheduler& scheduler, const identity::OrganisationPublic& organisation,
                                         std::uint64_t seed) {
  return std::make_unique<ServiceGateway>(scheduler, organisation, kGatewayOrigin, seed);
}

class OwnDevices : public ::testing::Test {
 protected:
  void chatting() {
    world.set_up_coach(noor);
    ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
    send(noor, "hoi");
    ASSERT_TRUE(until([&] { return texts(sam) == std::vector<std::string>{"hoi"}; }));
  }
  bool until(const std::function<bool()>& condition, Duration at_most = std::chrono::minutes(10)) {
    const Timestamp end = world.scheduler.now + at_most;
    while (!condition()) {
      if (world.scheduler.now >= end) return false;
      world.scheduler.run_for(std::chrono::seconds(2));
    }
    return true;
  }
  std::string invite_for(SimDevice& from, api::MakeInviteT make) {
    make.page_url = kPage;
    const auto* invite = world.ask_until_stored(from, make).body.AsInvite();
    return invite == nullptr ? std::string() : invite->url;
  }
  // `to` becomes one more device of `from`'s account; false when it did not in ten minutes.
  bool link(SimDevice& from, SimDevice& to, std::size_t rooms = 1) {
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    make.purpose = api::InvitePurpose::device;
    const std::string url = invite_for(from, make);
    return until([&] {
      if (to.status().membership == api::Membership::none) world.start_join(to, url);
      return to.status().membership == api::Membership::ready && to.channels().size() == rooms;
    });
  }
  void send(SimDevice& device, const std::string& text) {
    api::SendTextT body;
    body.channel = device.channels().front().id;
    body.text = text;
    device.ask(body);
  }
  std::vector<std::string> texts(SimDevice& device) {
    std::vector<std::string> out;
    for (const auto& channel : device.channels()) {
      for (const auto& message : device.messages(channel.id)) {
        if (message.seq != 0) out.push_back(message.text);
      }
    }
    return out;
  }
  // How many devices `of`'s account has in the first room, as `seen_by` sees it.
  static std::uint32_t devices_of(SimDevice& seen_by, SimDevice& of) {
    const auto account = of.status().account;
    const auto rooms = seen_by.channels();
    for (const auto& member : rooms.front().members) {
      if (member->account == account) return member->devices;
    }
    return 0;
  }
  bool everybody_hears_everybody(const std::vector<SimDevice*>& devices) {
    std::vector<std::string> said;
    for (SimDevice* device : devices) said.push_back(device->name + std::to_string(round_++));
    for (std::size_t i = 0; i < devices.size(); ++i) {
      send(*devices[i], said[i]);
      world.scheduler.run_for(std::chrono::seconds(2));
    }
    return until([&] {
      return std::all_of(devices.begin(), devices.end(), [&](SimDevice* device) {
        const auto shown = texts(*device);
        return std::all_of(said.begin(), said.end(),
                           [&](const auto& text) { return std::count(shown.begin(), shown.end(), text) == 1; });
      });
    });
  }

  World world{31, make_service};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  SimDevice& tablet = world.add_device("tablet");
  int round_ = 0;
};

// S2: two devices change the list at the same moment. The one that the gateway refuses makes its change again on top of the other's, and
// brings in what the other cannot any more.
TEST_F(OwnDevices, TwoDevicesChangeTheListAtOnce) {
  chatting();
  ASSERT_TRUE(link(sam, tablet));
  const auto tablets = tablet.status().device;
  sam.crash();
  SimDevice& laptop = world.add_device("laptop");
  api::MakeInviteT make;
  make.kind = api::InviteKind::qr;
  make.purpose = api::InvitePurpose::device;
  world.start_join(laptop, invite_for(tablet, make));
  ASSERT_TRUE(until([&] { return laptop.status().membership == api::Membership::ready; }));
  tablet.crash();
  ASSERT_THAT(laptop.channels(), IsEmpty()) << "the tablet did not get to that any more";
  sam.boot();
  api::RemoveDeviceT drop;
  drop.device = tablets;
  sam.ask(drop);  // it has yet to hear of the laptop
  EXPECT_TRUE(until([&] { return laptop.channels().size() == 1; }, std::chrono::hours(1)));
  EXPECT_EQ(devices_of(noor, sam), 2u) << "the phone and the laptop";
  EXPECT_TRUE(everybody_hears_everybody({&noor, &sam, &laptop}));
  sam.crash();
  sam.boot();
  EXPECT_TRUE(until([&] { return sam.status().connection == api::Connection::online; }));
  tablet.boot();
  EXPECT_TRUE(until([&] { return tablet.status().membership == api::Membership::stopped; }));
  for (SimDevice* device : {&noor, &sam, &laptop}) EXPECT_THAT(device->alarms(), IsEmpty()) << device->name;
}

TEST_F(OwnDevices, ALinkedDeviceIsTheSamePersonInEveryRoom) {
  chatting();
  ASSERT_TRUE(link(sam, tablet));
  const auto status = tablet.status();
  EXPECT_EQ(status.account, sam.status().account);
  EXPECT_NE(status.device, sam.status().device);
  EXPECT_EQ(status.role, api::Role::jongere);
  EXPECT_EQ(status.name, "Sam");
  EXPECT_EQ(status.account_key_hash, sam.status().account_key_hash);
  // The self group is nobody's conversation, and the room is called as on the phone.
  EXPECT_EQ(sam.channels().size(), 1u);
  EXPECT_EQ(tablet.channels().front().title, "Noor");
  EXPECT_EQ(devices_of(noor, sam), 2u);
  EXPECT_TRUE(everybody_hears_everybody({&noor, &sam, &tablet}));
  for (SimDevice* device : {&noor, &sam, &tablet}) EXPECT_THAT(device->alarms(), IsEmpty()) << device->name;
  // What was said before comes along (S17).
  EXPECT_TRUE(until([&] { return texts(tablet) == texts(sam); }));
}

TEST_F(OwnDevices, ADeviceLinksTheNextOneAndNewRoomsHaveAllOfThem) {
  world.set_up_coach(noor);
  ASSERT_TRUE(link(noor, tablet, 0));
  SimDevice& laptop = world.add_device("laptop");
  world.scheduler.run_for(std::chrono::minutes(1));
  ASSERT_TRUE(link(tablet, laptop, 0));
  world.scheduler.run_for(std::chrono::minutes(1));
  const std::string url = world.make_invite(noor, api::InviteKind::qr, "Sam van Noor");
  world.start_join(sam, url);
  ASSERT_TRUE(until([&] { return sam.channels().size() == 1 && tablet.channels().size() == 1 && laptop.channels().size() == 1; },
                    std::chrono::minutes(40)));
  EXPECT_TRUE(until([&] { return tablet.channels().front().title == "Sam van Noor"; }));
  EXPECT_EQ(devices_of(sam, noor), 3u);
  EXPECT_TRUE(everybody_hears_everybody({&noor, &sam, &tablet, &laptop}));
  for (SimDevice* device : {&noor, &sam, &tablet, &laptop}) EXPECT_THAT(device->alarms(), IsEmpty()) << device->name;
}

TEST_F(OwnDevices, ADroppedDeviceIsRefusedAndLeavesEveryRoom) {
  chatting();
  ASSERT_TRUE(link(sam, tablet));
  api::RemoveDeviceT remove;
  remove.device = sam.status().device;
  EXPECT_NE(world.ask_until_answered(sam, remove).body.AsFailed(), nullptr);  // not this one
  remove.device = tablet.status().device;
  EXPECT_NE(world.ask_until_answered(sam, remove).body.AsDone(), nullptr);
  EXPECT_TRUE(until([&] { return devices_of(noor, sam) == 1 && tablet.status().membership == api::Membership::stopped; }));
  EXPECT_THAT(tablet.alarms(), ElementsAre("revoked_device"));
  EXPECT_EQ(world.ask_until_answered(sam, api::ListDevicesT()).body.AsDeviceList()->devices.size(), 1u);
  EXPECT_TRUE(everybody_hears_everybody({&noor, &sam}));
  EXPECT_THAT(noor.alarms(), IsEmpty());
  EXPECT_THAT(sam.alarms(), IsEmpty());
}

// S2, staff: the lost device is out at once; the account goes on under a new key when the beheerder has certified it.
TEST_F(OwnDevices, StaffWhoLostADeviceGoOnUnderANewKey) {
  chatting();
  ASSERT_TRUE(link(noor, tablet));
  const auto before = noor.status().account_key_hash;
  api::RemoveDeviceT remove;
  remove.device = tablet.status().device;
  remove.lost = true;
  const auto* asked = world.ask_until_answered(noor, remove).body.AsStaffRequest();
  ASSERT_NE(asked, nullptr);
  EXPECT_TRUE(until([&] { return devices_of(sam, noor) == 1; }));
  EXPECT_EQ(noor.status().account_key_hash, before);
  const auto request = decode_staff_request(asked->request);
  ASSERT_TRUE(request.ok());
  api::InstallCertificateT install;
  install.certificate = certify_staff(world.organisation, *request, identity::Role::teamleider, world.scheduler.now).value();
  EXPECT_NE(world.ask_until_answered(noor, install).body.AsFailed(), nullptr);  // another role is another person
  install.certificate = certify_staff(world.organisation, *request, identity::Role::coach, world.scheduler.now).value();
  EXPECT_NE(world.ask_until_answered(noor, install).body.AsDone(), nullptr);
  EXPECT_NE(noor.status().account_key_hash, before);
  EXPECT_TRUE(everybody_hears_everybody({&noor, &sam}));
  // The whole coach works under it: another jongere comes in.
  SimDevice& kim = world.add_device("Kim");
  EXPECT_TRUE(world.invite(noor, kim, api::InviteKind::link));
  EXPECT_THAT(noor.alarms(), IsEmpty());
  EXPECT_THAT(sam.alarms(), IsEmpty());
  EXPECT_EQ(tablet.status().membership, api::Membership::stopped);
}

// S2: the other devices of the account get its new key from the one that asked for it, in the self group.
TEST_F(OwnDevices, TheOtherDevicesGoAlongToTheNewKey) {
  chatting();
  ASSERT_TRUE(link(noor, tablet));
  SimDevice& laptop = world.add_device("laptop");
  ASSERT_TRUE(link(noor, laptop));
  api::RemoveDeviceT remove;
  remove.device = tablet.status().device;
  remove.lost = true;
  const auto request = decode_staff_request(world.ask_until_answered(noor, remove).body.AsStaffRequest()->request);
  api::InstallCertificateT install;
  install.certificate = certify_staff(world.organisation, *request, identity::Role::coach, world.scheduler.now).value();
  EXPECT_NE(world.ask_until_answered(noor, install).body.AsDone(), nullptr);
  EXPECT_TRUE(until([&] { return laptop.status().account_key_hash == noor.status().account_key_hash; }));
  EXPECT_TRUE(everybody_hears_everybody({&noor, &laptop, &sam}));
  // It can be added to rooms again: its KeyPackages are under the new key.
  SimDevice& kim = world.add_device("Kim");
  EXPECT_TRUE(world.invite(noor, kim, api::InviteKind::link));
  EXPECT_TRUE(until([&] { return laptop.channels().size() == 2; }, std::chrono::minutes(40)));
  for (SimDevice* device : {&noor, &laptop, &sam, &kim}) EXPECT_THAT(device->alarms(), IsEmpty()) << device->name;
}

// S2: "in every group the next client online commits the Remove": it may be another member's, who gets the proof from the gateway.
TEST_F(OwnDevices, AnotherMemberTakesOutADroppedDevice) {
  chatting();
  ASSERT_TRUE(link(noor, tablet));
  ASSERT_EQ(devices_of(sam, noor), 2u);
  world.network.tamper_up = [](Bytes frame) {  // no commit arrives until the tablet is off
    const auto decoded = gateway::verify_frame(frame);
    return decoded.ok() && (*decoded)->body_type() == gateway::wire::Body::SubmitCommit ? Bytes() : frame;
  };
  api::RemoveDeviceT remove;
  remove.device = noor.status().device;
  EXPECT_NE(world.ask_until_answered(tablet, remove).body.AsDone(), nullptr);
  ASSERT_TRUE(until([&] { return noor.status().membership == api::Membership::stopped; }));
  tablet.crash();
  world.network.tamper_up = {};
  world.network.cut_all();
  EXPECT_TRUE(until([&] { return devices_of(sam, tablet) == 1; }));
  EXPECT_THAT(sam.alarms(), IsEmpty());
  EXPECT_THAT(tablet.alarms(), IsEmpty());
}

// S2: a device that is linked while the new account key waits for its certificate goes along to it.
TEST_F(OwnDevices, ADeviceLinkedWhileANewKeyWaitsStays) {
  chatting();
  ASSERT_TRUE(link(noor, tablet));
  api::RemoveDeviceT remove;
  remove.device = tablet.status().device;
  remove.lost = true;
  const auto request = decode_staff_request(world.ask_until_answered(noor, remove).body.AsStaffRequest()->request);
  SimDevice& laptop = world.add_device("laptop");
  ASSERT_TRUE(link(noor, laptop));
  api::InstallCertificateT install;
  install.certificate = certify_staff(world.organisation, *request, identity::Role::coach, world.scheduler.now).value();
  ASSERT_NE(world.ask_until_answered(noor, install).body.AsDone(), nullptr);
  EXPECT_TRUE(until([&] { return laptop.status().account_key_hash == noor.status().account_key_hash; }));
  EXPECT_TRUE(everybody_hears_everybody({&noor, &laptop, &sam}));
  for (SimDevice* device : {&noor, &laptop, &sam}) EXPECT_THAT(device->alarms(), IsEmpty()) << device->name;
}

// S2, S5: an invite that was open when its coach went on under a new key still lets its person in.
TEST_F(OwnDevices, AnInviteOutlivesTheCoachsKey) {
  chatting();
  ASSERT_TRUE(link(noor, tablet));
  SimDevice& kim = world.add_device("Kim");
  const std::string url = world.make_invite(noor, api::InviteKind::link);
  world.start_join(kim, url);
  world.scheduler.run_for(std::chrono::seconds(30));  // proven, and waiting for the coach
  api::RemoveDeviceT remove;
  remove.device = tablet.status().device;
  remove.lost = true;
  const auto request = decode_staff_request(world.ask_until_answered(noor, remove).body.AsStaffRequest()->request);
  api::InstallCertificateT install;
  install.certificate = certify_staff(world.organisation, *request, identity::Role::coach, world.scheduler.now).value();
  ASSERT_NE(world.ask_until_answered(noor, install).body.AsDone(), nullptr);
  world.scheduler.run_for(std::chrono::minutes(1));
  world.confirm_when_asked(noor);
  EXPECT_TRUE(until([&] { return kim.channels().size() == 1; }));
  for (SimDevice* device : {&noor, &kim, &sam}) EXPECT_THAT(device->alarms(), IsEmpty()) << device->name;
}

class Comeback : public OwnDevices {
 protected:
  SimDevice& new_phone = world.add_device("Sam");
  // Over a known other route, with a call (S3).
  bool comes_back(bool lost) {
    api::MakeInviteT make;
    make.kind = api::InviteKind::link;
    make.purpose = api::InvitePurpose::comeback;
    make.channel = noor.channels().front().id;
    make.account = sam.status().account;
    make.lost = lost;
    const std::string url = invite_for(noor, make);
    if (url.empty()) return false;
    return until([&] {
      if (new_phone.status().membership == api::Membership::none) world.start_join(new_phone, url);
      world.confirm_when_asked(noor);
      return new_phone.channels().size() == 1;
    });
  }
};

TEST_F(Comeback, ALostPhoneIsOutAtOnceAndThePseudonymStays) {
  chatting();
  ASSERT_TRUE(comes_back(true));
  EXPECT_EQ(new_phone.status().account, sam.status().account);
  EXPECT_NE(new_phone.status().account_key_hash, sam.status().account_key_hash);
  EXPECT_EQ(devices_of(noor, new_phone), 1u);
  EXPECT_TRUE(until([&] { return sam.status().membership == api::Membership::stopped; }));
  EXPECT_TRUE(everybody_hears_everybody({&noor, &new_phone}));
  EXPECT_THAT(noor.alarms(), IsEmpty());
  EXPECT_THAT(new_phone.alarms(), IsEmpty());
}

TEST_F(Comeback, StorageThatWasLostLeavesTimeToObject) {
  chatting();
  ASSERT_TRUE(comes_back(false));
  EXPECT_EQ(devices_of(noor, new_phone), 2u);
  world.scheduler.run_for(kObjectionTime - std::chrono::hours(12));
  EXPECT_EQ(devices_of(noor, new_phone), 2u);
  world.scheduler.run_for(std::chrono::hours(13));
  EXPECT_TRUE(until([&] { return devices_of(noor, new_phone) == 1; }));
  EXPECT_TRUE(everybody_hears_everybody({&noor, &new_phone}));
  EXPECT_THAT(noor.alarms(), IsEmpty());
}

// S1: a stale list lets nobody new in; chat goes on.
TEST_F(OwnDevices, WhatStaffPublishReachesEverybodyAndStaleMeansNobodyNew) {
  chatting();
  SeededRng keys(3);
  const auto authority = appoint_status_key(world.organisation, SigningKey::generate(keys), world.scheduler.now).value();
  const auto made = sign_next_status(world.organisation.facts, authority, {}, world.scheduler.now).value();
  api::PublishStandingT publish;
  publish.status_list = identity::encode_status_list(made.list);
  EXPECT_NE(world.ask_until_answered(sam, publish).body.AsFailed(), nullptr);
  EXPECT_NE(world.ask_until_answered(noor, publish).body.AsDone(), nullptr);
  EXPECT_TRUE(until([&] { return sam.disk.count(keys::kStanding) == 1; }));
  EXPECT_FALSE(sam.status().status_stale);
  world.scheduler.run_for(identity::kMaxStatusListLife);
  EXPECT_TRUE(sam.status().status_stale);
  EXPECT_TRUE(everybody_hears_everybody({&noor, &sam}));
  SimDevice& kim = world.add_device("Kim");
  EXPECT_FALSE(world.invite(noor, kim, api::InviteKind::link));
}

// Power may fail at any moment of linking, on either side.
TEST(LinkingADevice, SurvivesACrashAtEveryStep) {
  const auto story = [](std::uint64_t phone_dies, std::uint64_t tablet_dies) {
    World world{77, make_service};
    SimDevice& noor = world.add_device("Noor");
    SimDevice& tablet = world.add_device("tablet");
    world.set_up_coach(noor);
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    make.purpose = api::InvitePurpose::device;
    make.page_url = kPage;
    const std::string url = world.ask_until_stored(noor, make).body.AsInvite()->url;
    if (phone_dies != 0) noor.crash_after_effects(phone_dies);
    if (tablet_dies != 0) tablet.crash_after_effects(tablet_dies);
    const std::uint64_t from = noor.effects();
    world.start_join(tablet, url);
    for (int round = 0; round < 60; ++round) {
      if (tablet.status().membership == api::Membership::none) world.start_join(tablet, url);
      if (tablet.status().membership == api::Membership::ready) break;
      world.scheduler.run_for(std::chrono::seconds(5));
    }
    world.scheduler.run_for(std::chrono::minutes(2));
    EXPECT_EQ(tablet.status().membership, api::Membership::ready);
    EXPECT_EQ(tablet.status().account, noor.status().account);
    EXPECT_EQ(tablet.status().connection, api::Connection::online);
    EXPECT_THAT(noor.alarms(), IsEmpty());
    EXPECT_THAT(tablet.alarms(), IsEmpty());
    return noor.effects() - from;
  };
  const std::uint64_t effects = story(0, 0);
  for (std::uint64_t k = 1; k <= effects && k < 60 && !::testing::Test::HasFailure(); k += 3) {
    SCOPED_TRACE("dies after effect " + std::to_string(k));
    story(k, 0);
    story(0, k);
  }
}

}  // namespace
}  // namespace steiger::sdk::testing
