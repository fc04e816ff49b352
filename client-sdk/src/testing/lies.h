// For the tests in which the gateway, or a member, lies: frames are changed on their way, consistently signed where it helps the lie.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/testing/small_gateway.h"
#include "client-sdk/src/testing/tamper.h"
#include "client-sdk/src/testing/world.h"

namespace steiger::sdk::testing {

class Lies : public ::testing::Test {
 protected:
  void chatting(api::InviteKind kind = api::InviteKind::qr) {
    world.set_up_coach(noor);
    ASSERT_TRUE(world.invite(noor, sam, kind));
    world.send(noor, "een");
    world.send(sam, "twee");
    ASSERT_TRUE(world.settle({&noor, &sam}, 2));
  }
  SmallGateway& gateway() { return static_cast<SmallGateway&>(*world.gateway); }
  void wait() { world.scheduler.run_for(std::chrono::minutes(3)); }
  // Sam's channel stopped with this alarm; nothing of the lie is shown.
  void expect_stopped(const std::string& alarm) {
    wait();
    EXPECT_THAT(sam.alarms(), ::testing::ElementsAre(alarm));
    ASSERT_EQ(sam.channels().size(), 1u);
    EXPECT_TRUE(sam.channels().front().stopped);
    EXPECT_STREQ(api::EnumNameAlarmKind(sam.channels().front().stop), alarm.c_str());
    EXPECT_EQ(sam.transcript().size(), 2u);
  }
  // Signs the batch as the gateway would, over what is now in it: the lie is a consistent one.
  void sign_again(wire::ChannelBatchT& batch) {
    const auto id = *gateway::field<ChannelId>(batch.channel.get());
    Hash head = *gateway::field(batch.previous.get());
    std::uint64_t seq = batch.first_seq;
    for (const auto& envelope : batch.envelopes) {
      const Hash payload = envelope->payload.empty() ? *gateway::field(envelope->payload_hash.get()) : sha256(envelope->payload);
      head = log::chain_next(head, {id,
                                    seq++,
                                    payload,
                                    *gateway::field<AccountId>(envelope->account.get()),
                                    *gateway::field<DeviceId>(envelope->device.get()),
                                    *gateway::field<MessageId>(envelope->id.get()),
                                    *gateway::field(envelope->tag.get()),
                                    {envelope->accepted_ms}});
    }
    batch.head_signature =
        gateway::wire_pointer(log::sign_head(gateway().head_key(), world.organisation.facts.id, id, seq - 1, head));
  }
  // Tells the lie in the next batch that holds a message of somebody else, then no more.
  template <class Change>
  void lie_once(Change change) {
    world.network.tamper_down = tamper<wire::DeliverT>([this, change](wire::DeliverT& deliver) {
      for (auto& batch : deliver.batches) {
        for (auto& envelope : batch->envelopes) {
          if (told_ || envelope->payload.empty()) continue;
          told_ = true;
          change(*batch, *envelope);
        }
      }
    });
  }

  World world{11};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  bool told_ = false;
};

}  // namespace steiger::sdk::testing
