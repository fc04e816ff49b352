// A device's own disclosures (S16), from a conversation as it was: what leaves verifies, for both sides, also after a restart.
#include "client-sdk/src/disclosure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/content.h"
#include "client-sdk/src/errors.h"
#include "client-sdk/src/testing/world.h"
#include "crypto/disclosure/errors.h"
#include "crypto/log/chain.h"

namespace steiger::sdk::testing {
namespace {

class SdkDisclosureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world.set_up_coach(noor);
    ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
    channel = sam.channels().front().id;
    for (const char* number : {"1", "2", "3"}) {
      world.send(noor, std::string("vraag-") + number);
      world.send(sam, std::string("antwoord-") + number);
    }
    ASSERT_TRUE(world.settle({&noor, &sam}, 6));
  }
  const api::EventT& disclose(SimDevice& device, std::vector<std::uint64_t> seqs) {
    api::DiscloseT request;
    request.channel = channel;
    request.seqs = std::move(seqs);
    return world.ask_until_answered(device, request);
  }
  std::string refusal(std::vector<std::uint64_t> seqs) {
    const auto* failed = disclose(sam, std::move(seqs)).body.AsFailed();
    return failed == nullptr ? "no failure" : failed->name;
  }
  std::vector<std::uint64_t> places() {
    std::vector<std::uint64_t> out;
    for (const auto& message : sam.messages(channel)) out.push_back(message.seq);
    return out;
  }

  World world{5};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  std::vector<std::uint8_t> channel;
};

TEST_F(SdkDisclosureTest, BothSidesCanProveWhatBothWrote) {
  const auto seqs = places();
  for (SimDevice* device : {&noor, &sam}) {
    device->crash();
    device->boot();
    const auto* answer = disclose(*device, {seqs[4], seqs[1], seqs[1]}).body.AsDisclosure();
    ASSERT_NE(answer, nullptr) << device->name;
    const auto read = disclosure::decode_disclosure(answer->bytes);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->channel.bytes()[0], channel[0]);
    const auto proven = disclosure::verify_disclosure(*read, {world.organisation.facts, read->head_key});
    ASSERT_TRUE(proven.ok()) << proven.error().name;
    ASSERT_EQ(proven->size(), 2U);
    std::vector<std::string> texts;
    for (const auto& message : *proven) {
      const auto content = decode_content(message.content.bytes());
      ASSERT_TRUE(content.ok());
      texts.push_back(std::get<TextContent>(content->body).text);
    }
    std::vector<std::string> shown;
    for (const auto& message : sam.messages(channel)) {
      if (message.seq == seqs[1] || message.seq == seqs[4]) shown.push_back(message.text);
    }
    EXPECT_EQ(texts, shown);
    // What was not chosen is not in it.
    const std::string all(as_text(answer->bytes));
    for (const auto& message : sam.messages(channel)) {
      const bool chosen = message.seq == seqs[1] || message.seq == seqs[4];
      EXPECT_EQ(all.find(message.text) != std::string::npos || chosen, chosen) << message.text;
    }
  }
}

// A message too far back: between it and the signed head are more links than a disclosure may hold (S16).
TEST_F(SdkDisclosureTest, TooFarBackIsSaidByName) {
  const auto error_with_head_at = [&](std::uint64_t head_seq) {
    SigningKey head_key = SigningKey::generate(world.rng);
    State state;
    state.organisation = world.organisation.facts;
    Channel room;
    room.record.id = ChannelId::random(world.rng);
    room.binding.channel = room.record.id;
    room.binding.organisation = state.organisation->id;
    room.binding.head_key = head_key.verify_key();
    room.record.processed = head_seq;
    room.record.head_signature = log::sign_head(head_key, state.organisation->id, room.record.id, head_seq, room.record.head);
    MessageRecord message;
    message.franked = SecretBytes::copy_of(Bytes{1});
    room.messages.emplace(1, std::move(message));
    room.links.emplace(1, LinkRecord());
    return make_disclosure(state, room, {1}).error();
  };
  EXPECT_EQ(error_with_head_at(disclosure::kMaxLinks + 1), disclosure::kDisclosureTooLong);
  EXPECT_EQ(error_with_head_at(disclosure::kMaxLinks), kMessageNotProvable) << "short enough; here its links are missing";
}

TEST_F(SdkDisclosureTest, WhatIsNotThereIsRefusedByName) {
  const auto seqs = places();
  EXPECT_EQ(refusal({}), "bad_request");
  EXPECT_EQ(refusal({0}), "no_such_message");
  EXPECT_EQ(refusal({seqs.back() + 1000}), "no_such_message");
  EXPECT_EQ(refusal({seqs[0], 1}), "no_such_message");  // the commit that opened the channel is no message
  std::vector<std::uint64_t> many(disclosure::kMaxMessages + 1);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = i;
  EXPECT_EQ(refusal(many), "bad_request");
  channel.assign(kIdSize, 9);
  EXPECT_EQ(refusal({1}), "no_such_channel");
}

}  // namespace
}  // namespace steiger::sdk::testing
