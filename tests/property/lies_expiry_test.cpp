// Lie: what has expired. The gateway keeps ciphertext for 100 days and handshakes until they were fetched; it says that it has none of
// something younger, or that a message of ours reached nobody (S13).
#include "tests/property/lies_fixture.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Each;

class Expiry : public LyingRooms {
 protected:
  // For this device, no envelope of others has its ciphertext any more.
  void withhold(SimDevice& from) {
    liar().down = [id = device_of(from), own = account_of(from)](const DeviceId& who, Bytes frame) {
      if (who != id) return frame;
      return tamper<wire::DeliverT>([&](wire::DeliverT& deliver) {
        for (auto& batch : deliver.batches) {
          for (auto& envelope : batch->envelopes) {
            if (envelope->payload.empty() || gateway::field<AccountId>(envelope->account.get()).value() == own) continue;
            envelope->payload_hash = gateway::wire_pointer(sha256(envelope->payload));
            envelope->payload.clear();
          }
        }
      })(std::move(frame));
    };
  }
  void say_undelivered(const api::MessageT& message) {
    wire::UndeliveredT told;
    told.channel = gateway::wire_pointer(room_of(noor));
    told.id = gateway::wire_pointer(*MessageId::from_bytes(message.id));
    told.seq = message.seq;
    ASSERT_TRUE(liar().tell(device_of(noor), gateway::encode_frame(0, std::move(told))));
    world.scheduler.run_for(std::chrono::seconds(10));
  }
  api::MessageT newest() { return noor.messages(noor.channels().front().id).back(); }
};

// S13: said, and asked of the others in the room all the same.
TEST_F(Expiry, AFreshMessageIsSaidToHaveExpired) {
  chatting();
  rest();
  withhold(sam);
  send(noor, "vers");
  ASSERT_TRUE(until([&] { return !causes(sam).empty(); }));
  EXPECT_THAT(causes(sam), Each("unreadable: expired_too_soon"));
  liar().down = nullptr;
  EXPECT_TRUE(until([&] { return has(sam, "vers"); })) << "Noor's device has it";
  expect_talking(noor, sam);
  no_alarms({&noor});
}

// S13: a handshake never expires for who has not fetched it. Without it nobody knows who is in the room.
TEST_F(Expiry, ACommitIsSaidToHaveExpired) {
  let_in();
  rest();
  withhold(sam);
  ASSERT_EQ(remove(noor, bea), "");
  ASSERT_TRUE(until([&] { return ended(bea); }));
  rest();
  expect_stopped(sam, kCommitRefused);
}

// S13: younger than 100 days, nothing has expired. Whoever believed it would say everything twice.
TEST_F(Expiry, AFreshMessageIsSaidToHaveReachedNobody) {
  chatting();
  rest();
  sam.crash();
  send(noor, "onderweg");
  ASSERT_TRUE(until([&] { return has(noor, "onderweg"); }));
  say_undelivered(newest());
  EXPECT_EQ(newest().state, api::MessageState::accepted);
  sam.boot();
  EXPECT_TRUE(until([&] { return has(sam, "onderweg"); }));
  no_alarms({&noor, &sam});
}

// S13: the others' receipts say otherwise, by signed words of theirs; the gateway's word is no more than that.
TEST_F(Expiry, AMessageThatEverybodyHasIsSaidToHaveReachedNobody) {
  chatting();
  rest();
  const api::MessageT message = newest();
  ASSERT_EQ(message.state, api::MessageState::delivered);
  for (const int days : {60, 50}) {  // longer than a message lives, and nobody is silent
    noor.crash();
    sam.crash();
    world.scheduler.run_for(std::chrono::hours(24 * days));
    noor.boot();
    sam.boot();
    rest();
  }
  say_undelivered(message);
  EXPECT_EQ(newest().state, api::MessageState::delivered);
  expect_talking(noor, sam);
  no_alarms({&noor, &sam});
}

}  // namespace
}  // namespace steiger::sdk::testing
