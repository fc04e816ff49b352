// The public tree: operations, hashes, validation; and TreeKEM on top with blanks and unmerged leaves.
#include "crypto/mls/tree.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "crypto/mls/test_support.h"
#include "crypto/mls/treekem.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::Room;
using test::SeededRng;

const Bytes kGroupId = to_bytes("group");

// The members of a tree with their private keys, without the rest of a group: so that removals can be played too.
struct Members {
  RatchetTree tree;
  std::map<LeafIndex, Device> devices;
  std::map<LeafIndex, PrivateTree> keys;

  explicit Members(SeededRng& rng) {
    Device first(rng, "first");
    tree = RatchetTree::with_one_leaf(first.key_package().leaf);
    keep({0}, std::move(first));
  }
  void keep(LeafIndex leaf, Device device) {
    keys.insert_or_assign(leaf, PrivateTree(leaf, HpkeKeyPair::from_private_key(device.package.secrets.leaf_key.clone())));
    devices.insert_or_assign(leaf, std::move(device));
  }
  void add(SeededRng& rng) {
    Device device(rng, "device");
    const LeafIndex leaf = tree.add_leaf(device.key_package().leaf).value();
    keep(leaf, std::move(device));
  }
  void remove(LeafIndex leaf) {
    ASSERT_TRUE(tree.remove_leaf(leaf).ok());
    devices.erase(leaf);
    keys.erase(leaf);
    for (auto& [other, key] : keys) key.retain_matching(tree);
  }
  LeafIndex any(SeededRng& rng) const {
    const std::vector<LeafIndex> all = tree.members();
    return all[rng.below(static_cast<std::uint32_t>(all.size()))];
  }
  // One member renews its path; everybody else must come to the same secret.
  void renew(SeededRng& rng) {
    const LeafIndex committer = any(rng);
    RatchetTree made = tree;
    const NewPath path = make_path(rng, made, committer, *tree.leaf(committer), devices.at(committer).key, kGroupId);
    const UpdatePath sealed = seal_path(rng, made, path, {}, as_bytes("context")).value();
    RatchetTree merged = tree;
    ASSERT_TRUE(merged.merge_path(committer, sealed, kGroupId, {}, {}).ok());
    ASSERT_EQ(merged, made);
    for (auto& [leaf, key] : keys) {
      if (leaf == committer) {
        key.retain_matching(merged);
        key.take_over(path.private_tree.clone());
        continue;
      }
      OpenedPath opened = open_path(merged, key, leaf, committer, sealed, {}, as_bytes("context")).value();
      EXPECT_EQ(opened.commit_secret, path.commit_secret);
      key = std::move(opened.private_tree);
    }
    tree = merged;
  }
};

void expect_sound(const Members& members) {
  const RatchetTree& tree = members.tree;
  EXPECT_TRUE(tree.validate(kGroupId, {}).ok());
  const RatchetTree fresh = decode<RatchetTree>(encode(tree)).value();
  EXPECT_EQ(fresh, tree);
  EXPECT_EQ(fresh.tree_hash(), tree.tree_hash()) << "the hash cache is stale";
  for (const auto& [leaf, key] : members.keys) EXPECT_TRUE(key.consistent_with(tree));
  // Section 7.7: never wider than needed.
  if (tree.leaf_count() > 1) {
    bool right_half_used = false;
    for (std::uint32_t i = tree.leaf_count() / 2; i < tree.leaf_count(); ++i) right_half_used |= tree.leaf({i}) != nullptr;
    EXPECT_TRUE(right_half_used);
  }
}

TEST(RatchetTree, RandomAddsRemovesAndPathsStaySoundAndShared) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SeededRng rng(seed);
    Members members(rng);
    for (int step = 0; step < 25; ++step) {
      const std::uint32_t action = rng.below(5);
      if (action <= 1) members.add(rng);
      if (action == 2 && members.tree.member_count() > 1) members.remove(members.any(rng));
      if (action >= 3) members.renew(rng);
      if (HasFatalFailure()) return;
    }
    expect_sound(members);
  }
}

