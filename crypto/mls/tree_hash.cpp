// Tree hashes and parent hashes (RFC 9420 sections 7.8 and 7.9).
#include <algorithm>

#include "crypto/mls/tree.h"
#include "crypto/primitives/hash.h"

namespace steiger::mls {
namespace {

constexpr std::uint8_t kLeafType = 1;
constexpr std::uint8_t kParentType = 2;

Hash leaf_hash(LeafIndex index, const LeafNode* leaf) {
  Writer input;
  input.u8(kLeafType).u32(index.value).u8(leaf != nullptr ? 1 : 0);
  if (leaf != nullptr) leaf->write(input);
  return sha256(input.view());
}

Hash parent_node_hash(const ParentNode* parent, const Hash& left, const Hash& right) {
  Writer input;
  input.u8(kParentType).u8(parent != nullptr ? 1 : 0);
  if (parent != nullptr) parent->write(input);
  input.opaque(left).opaque(right);
  return sha256(input.view());
}

}  // namespace

void RatchetTree::forget_hashes(NodeIndex node) {
  // The hash of a node covers everything below it, so a change reaches all the way up.
  const NodeIndex top = tree_math::root(leaf_count());
  hashes_[node.value].reset();
  while (node != top) {
    node = tree_math::parent(node);
    hashes_[node.value].reset();
  }
}

Hash RatchetTree::tree_hash() const {
  if (leaves_.empty()) return sha256({});
  return tree_hash(tree_math::root(leaf_count()));
}

Hash RatchetTree::tree_hash(NodeIndex node) const {
  std::optional<Hash>& slot = hashes_[node.value];
  if (slot) return *slot;
  if (tree_math::is_leaf(node)) {
    slot = leaf_hash(tree_math::leaf_of(node), leaf(tree_math::leaf_of(node)));
  } else {
    slot = parent_node_hash(parent(node), tree_hash(tree_math::left(node)), tree_hash(tree_math::right(node)));
  }
  return *slot;
}

Hash RatchetTree::hash_without(NodeIndex node, const std::vector<LeafIndex>& excluded) const {
  const bool touched =
      std::any_of(excluded.begin(), excluded.end(), [&](LeafIndex leaf) { return tree_math::is_below(leaf, node); });
  if (!touched) return tree_hash(node);
  if (tree_math::is_leaf(node)) return leaf_hash(tree_math::leaf_of(node), nullptr);
  const Hash left = hash_without(tree_math::left(node), excluded);
  const Hash right = hash_without(tree_math::right(node), excluded);
  const ParentNode* value = parent(node);
  if (value == nullptr) return parent_node_hash(nullptr, left, right);
  ParentNode original = *value;
  std::erase_if(original.unmerged_leaves,
                [&](LeafIndex leaf) { return std::find(excluded.begin(), excluded.end(), leaf) != excluded.end(); });
  return parent_node_hash(&original, left, right);
}

Hash RatchetTree::parent_hash_of(NodeIndex node, NodeIndex copath) const {
  const ParentNode& value = *parent(node);
  Writer input;
  input.opaque(value.encryption_key).opaque(value.parent_hash).opaque(hash_without(copath, value.unmerged_leaves));
  return sha256(input.view());
}

}  // namespace steiger::mls
