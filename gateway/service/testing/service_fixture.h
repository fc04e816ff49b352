// A coach and a jongere who are logged in, in virtual time. For tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/service/testing/world.h"
#include "gateway/service/verify.h"
#include "gateway/store/memory_store.h"

namespace steiger::gateway::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    coach.log_in();
    accept_by_invite(world, coach, jongere_person);
    jongere.log_in();
  }
  // Posted work and inboxes until nothing moves any more.
  void settle(std::initializer_list<Client*> clients = {}) {
    for (int round = 0; round < 50; ++round) {
      world.executor.run_all();
      coach.read();
      jongere.read();
      for (Client* each : clients) each->read();
    }
  }
  ChannelId open_room() {
    const ChannelId channel = coach.open_channel();
    settle();
    coach.add(channel, jongere);
    settle();
    EXPECT_TRUE(jongere.has_room(channel)) << coach.last_problem();
    return channel;
  }
  void expect_well() {
    EXPECT_THAT(coach.errors, IsEmpty());
    EXPECT_THAT(jongere.errors, IsEmpty());
    EXPECT_EQ(verify_channels(*world.store, world.store->channels_of(coach_person.device).value()), "");
    EXPECT_EQ(verify_audit(*world.store), "");
  }
  wire::SubmitT one(Client& from, const ChannelId& channel, std::uint64_t counter) {
    wire::SubmitT body;
    body.items.push_back(from.make_item(channel, MessageId::random(world.rng), "x", counter));
    return body;
  }
  // Sends a frame and expects that the connection ends with this error, while the other one goes on.
  template <class BodyT>
  void expect_fatal(Client& client, BodyT body, const char* error) {
    client.resending = false;
    client.request(std::move(body));
    settle();
    EXPECT_EQ(client.last_problem(), error);
    EXPECT_TRUE(client.is_closed());
    Client& other = &client == &coach ? jongere : coach;
    EXPECT_FALSE(other.is_closed());
  }
  template <class BodyT>
  void expect_refused(Client& client, BodyT body, const char* error) {
    client.request(std::move(body));
    settle();
    EXPECT_EQ(client.last_problem(), error);
    EXPECT_FALSE(client.is_closed());
  }

  World world;
  Person coach_person = world.make_staff();
  Person jongere_person = world.make_jongere(coach_person);
  Client coach{world, coach_person};
  Client jongere{world, jongere_person};
};

}  // namespace steiger::gateway::testing
