// The contract of Store: account keys that change, key packages, standing and handover offers.
#include "gateway/store/store_contract.h"

namespace steiger::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class StoreMembershipContract : public StoreContract {
 protected:
  KeyPackageRow new_package(const DeviceId& device, std::int64_t expires, bool last_resort = false) {
    KeyPackageRow row{device, random_hash(), {expires}, last_resort, false, to_bytes("package")};
    row.key_package.insert(row.key_package.end(), row.hash.begin(), row.hash.end());
    return row;
  }
  void put(const std::vector<KeyPackageRow>& rows) {
    begin();
    ASSERT_TRUE(store_->put_key_packages(rows, event()).ok());
    commit();
  }
  Result<void> claim(const KeyPackageRow& row) {
    begin();
    auto done = store_->claim_key_packages(std::span(&row, 1), event());
    if (done.ok()) {
      commit();
    } else {
      store_->rollback();
    }
    return done;
  }
  OfferRow new_offer(const ChannelId& channel, const AccountId& leaving, const AccountId& successor) {
    return {channel, leaving, successor, {10}, {20}, to_bytes("offer"), to_bytes("chain")};
  }
  std::size_t leaves() { return store_->audit(0, 1000).value().size(); }

  const DeviceId device_ = DeviceId::random(rng_);
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreMembershipContract, testing::Values(StoreKind::memory, StoreKind::sql), store_name);

// S2: leaves carry the earlier key until their devices' next commit.
TEST_P(StoreMembershipContract, KeysThatWereReplacedAreKept) {
  AccountRow account = new_account();
  DeviceRow device = new_device(account.account);
  const VerifyKey first = account.key;
  const auto write = [&](std::int64_t at) {
    begin();
    ASSERT_TRUE(store_->put_account(account, std::span(&device, 1), {"test", {at}, {}}).ok());
    commit();
  };
  write(1);
  write(2);
  EXPECT_THAT(store_->earlier_keys(account.account).value(), IsEmpty());
  const VerifyKey second = account.key = VerifyKey(random_hash());
  device.account_key = account.key;
  write(3);
  EXPECT_THAT(store_->earlier_keys(account.account).value(), ElementsAre(EarlierKeyRow{first, {3}}));
  EXPECT_EQ(store_->device(device.device).value()->account_key, second);
  account.key = first;  // the first holder was right after all
  write(4);
  EXPECT_THAT(store_->earlier_keys(account.account).value(), ElementsAre(EarlierKeyRow{second, {4}}));
  for (std::int64_t at = 10; at < 12 + static_cast<std::int64_t>(kMaxEarlierKeys); ++at) {
    account.key = VerifyKey(random_hash());
    write(at);
  }
  const auto keys = store_->earlier_keys(account.account).value();
  ASSERT_THAT(keys, SizeIs(kMaxEarlierKeys));
  EXPECT_GT(keys.front().until, keys.back().until) << "the newest first, the oldest are forgotten";
  EXPECT_THAT(store_->earlier_keys(AccountId::random(rng_)).value(), IsEmpty());
}

// S14: each once, the one that ends first before the others, and then the last resort as often as it is asked for.
TEST_P(StoreMembershipContract, KeyPackagesAreHandedOutOnce) {
  const KeyPackageRow later = new_package(device_, 200);
  const KeyPackageRow sooner = new_package(device_, 100);
  const KeyPackageRow last = new_package(device_, 300, true);
  put({later, sooner, last, new_package(DeviceId::random(rng_), 50)});
  EXPECT_EQ(store_->key_package_stock(device_, {1}).value(), (KeyPackageStock{2, true}));
  EXPECT_EQ(store_->next_key_package(device_, {1}).value(), sooner);
  EXPECT_EQ(store_->next_key_package(device_, {100}).value(), later) << "not from its end on";
  ASSERT_TRUE(claim(sooner).ok());
  EXPECT_EQ(store_->next_key_package(device_, {1}).value(), later);
  EXPECT_STREQ(claim(sooner).error().name, "store_misuse");
  EXPECT_TRUE(store_->had_key_package(device_, sooner.hash).value());
  EXPECT_FALSE(store_->had_key_package(DeviceId::random(rng_), sooner.hash).value());
  put({sooner});
  EXPECT_EQ(store_->key_package_stock(device_, {1}).value(), (KeyPackageStock{1, true})) << "a claimed one does not come back";
  ASSERT_TRUE(claim(later).ok());
  for (int round = 0; round < 2; ++round) {
    const auto next = store_->next_key_package(device_, {1}).value();
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(next->hash, last.hash);
    EXPECT_EQ(next->key_package, last.key_package);
    ASSERT_TRUE(claim(*next).ok());
    EXPECT_EQ(store_->key_package_stock(device_, {1}).value(), (KeyPackageStock{0, false}));
  }
  const KeyPackageRow newer = new_package(device_, 400, true);
  put({newer});
  EXPECT_EQ(store_->next_key_package(device_, {1}).value(), newer) << "it took the place of the one there was";
  EXPECT_STREQ(claim(last).error().name, "store_misuse");
  EXPECT_FALSE(store_->next_key_package(device_, {400}).value().has_value());
}

