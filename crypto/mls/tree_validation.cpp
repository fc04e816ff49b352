// What a tree must satisfy before it is trusted (RFC 9420 sections 7.3, 7.9.2 and 12.4.3.1).
#include <algorithm>
#include <set>

#include "crypto/mls/tree.h"

namespace steiger::mls {
namespace {

bool has_duplicates(std::vector<ByteView>& keys) {
  const auto less = [](ByteView a, ByteView b) { return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end()); };
  std::sort(keys.begin(), keys.end(), less);
  return std::adjacent_find(keys.begin(), keys.end(), [](ByteView a, ByteView b) { return equal(a, b); }) != keys.end();
}

// The parent hash that a node carries; empty when it carries none.
ByteView carried_parent_hash(const RatchetTree& tree, NodeIndex node) {
  if (const ParentNode* parent = tree.parent(node)) return parent->parent_hash;
  const LeafNode* leaf = tree_math::is_leaf(node) ? tree.leaf(tree_math::leaf_of(node)) : nullptr;
  return leaf != nullptr && leaf->source == LeafNodeSource::commit ? ByteView(leaf->parent_hash) : ByteView();
}

}  // namespace

// Section 7.9.2: some D in the resolution of a child C carries P's parent hash, and the rest of that resolution is exactly
// P's unmerged leaves below C.
Result<void> RatchetTree::check_parent_hashes() const {
  for (std::uint32_t i = 1; i < tree_math::node_count(leaf_count()); i += 2) {
    const NodeIndex node{i};
    const ParentNode* value = parent(node);
    if (value == nullptr) continue;
    const auto vouched_by = [&](NodeIndex child, NodeIndex copath) {
      std::vector<NodeIndex> expected;  // unmerged leaves below the child
      for (const LeafIndex leaf : value->unmerged_leaves) {
        if (tree_math::is_below(leaf, child)) expected.push_back(tree_math::node_of(leaf));
      }
      std::vector<NodeIndex> nodes = resolution(child);
      if (nodes.size() != expected.size() + 1) return false;
      const Hash hash = parent_hash_of(node, copath);
      const auto d = std::find_if(nodes.begin(), nodes.end(),
                                  [&](NodeIndex candidate) { return equal(carried_parent_hash(*this, candidate), hash); });
      if (d == nodes.end()) return false;
      nodes.erase(d);
      std::sort(nodes.begin(), nodes.end());
      return nodes == expected;
    };
    const NodeIndex left = tree_math::left(node);
    const NodeIndex right = tree_math::right(node);
    if (!vouched_by(left, right) && !vouched_by(right, left)) return kBadParentHash;
  }
  return {};
}

Result<void> RatchetTree::check_unmerged_leaves() const {
  for (std::uint32_t i = 1; i < tree_math::node_count(leaf_count()); i += 2) {
    const NodeIndex node{i};
    const ParentNode* value = parent(node);
    if (value == nullptr) continue;
    const auto& unmerged = value->unmerged_leaves;
    if (std::adjacent_find(unmerged.begin(), unmerged.end(), std::greater_equal<>()) != unmerged.end()) return kBadUnmergedLeaves;
    for (const LeafIndex index : unmerged) {
      if (leaf(index) == nullptr || !tree_math::is_below(index, node)) return kBadUnmergedLeaves;
      for (NodeIndex between = tree_math::parent(tree_math::node_of(index)); between != node;
           between = tree_math::parent(between)) {
        const ParentNode* other = parent(between);
        if (other != nullptr && !std::binary_search(other->unmerged_leaves.begin(), other->unmerged_leaves.end(), index)) {
          return kBadUnmergedLeaves;
        }
      }
    }
  }
  return {};
}

Result<void> RatchetTree::check_unique_keys() const {
  std::vector<ByteView> encryption_keys;
  std::vector<ByteView> signature_keys;
  for (const auto& leaf : leaves_) {
    if (!leaf) continue;
    encryption_keys.emplace_back(leaf->encryption_key);
    signature_keys.emplace_back(leaf->signature_key);
  }
  for (const auto& parent : parents_) {
    if (parent) encryption_keys.emplace_back(parent->encryption_key);
  }
  if (has_duplicates(encryption_keys) || has_duplicates(signature_keys)) return kDuplicateKey;
  return {};
}

Result<void> RatchetTree::check_credentials() const {
  const std::vector<LeafIndex> all = members();
  std::set<CredentialType> used;
  for (const LeafIndex index : all) used.insert(leaf(index)->credential.type);
  for (const LeafIndex index : all) {
    for (const CredentialType type : used) {
      if (!leaf(index)->capabilities.supports_credential(type)) return kUnsupportedCapability;
    }
  }
  return {};
}

Result<void> RatchetTree::validate(ByteView group_id, const Extensions& group_context_extensions,
                                   const LeafNode* own_leaf) const {
  if (leaves_.empty()) return kBadTree;
  for (const auto& parent : parents_) {
    if (parent && parent->encryption_key.size() != kPublicKeySize) return kBadKey;
  }
  // Cheap checks first: signatures cost most.
  STEIGER_CHECK(check_unmerged_leaves());
  STEIGER_CHECK(check_unique_keys());
  STEIGER_CHECK(check_credentials());
  STEIGER_CHECK(check_parent_hashes());
  for (std::uint32_t i = 0; i < leaf_count(); ++i) {
    const LeafNode* node = leaf({i});
    if (node == nullptr) continue;
    STEIGER_CHECK(check_leaf(*node, group_context_extensions));
    // A leaf of a KeyPackage signs nothing about where it stands, so what we signed is good wherever it is.
    const bool ours = own_leaf != nullptr && node->source == LeafNodeSource::key_package && *node == *own_leaf;
    if (!ours) STEIGER_CHECK(node->verify_signature({group_id, {i}}));
  }
  return {};
}

}  // namespace steiger::mls
