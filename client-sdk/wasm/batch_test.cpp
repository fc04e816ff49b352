// The batches that the browser's store keeps, and the bytes its driver reads.
#include "client-sdk/wasm/batch.h"

#include <gtest/gtest.h>

#include "client-sdk/wasm/effects.h"
#include "client-sdk/wasm/errors.h"

namespace steiger::sdk::wasm {
namespace {

Change put(std::string key, std::string_view value) {
  return {std::move(key), SecretBytes::copy_of(as_bytes(value))};
}
Change remove(std::string key) {
  return {std::move(key), std::nullopt};
}
std::map<std::string, std::string> texts(const Snapshot& snapshot) {
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : snapshot) result[key] = std::string(as_text(value.bytes()));
  return result;
}
std::vector<Change> some_changes() {
  std::vector<Change> changes;
  changes.push_back(put("meta", "1"));
  changes.push_back(put("self", std::string(20'000, 's')));
  changes.push_back(put("empty", ""));
  changes.push_back(remove("gone"));
  return changes;
}

TEST(Batch, AppliesPutsAndDeletesInOrder) {
  Snapshot snapshot;
  snapshot["gone"] = SecretBytes::copy_of(as_bytes("x"));
  snapshot["stays"] = SecretBytes::copy_of(as_bytes("y"));
  auto changes = some_changes();
  changes.push_back(put("meta", "2"));
  ASSERT_TRUE(apply_batch(encode_batch(changes).bytes(), snapshot).ok());
  EXPECT_EQ(texts(snapshot), (std::map<std::string, std::string>{
                                 {"meta", "2"}, {"self", std::string(20'000, 's')}, {"empty", ""}, {"stays", "y"}}));
}

TEST(Batch, SnapshotComesBackWhole) {
  Snapshot snapshot;
  ASSERT_TRUE(apply_batch(encode_batch(some_changes()).bytes(), snapshot).ok());
  Snapshot again;
  ASSERT_TRUE(apply_batch(encode_snapshot(snapshot).bytes(), again).ok());
  EXPECT_EQ(texts(again), texts(snapshot));
  EXPECT_EQ(again.size(), 3U);
}

TEST(Batch, EveryCutIsRefusedAndChangesNothing) {
  const auto whole = encode_batch(some_changes());
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Snapshot snapshot;
    snapshot["stays"] = SecretBytes::copy_of(as_bytes("y"));
    const auto applied = apply_batch(whole.bytes().first(size), snapshot);
    if (applied.ok()) {
      ++accepted;  // cut between two changes: the file's authentication, not this codec, refuses that
    } else {
      EXPECT_EQ(applied.error(), kBatchMalformed);
      EXPECT_EQ(texts(snapshot), (std::map<std::string, std::string>{{"stays", "y"}}));
    }
  }
  EXPECT_EQ(accepted, 4U);  // after the version and after each change but the last
}

TEST(Batch, LaterVersionIsNamed) {
  Snapshot snapshot;
  EXPECT_EQ(apply_batch(Bytes{2}, snapshot).error(), kBatchUnknownVersion);
}

TEST(Effects, EachKindHasTheBytesThatJavaScriptReads) {
  Effects effects;
  effects.emplace_back(Connect{"ws://x/"});
  effects.emplace_back(Disconnect{});
  effects.emplace_back(SendFrame{{0xaa, 0xbb}});
  std::vector<Change> changes;
  changes.push_back(put("k", "v"));
  changes.push_back(remove("message/c"));
  effects.emplace_back(CommitBatch{7, std::move(changes)});
  effects.emplace_back(SetTimer{{0x0102030405060708}});
  effects.emplace_back(ApiEvent{{0xcc}});
  HeadMirror mirror;
  EXPECT_EQ(to_hex(encode_effects(effects, mirror).bytes()),
            "010700000077733a2f2f782f"  // connect
            "02"                        // disconnect
            "0302000000aabb"            // send frame
            "040700000000000000"        // commit, token 7
            "06000000"                  //   head, six bytes:
            "01016b010176"              //     version, key "k", put, value "v"
            "0c000000"                  //   history, twelve bytes:
            "01096d6573736167652f6300"  //     version, key "message/c", delete
            "01"                        //   forgets
            "050807060504030201"        // timer
            "0601000000cc");            // event
}

}  // namespace
}  // namespace steiger::sdk::wasm
