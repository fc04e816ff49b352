// Lie: order, on the real Service. One member is shown another order, a message less, or one twice, all of it properly chained and signed; or
// the gateway says that it never had what it signed. Whoever is lied to cannot tell at once; the next message says what its sender had seen
// (S15), and signed heads do not go back (S21, S22).
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Order : public LyingRooms {
 protected:
  // Noor says `texts`; what would reach Sam is kept back.
  std::vector<Forged> kept_back(const std::vector<std::string>& texts) {
    auto kept = std::make_shared<std::vector<Forged>>();
    liar().down = [kept, sams = device_of(sam)](const DeviceId& who, Bytes frame) {
      const auto* deliver = wire::GetFrame(frame.data())->body_as_Deliver();
      if (who != sams || deliver == nullptr) return frame;
      for (const auto* batch : *deliver->batches()) {
        for (const auto* envelope : *batch->envelopes()) {
          Forged one{{*gateway::field<AccountId>(envelope->account()), *gateway::field<DeviceId>(envelope->device())},
                     envelope->kind(),
                     to_bytes(gateway::view_of(envelope->payload()))};
          one.id = *gateway::field<MessageId>(envelope->id());
          one.tag = *gateway::field(envelope->tag());
          one.accepted = {envelope->accepted_ms()};
          if (one.payload.empty()) one.payload_hash = *gateway::field(envelope->payload_hash());
          kept->push_back(std::move(one));
        }
      }
      return Bytes();
    };
    for (const std::string& text : texts) {
      send(noor, text);
      world.scheduler.run_for(std::chrono::seconds(5));
    }
    EXPECT_EQ(kept->size(), texts.size());
    return *kept;
  }
  // From here on Sam's device hears nothing of the honest half, and its acknowledgements end here.
  void tell(const std::vector<Forged>& envelopes) {
    liar().up = [sams = device_of(sam)](const DeviceId& who, Bytes frame) {
      const bool acknowledges = wire::GetFrame(frame.data())->body_as_Acknowledge() != nullptr;
      return who == sams && acknowledges ? Bytes() : frame;
    };
    ASSERT_TRUE(liar().tell(device_of(sam), deliver(sam, envelopes)));
    world.scheduler.run_for(std::chrono::seconds(20));
  }
  std::vector<std::string> texts(SimDevice& device) {
    std::vector<std::string> out;
    for (const auto& message : device.messages(device.channels().front().id)) {
      if (message.seq != 0) out.push_back(message.text);
    }
    return out;
  }
  // Sam answers: his words say what he has seen, and Noor's device compares.
  void expect_noticed_by_the_other() {
    send(sam, "ja");
    rest();
    expect_stopped(noor, kHistoryDiffers);
    EXPECT_FALSE(has(noor, "ja"));
  }
};

TEST_F(Order, AnotherOrderForOneMember) {
  chatting();
  rest();
  auto kept = kept_back({"een", "twee"});
  ASSERT_EQ(kept.size(), 2u);
  std::swap(kept[0], kept[1]);
  tell(kept);
  EXPECT_THAT(causes(sam), ElementsAre(std::string(kHistoryDiffers.name) + ": ")) << "\"twee\" had already seen \"een\"";
  EXPECT_TRUE(sam.channels().front().stopped);
}

TEST_F(Order, AMessageLessForOneMember) {
  chatting();
  rest();
  auto kept = kept_back({"een", "twee"});
  ASSERT_EQ(kept.size(), 2u);
  kept.erase(kept.begin());
  tell(kept);
  EXPECT_THAT(causes(sam), ElementsAre(std::string(kHistoryDiffers.name) + ": "));
  EXPECT_FALSE(has(sam, "twee"));
}

// The last one is left out: nothing after it says so to Sam, but what he says next does to Noor.
TEST_F(Order, AnotherTimeForOneMember) {
  chatting();
  rest();
  auto kept = kept_back({"een"});
  ASSERT_EQ(kept.size(), 1u);
  kept.front().accepted = kept.front().accepted + std::chrono::hours(1);
  tell(kept);
  EXPECT_THAT(causes(sam), IsEmpty());
  EXPECT_TRUE(has(sam, "een"));
  expect_noticed_by_the_other();
}

TEST_F(Order, AMessageTwice) {
  chatting();
  rest();
  auto kept = kept_back({"een"});
  ASSERT_EQ(kept.size(), 1u);
  kept.push_back(kept.front());
  tell(kept);
  EXPECT_EQ(texts(sam), (std::vector<std::string>{"hoi", "een"}));
  EXPECT_FALSE(sam.alarms().empty()) << "said, and not shown";
}

// S22: a backup was put back without a word. Restarted or not, the device remembers what was signed.
TEST_F(Order, HeadsThatGoBack) {
  chatting();
  rest();
  sam.crash();
  liar().down = [](const DeviceId&, Bytes frame) {
    return tamper<wire::LoginReplyT>([](wire::LoginReplyT& reply) {
      for (auto& channel : reply.channels) channel->head_seq -= 1;
    })(std::move(frame));
  };
  std::vector<wire::Body> said;
  liar().up = [&](const DeviceId&, Bytes frame) {
    said.push_back(wire::GetFrame(frame.data())->body_type());
    return frame;
  };
  noor.crash();
  sam.boot();
  send(sam, "is er iemand?");
  rest();
  EXPECT_THAT(sam.alarms(), Contains(kGatewayBehind.name));
  EXPECT_NE(sam.status().connection, api::Connection::online);
  EXPECT_THAT(said, ::testing::Not(Contains(wire::Body::Submit))) << "nothing is said to such a gateway";
  EXPECT_THAT(said, ::testing::Not(Contains(wire::Body::Acknowledge)));
}

TEST_F(Order, AcceptedMessagesThatWereNeverAccepted) {
  chatting();
  send(sam, "wel aangekomen");
  rest();
  sam.crash();
  liar().down = [](const DeviceId&, Bytes frame) {
    return tamper<wire::LoginReplyT>([](wire::LoginReplyT& reply) { reply.accepted_counter -= 1; })(std::move(frame));
  };
  sam.boot();
  rest();
  EXPECT_THAT(sam.alarms(), Contains(kGatewayBehind.name));
  EXPECT_NE(sam.status().connection, api::Connection::online);
}

}  // namespace
}  // namespace steiger::sdk::testing