TEST(RatchetTree, ResolutionsCoverExactlyTheMembersBelow) {
  SeededRng rng(20);
  Members members(rng);
  for (int step = 0; step < 30; ++step) {
    if (rng.below(3) == 0 && members.tree.member_count() > 1) {
      members.remove(members.any(rng));
    } else {
      members.add(rng);
    }
    if (rng.below(3) == 0) members.renew(rng);
    const RatchetTree& tree = members.tree;
    for (std::uint32_t i = 0; i < tree_math::node_count(tree.leaf_count()); ++i) {
      std::set<std::uint32_t> covered;
      for (const NodeIndex node : tree.resolution({i})) {
        EXPECT_FALSE(tree.is_blank(node));
        const ParentNode* parent = tree.parent(node);
        for (LeafIndex leaf = tree_math::first_leaf(node); leaf < tree_math::end_leaf(node); ++leaf.value) {
          const bool unmerged =
              parent != nullptr && std::binary_search(parent->unmerged_leaves.begin(), parent->unmerged_leaves.end(), leaf);
          if (tree.leaf(leaf) != nullptr && !unmerged) {
            EXPECT_TRUE(covered.insert(leaf.value).second);
          }
        }
      }
      std::set<std::uint32_t> below;
      for (const LeafIndex leaf : tree.members()) {
        if (tree_math::is_below(leaf, {i})) below.insert(leaf.value);
      }
      EXPECT_EQ(covered, below);
    }
  }
}

TEST(RatchetTree, NoByteOfATreeCanBeChangedUnnoticed) {
  SeededRng rng(30);
  Members members(rng);
  for (int i = 0; i < 4; ++i) members.add(rng);
  members.renew(rng);
  members.add(rng);
  members.remove({2});
  members.renew(rng);
  const Bytes right = encode(members.tree);
  const Hash hash = members.tree.tree_hash();
  for (std::size_t i = 0; i < right.size(); ++i) {
    Bytes changed = right;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    const Result<RatchetTree> tree = decode<RatchetTree>(changed);
    if (!tree.ok()) continue;
    EXPECT_NE(tree->tree_hash(), hash) << i;
    EXPECT_FALSE(tree->validate(kGroupId, {}).ok()) << i;
  }
}

// Leaves that no path covers yet: only their signatures speak for them. A joiner knows its own leaf; of all others it sees the
// signature.
TEST(RatchetTree, OnlyTheOwnLeafGoesWithoutALookAtItsSignature) {
  SeededRng rng(8);
  const Device own(rng, "own");
  const auto verdict = [&](LeafNode first, LeafNode second) {
    RatchetTree tree = RatchetTree::with_one_leaf(std::move(first));
    EXPECT_TRUE(tree.add_leaf(std::move(second)).ok());
    const Result<void> valid = tree.validate(kGroupId, {}, &own.key_package().leaf);
    return valid.ok() ? Error{} : valid.error();
  };
  const LeafNode& own_leaf = own.key_package().leaf;
  const LeafNode other = Device(rng, "other").key_package().leaf;
  EXPECT_EQ(verdict(other, own_leaf), Error{});
  LeafNode changed = other;
  changed.extensions.clear();
  EXPECT_EQ(verdict(changed, own_leaf), kBadLeafSignature);
  EXPECT_EQ(verdict(own_leaf, changed), kBadLeafSignature);
  LeafNode not_quite_own = own_leaf;
  not_quite_own.extensions.clear();
  EXPECT_EQ(verdict(other, not_quite_own), kBadLeafSignature);
}

