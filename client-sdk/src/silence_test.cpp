// A connection whose other end is gone without a word (half-open TCP): noticed by asking, also when there is nothing to say.
#include <gtest/gtest.h>

#include "client-sdk/src/limits.h"
#include "client-sdk/src/testing/small_gateway.h"
#include "client-sdk/src/testing/world.h"

namespace steiger::sdk::testing {
namespace {

class Silence : public ::testing::Test {
 protected:
  // From now on nothing passes on the connections that are open; new ones work.
  void deaden() {
    const auto drop_until_hello = [this](Bytes frame) {
      if (wire::GetFrame(frame.data())->body_type() == wire::Body::Hello) ++hellos_;
      return hellos_ == 0 ? Bytes() : frame;
    };
    hellos_ = 0;
    world.network.tamper_up = drop_until_hello;
    world.network.tamper_down = drop_until_hello;
  }
  static constexpr Duration kNoticed = kProbeAfter + kAnswerTimeout + std::chrono::seconds(5);

  World world{41};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  int hellos_ = 0;
};

TEST_F(Silence, AnIdleDeadConnectionIsNoticedAndReplaced) {
  world.set_up_coach(noor);
  ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
  world.scheduler.run_for(std::chrono::minutes(10));
  noor.crash();
  deaden();
  world.scheduler.run_for(kNoticed);
  EXPECT_EQ(hellos_, 1);
  EXPECT_EQ(sam.status().connection, api::Connection::online);
}

// A redeemer may wait for days until the coach decides.
TEST_F(Silence, AWaitingRedeemerNoticesToo) {
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::link);
  world.start_join(sam, link);
  world.scheduler.run_for(std::chrono::minutes(10));
  noor.crash();
  deaden();
  world.scheduler.run_for(kNoticed);
  EXPECT_EQ(hellos_, 1);
}

TEST_F(Silence, ALivingIdleConnectionStays) {
  world.set_up_coach(noor);
  ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
  int hellos = 0;
  int pings = 0;
  world.network.tamper_up = [&](Bytes frame) {
    const auto body = wire::GetFrame(frame.data())->body_type();
    if (body == wire::Body::Hello) ++hellos;
    if (body == wire::Body::Ping) ++pings;
    return frame;
  };
  world.scheduler.run_for(std::chrono::hours(1));
  EXPECT_EQ(hellos, 0);
  EXPECT_GT(pings, 2 * 70);  // two devices, one question in a bit more than 45 seconds
  EXPECT_LT(pings, 2 * 81);
}

}  // namespace
}  // namespace steiger::sdk::testing
