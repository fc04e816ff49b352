// Refusals: stale epochs (S12), refusals for good, and counters without gaps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/small_gateway.h"
#include "client-sdk/src/testing/world.h"
#include "crypto/identity/channel.h"
#include "crypto/mls/group.h"

namespace steiger::sdk::testing {
namespace {

class OutboxTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world.set_up_coach(noor);
    ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
    channel = *ChannelId::from_bytes(sam.channels().front().id);
    world.send(noor, "een");
    ASSERT_TRUE(world.settle({&noor, &sam}, 1));
  }
  SmallGateway& gateway() { return static_cast<SmallGateway&>(*world.gateway); }
  mls::Group group_of(const SimDevice& device) {
    return mls::Group::deserialize(device.disk.at(keys::group(channel)).bytes()).value();
  }
  ChannelRecord record_of(const SimDevice& device) {
    return ChannelRecord::decode(device.disk.at(keys::channel(channel)).bytes()).value();
  }

  World world{21};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  ChannelId channel;
};

// Sam's device (played by the test from its stored group) commits while Noor writes: Noor's message is refused as stale, encrypted
// anew in the next epoch, and arrives under its own id.
TEST_F(OutboxTest, StaleEpochMeansTheSameMessageInTheNextEpoch) {
  sam.crash();
  const mls::Group old = group_of(sam);
  const ChannelRecord record = record_of(sam);
  mls::CommitOptions options;
  options.authenticated_data = identity::encode_handshake_header({{record.processed, record.head}, {}});
  options.now = world.scheduler.now;
  auto pending = old.commit(world.rng, options);
  ASSERT_TRUE(pending.ok());

  // Noor's device does not hear of the commit until it has sent.
  bool hold = true;
  std::vector<Bytes> held;
  world.network.tamper_up = [&](Bytes frame) {
    const auto* submit = wire::GetFrame(frame.data())->body_as_Submit();
    if (submit != nullptr && hold) {
      hold = false;
      const auto sender = SelfRecord::decode(sam.disk.at(keys::kSelf).bytes()).value();
      EXPECT_TRUE(gateway().commit_as(sender.account, sender.device, channel, pending->commit, pending->group_info));
    }
    return frame;
  };
  const std::uint64_t epoch = old.epoch();
  world.send(noor, "twee");
  world.scheduler.run_for(std::chrono::seconds(30));
  ASSERT_FALSE(hold);
  EXPECT_EQ(group_of(noor).epoch(), epoch + 1);
  EXPECT_EQ(noor.status().waiting, 0u);
  EXPECT_THAT(noor.alarms(), ::testing::IsEmpty());
  const auto mine = noor.messages(to_bytes(channel.bytes()));
  ASSERT_EQ(mine.size(), 2u);
  EXPECT_EQ(mine.back().text, "twee");
  EXPECT_EQ(mine.back().state, api::MessageState::accepted);
  // The real next epoch of Sam reads it.
  auto next = std::move(pending).value().merge(old).value();
  const auto received = next.decrypt(gateway().payload(channel, mine.back().seq));
  EXPECT_TRUE(received.ok());
  EXPECT_EQ(received->epoch, epoch + 1);
}

// A gateway that lets more pass than the profile allows yet: the client does not (S8 to S13 come with their rules).
TEST_F(OutboxTest, ACommitThatDoesMoreThanAddStopsTheChannel) {
  sam.crash();
  const mls::Group group = group_of(sam);
  const ChannelRecord record = record_of(sam);
  mls::CommitOptions options;
  options.context_extensions = group.group_context().extensions;
  options.authenticated_data = identity::encode_handshake_header({{record.processed, record.head}, {}});
  const auto pending = group.commit(world.rng, options);
  ASSERT_TRUE(pending.ok());
  const auto sender = SelfRecord::decode(sam.disk.at(keys::kSelf).bytes()).value();
  const std::uint64_t epoch = group_of(noor).epoch();
  ASSERT_TRUE(gateway().commit_as(sender.account, sender.device, channel, pending->commit, pending->group_info));
  noor.crash();
  noor.boot();
  world.scheduler.run_for(std::chrono::minutes(1));
  EXPECT_THAT(noor.alarms(), ::testing::Contains("commit_refused"));
  EXPECT_EQ(group_of(noor).epoch(), epoch);
}

