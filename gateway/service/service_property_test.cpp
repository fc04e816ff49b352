// Random histories of two devices, a gateway that restarts and a disk that fails: in the end both hold the same messages in the same
// order exactly once, one winner per epoch, and every stored row fits the chain (laws 2, 3, 4, 12; S12, S15).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "gateway/service/testing/temporary_folder.h"
#include "gateway/service/testing/world.h"
#include "gateway/service/verify.h"
#include "gateway/store/memory_store.h"
#include "gateway/store/sql_store.h"

namespace steiger::gateway::testing {
namespace {

class History {
 public:
  History(World& world, unsigned seed) : world_(world), random_(seed) {
    coach.log_in();
    accept_by_invite(world_, coach, jongere_person_);
    jongere.log_in();
    channel = coach.open_channel();
    settle();
    coach.add(channel, jongere);
    settle();
  }

  void settle() {
    for (int quiet = 0; quiet < 4; ++quiet) {
      world_.executor.run_all();
      for (Client* each : {&coach, &jongere}) {
        if (each->is_closed() || !each->session_) each->log_in();
        each->read();
      }
    }
  }

  void step() {
    Client& one = pick(2) == 0 ? coach : jongere;
    switch (pick(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (one.outbox.size() < 50) said.insert(one.say(channel, "message " + std::to_string(++texts_)));
        break;
      case 4:  // a commit, in competition with whatever the other one sends
        if (one.session_ && !one.is_closed() && !one.pending_commit && one.outbox.empty()) {
          auto bundle = one.make_bundle(channel, nullptr, one.next_counter++);
          one.pending_commit = std::move(bundle.pending);
          const std::uint64_t counter = bundle.body.counter;
          one.outbox.push_back({counter, {}, channel, {}, encode_frame(99, std::move(bundle.body))});
          one.transmit(one.outbox.back().frame);
        }
        break;
      case 5:
        one.disconnect();
        break;
      case 6:
      case 7:
        if (one.is_closed() || !one.session_) {
          one.connect();
          one.login(pick(2) == 0);
        }
        break;
      case 8:
        one.acknowledging = !one.acknowledging;
        break;
      case 9:
        if (one.session_) one.resend();  // an impatient device: everything again
        break;
      case 10:
        if (pick(6) == 0) {
          coach.disconnect();
          jongere.disconnect();
          world_.restart();
        }
        break;
      case 11:
        if (auto* memory = dynamic_cast<MemoryStore*>(world_.store.get()); memory != nullptr && pick(3) == 0) {
          memory->fail_next_commit(kStoreDiskFull);
        }
        break;
      case 12:
        one.pretended_queue = pick(2) == 0 ? 0 : kSinkHighWater + 1;
        if (one.pretended_queue == 0 && one.session_) world_.service->drained(*one.session_);
        break;
      default:
        world_.executor.run_one();
        break;
    }
    if (pick(3) == 0) one.read();
    if (pick(3) == 0) world_.executor.run_one();
  }

  void finish() {
    for (Client* each : {&coach, &jongere}) {
      each->acknowledging = true;
      each->pretended_queue = 0;
      if (each->session_) world_.service->drained(*each->session_);
    }
    for (int round = 0; round < 100; ++round) settle();
  }

  void check() {
    EXPECT_THAT(coach.errors, ::testing::IsEmpty());
    EXPECT_THAT(jongere.errors, ::testing::IsEmpty());
    EXPECT_THAT(coach.outbox, ::testing::IsEmpty());
    EXPECT_THAT(jongere.outbox, ::testing::IsEmpty());
    const auto& by_coach = coach.room(channel);
    const auto& by_jongere = jongere.room(channel);
    EXPECT_EQ(by_coach.chain->head(), by_jongere.chain->head());
    EXPECT_EQ(by_coach.chain->seq(), by_jongere.chain->seq());
    // Ids are unique per device (a client reports a double), so equality of sets is exactly once.
    for (const MessageId& id : said) {
      EXPECT_TRUE(by_coach.ids.count(id) == 1 && by_jongere.ids.count(id) == 1) << "a message was lost";
    }
    EXPECT_EQ(by_coach.group->epoch(), by_jongere.group->epoch());
    EXPECT_TRUE(equal(by_coach.group->epoch_authenticator(), by_jongere.group->epoch_authenticator()));
    EXPECT_EQ(verify_channels(*world_.store, {channel}), "");
    EXPECT_EQ(verify_audit(*world_.store), "");
    const auto row = world_.store->channel(channel).value();
    EXPECT_EQ(row->dropped_seq, row->head_seq) << "everybody has everything: no ciphertext is left";
  }

 private:
  unsigned pick(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  World& world_;
  std::mt19937 random_;
  Person coach_person_ = world_.make_staff();
  Person jongere_person_ = world_.make_jongere(coach_person_);
  int texts_ = 0;

 public:
  Client coach{world_, coach_person_};
  Client jongere{world_, jongere_person_};
  ChannelId channel;
  std::set<MessageId> said;
};

TEST(ServiceProperty, RandomHistoriesInMemory) {
  constexpr unsigned kHistories = 30;
  for (unsigned seed = 1; seed <= kHistories && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world;
    world.limits.delivery_window = 1 + seed % 20;
    world.restart();
    History history(world, seed);
    for (int i = 0; i < 300; ++i) history.step();
    history.finish();
    history.check();
  }
}

TEST(ServiceProperty, RandomHistoriesOnDisk) {
  constexpr unsigned kHistories = 6;
  for (unsigned seed = 100; seed < 100 + kHistories && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const TemporaryFolder folder;
    SystemRng rng;
    auto store = open_sql_store({folder.file("store.db"), sqlcipher::DatabaseKey::random(rng), SecretboxKey::random(rng)}, rng);
    ASSERT_TRUE(store.ok());
    World world(false, std::move(*store));
    History history(world, seed);
    for (int i = 0; i < 300; ++i) history.step();
    history.finish();
    history.check();
  }
}

// The writer on its own thread over a real file: the same result, whatever the interleaving.
TEST(ServiceProperty, ThreadedWriterOnDisk) {
  const TemporaryFolder folder;
  SystemRng rng;
  auto store = open_sql_store({folder.file("store.db"), sqlcipher::DatabaseKey::random(rng), SecretboxKey::random(rng)}, rng);
  ASSERT_TRUE(store.ok());
  World world(true, std::move(*store));
  constexpr std::chrono::seconds kPatience(30);
  Person coach_person = world.make_staff();
  Person jongere_person = world.make_jongere(coach_person);
  Client coach{world, coach_person};
  Client jongere{world, jongere_person};
  const auto until = [&](auto condition) {
    while (!condition()) {
      ASSERT_TRUE(world.executor.wait_and_run(kPatience)) << coach.last_problem() << jongere.last_problem();
      coach.read();
      jongere.read();
    }
  };
  coach.connect();
  coach.login();
  until([&] { return world.service->counts().logged_in == 1; });
  accept_by_invite(world, coach, jongere_person);
  // Its answers come one after the other: the last is the account of the jongere.
  until([&] {
    return coach.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome) != nullptr &&
           coach.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome)->state == wire::InviteState::accepted;
  });
  jongere.connect();
  jongere.login();
  until([&] { return world.service->counts().logged_in == 2; });
  const ChannelId channel = coach.open_channel();
  until([&] { return coach.outbox.empty(); });
  coach.add(channel, jongere);
  until([&] { return jongere.has_room(channel) && !coach.pending_commit; });
  constexpr std::size_t kMessages = 200;
  for (std::size_t i = 0; i < kMessages; ++i) {
    coach.say(channel, "a");
    jongere.say(channel, "b");
    world.executor.run_all();
    coach.read();
    jongere.read();
  }
  until([&] {
    return coach.room(channel).chain->seq() == 2 + 2 * kMessages && jongere.room(channel).chain->seq() == 2 + 2 * kMessages;
  });
  EXPECT_EQ(coach.room(channel).chain->head(), jongere.room(channel).chain->head());
  EXPECT_THAT(coach.errors, ::testing::IsEmpty());
  EXPECT_THAT(jongere.errors, ::testing::IsEmpty());
  world.service.reset();  // the writer finishes what is queued
  world.executor.run_all();
  EXPECT_EQ(verify_channels(*world.store, {channel}), "");
  EXPECT_EQ(verify_audit(*world.store), "");
}

}  // namespace
}  // namespace steiger::gateway::testing
