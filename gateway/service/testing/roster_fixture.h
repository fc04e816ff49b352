// A coach with a second device, and a jongere. For tests only.
#pragma once

#include "gateway/service/limits.h"
#include "gateway/service/testing/service_fixture.h"

namespace steiger::gateway::testing {

using ::testing::Eq;

class RosterTest : public ServiceTest {
 protected:
  void settle(std::initializer_list<Client*> clients = {}) {
    for (int round = 0; round < 30; ++round) {
      ServiceTest::settle({&tablet});
      for (Client* each : clients) each->read();
      world.executor.run_all();
      if (clients.size() == 0 && round > 1) break;
    }
  }
  void log_in(Client& client) {
    client.log_in();
    settle({&client});
  }
  void restart() {
    for (Client* each : {&coach, &jongere, &tablet}) each->disconnect();
    world.restart();
    for (Client* each : {&coach, &jongere, &tablet}) log_in(*each);
  }
  ChannelId open_room_with_tablet() {
    log_in(coach);  // with the list that names both
    log_in(tablet);
    const ChannelId channel = open_room();
    coach.add(channel, tablet);
    settle();
    EXPECT_TRUE(tablet.has_room(channel)) << coach.last_problem() << " " << coach.forbidden_rule;
    return channel;
  }
  // With a PSK that only the committer's account has: right by what the gateway can see.
  void commit_that_nobody_can_follow(Client& committer, const ChannelId& channel, std::initializer_list<Client*> who_can) {
    for (Client* each : who_can) each->has_secret_psk = true;
    mls::CommitOptions options;
    options.psks.push_back(World::secret_psk());
    committer.commit(channel, std::move(options));
    settle();
  }
  wire::SubmitT submission(Client& from, const ChannelId& channel) {
    wire::SubmitT body;
    body.items.push_back(from.make_item(channel, MessageId::random(world.rng), "x", from.next_counter));
    return body;
  }
  Result<std::optional<ChannelRow>> state(const ChannelId& channel) { return world.store->channel(channel); }
  std::vector<MemberRow> stays_of(const ChannelId& channel, Client& client) {
    std::vector<MemberRow> out;
    const auto rows = world.store->members(state(channel).value()->number).value();
    for (const MemberRow& row : rows) {
      if (row.device == client.person().device) out.push_back(row);
    }
    return out;
  }
  static std::vector<std::string> texts(Client& client, const ChannelId& channel) {
    std::vector<std::string> out;
    for (const Client::Seen& seen : client.room(channel).seen) {
      if (!seen.text.empty()) out.push_back(seen.text);
    }
    return out;
  }
  void expect_all_well() {
    expect_well();
    EXPECT_THAT(tablet.errors, IsEmpty());
  }

  Person tablet_person = world.make_device(coach_person);
  Client tablet{world, tablet_person};
};

}  // namespace steiger::gateway::testing
