// Rules S1 and S2 for device lists.
#include "crypto/identity/device_list.h"

#include <gtest/gtest.h>

#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

class DeviceListTest : public ::testing::Test {
 protected:
  ListedDevice device() { return {DeviceId::random(world_.rng), SigningKey::generate(world_.rng).verify_key(), kNow}; }
  World world_;
};

TEST_F(DeviceListTest, EveryFlippedBitIsNoticed) {
  const Bytes bytes = encode_device_list(world_.jongere_devices());
  EXPECT_EQ(decode_device_list(bytes).value(), world_.jongere_devices());
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto list = decode_device_list(changed);
    EXPECT_FALSE(list.ok() && verify_device_list(*list, world_.jongere_key.verify_key()).ok()) << "bit " << bit;
  });
}

TEST_F(DeviceListTest, BoundsAndDuplicates) {
  const auto sign = [&](std::vector<ListedDevice> devices, std::uint32_t version = 1) {
    return sign_device_list(world_.jongere_key, world_.jongere, version, std::move(devices));
  };
  std::vector<ListedDevice> many;
  for (std::size_t i = 0; i < kMaxDevicesPerAccount; ++i) many.push_back(device());
  EXPECT_TRUE(decode_device_list(encode_device_list(sign(many).value())).ok());
  many.push_back(device());
  EXPECT_EQ(sign(many).error(), kBadDeviceList);
  EXPECT_EQ(decode_device_list(encode_device_list({world_.jongere, 1, many, {}})).error(), kTooLarge);
  EXPECT_EQ(sign({}).error(), kBadDeviceList);
  EXPECT_EQ(sign({device()}, 0).error(), kBadDeviceList);
  const ListedDevice one = device();
  ListedDevice same_id = device();
  same_id.device = one.device;
  ListedDevice same_key = device();
  same_key.leaf_key = one.leaf_key;
  EXPECT_EQ(sign({one, same_id}).error(), kBadDeviceList);
  EXPECT_EQ(sign({one, same_key}).error(), kBadDeviceList);
  ListedDevice nameless = device();
  nameless.device = {};
  EXPECT_EQ(sign({nameless}).error(), kBadDeviceList);
  EXPECT_EQ(sign({one, nameless}).error(), kBadDeviceList);
}

TEST_F(DeviceListTest, VersionsOnlyGoUp) {
  const DeviceList first = world_.jongere_devices(1);
  const DeviceList second = world_.jongere_devices(2);
  EXPECT_TRUE(check_device_list_successor(first, second).ok());
  EXPECT_TRUE(check_device_list_successor(first, first).ok());
  EXPECT_EQ(check_device_list_successor(second, first).error(), kDeviceListRollback);
  const DeviceList fork = sign_device_list(world_.jongere_key, world_.jongere, 2, {device()}).value();
  EXPECT_EQ(check_device_list_successor(second, fork).error(), kDeviceListFork);
  EXPECT_EQ(check_device_list_successor(first, world_.coach_devices()).error(), kAccountMismatch);
}

}  // namespace
}  // namespace steiger::identity
