// Lie: other keys. The gateway answers a claim of KeyPackages with packages of its own choosing, or an invite with somebody else's chain.
// What a device asked for is known to it, so it refuses the rest before anybody is added (S2, S3, S10, S14).
#include "crypto/identity/errors.h"
#include "crypto/membership/errors.h"
#include "crypto/mls/errors.h"
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using identity::Role;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// ---------------------------------------------------------------- the successor of a handover

class Successors : public LyingRooms {
 protected:
  // Tess (teamleider) offers Kees for Noor, and Sam says yes; every claim of his device is answered with `package` and `chain`.
  void answered_with(const Bytes& package, const Bytes& chain) {
    liar().down = [this, package, chain, id = device_of(sam)](const DeviceId& who, Bytes frame) {
      if (who != id) return frame;
      return tamper<wire::KeyPackagesT>([&](wire::KeyPackagesT& answer) {
        ++answers_;
        answer.chain = chain;
        answer.packages.resize(1);
        answer.packages.front()->key_package = package;
      })(std::move(frame));
    };
    const auto asked = question(world, sam);
    ASSERT_TRUE(asked.has_value());
    ASSERT_EQ(answer(world, sam, *asked, true), "");
    rest();
    EXPECT_EQ(answers_, 1);
  }
  void offered() {
    chatting();
    set_up_staff(world, tess, Role::teamleider);
    world.set_up_coach(kees);
    ASSERT_TRUE(until([&] { return kees.status().connection == api::Connection::online; }));
    rest();
    const api::OfferHandoverT offer = handover_to(kees);
    ASSERT_EQ(world.ask_until_answered(tess, offer).body.AsFailed(), nullptr);
    ASSERT_TRUE(until([&] { return question(world, sam).has_value(); }));
  }
  // Nobody was added, the room goes on as it was.
  void expect_refused(const Error& rule) {
    EXPECT_THAT(causes(sam), ElementsAre(std::string(kChangeRefused.name) + ": " + rule.name));
    EXPECT_EQ(members(noor), 2u);
    EXPECT_THAT(kees.channels(), IsEmpty());
    expect_talking(noor, sam);
    no_alarms({&noor, &kees, &tess});
  }
  SimDevice& tess = world.add_device("Tess");
  SimDevice& kees = world.add_device("Kees");
  int answers_ = 0;
};

// S10: the offer names a key. Another one under the same pseudonym is somebody else, though the beheerder certified it.
TEST_F(Successors, TheNameIsRightTheKeyIsNot) {
  offered();
  const Stranger twin = stranger(Role::coach, nullptr, std::nullopt, account_of(kees));
  answered_with(twin.key_package(world.rng, world.scheduler.now), twin.self.chain);
  expect_refused(identity::kAccountKeyMismatch);
}

// S10, S14: another successor than the one who was asked for.
TEST_F(Successors, AnotherCoachAltogether) {
  offered();
  const Stranger other = stranger(Role::coach);
  answered_with(other.key_package(world.rng, world.scheduler.now), other.self.chain);
  expect_refused(identity::kAccountMismatch);
}

// S1: a chain that ends at another root.
TEST_F(Successors, ACoachOfTheGatewaysOwnOrganisation) {
  offered();
  const Organisation evil = Organisation::create(world.rng, "Gemeente Voorbeeld").value();
  Stranger fake = stranger(Role::coach, nullptr, std::nullopt, account_of(kees));
  auto certificate = fake.certificates.front();
  auto chain = identity::decode_chain(fake.self.chain).value();
  chain.certificates = {identity::issue_certificate(evil.root, certificate).value()};
  fake.self.chain = identity::encode_chain(chain);
  answered_with(fake.key_package(world.rng, world.scheduler.now), fake.self.chain);
  expect_refused(identity::kWrongIssuer);
}

