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
  journal.app_event({2}, Journal::Event::promise, 0);
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

std::uint64_t token_of(const Effects& effects) {
  return std::get<CommitBatch>(effects.at(0)).token;
}

TEST(Journal, AFailedBatchIsTriedAgainWithWhatCameSince) {
  Journal journal;
  journal.put("a", value(1));
  journal.put("b", value(1));
  journal.app_event({1}, Journal::Event::promise, 0);
  const auto token = token_of(journal.take(kNow, kConnection));
  journal.put("a", value(2));
  journal.erase("c");
  EXPECT_TRUE(journal.commit_failed(token, kNow).empty());
  EXPECT_TRUE(journal.failing());
  EXPECT_EQ(journal.retry_at(), kNow + kCommitRetry);
  EXPECT_TRUE(journal.take(kNow, kConnection).empty());
  Effects again = journal.take(kNow + kCommitRetry, kConnection);
  ASSERT_EQ(again.size(), 1u);
  const auto& batch = std::get<CommitBatch>(again[0]);
  ASSERT_EQ(batch.changes.size(), 3u);
  EXPECT_EQ(batch.changes[0].value->bytes()[0], 2);  // "a": the newer value
  EXPECT_EQ(batch.changes[1].value->bytes()[0], 1);  // "b"
  EXPECT_FALSE(batch.changes[2].value.has_value());  // "c"
  EXPECT_NE(batch.token, token);
  EXPECT_TRUE(journal.failing());  // until it is stored
  journal.committed(batch.token);
  EXPECT_FALSE(journal.failing());
  EXPECT_EQ(journal.take(kNow, kConnection).size(), 1u);
}

TEST(Journal, AFailureForgetsFramesAndPromisesAndLetsNewsOut) {
  Journal journal;
  journal.put("a", value(1));
  int undone = 0;
  journal.command({7, [&] { undone = undone * 10 + 7; }});
  journal.frame({1}, kConnection);
  journal.app_event({7}, Journal::Event::promise, 7);
  journal.app_event({2}, Journal::Event::news, 0);
  const auto token = token_of(journal.take(kNow, kConnection));
  journal.put("b", value(1));
  journal.command({8, [&] { undone = undone * 10 + 8; }});
  journal.app_event({8}, Journal::Event::promise, 8);
  journal.app_event({9}, Journal::Event::promise, 0);  // tells of a change that will be stored yet
  for (const auto& command : journal.commit_failed(token, kNow)) command.undo();
  EXPECT_EQ(undone, 87);  // newest first, those of the next batch too
  Effects out = journal.take(kNow, kConnection);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(std::get<ApiEvent>(out[0]).event, Bytes{2});
  journal.app_event({3}, Journal::Event::news, 0);
  EXPECT_EQ(journal.take(kNow, kConnection).size(), 1u);
  journal.committed(token_of(journal.take(kNow + kCommitRetry, kConnection)));
  out = journal.take(kNow, kConnection);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(std::get<ApiEvent>(out[0]).event, Bytes{9});
}

TEST(Journal, StoredCommandsAreNotUndone) {
  Journal journal;
  journal.put("a", value(1));
  journal.command({7, {}});
  journal.committed(token_of(journal.take(kNow, kConnection)));
  journal.put("b", value(1));
  EXPECT_TRUE(journal.commit_failed(token_of(journal.take(kNow, kConnection)), kNow).empty());
}

TEST(Journal, WhatIsHeldIsBounded) {
  Journal journal;
  journal.put("a", value(1));
  const auto token = token_of(journal.take(kNow, kConnection));
  journal.frame(Bytes(kMaxHeldBytes - 1), kConnection);
  EXPECT_FALSE(journal.full());
  journal.frame({1}, kConnection);
  EXPECT_TRUE(journal.full());
  journal.committed(token);
  EXPECT_EQ(journal.take(kNow, kConnection).size(), 2u);
  EXPECT_FALSE(journal.full());
  journal.put("b", value(1));
  for (std::size_t i = 0; i < kMaxHeldEffects; ++i) journal.app_event({1}, Journal::Event::promise, 0);
  EXPECT_TRUE(journal.full());
}

TEST(Journal, AFrameForAConnectionThatIsGoneIsDropped) {
  Journal journal;
  journal.put("a", value(1));
  journal.frame({1}, kConnection);
  journal.app_event({2}, Journal::Event::promise, 0);
  const auto token = std::get<CommitBatch>(std::move(journal.take(kNow, kConnection)[0])).token;
  journal.committed(token);
  Effects out = journal.take(kNow, kConnection + 1);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<ApiEvent>(out[0]));
}

TEST(Journal, WithoutChangesNothingWaits) {
  Journal journal;
  journal.app_event({2}, Journal::Event::promise, 0);
  EXPECT_EQ(journal.take(kNow, kConnection).size(), 1u);
}

}  // namespace
}  // namespace steiger::sdk
