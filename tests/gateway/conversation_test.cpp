// The ordinary road through the real binary: register, add, write, deliver, acknowledge, and again after kill -9.
#include "tests/gateway/fixture.h"

namespace steiger::test {
namespace {

struct ConversationTest : GatewayTest {
  ConversationTest() {
    start();
    const auto device = greet();
    device->disconnect();
    talk = std::make_unique<Conversation>(rng, organisation, head_key, coach, jongere, system_now());
  }
  // Both are logged in and in epoch 1.
  void open() {
    first = log_in(coach);
    second = log_in(jongere);
    first->say(registration_of(*talk, 1));
    ASSERT_EQ(first->hear_next<wire::AcceptedT>()->counter, 1u);
    first->say(commit_of(*talk, 2));
    const auto welcome = second->hear_next<wire::DeliverWelcomeT>();
    ASSERT_NE(welcome, nullptr);
    EXPECT_EQ(welcome->seq, 1u);
    EXPECT_EQ(welcome->welcome, talk->welcome);
    acknowledge(*second, 1);
    acknowledge(*first, 1);
  }
  void acknowledge(WireDevice& device, std::uint64_t seq) {
    wire::AcknowledgeT out;
    out.positions.emplace_back(gateway::wire_value(talk->channel), seq);
    device.say(std::move(out));
  }
  PreparedMessage write(std::uint64_t counter) {
    PreparedMessage message = prepare_message(rng, talk->first_group, talk->channel, coach.account, 256);
    first->say(submit_of(talk->channel, 1, counter, message));
    return message;
  }
  Person coach = person();
  Person jongere = person();
  std::unique_ptr<Conversation> talk;
  std::unique_ptr<WireDevice> first, second;
};

TEST_F(ConversationTest, AMessageArrivesWithItsPlaceInTheChain) {
  ASSERT_NO_FATAL_FAILURE(open());
  const PreparedMessage message = write(3);
  const auto delivered = second->hear_next<wire::DeliverT>();
  ASSERT_NE(delivered, nullptr);
  ASSERT_EQ(delivered->batches.size(), 1u);
  const wire::ChannelBatchT& batch = *delivered->batches.front();
  EXPECT_EQ(batch.first_seq, 2u);
  ASSERT_EQ(batch.envelopes.size(), 1u);
  EXPECT_EQ(batch.envelopes.front()->payload, message.payload);
  EXPECT_NE(batch.head_signature, nullptr);
  const auto opened = talk->second_group.decrypt(message.payload);
  EXPECT_TRUE(opened.ok());
}

TEST_F(ConversationTest, WhatWasAcceptedSurvivesKill) {
  ASSERT_NO_FATAL_FAILURE(open());
  const PreparedMessage message = write(3);
  std::uint64_t accepted = 0;
  while (accepted < 3) {
    const auto answer = first->hear_next<wire::AcceptedT>();
    ASSERT_NE(answer, nullptr);
    accepted = answer->counter;
  }
  EXPECT_EQ(gateway.stop(SIGKILL), -SIGKILL);
  start();
  auto again = std::make_unique<WireDevice>(pump);
  ASSERT_TRUE(again->connect(gateway.url()));
  const auto state = again->login(jongere, organisation.facts, gateway.origin());
  ASSERT_NE(state, nullptr);
  bool found = false;
  while (!found) {
    const auto delivered = again->hear_next<wire::DeliverT>();
    ASSERT_NE(delivered, nullptr);
    for (const auto& batch : delivered->batches) {
      for (const auto& envelope : batch->envelopes) found = found || envelope->payload == message.payload;
    }
  }
  auto sender = std::make_unique<WireDevice>(pump);
  ASSERT_TRUE(sender->connect(gateway.url()));
  EXPECT_EQ(sender->login(coach, organisation.facts, gateway.origin())->accepted_counter, 3u);  // S21
}

}  // namespace
}  // namespace steiger::test