// S14: at most 28 days old, so that a thief of old secrets waits in vain.
TEST_F(Successors, APackageThatExpired) {
  Bytes first;
  liar().up = [&](const DeviceId&, Bytes frame) {  // Kees is the only one here yet
    const auto* put = wire::GetFrame(frame.data())->body_as_PutKeyPackages();
    if (put != nullptr && first.empty() && put->packages()->size() > 0) {
      first = to_bytes(gateway::view_of(put->packages()->Get(0)->key_package()));
    }
    return frame;
  };
  world.set_up_coach(kees);
  ASSERT_TRUE(until([&] { return !first.empty(); }));
  world.scheduler.run_for(std::chrono::hours(24 * 29));
  chatting();
  set_up_staff(world, tess, Role::teamleider);
  rest();
  const api::OfferHandoverT offer = handover_to(kees);
  ASSERT_EQ(world.ask_until_answered(tess, offer).body.AsFailed(), nullptr);
  ASSERT_TRUE(until([&] { return question(world, sam).has_value(); }));
  answered_with(first, SelfRecord::decode(kees.disk.at(keys::kSelf).bytes())->chain);
  expect_refused(mls::kExpiredKeyPackage);
}

// ---------------------------------------------------------------- own devices

class OwnPackages : public LyingRooms {
 protected:
  bool link(SimDevice& from, SimDevice& to) {
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    make.purpose = api::InvitePurpose::device;
    make.page_url = kPage;
    world.start_join(to, world.ask_until_stored(from, make).body.AsInvite()->url);
    return until([&] { return to.status().membership == api::Membership::ready && to.channels().size() == 1; });
  }
  void invite(SimDevice& newcomer) {
    const std::size_t before = noor.channels().size();
    world.start_join(newcomer, world.make_invite(noor, api::InviteKind::qr, newcomer.name));
    ASSERT_TRUE(until([&] { return noor.channels().size() == before + 1 && newcomer.channels().size() == 1; }));
  }
  SimDevice& laptop = world.add_device("laptop");
  SimDevice& kim = world.add_device("Kim");
};

// S14: handed out once. The device whose package comes a second time has no secret for it any more, says so, and stays out; whoever
// recorded the first Welcome learns nothing from the second.
TEST_F(OwnPackages, OneThatWasHandedOutBefore) {
  chatting();
  const DeviceId coachs = device_of(noor);
  std::vector<std::uint8_t> again;
  bool lying = false;
  liar().down = [&](const DeviceId& who, Bytes frame) {
    if (who != coachs) return frame;
    return tamper<wire::KeyPackagesT>([&](wire::KeyPackagesT& answer) {
      for (auto& package : answer.packages) {
        if (package->key_package.empty()) continue;
        if (!lying) again = package->key_package;
        package->key_package = again;
      }
    })(std::move(frame));
  };
  ASSERT_TRUE(link(noor, laptop));
  ASSERT_FALSE(again.empty());
  lying = true;
  invite(kim);
  EXPECT_TRUE(until([&] { return !laptop.alarms().empty(); }, std::chrono::minutes(40)));
  EXPECT_THAT(laptop.alarms(), Contains(kWelcomeRefused.name));
  expect_talking(noor, sam);
}

// S14: a gateway that hides the pool and hands out the last resort every time. It opens, and is followed by fresh keys at once.
TEST_F(OwnPackages, TheLastResortAgainAndAgain) {
  chatting();
  Bytes last_resort;
  const DeviceId coachs = device_of(noor), jongeres = device_of(sam);
  liar().up = [&](const DeviceId& who, Bytes frame) {
    const auto* put = wire::GetFrame(frame.data())->body_as_PutKeyPackages();
    const bool of_laptop = who != coachs && who != jongeres && last_resort.empty();  // Kim's comes later
    if (put != nullptr && of_laptop && put->last_resort() != nullptr && put->last_resort()->size() > 0) {
      last_resort = to_bytes(gateway::view_of(put->last_resort()));
    }
    return frame;
  };
  liar().down = [&](const DeviceId& who, Bytes frame) {
    if (who != coachs) return frame;
    return tamper<wire::KeyPackagesT>([&](wire::KeyPackagesT& answer) {
      for (auto& package : answer.packages) {
        if (!package->key_package.empty() && !last_resort.empty()) package->key_package = last_resort;
      }
    })(std::move(frame));
  };
  ASSERT_TRUE(link(noor, laptop));
  ASSERT_FALSE(last_resort.empty());
  invite(kim);
  ASSERT_TRUE(until([&] { return laptop.channels().size() == 2; }, std::chrono::minutes(40)));
  rest();
  for (std::size_t room = 0; room < 2; ++room) {
    const Hand hand(laptop, room);
    EXPECT_EQ(hand.group.member(hand.group.own_leaf())->source, mls::LeafNodeSource::commit) << "fresh keys";
  }
  no_alarms({&noor, &sam, &laptop, &kim});
  expect_talking(noor, sam);
}

