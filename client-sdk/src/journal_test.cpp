#include "client-sdk/src/journal.h"

#include <gtest/gtest.h>

#include "client-sdk/src/limits.h"

namespace steiger::sdk {
namespace {

constexpr std::uint64_t kConnection = 3;
constexpr Timestamp kNow{1000};

SecretBytes value(std::uint8_t byte) {
  return SecretBytes::copy_of(Bytes{byte});
}

TEST(Journal, NothingLeavesBeforeItsBatchIsOnDisk) {
  Journal journal;
  journal.put("a", value(1));
  journal.frame({1}, kConnection);
  journal.app_event({2});
  Effects first = journal.take(kNow, kConnection);
  ASSERT_EQ(first.size(), 1u);
  const auto& batch = std::get<CommitBatch>(first[0]);
  ASSERT_EQ(batch.changes.size(), 1u);
  EXPECT_EQ(batch.changes[0].key, "a");
  EXPECT_TRUE(journal.take(kNow, kConnection).empty());
  journal.committed(batch.token);
  Effects then = journal.take(kNow, kConnection);
  ASSERT_EQ(then.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<SendFrame>(then[0]));
  EXPECT_TRUE(std::holds_alternative<ApiEvent>(then[1]));
}

TEST(Journal, WhatComesDuringABatchWaitsForTheNext) {
  Journal journal;
  journal.put("a", value(1));
  const auto first = std::get<CommitBatch>(std::move(journal.take(kNow, kConnection)[0])).token;
  journal.put("b", value(2));
  journal.put("b", value(3));
  journal.erase("c");
  journal.frame({9}, kConnection);
  EXPECT_TRUE(journal.take(kNow, kConnection).empty());  // one batch at a time
  journal.committed(first);
  Effects second = journal.take(kNow, kConnection);
  ASSERT_EQ(second.size(), 1u);
  const auto& batch = std::get<CommitBatch>(second[0]);
  ASSERT_EQ(batch.changes.size(), 2u);
  EXPECT_EQ(batch.changes[0].value->bytes()[0], 3);  // the latest value of a key
  EXPECT_FALSE(batch.changes[1].value.has_value());
  journal.committed(batch.token + 7);  // not ours
  EXPECT_TRUE(journal.take(kNow, kConnection).empty());
  journal.committed(batch.token);
  EXPECT_EQ(journal.take(kNow, kConnection).size(), 1u);
}

TEST(Journal, AFailedBatchIsTriedAgainAndHoldsEverything) {
  Journal journal;
  journal.put("a", value(1));
  journal.frame({1}, kConnection);
  const auto token = std::get<CommitBatch>(std::move(journal.take(kNow, kConnection)[0])).token;
  journal.commit_failed(token, kNow);
  EXPECT_TRUE(journal.failing());
  EXPECT_EQ(journal.retry_at(), kNow + kCommitRetry);
  EXPECT_TRUE(journal.take(kNow, kConnection).empty());
  Effects again = journal.take(kNow + kCommitRetry, kConnection);
  ASSERT_EQ(again.size(), 1u);
  const auto& batch = std::get<CommitBatch>(again[0]);
  EXPECT_EQ(batch.changes[0].key, "a");
  EXPECT_NE(batch.token, token);
  journal.committed(batch.token);
  EXPECT_FALSE(journal.failing());
  EXPECT_EQ(journal.take(kNow, kConnection).size(), 1u);
}

TEST(Journal, AFrameForAConnectionThatIsGoneIsDropped) {
  Journal journal;
  journal.put("a", value(1));
  journal.frame({1}, kConnection);
  journal.app_event({2});
  const auto token = std::get<CommitBatch>(std::move(journal.take(kNow, kConnection)[0])).token;
  journal.committed(token);
  Effects out = journal.take(kNow, kConnection + 1);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<ApiEvent>(out[0]));
}

TEST(Journal, WithoutChangesNothingWaits) {
  Journal journal;
  journal.app_event({2});
  EXPECT_EQ(journal.take(kNow, kConnection).size(), 1u);
}

}  // namespace
}  // namespace steiger::sdk
