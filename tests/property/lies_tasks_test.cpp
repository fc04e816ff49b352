// Lie: what the gateway asks members to do. Devices that are alive are called silent, people who never were in the room shall come back, and
// the packages it hands out for that are another's (S13, S14).
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using identity::Role;

class Tasks : public LyingRooms {
 protected:
  Bytes task(wire::RosterTaskKind kind, SimDevice& room_of_device, const identity::DeviceIdentity& about) {
    auto item = std::make_unique<wire::RosterTaskT>();
    item->kind = kind;
    item->channel = gateway::wire_pointer(room_of(room_of_device));
    item->account = gateway::wire_pointer(about.account);
    item->device = gateway::wire_pointer(about.device);
    wire::RosterTasksT out;
    out.tasks.push_back(std::move(item));
    return gateway::encode_frame(0, std::move(out));
  }
  // How often `device` asked for anybody's KeyPackages, or for a commit.
  void count(SimDevice& device) {
    liar().up = [this, id = device_of(device)](const DeviceId& who, Bytes frame) {
      const auto body = wire::GetFrame(frame.data())->body_type();
      if (who == id && body == wire::Body::ClaimKeyPackages) ++claims_;
      if (who == id && body == wire::Body::SubmitCommit) ++commits_;
      return frame;
    };
  }
  int claims_ = 0, commits_ = 0;
};

// S13: silence is the gateway's word, but who spoke in this room was not silent.
TEST_F(Tasks, ALivePhoneIsCalledSilent) {
  let_in();
  rest();
  count(noor);
  for (SimDevice* device : {&sam, &bea}) {
    const identity::DeviceIdentity whom{account_of(*device), device_of(*device)};
    ASSERT_TRUE(liar().tell(device_of(noor), task(wire::RosterTaskKind::remove_silent, noor, whom)));
    ASSERT_TRUE(liar().tell(device_of(sam), task(wire::RosterTaskKind::remove_silent, noor, whom)));
  }
  rest();
  EXPECT_EQ(commits_, 0);
  EXPECT_EQ(members(noor), 3u);
  expect_talking(noor, sam);
  no_alarms({&noor, &sam, &bea});
}

// S2: a device is revoked by its account's newer chain or the status list, not by the gateway.
TEST_F(Tasks, ALivePhoneIsCalledRevoked) {
  let_in();
  rest();
  count(noor);
  ASSERT_TRUE(liar().tell(device_of(noor), task(wire::RosterTaskKind::remove_revoked, noor, {account_of(sam), device_of(sam)})));
  rest();
  EXPECT_EQ(commits_, 0) << "without proof nobody is taken out";
  EXPECT_EQ(members(sam), 3u);
  expect_talking(noor, sam);
  no_alarms({&noor, &sam, &bea});
}

// S13, S8: "come back" of somebody who never was here: the gateway's own ghost, with packages to match.
TEST_F(Tasks, AGhostComesBack) {
  chatting();
  rest();
  const Stranger ghost = stranger(Role::coach);
  count(noor);
  ASSERT_TRUE(liar().tell(device_of(noor), task(wire::RosterTaskKind::add_back, noor, ghost.who())));
  rest();
  EXPECT_EQ(claims_, 0) << "nobody asks for what is not believed";
  EXPECT_EQ(members(noor), 2u);
  expect_talking(noor, sam);
  no_alarms({&noor, &sam});
}

}  // namespace
}  // namespace steiger::sdk::testing
