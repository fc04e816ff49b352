// The story of issue 2 in virtual time: invite, join, chat, over crashes and a bad network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/testing/world.h"

namespace steiger::sdk::testing {
namespace {

std::vector<std::string> texts(SimDevice& device) {
  std::vector<std::string> out;
  for (const auto& channel : device.channels()) {
    for (const auto& message : device.messages(channel.id)) out.push_back(message.text);
  }
  return out;
}

TEST(Story, CoachAndJongereChatAfterAQrInvite) {
  World world(1);
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  world.set_up_coach(noor);
  ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
  world.send(noor, "Welkom Sam");
  world.send(sam, "Hoi Noor");
  ASSERT_TRUE(world.settle({&noor, &sam}, 2));
  EXPECT_THAT(texts(noor), ::testing::UnorderedElementsAre("Welkom Sam", "Hoi Noor"));
  EXPECT_EQ(noor.transcript(), sam.transcript());
  EXPECT_THAT(noor.alarms(), ::testing::IsEmpty());
  EXPECT_THAT(sam.alarms(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace steiger::sdk::testing
