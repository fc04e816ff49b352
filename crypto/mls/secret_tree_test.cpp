// Ratchets: any order, each key once, bounded, and gone when section 9.2 says so.
#include "crypto/mls/secret_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "crypto/mls/test_support.h"

namespace steiger::mls {
namespace {

using test::SeededRng;

SecretTree tree_of(std::uint32_t width) {
  return SecretTree(width, EncryptionSecret(std::span<const std::uint8_t, 32>(Hash{1, 2, 3})));
}

KeyAndNonce take(SecretTree& tree, LeafIndex leaf, std::uint32_t generation, RatchetKind kind = RatchetKind::application) {
  Ratchet ratchet = tree.ratchet(leaf, kind).value();
  KeyAndNonce out = ratchet.take(generation).value();
  tree.put(leaf, kind, std::move(ratchet));
  return out;
}

SecretBytes stored(const SecretTree& tree) {
  SecretWriter writer;
  tree.write(writer);
  return std::move(writer).take();
}

bool holds(const SecretBytes& haystack, ByteView needle) {
  const ByteView bytes = haystack.bytes();
  return std::search(bytes.begin(), bytes.end(), needle.begin(), needle.end()) != bytes.end();
}

TEST(SecretTree, TheOrderOfUseDoesNotMatter) {
  SeededRng rng(1);
  for (const std::uint32_t width : {1u, 2u, 8u, 32u}) {
    SecretTree forward = tree_of(width);
    SecretTree shuffled = tree_of(width);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> uses;  // leaf, generation
    for (std::uint32_t leaf = 0; leaf < width; ++leaf) {
      for (std::uint32_t generation = 0; generation < 4; ++generation) uses.emplace_back(leaf, generation);
    }
    std::vector<Bytes> keys;
    for (const auto& [leaf, generation] : uses) keys.push_back(to_bytes(take(forward, {leaf}, generation).key.bytes()));
    std::vector<std::size_t> order(uses.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(static_cast<std::uint32_t>(i))]);
    for (const std::size_t i : order) {
      EXPECT_TRUE(equal(take(shuffled, {uses[i].first}, uses[i].second).key.bytes(), keys[i]));
    }
    EXPECT_EQ(stored(forward), stored(shuffled));
  }
}

TEST(SecretTree, LookingAtARatchetChangesNothing) {
  const SecretTree tree = tree_of(8);
  const SecretBytes before = stored(tree);
  Ratchet ratchet = tree.ratchet({5}, RatchetKind::application).value();
  EXPECT_TRUE(ratchet.take(10).ok());
  EXPECT_EQ(before, stored(tree));
  EXPECT_EQ(tree.ratchet({8}, RatchetKind::application).error(), kUnknownLeaf);
}

// Section 9.2: after use neither the key nor any secret it came from is in the state.
TEST(SecretTree, UsedSecretsAreGone) {
  SecretTree tree = tree_of(4);
  const SecretBytes fresh = stored(tree);
  const Hash root{1, 2, 3};
  ASSERT_TRUE(holds(fresh, root));  // the control: what is there is found
  const KeyAndNonce first = take(tree, {0}, 0);
  EXPECT_FALSE(holds(stored(tree), root));
  EXPECT_FALSE(holds(stored(tree), first.key.bytes()));

  const KeyAndNonce third = take(tree, {0}, 2);
  Ratchet peek = tree.ratchet({0}, RatchetKind::application).value();
  const KeyAndNonce second = peek.take(1).value();
  EXPECT_TRUE(holds(stored(tree), second.key.bytes())) << "passed over, so kept";
  EXPECT_FALSE(holds(stored(tree), third.key.bytes()));
  take(tree, {0}, 1);
  EXPECT_FALSE(holds(stored(tree), second.key.bytes()));

  // Every leaf used: no tree secret is left at all.
  for (std::uint32_t leaf = 1; leaf < 4; ++leaf) take(tree, {leaf}, 0);
  const SecretBytes used = stored(tree);
  Reader reader(used.bytes());
  ASSERT_EQ(reader.u32().value(), 4u);
  EXPECT_EQ(reader.u32().value(), 0u);
}

TEST(Ratchet, EachKeyOnceAndFarOnesRefusedWithoutWork) {
  SecretTree tree = tree_of(2);
  Ratchet ratchet = tree.ratchet({1}, RatchetKind::application).value();
  EXPECT_TRUE(ratchet.take(3).ok());
  EXPECT_EQ(ratchet.take(3).error(), kGenerationConsumed);
  EXPECT_TRUE(ratchet.take(1).ok());
  EXPECT_EQ(ratchet.take(1).error(), kGenerationConsumed);
  EXPECT_EQ(ratchet.generation(), 4u);
  EXPECT_EQ(ratchet.take(4 + kMaxForwardSteps + 1).error(), kGenerationTooFar);
  EXPECT_EQ(ratchet.take(std::numeric_limits<std::uint32_t>::max()).error(), kGenerationTooFar);
  EXPECT_EQ(ratchet.generation(), 4u) << "a refused generation must not move the ratchet";
  EXPECT_TRUE(ratchet.take(4 + kMaxForwardSteps).ok());
  EXPECT_EQ(ratchet.generation(), 5 + kMaxForwardSteps);
}

// Section 15.3 and 9.1: a generation is used once, so the last number is never reached.
TEST(Ratchet, EndsBeforeItsGenerationsWrapAround) {
  constexpr std::uint32_t kLast = std::numeric_limits<std::uint32_t>::max();
  SecretWriter writer;
  writer.fixed(Hash{4, 5, 6}).u32(kLast - 1).u32(0);  // as Ratchet::write has it: secret, generation, no skipped keys
  const SecretBytes near_the_end = std::move(writer).take();
  Reader reader(near_the_end.bytes());
  Ratchet ratchet = Ratchet::read(reader).value();
  EXPECT_EQ(ratchet.next().value().generation, kLast - 1);
  EXPECT_EQ(ratchet.next().error(), kGenerationExhausted);
  EXPECT_EQ(ratchet.take(kLast).error(), kGenerationTooFar);
  EXPECT_EQ(ratchet.take(0).error(), kGenerationConsumed);
  EXPECT_EQ(ratchet.generation(), kLast);
}

TEST(Ratchet, KeepsTheNewestSkippedKeysOnly) {
  SecretTree tree = tree_of(2);
  Ratchet ratchet = tree.ratchet({0}, RatchetKind::handshake).value();
  constexpr std::uint32_t kTarget = 1000;
  ASSERT_TRUE(ratchet.take(kTarget).ok());
  EXPECT_TRUE(ratchet.take(kTarget - kMaxSkippedKeys).ok());
  EXPECT_EQ(ratchet.take(kTarget - kMaxSkippedKeys - 1).error(), kGenerationConsumed);
}

TEST(SecretTree, DamagedStorageIsRefused) {
  SecretTree tree = tree_of(8);
  take(tree, {3}, 2);
  const SecretBytes right = stored(tree);
  Reader whole(right.bytes());
  EXPECT_EQ(stored(SecretTree::read(whole).value()), right);
  for (std::size_t size = 0; size < right.size(); ++size) {
    Reader cut(right.bytes().first(size));
    EXPECT_FALSE(SecretTree::read(cut).ok());
  }
  // A leaf under two secrets, and one under none.
  const auto with_nodes = [](std::initializer_list<std::uint32_t> nodes) {
    SecretWriter writer;
    writer.u32(2).u32(static_cast<std::uint32_t>(nodes.size()));
    for (const std::uint32_t node : nodes) writer.u32(node).fixed(Hash{7});
    const SecretBytes bytes = std::move(writer.u32(0)).take();
    Reader reader(bytes.bytes());
    return SecretTree::read(reader).ok();
  };
  EXPECT_TRUE(with_nodes({1}));
  EXPECT_TRUE(with_nodes({0, 2}));
  EXPECT_FALSE(with_nodes({1, 0}));
  EXPECT_FALSE(with_nodes({0, 2, 2}));
  EXPECT_FALSE(with_nodes({0}));
  Bytes wrong_width = to_bytes(right.bytes());
  wrong_width[3] = 16;  // leaves without any secret
  Reader reader(wrong_width);
  EXPECT_EQ(SecretTree::read(reader).error(), kStateDamaged);
}

}  // namespace
}  // namespace steiger::mls