TEST_F(OutboxTest, ARefusedMessageFailsAndTheNextOnesTakeItsPlace) {
  int refused = 0;
  gateway().refuse_submission = [&]() -> std::optional<Error> {
    if (++refused == 2) return gateway::kBadMessage;
    return std::nullopt;
  };
  for (int i = 0; i < 5; ++i) world.send(noor, "m" + std::to_string(i));
  world.scheduler.run_for(std::chrono::minutes(1));
  std::vector<std::string> failed;
  for (const auto& message : noor.messages(to_bytes(channel.bytes()))) {
    if (message.state == api::MessageState::failed) failed.push_back(message.text);
  }
  EXPECT_EQ(failed.size(), 1u);
  EXPECT_EQ(sam.messages(to_bytes(channel.bytes())).size(), 5u);  // "een" and the other four
  EXPECT_EQ(noor.status().waiting, 0u);
  EXPECT_THAT(noor.alarms(), ::testing::IsEmpty());
}

TEST_F(OutboxTest, ARetryableRefusalIsTriedAgain) {
  int refused = 0;
  gateway().refuse_submission = [&]() -> std::optional<Error> {
    if (++refused <= 3) return gateway::kStorageFailed;
    return std::nullopt;
  };
  world.send(noor, "twee");
  ASSERT_TRUE(world.settle({&noor, &sam}, 2));
}

// A gateway that says "stale" without showing what made it so gets no second ciphertext of the same epoch.
TEST_F(OutboxTest, StaleWithoutACommitIsNoReasonToEncryptAgain) {
  int refused = 0;
  gateway().refuse_submission = [&]() -> std::optional<Error> {
    ++refused;
    return gateway::kStaleEpoch;
  };
  world.send(noor, "twee");
  world.scheduler.run_for(std::chrono::minutes(10));
  EXPECT_LT(refused, 40);  // waits between attempts
  EXPECT_EQ(noor.status().waiting, 1u);
  gateway().refuse_submission = nullptr;
  ASSERT_TRUE(world.settle({&noor, &sam}, 2));
}

// Law 8: weeks of writing without a network end at a bound that has a name; what is waiting stays.
TEST_F(OutboxTest, AtItsBoundItSaysSo) {
  world.network.tamper_up = [](Bytes) { return Bytes(); };
  api::SendTextT send;
  send.channel = to_bytes(channel.bytes());
  send.text = "zonder netwerk";
  const std::size_t had = noor.status().waiting;
  for (std::size_t i = had; i < kMaxOutbox; ++i) noor.ask(send);
  const auto* refused = world.ask_until_answered(noor, send).body.AsFailed();
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->name, kOutboxFull.name);
  EXPECT_TRUE(refused->retryable);
}

// Law 10, S5: what was used is gone from the disk too.
TEST_F(OutboxTest, ConsumedSecretsAreGoneFromTheStore) {
  world.send(noor, "geheim");
  ASSERT_TRUE(world.settle({&noor, &sam}, 2));
  const auto last = sam.messages(to_bytes(channel.bytes())).back();
  mls::Group stored = group_of(sam);
  EXPECT_EQ(stored.decrypt(gateway().payload(channel, last.seq)).error(), mls::kGenerationConsumed);
  EXPECT_EQ(sam.disk.count(keys::kJoin), 0u);              // invite secret, key package secrets
  EXPECT_EQ(noor.disk.count(keys::pending(channel)), 0u);  // the commit, and with it the PSK
  for (const auto& [key, value] : noor.disk) {
    if (key.rfind(keys::kInvitePrefix, 0) != 0) continue;
    EXPECT_TRUE(InviteRecord::decode(value.bytes())->secret.empty());
  }
  EXPECT_TRUE(record_of(noor).psks.empty());
  for (const auto& [key, value] : sam.disk) EXPECT_NE(key.rfind(keys::kOutboxPrefix, 0), 0u) << key;  // all came back
}

}  // namespace
}  // namespace steiger::sdk::testing
