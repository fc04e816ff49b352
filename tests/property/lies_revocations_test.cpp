// Lie: revocations hidden, delayed or invented. The gateway carries the status list and the chains of accounts; it keeps newer ones back, serves
// older ones, or has one signed by somebody it likes (S1, S2).
#include "client-sdk/src/organisation_status.h"
#include "crypto/identity/status_list.h"
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using identity::Role;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Revocations : public LyingRooms {
 protected:
  Revocations() {
    SeededRng keys(3);
    authority_.emplace(appoint_status_key(world.organisation, SigningKey::generate(keys), world.scheduler.now).value());
  }
  Bytes next_list() {
    auto made = sign_next_status(world.organisation.facts, *authority_, book_, world.scheduler.now).value();
    book_ = made.book;
    return identity::encode_status_list(made.list);
  }
  void publish(SimDevice& by, const Bytes& list) {
    api::PublishStandingT body;
    body.status_list = list;
    ASSERT_NE(world.ask_until_answered(by, body).body.AsDone(), nullptr);
    rest();
  }
  static std::uint64_t version_at(SimDevice& device) {
    const auto found = device.disk.find(keys::kStanding);
    if (found == device.disk.end()) return 0;
    const auto record = StandingRecord::decode(found->second.bytes()).value();
    return identity::decode_status_list(record.status_list)->version;
  }
  bool tell_list(SimDevice& device, const Bytes& list) {
    wire::StandingT out;
    out.status_list = list;
    return liar().tell(device_of(device), gateway::encode_frame(0, std::move(out)));
  }
  // No newer list reaches `devices` from here on.
  void withhold(const std::vector<SimDevice*>& devices) {
    std::vector<DeviceId> ids;
    for (SimDevice* device : devices) ids.push_back(device_of(*device));
    liar().down = [ids](const DeviceId& who, Bytes frame) {
      const bool list = wire::GetFrame(frame.data())->body_as_Standing() != nullptr;
      return list && std::find(ids.begin(), ids.end(), who) != ids.end() ? Bytes() : frame;
    };
  }
  std::optional<StatusAuthority> authority_;
  StatusBook book_;
};

// S1: a list says when the next one comes. Kept back, it goes stale: chat goes on and the app says so; nobody new comes in.
TEST_F(Revocations, ANewerListThatIsKeptBack) {
  chatting();
  SimDevice& tess = world.add_device("Tess");
  set_up_staff(world, tess, Role::teamleider);
  rest();
  publish(tess, next_list());
  ASSERT_EQ(version_at(noor), 1u);
  withhold({&noor, &sam});
  const std::string early = world.make_invite(noor, api::InviteKind::link, "Kim");
  world.scheduler.run_for(identity::kMaxStatusListLife - std::chrono::hours(24));
  publish(tess, next_list());
  EXPECT_EQ(version_at(tess), 2u);
  EXPECT_FALSE(noor.status().status_stale) << "until then nobody can tell";
  world.scheduler.run_for(std::chrono::hours(24));
  EXPECT_TRUE(noor.status().status_stale);
  EXPECT_TRUE(sam.status().status_stale);
  expect_talking(noor, sam);
  SimDevice& kim = world.add_device("Kim");
  EXPECT_FALSE(world.invite(noor, kim, api::InviteKind::link));
  EXPECT_EQ(noor.channels().size(), 1u);
  EXPECT_THAT(kim.channels(), IsEmpty());
  liar().down = nullptr;
  world.network.cut_all();
  EXPECT_TRUE(until([&] { return !noor.status().status_stale; })) << "the truth is still taken";
}

// S1: versions only go up, whoever signed them.
TEST_F(Revocations, AnOlderListAfterANewerOne) {
  chatting();
  const Bytes first = next_list();
  ASSERT_TRUE(book_.note(Hash{1}, identity::Standing::compromised, world.scheduler.now).ok());
  publish(noor, next_list());
  ASSERT_EQ(version_at(sam), 2u);
  ASSERT_TRUE(tell_list(sam, first));
  rest();
  EXPECT_EQ(version_at(sam), 2u);
  sam.crash();
  sam.boot();
  ASSERT_TRUE(until([&] { return sam.status().connection == api::Connection::online; }));
  ASSERT_TRUE(tell_list(sam, first));
  rest();
  EXPECT_EQ(version_at(sam), 2u);
  expect_talking(noor, sam);
  no_alarms({&noor, &sam});
}

// S1: only whom the root appointed signs a list; not the gateway, and not a coach who would like to be rid of a colleague.
TEST_F(Revocations, AListByAKeyThatTheRootNeverAppointed) {
  chatting();
  publish(noor, next_list());
  auto book = book_;
  const Hand noors(noor);
  ASSERT_TRUE(
      book.note(identity::key_hash(noors.account_key.verify_key()), identity::Standing::compromised, world.scheduler.now).ok());
  for (const SigningKey& key : {liar().honest.head_key(), noors.account_key.clone()}) {
    StatusAuthority own{authority_->delegation, key.clone()};
    own.delegation.key = key.verify_key();
    identity::StatusList list;
    list.organisation = world.organisation.facts.id;
    list.version = 2;
    list.issued = world.scheduler.now;
    list.next_update = world.scheduler.now + std::chrono::hours(24);
    list.entries = book.entries;
    list.delegation = own.delegation;
    const auto made = identity::sign_status_list(key, list);
    ASSERT_TRUE(made.ok());
    ASSERT_TRUE(tell_list(sam, identity::encode_status_list(*made)));
    rest();
    EXPECT_EQ(version_at(sam), 1u);
  }
  expect_talking(noor, sam);
  no_alarms({&noor, &sam});
}

