// The standing of keys and chains that change, through real frames (S1, S2): who is refused from when on, and what goes on all the same.
#include "gateway/service/testing/membership_fixture.h"

namespace steiger::gateway::testing {
namespace {

class StandingTest : public MembershipTest {
 protected:
  StandingTest() { beheerder.log_in(); }
  Bytes published() {
    const auto body = coach.last<wire::StandingT>(wire::Body::Standing);
    return body == nullptr ? Bytes() : body->status_list;
  }
  std::string login_of(Client& client) {
    client.log_in();
    settle({&client});
    return client.last_problem();
  }

  Person beheerder_person = world.make_staff(identity::Role::beheerder);
  Client beheerder{world, beheerder_person};
};

TEST_F(StandingTest, EverybodyHearsOfANewerList) {
  const Bytes first = identity::encode_status_list(status_list(1, {}));
  publish(beheerder, first);
  EXPECT_TRUE(done(beheerder)) << beheerder.last_problem();
  EXPECT_EQ(published(), first) << "live sessions at once";
  publish(beheerder, first);
  EXPECT_TRUE(done(beheerder)) << "a resend";
  const Bytes second = identity::encode_status_list(status_list(2, {}));
  publish(coach, second);
  EXPECT_TRUE(done(coach)) << "it proves itself: any staff device may bring it";
  jongere.log_in();
  settle();
  EXPECT_EQ(jongere.last<wire::StandingT>(wire::Body::Standing)->status_list, second);
  world.restart();
  coach.log_in();
  settle();
  EXPECT_EQ(published(), second) << "it is on disk";
  EXPECT_EQ(verify_audit(*world.store), "");
}

// S1: clients judge by it, so it goes ahead of every envelope.
TEST_F(StandingTest, AfterLoginItComesBeforeEveryEnvelope) {
  const ChannelId channel = open_room();
  publish(beheerder, status_list(1, {}));
  jongere.disconnect();
  coach.say(channel, "hoi");
  settle();
  Listener listener;
  jongere.connect(&listener);
  jongere.login();
  settle();
  const auto place = [&](wire::Body type) { return std::find(listener.heard.begin(), listener.heard.end(), type); };
  ASSERT_NE(place(wire::Body::Deliver), listener.heard.end());
  EXPECT_LT(place(wire::Body::LoginReply), place(wire::Body::Standing));
  EXPECT_LT(place(wire::Body::Standing), place(wire::Body::Deliver));
}

TEST_F(StandingTest, OnlyWhatIsSignedAndNewerIsTaken) {
  publish(beheerder, status_list(5, {}));
  ASSERT_TRUE(done(beheerder));
  const auto refused = [&](const identity::StatusList& list, const char* why) {
    beheerder.log_in();
    publish(beheerder, list);
    EXPECT_EQ(beheerder.last_problem(), "bad_standing") << why;
    EXPECT_FALSE(beheerder.is_closed()) << why;
  };
  refused(status_list(4, {}), "older");
  refused(status_list(5, {entry(coach_person.account_key, identity::Standing::ended, world.clock.now())}),
          "another list under that number");
  refused(status_list(6, {}, SigningKey::generate(world.rng)), "another root");
  auto changed = status_list(6, {});
  changed.signature[0] ^= 1;
  refused(changed, "signature");
  auto over = status_list(6, {});
  world.clock.advance(7 * kOneDay);
  refused(over, "over already");
  jongere.log_in();
  publish(jongere, status_list(6, {}));
  EXPECT_EQ(jongere.last_problem(), "not_allowed");
  beheerder.log_in();
  publish(beheerder, to_bytes("no list"));
  EXPECT_EQ(beheerder.last_problem(), "bad_standing");
  publish(beheerder, Bytes());
  EXPECT_FALSE(done(beheerder)) << "nothing cannot take the place of a list";
}

// S10: a coach who left is not let in any more, at once; so is a compromised key (S1) and a replaced one (S2).
TEST_F(StandingTest, WhoseKeyEndedIsRefused) {
  using identity::Standing;
  std::uint64_t version = 0;
  for (const Standing standing : {Standing::ended, Standing::replaced, Standing::compromised}) {
    Person person = world.make_staff();
    Client client(world, person);
    client.log_in();
    put(client, {package(client)});
    publish(beheerder, status_list(++version, {entry(person.account_key, standing, world.clock.now())}));
    ASSERT_TRUE(done(beheerder)) << beheerder.last_problem();
    settle({&client});
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(client.last_problem(), "revoked_device");
    EXPECT_EQ(login_of(client), "revoked_device");
    EXPECT_FALSE(coach.is_closed());
    EXPECT_THAT(world.store->devices_with_key_packages().value(), IsEmpty());
  }
}

TEST_F(StandingTest, AnEndThatWasAnnouncedComesInTime) {
  put(coach, {package(coach)});
  publish(beheerder, status_list(1, {entry(coach_person.account_key, identity::Standing::ended, world.clock.now() + kOneDay)}));
  EXPECT_EQ(login_of(coach), "");
  world.clock.advance(kOneDay);
  world.service->tick();
  settle();
  EXPECT_EQ(coach.last_problem(), "revoked_device");
  EXPECT_THAT(world.store->devices_with_key_packages().value(), IsEmpty());
}

// S2, S14: a replaced key counts no more from that moment on, not from the next look at the list; the device itself may come back with a
// newer chain (TheNewKeyMayComeWithTheLogin), so it is not revoked for good.
TEST_F(StandingTest, NothingOfAReplacedKeyIsHandedOutBeforeTheListIsLookedAt) {
  const ChannelId channel = open_room();
  put(coach, {package(coach)}, package(coach, kMaxLastResortLife));
  publish(beheerder,
          status_list(1, {entry(coach_person.account_key, identity::Standing::replaced, world.clock.now() + kOneDay)}));
  world.clock.advance(kOneDay);
  const auto answer = claimed(jongere, claim(coach_person.account, wire::Relation::room, channel));
  ASSERT_NE(answer, nullptr) << jongere.last_problem();
  ASSERT_THAT(answer->packages, SizeIs(1));
  EXPECT_THAT(answer->packages.front()->key_package, IsEmpty());
  EXPECT_EQ(login_of(coach), "revoked_device");
  EXPECT_FALSE(world.store->device(coach_person.device).value()->revoked);
}

// S1: with a stale list chat goes on, and nobody new comes in.
TEST_F(StandingTest, WithAStaleListNobodyNewComesIn) {
  const ChannelId channel = open_room();
  publish(beheerder, status_list(1, {}));
  world.clock.advance(7 * kOneDay);
  coach.say(channel, "hoi");
  settle();
  EXPECT_THAT(jongere.room(channel).seen, SizeIs(1));
  EXPECT_EQ(login_of(coach), "");
  Person newcomer_person = world.make_jongere(coach_person);
  accept_by_invite(world, coach, newcomer_person);
  EXPECT_EQ(coach.last_problem(), "status_stale");
  Person colleague_person = world.make_staff();
  Client colleague(world, colleague_person);
  EXPECT_EQ(login_of(colleague), "status_stale");
  EXPECT_FALSE(world.store->account(newcomer_person.account).value().has_value());
  EXPECT_FALSE(world.store->account(colleague_person.account).value().has_value());
  publish(beheerder, status_list(2, {}));
  ASSERT_TRUE(done(beheerder)) << beheerder.last_problem();
  accept_by_invite(world, coach, newcomer_person);
  EXPECT_TRUE(world.store->account(newcomer_person.account).value().has_value());
  EXPECT_EQ(login_of(colleague), "");
}

// S1: whom a compromised coach certified is not registered, by whatever road it comes.
TEST_F(StandingTest, NobodyNewByACoachWhoseWordCountsNoMore) {
  Person colleague_person = world.make_staff();
  publish(beheerder, status_list(1, {entry(colleague_person.account_key, identity::Standing::ended, world.clock.now())}));
  Client colleague(world, colleague_person);
  EXPECT_EQ(login_of(colleague), "revoked_device");
  EXPECT_FALSE(world.store->account(colleague_person.account).value().has_value());
}

// S1: a new root is signed by the old one. What the old one certified before counts, what it certifies afterwards does not.
TEST_F(StandingTest, ANewRoot) {
  const SigningKey next = SigningKey::generate(world.rng);
  const auto step = identity::sign_root_succession(world.root, next, world.organisation, world.clock.now()).value();
  const Bytes steps = identity::encode_root_successions({step});
  publish(beheerder, status_list(1, {}));
  publish(beheerder, status_list(2, {}), steps);
  EXPECT_EQ(beheerder.last_problem(), "bad_standing") << "the list is by the root that was";
  publish(beheerder, status_list(2, {}, next), steps);
  ASSERT_TRUE(done(beheerder));
  EXPECT_EQ(login_of(coach), "") << "certified before";
  Person late = world.make_staff();
  late.chain.certificates[0].not_before = world.clock.now();
  late.chain.certificates[0] = identity::issue_certificate(world.root, late.chain.certificates[0]).value();
  Client by_old_root(world, late);
  EXPECT_EQ(login_of(by_old_root), "bad_login");
  Person fresh = world.make_staff();
  fresh.chain.certificates[0] = identity::issue_certificate(next, fresh.chain.certificates[0]).value();
  Client by_new_root(world, fresh);
  EXPECT_EQ(login_of(by_new_root), "");
  beheerder.log_in();
  publish(beheerder, status_list(3, {}, next));
  EXPECT_EQ(beheerder.last_problem(), "bad_standing") << "a root is not taken back";
  const SigningKey other = SigningKey::generate(world.rng);
  const auto fork = identity::sign_root_succession(world.root, other, world.organisation, world.clock.now()).value();
  beheerder.log_in();
  publish(beheerder, status_list(3, {}, other), identity::encode_root_successions({fork}));
  EXPECT_EQ(beheerder.last_problem(), "bad_standing") << "nor does it have two successors";
  world.restart();
  EXPECT_EQ(login_of(by_new_root), "") << "read again from disk";
}

// ---- chains that change (S2)

class ChainTest : public MembershipTest {
 protected:
  ChainTest() {
    jongere_person.chain = tablet_person.chain = relisted(jongere_person, {&jongere_person, &tablet_person});
    update_chain(jongere, jongere_person.chain);
    tablet.log_in();
    settle({&tablet});
  }
  void refused(const identity::IdentityChain& chain, const char* why) {
    jongere.log_in();
    update_chain(jongere, chain);
    EXPECT_EQ(jongere.last_problem(), "bad_chain") << why;
    EXPECT_FALSE(jongere.is_closed()) << why;
    EXPECT_EQ(world.store->account(jongere_person.account).value()->chain, identity::encode_chain(jongere_person.chain)) << why;
  }

