// Which part of the browser's store a key belongs to, and what each batch writes to them.
#include "client-sdk/wasm/parts.h"

#include <gtest/gtest.h>

#include "client-sdk/src/keys.h"
#include "client-sdk/wasm/batch.h"

namespace steiger::sdk::wasm {
namespace {

using Texts = std::map<std::string, std::string>;

Change put(std::string key, std::string_view value) {
  return {std::move(key), SecretBytes::copy_of(as_bytes(value))};
}
Change remove(std::string key) {
  return {std::move(key), std::nullopt};
}
template <class... Changes>
CommitBatch batch(std::uint64_t token, Changes... changes) {
  CommitBatch out{token, {}};
  (out.changes.push_back(std::move(changes)), ...);
  return out;
}
Texts texts(const SecretBytes& encoded) {
  Snapshot snapshot;
  EXPECT_TRUE(encoded.size() == 0 || apply_batch(encoded.bytes(), snapshot).ok());
  Texts out;
  for (const auto& [key, value] : snapshot) out[key] = std::string(as_text(value.bytes()));
  return out;
}

// Law 10: whatever is erased in use is in the part that is rewritten with every batch.
TEST(Parts, SecretsThatAreErasedAreInTheHead) {
  const ChannelId channel;
  for (const std::string& key : {std::string(keys::kMeta), std::string(keys::kSelf), std::string(keys::kCounter),
                                 std::string(keys::kJoin), keys::invite({}), keys::channel(channel), keys::group(channel),
                                 keys::pending(channel), std::string("class/of/a/later/version")}) {
    EXPECT_FALSE(belongs_to_history(key)) << key;
  }
  for (const std::string& key :
       {keys::link(channel, 1), keys::message(channel, 1), keys::deferred(channel, 1), keys::outbox(1)}) {
    EXPECT_TRUE(belongs_to_history(key)) << key;
  }
}

TEST(Parts, TheHeadIsWholeAndTheHistoryOnlyWhatChanged) {
  Snapshot snapshot;
  snapshot["self"] = SecretBytes::copy_of(as_bytes("me"));
  snapshot["join"] = SecretBytes::copy_of(as_bytes("secret"));
  snapshot["message/c/1"] = SecretBytes::copy_of(as_bytes("hello"));
  HeadMirror mirror;
  mirror.load(snapshot);
  const Parts first = mirror.prepare(batch(1, remove("join"), put("group/c", "ratchet 1"), put("message/c/2", "again")));
  EXPECT_EQ(texts(first.head), (Texts{{"self", "me"}, {"group/c", "ratchet 1"}}));
  EXPECT_EQ(texts(first.history), (Texts{{"message/c/2", "again"}}));
  mirror.committed(1);
  const Parts second = mirror.prepare(batch(2, put("group/c", "ratchet 2")));
  EXPECT_EQ(texts(second.head), (Texts{{"self", "me"}, {"group/c", "ratchet 2"}}));
  EXPECT_EQ(second.history.size(), 0U);
}

TEST(Parts, WhatFailedIsNotCarriedAlong) {
  HeadMirror mirror;
  (void)mirror.prepare(batch(1, put("self", "never written")));
  mirror.failed(1);
  EXPECT_EQ(texts(mirror.prepare(batch(2, put("meta", "1"))).head), (Texts{{"meta", "1"}}));
  mirror.committed(1);  // of another batch: says nothing about this one
  EXPECT_EQ(texts(mirror.prepare(batch(3, put("counter", "1"))).head), (Texts{{"counter", "1"}}));
}

TEST(Parts, OnlyErasingFromTheHistoryAsksForARewrite) {
  HeadMirror mirror;
  EXPECT_FALSE(mirror.prepare(batch(1, put("message/c/1", "x"), remove("join"))).forgets);
  EXPECT_FALSE(mirror.prepare(batch(2, remove("outbox/0000000000000001"), put("message/c/1", "x"))).forgets);
  EXPECT_TRUE(mirror.prepare(batch(3, remove("message/c/1"))).forgets);
  EXPECT_TRUE(mirror.prepare(batch(4, remove("deferred/c/1"))).forgets);
}

}  // namespace
}  // namespace steiger::sdk::wasm
