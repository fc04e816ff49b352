// A coach, an invite and people who use it, on real frames. For tests only.
#pragma once

#include <gtest/gtest.h>

#include "crypto/identity/limits.h"
#include "gateway/service/limits.h"
#include "gateway/service/testing/world.h"

namespace steiger::gateway::testing {

inline constexpr Duration kDay = std::chrono::hours(24);

class InviteTest : public ::testing::Test {
 protected:
  explicit InviteTest(std::unique_ptr<Store> store = nullptr, bool threaded = false) : world(threaded, std::move(store)) {
    coach.connect();
    coach.login();
    settle();
    world.rng.fill(lookup);
  }
  void settle(std::initializer_list<Client*> clients = {}) {
    for (int round = 0; round < 4; ++round) {
      if (world.threaded && !world.executor.wait(kQuiet)) return;
      world.executor.run_all();
      coach.read();
      for (Client* each : clients) each->read();
    }
  }
  // With a writer thread: that nothing comes for so long ends settle(). Too short only makes a test fail that should pass.
  static constexpr std::chrono::milliseconds kQuiet{500};
  wire::CreateInviteT creation() {
    wire::CreateInviteT body;
    body.id = wire_pointer(invite);
    body.lookup = wire_pointer(lookup);
    body.kind = wire::InviteKind::link;
    body.expires_ms = (world.clock.now() + 6 * kDay).ms;
    body.terms = to_bytes("organisation, keys, coach chain");
    return body;
  }
  void create() {
    coach.request(creation());
    settle();
    ASSERT_EQ(outcome(coach), "open");
  }
  void redeem(Client& client, std::string_view proof) {
    if (!client.session_) client.connect();
    wire::RedeemInviteT body;
    body.lookup = wire_pointer(lookup);
    body.proof = to_bytes(proof);
    client.request(std::move(body));
    settle({&client});
  }
  void accept(std::string_view proof, const Person& person) {
    wire::AcceptInviteT body;
    body.id = wire_pointer(invite);
    body.proof_hash = wire_pointer(sha256(as_bytes(proof)));
    body.chain = identity::encode_chain(person.chain);
    coach.request(std::move(body));
    settle();
  }
  void refuse(std::string_view proof) {
    wire::RefuseInviteT body;
    body.id = wire_pointer(invite);
    body.proof_hash = wire_pointer(sha256(as_bytes(proof)));
    coach.request(std::move(body));
    settle();
  }
  // The newest InviteOutcome or the name of the newest problem.
  static std::string outcome(Client& client) {
    const auto body = client.last<wire::InviteOutcomeT>(wire::Body::InviteOutcome);
    return body == nullptr ? "none" : wire::EnumNameInviteState(body->state);
  }

  World world;
  Person coach_person = world.make_staff();
  Person jongere = world.make_jongere(coach_person);
  Client coach{world, coach_person};
  Client redeemer{world, jongere};
  Client second{world, jongere};
  InviteId invite = InviteId::random(world.rng);
  Hash lookup{};
};

}  // namespace steiger::gateway::testing