TEST(RatchetTree, ShapesThatAreNoTreeAreRefused) {
  SeededRng rng(31);
  const Bytes leaf = encode(Device(rng, "x").key_package().leaf);
  const auto parse = [](const std::vector<Bytes>& nodes) {
    Writer body;
    for (const Bytes& node : nodes) body.fixed(node);
    Writer out;
    out.opaque(body.view());
    return decode<RatchetTree>(out.view());
  };
  Bytes present_leaf{1, 1};
  append(present_leaf, leaf);
  Bytes parent{1, 2};
  append(parent, encode(ParentNode{Bytes(32, 1), {}, {}}));
  const Bytes blank{0};
  EXPECT_TRUE(parse({present_leaf}).ok());
  EXPECT_TRUE(parse({present_leaf, parent, present_leaf}).ok());
  EXPECT_EQ(parse({}).error(), kBadTree);
  EXPECT_EQ(parse({blank}).error(), kBadTree);
  EXPECT_EQ(parse({present_leaf, blank}).error(), kBadTree);
  EXPECT_EQ(parse({parent}).error(), kBadTree);
  EXPECT_EQ(parse({present_leaf, present_leaf}).error(), kBadTree);
  EXPECT_EQ(parse({present_leaf, parent}).error(), kBadTree);
  EXPECT_EQ(parse(std::vector<Bytes>(kMaxTreeNodes + 1, blank)).error(), kTooLarge);
}

TEST(RatchetTree, IsFullAtItsBound) {
  SeededRng rng(32);
  const LeafNode leaf = Device(rng, "x").key_package().leaf;
  RatchetTree tree = RatchetTree::with_one_leaf(leaf);
  for (std::uint32_t i = 1; i < kMaxLeaves; ++i) ASSERT_TRUE(tree.add_leaf(leaf).ok());
  EXPECT_EQ(tree.add_leaf(leaf).error(), kTreeFull);
  EXPECT_EQ(tree.check_unique_keys().error(), kDuplicateKey);
  EXPECT_EQ(tree_math::direct_path({0}, kMaxLeaves).size(), kMaxPathNodes);
}

// Section 12.4.2: each way in which a received path can be wrong, properly signed where that is possible.
TEST(RatchetTree, WrongPathsAreRefusedByName) {
  SeededRng rng(33);
  Members members(rng);
  for (int i = 0; i < 4; ++i) members.add(rng);
  const LeafIndex committer{1};
  const SigningKey& key = members.devices.at(committer).key;
  RatchetTree made = members.tree;
  const NewPath path = make_path(rng, made, committer, *members.tree.leaf(committer), key, kGroupId);
  const UpdatePath right = seal_path(rng, made, path, {}, {}).value();
  const auto merge = [&](const std::function<void(UpdatePath&)>& change, bool sign = true) {
    UpdatePath changed = right;
    change(changed);
    if (sign) changed.leaf.sign(key, {kGroupId, committer});
    RatchetTree tree = members.tree;
    const Result<void> result = tree.merge_path(committer, changed, kGroupId, {}, {});
    return result.ok() ? Error{} : result.error();
  };
  EXPECT_EQ(merge([](UpdatePath&) {}), Error{});
  EXPECT_EQ(merge([](UpdatePath& p) { p.nodes.pop_back(); }), kBadPath);
  EXPECT_EQ(merge([](UpdatePath& p) { p.nodes.push_back(p.nodes[0]); }), kBadPath);
  EXPECT_EQ(merge([](UpdatePath& p) { p.nodes[0].encrypted_path_secrets.pop_back(); }), kBadPath);
  EXPECT_EQ(merge([](UpdatePath& p) { p.nodes[0].encrypted_path_secrets.emplace_back(); }), kBadPath);
  EXPECT_EQ(merge([](UpdatePath& p) { p.nodes[0].encryption_key.pop_back(); }), kBadKey);
  EXPECT_EQ(merge([](UpdatePath& p) { p.nodes[0].encryption_key[0] ^= 1; }), kBadParentHash);
  EXPECT_EQ(merge([](UpdatePath& p) { p.leaf.parent_hash[0] ^= 1; }), kBadParentHash);
  EXPECT_EQ(merge([](UpdatePath& p) { p.leaf.source = LeafNodeSource::update; }), kBadLeafSource);
  EXPECT_EQ(merge([](UpdatePath& p) { p.leaf.signature[0] ^= 1; }, false), kBadLeafSignature);
  EXPECT_EQ(merge([](UpdatePath& p) { p.leaf.extensions.clear(); }, false), kBadLeafSignature);
  const Bytes& anothers_key = members.tree.leaf({0})->encryption_key;
  EXPECT_EQ(merge([&](UpdatePath& p) { p.leaf.encryption_key = anothers_key; }), kDuplicateKey);
  RatchetTree tree = members.tree;
  EXPECT_EQ(tree.merge_path(committer, right, as_bytes("another group"), {}, {}).error(), kBadLeafSignature);
}

