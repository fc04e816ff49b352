// S1: what a device believes about the standing of keys, whoever brings it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/organisation_status.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/small_gateway.h"
#include "client-sdk/src/testing/world.h"
#include "crypto/identity/root_succession.h"

namespace steiger::sdk::testing {
namespace {

class StandingOfKeys : public ::testing::Test {
 protected:
  void SetUp() override {
    world.set_up_coach(noor);
    world.scheduler.run_for(std::chrono::seconds(5));
  }

  static StatusAuthority authority_of(const Organisation& organisation, Timestamp now) {
    SeededRng rng(5);
    return appoint_status_key(organisation, SigningKey::generate(rng), now).value();
  }
  Bytes next_list(const StatusAuthority& authority, const identity::OrganisationPublic& facts) {
    auto made = sign_next_status(facts, authority, book, world.scheduler.now).value();
    book = made.book;
    return identity::encode_status_list(made.list);
  }
  void bring(const Bytes& list, const Bytes& roots = {}) {
    wire::StandingT body;
    body.status_list = list;
    body.root_successions = roots;
    noor.feed(FrameReceived{gateway::encode_frame(0, std::move(body))});
    world.scheduler.run_for(std::chrono::seconds(1));
  }
  StandingRecord stored() {
    const auto found = noor.disk.find(keys::kStanding);
    return found == noor.disk.end() ? StandingRecord() : StandingRecord::decode(found->second.bytes()).value();
  }

  World world{21};
  SimDevice& noor = world.add_device("Noor");
  StatusBook book;
};

TEST_F(StandingOfKeys, TheNewestListIsKeptAndGoesStaleByItself) {
  const StatusAuthority authority = authority_of(world.organisation, world.scheduler.now);
  const Bytes first = next_list(authority, world.organisation.facts);
  const Bytes second = next_list(authority, world.organisation.facts);
  EXPECT_FALSE(noor.status().status_stale);  // there is none
  bring(second);
  EXPECT_EQ(stored().status_list, second);
  bring(first);  // an older one takes nothing back
  EXPECT_EQ(stored().status_list, second);
  noor.crash();
  noor.boot();
  world.scheduler.run_for(std::chrono::seconds(5));
  EXPECT_EQ(stored().status_list, second);
  EXPECT_FALSE(noor.status().status_stale);
  world.scheduler.run_for(identity::kMaxStatusListLife + std::chrono::hours(1));
  EXPECT_TRUE(noor.status().status_stale);
  bring(next_list(authority, world.organisation.facts));
  EXPECT_FALSE(noor.status().status_stale);
}

TEST_F(StandingOfKeys, WhatDoesNotVerifyChangesNothingAndTheConnectionGoesOn) {
  const StatusAuthority authority = authority_of(world.organisation, world.scheduler.now);
  const Bytes list = next_list(authority, world.organisation.facts);
  const Organisation other = Organisation::create(world.rng, "Gemeente Anders").value();
  StatusBook empty;
  const auto foreign =
      sign_next_status(other.facts, authority_of(other, world.scheduler.now), empty, world.scheduler.now).value();
  bring(identity::encode_status_list(foreign.list));
  Bytes damaged = list;
  damaged.back() ^= 1;
  bring(damaged);
  bring(Bytes(100, 7), Bytes(100, 7));
  EXPECT_TRUE(stored().status_list.empty());
  EXPECT_EQ(noor.status().connection, api::Connection::online);
  EXPECT_TRUE(noor.alarms().empty());
  bring(list);
  EXPECT_EQ(stored().status_list, list);
}

TEST_F(StandingOfKeys, ANewRootBringsListsOfItsOwnAndIsNeverForgotten) {
  const SigningKey next_root = SigningKey::generate(world.rng);
  const auto step =
      identity::sign_root_succession(world.organisation.root, next_root, world.organisation.facts.id, world.scheduler.now)
          .value();
  Organisation renewed{world.organisation.facts, SigningKey(next_root.seed().clone())};
  renewed.facts.root_key = next_root.verify_key();
  const Bytes by_new = next_list(authority_of(renewed, world.scheduler.now), renewed.facts);
  bring(by_new);
  EXPECT_TRUE(stored().status_list.empty());  // nobody vouches for that root yet
  const Bytes roots = identity::encode_root_successions({step});
  bring(by_new, roots);
  EXPECT_EQ(stored().root_successions, roots);
  EXPECT_EQ(stored().status_list, by_new);
  // What the replaced root signs from now on does not count, also when the gateway leaves the new one out.
  const Bytes by_old = next_list(authority_of(world.organisation, world.scheduler.now), world.organisation.facts);
  bring(by_old, identity::encode_root_successions({}));
  EXPECT_EQ(stored().root_successions, roots);
  EXPECT_EQ(stored().status_list, by_new);
}

TEST_F(StandingOfKeys, OnlyWhatVerifiesIsPublished) {
  api::PublishStandingT publish;
  publish.status_list = Bytes(40, 1);
  const auto request = noor.ask(publish);
  const auto* answer = noor.answer(request);
  ASSERT_NE(answer, nullptr);
  EXPECT_NE(answer->body.AsFailed(), nullptr);
  EXPECT_NE(noor.answer(noor.ask(api::PublishStandingT()))->body.AsFailed(), nullptr);
}

}  // namespace
}  // namespace steiger::sdk::testing
