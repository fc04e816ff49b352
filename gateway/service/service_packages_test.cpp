// Key packages through real frames (S14): each handed out once, to whoever has a relation, and never one that could not be used.
#include "crypto/identity/grant.h"
#include "crypto/mls/key_package.h"
#include "gateway/service/testing/membership_fixture.h"

namespace steiger::gateway::testing {
namespace {

class PackagesTest : public MembershipTest {
 protected:
  // The package in the answer for the jongere's only device; empty when there is none.
  Bytes take(const ChannelId& channel, bool* last_resort = nullptr) {
    const auto answer = claimed(coach, claim(jongere_person.account, wire::Relation::room, channel));
    if (answer == nullptr || answer->packages.size() != 1) return {};
    if (last_resort != nullptr) *last_resort = answer->packages[0]->last_resort;
    EXPECT_EQ(answer->chain, identity::encode_chain(jongere_person.chain));
    return answer->packages[0]->key_package;
  }
  Bytes grant(const ChannelId& channel, const AccountId& account, identity::Role role, const Person& by) {
    identity::Grant said;
    said.organisation = world.organisation;
    said.channel = channel;
    if (coach.has_room(channel)) said.group = sha256(coach.room(channel).group->group_id());
    said.epoch = 1;
    said.account = account;
    said.role = role;
    said.issued = world.clock.now();
    said.expires = said.issued + kOneDay;
    if (role == identity::Role::third_party) said.until = said.expires;
    said.by = by.account;
    return identity::encode_grant(identity::sign_grant(by.account_key, said).value());
  }
};

TEST_F(PackagesTest, EachIsHandedOutOnceAndThenTheLastResort) {
  const ChannelId channel = open_room();
  const std::vector<Bytes> packages{package(jongere), package(jongere)};
  const Bytes last = package(jongere, kMaxLastResortLife);
  put(jongere, packages, last);
  EXPECT_EQ(count(jongere), (KeyPackageStock{2, true}));
  std::set<Bytes> seen;
  bool is_last = true;
  for (std::size_t left : {1u, 0u}) {
    seen.insert(take(channel, &is_last));
    EXPECT_FALSE(is_last);
    EXPECT_EQ(count(jongere), (KeyPackageStock{left, true})) << "told unasked";
  }
  EXPECT_EQ(seen, std::set<Bytes>(packages.begin(), packages.end()));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(take(channel, &is_last), last);
    EXPECT_TRUE(is_last);
    EXPECT_EQ(count(jongere), (KeyPackageStock{0, false}));
  }
  put(jongere, packages);
  EXPECT_EQ(count(jongere), (KeyPackageStock{0, false})) << "what was handed out does not come back";
  jongere.log_in();
  EXPECT_EQ(count(jongere), (KeyPackageStock{0, false})) << "told after login";
  expect_well();
}

TEST_F(PackagesTest, ADeviceWithoutPackagesIsNamedAllTheSame) {
  const ChannelId channel = open_room();
  const auto answer = claimed(coach, claim(jongere_person.account, wire::Relation::room, channel));
  ASSERT_NE(answer, nullptr);
  ASSERT_THAT(answer->packages, SizeIs(1));
  EXPECT_THAT(answer->packages[0]->key_package, IsEmpty());
}

TEST_F(PackagesTest, ThePoolIsBounded) {
  std::vector<Bytes> packages;
  for (std::size_t i = 0; i < kMaxKeyPackages; ++i) packages.push_back(package(jongere));
  put(jongere, packages);
  EXPECT_EQ(count(jongere).available, kMaxKeyPackages);
  put(jongere, packages);
  EXPECT_EQ(count(jongere).available, kMaxKeyPackages) << "a resend changes nothing";
  put(jongere, {package(jongere)});
  EXPECT_EQ(jongere.last_problem(), "key_package_limit");
  packages.push_back(package(jongere));
  jongere.log_in();
  put(jongere, packages);
  EXPECT_EQ(jongere.last_problem(), "key_package_limit");
  EXPECT_FALSE(jongere.is_closed());
}

TEST_F(PackagesTest, OnlyUsablePackagesOfTheDeviceItself) {
  const auto refused = [&](const Bytes& bytes, const Bytes& last_resort, const char* why) {
    jongere.connect();
    jongere.login(false);
    settle();
    put(jongere, bytes.empty() ? std::vector<Bytes>() : std::vector<Bytes>{bytes}, last_resort);
    EXPECT_EQ(jongere.last_problem(), "bad_key_package") << why;
    EXPECT_FALSE(jongere.is_closed()) << why;
  };
  refused(package(coach), {}, "of somebody else");
  refused(to_bytes("no package"), {}, "garbage");
  refused(package(jongere, kMaxKeyPackageLife + std::chrono::hours(1)), {}, "28 days");
  refused({}, package(jongere, kMaxLastResortLife + std::chrono::hours(1)), "60 days");
  refused(package(jongere, Duration(0)), {}, "over");
  Bytes changed = package(jongere);
  changed.back() ^= 1;
  refused(changed, {}, "signature");
  mls::KeyPackageOptions options = jongere.leaf_options();
  options.capabilities.extensions.clear();
  refused(mls::encode_key_package_message(mls::make_key_package(world.rng, jongere_person.leaf_key, options).key_package), {},
          "cannot be in a room of ours");
  options = jongere.leaf_options();
  options.lifetime.not_before = static_cast<std::uint64_t>((world.clock.now() + kOneDay).ms / 1000);
  refused(mls::encode_key_package_message(mls::make_key_package(world.rng, jongere_person.leaf_key, options).key_package), {},
          "not yet");
  const Person unlisted = another_device(jongere_person);
  options = jongere.leaf_options();
  options.credential_identity = identity::encode_credential(unlisted.device_identity());
  refused(mls::encode_key_package_message(mls::make_key_package(world.rng, unlisted.leaf_key, options).key_package), {},
          "a device that the account does not list");
  jongere_person.chain = relisted(jongere_person, {&jongere_person, &unlisted});
  refused(package(jongere), {}, "a list that the gateway has not seen");
}

// S14: a telephone that was off for a month is not added with keys that everybody has forgotten.
TEST_F(PackagesTest, ExpiredPackagesAreNeverHandedOutAndSwept) {
  const ChannelId channel = open_room();
  put(jongere, {package(jongere, kOneDay)}, package(jongere, 2 * kOneDay));
  world.clock.advance(kOneDay);
  bool is_last = false;
  take(channel, &is_last);
  EXPECT_TRUE(is_last);
  world.clock.advance(kOneDay);
  EXPECT_THAT(take(channel), IsEmpty());
  EXPECT_THAT(world.store->devices_with_key_packages().value(), SizeIs(1));
  world.service->tick();
  settle();
  EXPECT_THAT(world.store->devices_with_key_packages().value(), IsEmpty());
  expect_well();
}

TEST_F(PackagesTest, OnlyAlongARelation) {
  const ChannelId channel = open_room();
  put(jongere, {package(jongere), package(jongere), package(jongere)});
  Person stranger_person = world.make_staff();
  Client stranger(world, stranger_person);
  stranger.log_in();
  const auto refused = [&](Client& client, wire::ClaimKeyPackagesT body, const char* why) {
    client.log_in();
    EXPECT_EQ(claimed(client, std::move(body)), nullptr) << why;
    EXPECT_EQ(client.last_problem(), "no_relation") << why;
    EXPECT_FALSE(client.is_closed()) << why;
  };
  using wire::Relation;
  refused(stranger, claim(jongere_person.account, Relation::room, channel), "not in that room");
  refused(stranger, claim(jongere_person.account, Relation::own), "not its own");
  refused(stranger, claim(AccountId::random(world.rng), Relation::room, channel), "nobody");
  refused(coach, claim(jongere_person.account, Relation::room, ChannelId::random(world.rng)), "no such room");
  refused(coach, claim(stranger_person.account, Relation::room, channel), "not in the room");
  refused(coach, claim(stranger_person.account, Relation::offer, channel), "no offer");
  refused(coach, claim(jongere_person.account, static_cast<Relation>(77), channel), "no such relation");
  EXPECT_EQ(world.store->key_package_stock(jongere_person.device, world.clock.now())->available, 3u) << "nothing was lost";

  // S8: the jongere's grant, for this room and this account, used by somebody in the room.
  put(stranger, {package(stranger), package(stranger)});
  const Bytes yes = grant(channel, stranger_person.account, identity::Role::coach, jongere_person);
  refused(coach, claim(stranger_person.account, Relation::grant, channel), "without the grant");
  refused(coach,
          claim(stranger_person.account, Relation::grant, channel,
                grant(channel, stranger_person.account, identity::Role::coach, coach_person)),
          "by the coach");
  refused(coach,
          claim(stranger_person.account, Relation::grant, channel,
                grant(channel, stranger_person.account, identity::Role::third_party, jongere_person)),
          "another role");
  refused(coach,
          claim(stranger_person.account, Relation::grant, channel,
                grant(ChannelId::random(world.rng), stranger_person.account, identity::Role::coach, jongere_person)),
          "another room");
  refused(coach, claim(jongere_person.account, Relation::grant, channel, yes), "another account");
  refused(stranger, claim(stranger_person.account, Relation::grant, channel, yes), "from outside");
  const auto answer = claimed(coach, claim(stranger_person.account, Relation::grant, channel, yes));
  ASSERT_NE(answer, nullptr);
  EXPECT_THAT(answer->packages, SizeIs(1));
  world.clock.advance(2 * kOneDay);
  refused(coach, claim(stranger_person.account, Relation::grant, channel, yes), "its time is over");
}

// S2: a device adds its account's other devices, never itself, and may ask for one of them.
TEST_F(PackagesTest, OwnDevices) {
  Person tablet_person = another_device(jongere_person);
  jongere_person.chain = tablet_person.chain = relisted(jongere_person, {&jongere_person, &tablet_person});
  update_chain(jongere, jongere_person.chain);
  ASSERT_TRUE(done(jongere)) << jongere.last_problem();
  Client tablet(world, tablet_person);
  tablet.log_in();
  const Bytes own = package(tablet);
  put(tablet, {own});
  put(jongere, {package(jongere)});
  const auto answer = claimed(jongere, claim(jongere_person.account, wire::Relation::own));
  ASSERT_NE(answer, nullptr);
  ASSERT_THAT(answer->packages, SizeIs(1));
  EXPECT_EQ(answer->packages[0]->key_package, own);
  EXPECT_EQ(field<DeviceId>(answer->packages[0]->device.get()).value(), tablet_person.device);
  const ChannelId channel = open_room();
  auto one = claim(jongere_person.account, wire::Relation::room, channel);
  one.device = wire_pointer(jongere_person.device);
  const auto single = claimed(coach, std::move(one));
  ASSERT_NE(single, nullptr);
  ASSERT_THAT(single->packages, SizeIs(1));
  EXPECT_EQ(field<DeviceId>(single->packages[0]->device.get()).value(), jongere_person.device);
}

// A ghost that drains pools has an end.
TEST_F(PackagesTest, ClaimsOfADayAreBounded) {
  const ChannelId channel = open_room();
  put(jongere, {}, package(jongere, kMaxLastResortLife));
  for (std::size_t i = 0; i < kMaxClaimsPerDay; ++i) {
    coach.request(claim(jongere_person.account, wire::Relation::room, channel));
    world.executor.run_all();
  }
  settle();
  EXPECT_EQ(coach.last_problem(), "");
  EXPECT_EQ(claimed(coach, claim(jongere_person.account, wire::Relation::room, channel)), nullptr);
  EXPECT_EQ(coach.last_problem(), "too_many_requests");
  EXPECT_FALSE(coach.is_closed());
  world.clock.advance(kClaimDay);
  EXPECT_NE(claimed(coach, claim(jongere_person.account, wire::Relation::room, channel)), nullptr);
}

}  // namespace
}  // namespace steiger::gateway::testing