TEST(RatchetTree, UnmergedLeavesAreChecked) {
  SeededRng rng(34);
  Room room = Room::of(rng, 4);
  room.add(rng, 0, 1, false);
  const auto with = [&](std::vector<LeafIndex> unmerged) {
    // Rewrites the unmerged leaves of the old root (node 3) in the encoded tree.
    Bytes bytes = encode(room.members[0].tree());
    const ParentNode old = *room.members[0].tree().parent({3});
    ParentNode changed = old;
    changed.unmerged_leaves = std::move(unmerged);
    const Bytes from = encode(old);
    const Bytes to = encode(changed);
    Reader reader(bytes);
    Bytes body = to_bytes(reader.opaque().value());
    const auto at = std::search(body.begin(), body.end(), from.begin(), from.end());
    Bytes out(body.begin(), at);
    append(out, to);
    out.insert(out.end(), at + static_cast<std::ptrdiff_t>(from.size()), body.end());
    Writer writer;
    writer.opaque(out);
    return decode<RatchetTree>(writer.view())->check_unmerged_leaves();
  };
  EXPECT_TRUE(with({}).ok());
  // Between leaves 2 and 3 and this node is only a blank, so that nothing but the order can be wrong with them.
  ASSERT_EQ(room.members[0].tree().parent({5}), nullptr);
  EXPECT_TRUE(with({{2}, {3}}).ok());
  EXPECT_EQ(with({{3}, {2}}).error(), kBadUnmergedLeaves);
  EXPECT_EQ(with({{2}, {2}}).error(), kBadUnmergedLeaves);
  // Node 1 is not blank and does not name leaf 1.
  ASSERT_NE(room.members[0].tree().parent({1}), nullptr);
  EXPECT_EQ(with({{1}}).error(), kBadUnmergedLeaves);
  EXPECT_EQ(with({{4}}).error(), kBadUnmergedLeaves);
  EXPECT_EQ(with({{0xffffffff}}).error(), kBadUnmergedLeaves);
  // A blank leaf below the node, in a tree where nothing else is wrong with it.
  room = Room::of(rng, 3);
  ASSERT_EQ(room.members[0].tree().leaf({3}), nullptr);
  EXPECT_TRUE(with({{2}}).ok());
  EXPECT_EQ(with({{3}}).error(), kBadUnmergedLeaves);
}

TEST(TreeMath, ParentsChildrenAndRangesAgree) {
  for (std::uint32_t width = 1; width <= 64; width *= 2) {
    for (std::uint32_t i = 0; i < tree_math::node_count(width); ++i) {
      const NodeIndex node{i};
      if (tree_math::is_leaf(node)) {
        EXPECT_EQ(tree_math::node_of(tree_math::leaf_of(node)), node);
        continue;
      }
      EXPECT_EQ(tree_math::parent(tree_math::left(node)), node);
      EXPECT_EQ(tree_math::parent(tree_math::right(node)), node);
      EXPECT_EQ(tree_math::sibling(tree_math::left(node)), tree_math::right(node));
      EXPECT_EQ(tree_math::end_leaf(tree_math::left(node)), tree_math::first_leaf(tree_math::right(node)));
      EXPECT_EQ(tree_math::common_ancestor(tree_math::first_leaf(node), {tree_math::end_leaf(node).value - 1}), node);
    }
  }
  EXPECT_EQ(tree_math::common_ancestor({3}, {3}), std::nullopt);
}

}  // namespace
}  // namespace steiger::mls
