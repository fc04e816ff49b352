// S14: the pool of KeyPackages that this device keeps at the gateway, and the secrets it keeps for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/lies.h"
#include "crypto/identity/channel.h"
#include "crypto/mls/key_package_secrets.h"

namespace steiger::sdk::testing {
namespace {

using identity::Days;

class Pool : public ::testing::Test {
 protected:
  void SetUp() override {
    world.set_up_coach(noor);
    world.scheduler.run_for(std::chrono::seconds(5));
    // The pool is looked at on its way up; the small gateway does not know it.
    world.network.tamper_up = [this](Bytes frame) {
      std::unique_ptr<wire::FrameT> native(wire::GetFrame(frame.data())->UnPack());
      if (native->body.type != wire::Body::PutKeyPackages) return frame;
      stored_when_sent = stored().size();
      request = native->request;
      puts.push_back(*native->body.AsPutKeyPackages());
      return Bytes();
    };
  }
  void count(std::uint16_t available, bool last_resort, std::uint64_t answers = 0) {
    wire::KeyPackageCountT body;
    body.available = available;
    body.last_resort = last_resort;
    noor.feed(FrameReceived{gateway::encode_frame(answers, std::move(body))});
    world.scheduler.run_for(std::chrono::seconds(1));
  }
  void away(Duration time) {
    noor.crash();
    world.scheduler.run_for(time);
    noor.boot();
    world.scheduler.run_for(std::chrono::seconds(5));
  }
  void count_answer() { count(static_cast<std::uint16_t>(kPackagePool), true, request); }
  std::vector<PackageRecord> stored() {
    std::vector<PackageRecord> out;
    for (const auto& [key, value] : noor.disk) {
      if (key.rfind(keys::kPackagePrefix, 0) == 0) out.push_back(PackageRecord::decode(value.bytes()).value());
    }
    return out;
  }

  World world{22};
  SimDevice& noor = world.add_device("Noor");
  std::vector<wire::PutKeyPackagesT> puts;
  std::uint64_t request = 0;
  std::size_t stored_when_sent = 0;
};

TEST_F(Pool, AnEmptyPoolIsFilledAndEverySecretIsStoredBefore) {
  count(0, false);
  ASSERT_EQ(puts.size(), 1u);
  EXPECT_EQ(puts[0].packages.size(), kPackagePool);
  EXPECT_EQ(stored_when_sent, kPackagePool + 1);
  std::vector<Bytes> sent{puts[0].last_resort};
  for (const auto& package : puts[0].packages) sent.push_back(package->key_package);
  for (const PackageRecord& record : stored()) {
    EXPECT_NE(std::find(sent.begin(), sent.end(), record.key_package), sent.end());
    const auto package = mls::decode_key_package(record.key_package).value();
    EXPECT_TRUE(package.validate({{identity::kChannelExtension, {}}}).ok());
    const auto secrets = mls::KeyPackageSecrets::deserialize(record.secrets.bytes()).value();
    EXPECT_TRUE(equal(dh_public_key(secrets.init_key), package.init_key));
    const auto seconds = package.leaf.lifetime.not_after - package.leaf.lifetime.not_before;
    EXPECT_EQ(seconds, static_cast<std::uint64_t>((record.last_resort ? 60 : 28) * 24 * 60 * 60));
    EXPECT_EQ(record.last_resort, record.key_package == puts[0].last_resort);
  }
}

TEST_F(Pool, OnlyWhatIsMissingIsAdded) {
  count(0, false);
  count(0, false);  // while the first is unanswered
  EXPECT_EQ(puts.size(), 1u);
  count(3, false, request);  // the answer is believed, and not answered again
  EXPECT_EQ(puts.size(), 1u);
  count(10, true);
  EXPECT_EQ(puts.size(), 1u);
  count(9, true);
  ASSERT_EQ(puts.size(), 2u);
  EXPECT_EQ(puts[1].packages.size(), kPackagePool - 9);
  EXPECT_TRUE(puts[1].last_resort.empty());
  count_answer();
  count(15, false);  // it was handed out
  ASSERT_EQ(puts.size(), 3u);
  EXPECT_TRUE(puts[2].packages.empty());
  EXPECT_FALSE(puts[2].last_resort.empty());
}

TEST_F(Pool, SecretsGoAfterTheirTimeAndTheLastResortIsRenewed) {
  count(0, false);
  count_answer();
  EXPECT_EQ(stored().size(), kPackagePool + 1);
  away(Days(28) + std::chrono::hours(1));
  EXPECT_EQ(stored().size(), 1u);  // the last resort lives longer
  count(static_cast<std::uint16_t>(kPackagePool), true);
  EXPECT_EQ(puts.size(), 1u);
  world.scheduler.run_for(Days(2));
  ASSERT_EQ(puts.size(), 2u);
  EXPECT_TRUE(puts[1].packages.empty());
  EXPECT_FALSE(puts[1].last_resort.empty());
  count_answer();
  away(Days(31));
  const auto left = stored();  // the first one is gone; its successor has had its own
  EXPECT_EQ(left.size(), 1u);
  for (const PackageRecord& record : left) EXPECT_NE(record.key_package, puts[0].last_resort);
}

// A gateway that says that everything was handed out, again and again, cannot fill the disk.
TEST_F(Pool, TheNumberOfSecretsIsBounded) {
  for (int i = 0; i < 40; ++i) {
    count(0, false);
    count_answer();
  }
  EXPECT_LE(stored().size(), kMaxStoredPackages + 1);
  EXPECT_GE(stored().size(), kMaxStoredPackages - kPackagePool);
}

}  // namespace
}  // namespace steiger::sdk::testing