TEST_P(StoreMembershipContract, KeyPackagesAreDroppedAndSwept) {
  const DeviceId other = DeviceId::random(rng_);
  put({new_package(device_, 100), new_package(device_, 300, true), new_package(other, 200)});
  EXPECT_THAT(store_->devices_with_key_packages().value(), SizeIs(2));
  const std::size_t before = leaves();
  begin();
  ASSERT_TRUE(store_->sweep_key_packages({99}, event()).ok());
  commit();
  EXPECT_EQ(leaves(), before) << "nothing happened: nothing to tell";
  begin();
  ASSERT_TRUE(store_->sweep_key_packages({100}, event()).ok());
  commit();
  EXPECT_EQ(leaves(), before + 1);
  EXPECT_EQ(store_->key_package_stock(device_, {1}).value(), (KeyPackageStock{0, true}));
  begin();
  ASSERT_TRUE(store_->drop_key_packages(device_, event()).ok());
  ASSERT_TRUE(store_->drop_key_packages(device_, event()).ok());
  commit();
  EXPECT_EQ(leaves(), before + 2) << "the second time there was nothing to tell";
  EXPECT_THAT(store_->devices_with_key_packages().value(), ElementsAre(other));
  begin();
  ASSERT_TRUE(store_->drop_key_packages(other, event()).ok());
  store_->rollback();
  EXPECT_THAT(store_->devices_with_key_packages().value(), ElementsAre(other));
}

TEST_P(StoreMembershipContract, TheNewestStandingIsKept) {
  EXPECT_FALSE(store_->standing().value().has_value());
  for (const char* list : {"first", "second"}) {
    const StandingRow row{to_bytes(list), to_bytes("successions")};
    begin();
    ASSERT_TRUE(store_->put_standing(row, event()).ok());
    commit();
    EXPECT_EQ(store_->standing().value(), row);
  }
  begin();
  ASSERT_TRUE(store_->put_standing({}, event()).ok());
  store_->rollback();
  EXPECT_EQ(store_->standing().value()->status_list, to_bytes("second"));
}

// S10: one for each coach who leaves a room.
TEST_P(StoreMembershipContract, OffersWaitByRoomAndLeavingCoach) {
  const ChannelId channel = ChannelId::random(rng_);
  const AccountId leaving = AccountId::random(rng_), successor = AccountId::random(rng_);
  OfferRow row = new_offer(channel, leaving, successor);
  const OfferRow elsewhere = new_offer(ChannelId::random(rng_), leaving, successor);
  const auto put_offer = [&](const OfferRow& each) {
    begin();
    ASSERT_TRUE(store_->put_offer(each, event()).ok());
    commit();
  };
  put_offer(row);
  put_offer(elsewhere);
  row.successor = AccountId::random(rng_);
  put_offer(row);
  EXPECT_THAT(store_->offers_of(channel).value(), ElementsAre(row));
  EXPECT_THAT(store_->offers_naming(successor).value(), ElementsAre(elsewhere));
  EXPECT_THAT(store_->offers().value(), SizeIs(2));
  begin();
  ASSERT_TRUE(store_->remove_offer(channel, leaving, event()).ok());
  commit();
  EXPECT_THAT(store_->offers().value(), ElementsAre(elsewhere));
}

}  // namespace
}  // namespace steiger::gateway