  Person tablet_person = another_device(jongere_person);
  Client tablet{world, tablet_person};
};

TEST_F(ChainTest, ALinkedDeviceLogsIn) {
  EXPECT_EQ(tablet.last_problem(), "");
  EXPECT_NE(tablet.last<wire::LoginReplyT>(wire::Body::LoginReply), nullptr);
  update_chain(jongere, jongere_person.chain);
  EXPECT_TRUE(done(jongere)) << "a resend";
}

TEST_F(ChainTest, ADeviceThatIsDroppedIsRefused) {
  put(tablet, {package(tablet)});
  update_chain(jongere, relisted(jongere_person, {&jongere_person}));
  ASSERT_TRUE(done(jongere)) << jongere.last_problem();
  settle({&tablet});
  EXPECT_TRUE(tablet.is_closed());
  EXPECT_EQ(tablet.last_problem(), "revoked_device");
  tablet.connect();
  tablet.login(false);
  settle({&tablet});
  EXPECT_EQ(tablet.last_problem(), "revoked_device");
  EXPECT_THAT(world.store->devices_with_key_packages().value(), IsEmpty());
  EXPECT_TRUE(world.store->device(tablet_person.device).value()->revoked);
  const auto answer = claimed(jongere, claim(jongere_person.account, wire::Relation::own));
  ASSERT_NE(answer, nullptr);
  EXPECT_THAT(answer->packages, IsEmpty());
  EXPECT_EQ(verify_audit(*world.store), "");
}

// S2: the account goes on under another key, without the telephone that was lost. What others still carry of the earlier key is known.
TEST_F(ChainTest, AnotherKeyAfterALoss) {
  const ChannelId channel = open_room();
  put(jongere, {package(jongere)});
  const SigningKey next = SigningKey::generate(world.rng);
  const auto chain = rekeyed(jongere_person, next, {&jongere_person});
  update_chain(jongere, chain);
  ASSERT_TRUE(done(jongere)) << jongere.last_problem();
  EXPECT_EQ(world.store->account(jongere_person.account).value()->key, next.verify_key());
  settle({&tablet});
  EXPECT_EQ(tablet.last_problem(), "revoked_device");
  EXPECT_EQ(count(jongere), (KeyPackageStock{0, false})) << "packages with the earlier key are gone";
  put(jongere, {package(jongere)});
  EXPECT_EQ(jongere.last_problem(), "bad_key_package") << "and no more of them";
  // Its leaf carries the earlier key until its next commit brings the new chain.
  auto bundle = jongere.make_bundle(channel, nullptr, jongere.next_counter++);
  jongere.pending_commit = std::move(bundle.pending);
  jongere.request(std::move(bundle.body));
  settle();
  EXPECT_EQ(world.store->channel(channel).value()->epoch, 2u) << jongere.last_problem();
  jongere_person.chain = chain;
  put(jongere, {package(jongere)});
  EXPECT_EQ(count(jongere).available, 1u);
  // Nor can the lost one bring the earlier key back.
  tablet.connect();
  tablet.login();
  settle({&tablet});
  EXPECT_EQ(tablet.last_problem(), "revoked_device");
  EXPECT_EQ(world.store->account(jongere_person.account).value()->key, next.verify_key());
  expect_well();
}

TEST_F(ChainTest, WhoMayNotChangeIt) {
  const SigningKey next = SigningKey::generate(world.rng);
  refused(relisted(jongere_person, {&tablet_person}), "the device that asks is not in it");
  auto older = jongere_person.chain;
  older.device_list =
      identity::sign_device_list(jongere_person.account_key, jongere_person.account, 1, listed({&jongere_person})).value();
  refused(older, "an older list");
  auto fork = jongere_person.chain;
  fork.device_list = identity::sign_device_list(jongere_person.account_key, jongere_person.account, fork.device_list.version,
                                                listed({&jongere_person}))
                         .value();
  refused(fork, "another list under that number");
  auto backdated = rekeyed(jongere_person, next, {&jongere_person});
  auto& own = backdated.certificates.back();
  own.not_before = jongere_person.chain.certificates.back().not_before;
  own = identity::issue_certificate(coach_person.account_key, own).value();
  refused(backdated, "a key that was not certified later");
  Person impostor = another_device(jongere_person);
  impostor.device = jongere_person.device;
  refused(rekeyed(jongere_person, next, {&impostor}), "another leaf key for the same device");
  auto uncertified = rekeyed(jongere_person, next, {&jongere_person});
  uncertified.certificates.clear();
  refused(uncertified, "not certified");
  refused(rekeyed(coach_person, next, {&jongere_person}), "somebody else's account");
  refused(relisted(jongere_person, {&jongere_person, &coach_person}), "somebody else's device");
  jongere_person.chain = relisted(jongere_person, {&jongere_person});
  update_chain(jongere, jongere_person.chain);
  refused(relisted(jongere_person, {&jongere_person, &tablet_person}), "a device that was dropped does not come back");
}

// S2: a coach can certify any key for this pseudonym, and still not take the account over: that needs one of its devices.
TEST_F(ChainTest, ACertifiedKeyAloneTakesNothingOver) {
  const SigningKey taken = SigningKey::generate(world.rng);
  Person thief_person = another_device(jongere_person);
  thief_person.chain = rekeyed(jongere_person, taken, {&thief_person});
  Client thief(world, thief_person);
  thief.log_in();
  settle({&thief});
  EXPECT_EQ(thief.last_problem(), "bad_login");
  EXPECT_EQ(world.store->account(jongere_person.account).value()->key, jongere_person.account_key.verify_key());
  EXPECT_FALSE(tablet.is_closed());
}

// A device whose key is on the list already still has a way out: it shows the new chain with its login.
TEST_F(ChainTest, TheNewKeyMayComeWithTheLogin) {
  publish(coach, status_list(1, {entry(jongere_person.account_key, identity::Standing::replaced, world.clock.now())}));
  settle({&tablet});
  EXPECT_EQ(tablet.last_problem(), "revoked_device");
  const SigningKey next = SigningKey::generate(world.rng);
  jongere_person.chain = rekeyed(jongere_person, next, {&jongere_person});
  jongere.log_in();
  settle();
  EXPECT_EQ(jongere.last_problem(), "");
  tablet.connect();
  tablet.login(false);
  settle({&tablet});
  EXPECT_EQ(tablet.last_problem(), "revoked_device");
}

// S2: staff who lost every device: the root certifies, and the list says that the earlier key was replaced.
TEST_F(ChainTest, StaffReturnByTheRoot) {
  Person returned = another_device(coach_person);
  const SigningKey next = SigningKey::generate(world.rng);
  returned.chain = rekeyed(coach_person, next, {&returned});
  Client fresh(world, returned);
  fresh.log_in();
  settle({&fresh});
  EXPECT_EQ(fresh.last_problem(), "bad_login") << "the earlier key still counts";
  Person beheerder_person = world.make_staff(identity::Role::beheerder);
  Client beheerder(world, beheerder_person);
  beheerder.log_in();
  publish(beheerder, status_list(1, {entry(coach_person.account_key, identity::Standing::replaced, world.clock.now())}));
  ASSERT_TRUE(done(beheerder)) << beheerder.last_problem();
  fresh.log_in();
  settle({&fresh});
  EXPECT_EQ(fresh.last_problem(), "");
  EXPECT_TRUE(world.store->device(coach_person.device).value()->revoked);
}

// Law 5 and the ledger's promise: what could not be written has not happened, for those who would have been refused neither.
TEST_F(ChainTest, ARefusalThatCouldNotBeWrittenHasNotHappened) {
  const auto without_tablet = relisted(jongere_person, {&jongere_person});
  dynamic_cast<MemoryStore&>(*world.store).fail_next_commit(kStoreDiskFull);
  update_chain(jongere, without_tablet);
  EXPECT_EQ(jongere.last_problem(), "storage_failed");
  put(tablet, {package(tablet)});
  EXPECT_EQ(count(tablet).available, 1u);
  EXPECT_FALSE(tablet.is_closed());
  jongere.log_in();
  update_chain(jongere, without_tablet);
  settle({&tablet});
  EXPECT_EQ(tablet.last_problem(), "revoked_device");
}

}  // namespace
}  // namespace steiger::gateway::testing
