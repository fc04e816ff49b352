// Every implementation of Store for one contract test, and rows to fill them with. For tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "crypto/primitives/system_rng.h"
#include "gateway/store/memory_store.h"
#include "gateway/store/sql_store.h"

namespace steiger::gateway {

enum class StoreKind { memory, sql };

class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  StoreContract() {
    std::string pattern = (std::filesystem::temp_directory_path() / "steiger-store-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    if (GetParam() == StoreKind::memory) {
      store_ = std::make_unique<MemoryStore>(rng_);
    } else {
      auto opened = open_sql_store(
          {(folder_ / "store.db").string(), sqlcipher::DatabaseKey::random(rng_), SecretboxKey::random(rng_)}, rng_);
      EXPECT_TRUE(opened.ok()) << explain_store_error(opened.error());
      store_ = std::move(*opened);
    }
  }
  ~StoreContract() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] AuditEvent event(const char* name = "test") const { return {name, {7}, {}}; }
  void begin() { ASSERT_TRUE(store_->begin().ok()); }
  void commit() { ASSERT_TRUE(store_->commit().ok()); }

  Hash random_hash() {
    Hash out{};
    rng_.fill(out);
    return out;
  }
  AccountRow new_account() { return {AccountId::random(rng_), VerifyKey(random_hash()), 1, to_bytes("chain"), {100}}; }
  DeviceRow new_device(const AccountId& account) { return {DeviceId::random(rng_), account, VerifyKey(random_hash()), 0, false}; }
  ChannelRow new_channel() { return {0, ChannelId::random(rng_), to_bytes("group"), 0, 0, random_hash(), 0}; }
  MessageRow new_message(std::uint64_t seq, std::size_t size = 20) {
    MessageRow row;
    row.seq = seq;
    row.id = MessageId::random(rng_);
    row.epoch = 2;
    row.account = AccountId::random(rng_);
    row.device = DeviceId::random(rng_);
    row.counter = 40 + seq;
    row.tag = random_hash();
    row.accepted = {1000 + static_cast<std::int64_t>(seq)};
    row.payload_hash = random_hash();
    row.chain = random_hash();
    row.payload = Bytes(size, static_cast<std::uint8_t>(seq));
    return row;
  }
  static GroupChange group_change(ChannelNumber channel, std::string_view tree, std::vector<MemberRow> added = {}) {
    GroupChange out;
    out.channel = channel;
    out.public_group = to_bytes(tree);
    out.added = std::move(added);
    return out;
  }
  void change(const GroupChange& what) {
    begin();
    ASSERT_TRUE(store_->change_group(what, event()).ok());
    commit();
  }
  // One channel with one member, committed.
  ChannelRow open_channel(const MemberRow& member) {
    ChannelRow row = new_channel();
    begin();
    auto number = store_->open_channel(row, group_change({}, "tree 0", {member}), event());
    EXPECT_TRUE(number.ok());
    row.number = *number;
    commit();
    return row;
  }
  void append(const ChannelRow& channel, const std::vector<MessageRow>& messages) {
    RelayBatch batch;
    batch.appended.push_back({channel.number, {}});
    for (const MessageRow& message : messages) batch.appended[0].messages.push_back(&message);
    begin();
    ASSERT_TRUE(store_->append(batch, event()).ok());
    commit();
  }

  SystemRng rng_;
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
};

inline std::string store_name(const testing::TestParamInfo<StoreKind>& tested) {
  return tested.param == StoreKind::memory ? "Memory" : "Sql";
}

}  // namespace steiger::gateway