// S2: the gateway never hears, or never tells, that a device was dropped. The account's own device takes it out of every room, with the
// newer chain as proof, and the room is told by that.
TEST_F(Revocations, AChangedChainThatIsKeptBack) {
  chatting();
  SimDevice& tablet = world.add_device("tablet");
  api::MakeInviteT make;
  make.kind = api::InviteKind::qr;
  make.purpose = api::InvitePurpose::device;
  make.page_url = kPage;
  world.start_join(tablet, world.ask_until_stored(noor, make).body.AsInvite()->url);
  ASSERT_TRUE(until([&] { return tablet.channels().size() == 1; }));
  rest();
  liar().up = [](const DeviceId&, Bytes frame) {
    return wire::GetFrame(frame.data())->body_as_UpdateChain() != nullptr ? Bytes() : frame;
  };
  liar().down = [](const DeviceId&, Bytes frame) {
    return wire::GetFrame(frame.data())->body_as_RosterTasks() != nullptr ? Bytes() : frame;
  };
  api::RemoveDeviceT drop;
  drop.device = tablet.status().device;
  ASSERT_NE(world.ask_until_answered(noor, drop).body.AsDone(), nullptr);
  EXPECT_TRUE(until([&] { return tablet.channels().front().ended; }));
  EXPECT_THAT(device_counts(sam), ElementsAre(1, 1));
  send(sam, "zonder tablet");
  EXPECT_TRUE(until([&] { return has(noor, "zonder tablet"); }));
  rest();
  EXPECT_FALSE(has(tablet, "zonder tablet"));
  EXPECT_THAT(sam.alarms(), IsEmpty());
}

// S1: a compromised coach whose list entry the gateway keeps from itself, so to say: it serves the invite and registers whom she certified.
// The newcomer, who has the list, does not take that chain.
TEST_F(Revocations, ACoachInWrongHandsLetsNobodyInWhoKnows) {
  chatting();
  SimDevice& kees = world.add_device("Kees");
  world.set_up_coach(kees);
  rest();
  const Hand noors(noor);
  ASSERT_TRUE(
      book_.note(identity::key_hash(noors.account_key.verify_key()), identity::Standing::compromised, world.scheduler.now).ok());
  ASSERT_TRUE(tell_list(sam, next_list()));
  rest();
  ASSERT_EQ(version_at(sam), 1u);
  noor.crash();
  Hand hand(noor);
  const Stranger ghost = stranger(Role::third_party, &hand, hand.record.id);
  auto header = hand.header();
  header.certificates = ghost.certificates;
  header.grants = {grant(Hand(sam), ghost.self.account, Role::third_party)};
  mls::CommitOptions options;
  options.adds.push_back(ghost.package(world.rng, world.scheduler.now));
  let_pass(sam, hand, commit(hand, std::move(options), header).commit);
  expect_stopped(sam, kCommitRefused, &identity::kIssuerCompromised);
}

// S1: she left yesterday, and certifies today with the date of the day before.
TEST_F(Revocations, ACoachWhoLeftDatesBack) {
  chatting();
  world.scheduler.run_for(std::chrono::hours(24));
  const Timestamp left = world.scheduler.now;
  ASSERT_TRUE(book_.note(identity::key_hash(Hand(noor).account_key.verify_key()), identity::Standing::ended, left).ok());
  world.scheduler.run_for(std::chrono::hours(24));
  ASSERT_TRUE(tell_list(sam, next_list()));
  rest();
  noor.crash();
  Hand hand(noor);
  Stranger ghost = stranger(Role::third_party, &hand, hand.record.id);
  identity::Certificate& dated = ghost.certificates.back();
  dated.not_before = left - std::chrono::hours(1);
  dated = identity::issue_certificate(hand.account_key, dated).value();
  const auto devices = identity::decode_chain(ghost.self.chain)->device_list;
  ghost.self.chain = identity::encode_chain({ghost.certificates, ghost.account_key.verify_key(), devices});
  auto header = hand.header();
  header.certificates = ghost.certificates;
  header.grants = {grant(Hand(sam), ghost.self.account, Role::third_party)};
  mls::CommitOptions options;
  options.adds.push_back(ghost.package(world.rng, world.scheduler.now));
  let_pass(sam, hand, commit(hand, std::move(options), header).commit);
  expect_stopped(sam, kCommitRefused, &identity::kIssuerEnded);
}

}  // namespace
}  // namespace steiger::sdk::testing