// S2: a device that was dropped. Its package is of no use to anybody: the wish names another device.
TEST_F(OwnPackages, OneOfADeviceThatWasDropped) {
  chatting();
  const DeviceId coachs = device_of(noor);
  Bytes dropped;
  std::vector<std::uint8_t> chain;
  bool lying = false;
  liar().down = [&](const DeviceId& who, Bytes frame) {
    if (who != coachs) return frame;
    return tamper<wire::KeyPackagesT>([&](wire::KeyPackagesT& answer) {
      for (auto& package : answer.packages) {
        if (package->key_package.empty()) continue;
        if (lying) {
          package->key_package = dropped;
          answer.chain = chain;
        } else {
          dropped = package->key_package;
          chain = answer.chain;
        }
      }
    })(std::move(frame));
  };
  ASSERT_TRUE(link(noor, laptop));
  api::RemoveDeviceT drop;
  drop.device = laptop.status().device;
  ASSERT_NE(world.ask_until_answered(noor, drop).body.AsDone(), nullptr);
  ASSERT_TRUE(until([&] { return laptop.status().membership == api::Membership::stopped; }));
  rest();
  lying = true;
  int commits = 0;
  liar().up = [&](const DeviceId& who, Bytes frame) {
    commits += who == coachs && lying && wire::GetFrame(frame.data())->body_type() == wire::Body::SubmitCommit ? 1 : 0;
    return frame;
  };
  SimDevice& tablet = world.add_device("tablet");
  EXPECT_FALSE(link(noor, tablet)) << "the gateway can always keep somebody out";
  EXPECT_THAT(device_counts(sam), ElementsAre(1, 1)) << "but lets nobody in";
  EXPECT_EQ(commits, 0) << "the coach's device does not even try";
  lying = false;
  EXPECT_TRUE(until([&] { return tablet.channels().size() == 1; }, std::chrono::minutes(40))) << "the truth is still taken";
  no_alarms({&noor, &sam, &tablet});
}

// ---------------------------------------------------------------- the newcomer's own chain

// S3: the outcome says who the redeemer is. Another key, or another's chain, is not taken; the real one is, later.
TEST_F(OwnPackages, TheChainOfSomebodyElseInTheOutcome) {
  world.set_up_coach(noor);
  bool lying = true;
  int told = 0;
  const Stranger other = stranger(Role::coach);
  liar().down = [&](const DeviceId&, Bytes frame) {
    if (!lying) return frame;
    return tamper<wire::InviteOutcomeT>([&](wire::InviteOutcomeT& outcome) {
      if (outcome.chain.empty()) return;
      ++told;
      outcome.chain = other.self.chain;
    })(std::move(frame));
  };
  world.start_join(sam, world.make_invite(noor, api::InviteKind::qr));
  rest();
  EXPECT_GT(told, 0);
  EXPECT_EQ(sam.status().membership, api::Membership::waiting_for_coach);
  EXPECT_THAT(sam.channels(), IsEmpty());
  lying = false;
  EXPECT_TRUE(until([&] { return sam.channels().size() == 1; }));
  expect_talking(noor, sam);
}

}  // namespace
}  // namespace steiger::sdk::testing
