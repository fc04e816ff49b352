#include "crypto/mls/tree.h"

#include <algorithm>

namespace steiger::mls {
namespace {

enum class NodeType : std::uint8_t { leaf = 1, parent = 2 };

std::size_t parent_slot(NodeIndex node) {
  return node.value / 2;
}

}  // namespace

Result<ParentNode> ParentNode::read(Reader& reader) {
  ParentNode out;
  STEIGER_TRY(out.encryption_key, read_bytes(reader, kMaxKeySize));
  STEIGER_TRY(out.parent_hash, read_bytes(reader, kMaxHashSize));
  STEIGER_TRY(out.unmerged_leaves, reader.vector<LeafIndex>(kMaxLeaves, [](Reader& inner) -> Result<LeafIndex> {
    STEIGER_TRY(const std::uint32_t leaf, inner.u32());
    return LeafIndex{leaf};
  }));
  return out;
}

void ParentNode::write(Writer& writer) const {
  writer.opaque(encryption_key).opaque(parent_hash);
  writer.vector(unmerged_leaves, [](Writer& inner, LeafIndex leaf) { inner.u32(leaf.value); });
}

RatchetTree RatchetTree::with_one_leaf(LeafNode leaf) {
  RatchetTree out;
  out.leaves_.push_back(std::make_shared<const LeafNode>(std::move(leaf)));
  out.hashes_.resize(1);
  return out;
}

Result<RatchetTree> RatchetTree::read(Reader& reader) {
  STEIGER_TRY(const ByteView body, reader.opaque(kMaxExtensionSize));
  Reader nodes(body);
  RatchetTree out;
  bool last_is_blank = true;  // an empty tree is refused like one that ends in a blank
  std::uint32_t index = 0;
  for (; !nodes.empty(); ++index) {
    if (index == kMaxTreeNodes) return kTooLarge;
    STEIGER_TRY(const bool present, read_presence(nodes));
    last_is_blank = !present;
    const bool at_leaf = tree_math::is_leaf({index});
    std::shared_ptr<const LeafNode> leaf;
    std::shared_ptr<const ParentNode> parent;
    if (present) {
      STEIGER_TRY(const std::uint8_t type, nodes.u8());
      if (type != static_cast<std::uint8_t>(at_leaf ? NodeType::leaf : NodeType::parent)) return kBadTree;
      if (at_leaf) {
        STEIGER_TRY(LeafNode value, LeafNode::read(nodes));
        leaf = std::make_shared<const LeafNode>(std::move(value));
      } else {
        STEIGER_TRY(ParentNode value, ParentNode::read(nodes));
        parent = std::make_shared<const ParentNode>(std::move(value));
      }
    }
    if (at_leaf) {
      out.leaves_.push_back(std::move(leaf));
    } else {
      out.parents_.push_back(std::move(parent));
    }
  }
  if (last_is_blank) return kBadTree;
  // The sender cut trailing blanks: widen to the next complete tree.
  const std::uint32_t width = std::bit_ceil(index / 2 + 1);
  out.leaves_.resize(width);
  out.parents_.resize(width - 1);
  out.hashes_.resize(tree_math::node_count(width));
  // A complete tree half as wide would have held everything: then the right half is only a blank, which section 7.7 truncates.
  const bool right_half_blank =
      width > 1 && std::all_of(out.leaves_.begin() + width / 2, out.leaves_.end(), [](const auto& leaf) { return !leaf; });
  if (right_half_blank) return kBadTree;
  return out;
}

void RatchetTree::write(Writer& writer) const {
  std::uint32_t end = tree_math::node_count(leaf_count());
  while (end > 0 && is_blank({end - 1})) --end;
  Writer nodes;
  for (std::uint32_t i = 0; i < end; ++i) {
    const NodeIndex node{i};
    nodes.u8(is_blank(node) ? 0 : 1);
    if (is_blank(node)) continue;
    if (tree_math::is_leaf(node)) {
      nodes.u8(static_cast<std::uint8_t>(NodeType::leaf));
      leaf(tree_math::leaf_of(node))->write(nodes);
    } else {
      nodes.u8(static_cast<std::uint8_t>(NodeType::parent));
      parent(node)->write(nodes);
    }
  }
  writer.opaque(nodes.view());
}

std::uint32_t RatchetTree::member_count() const {
  return static_cast<std::uint32_t>(
      std::count_if(leaves_.begin(), leaves_.end(), [](const auto& leaf) { return leaf != nullptr; }));
}

const LeafNode* RatchetTree::leaf(LeafIndex index) const {
  return index.value < leaves_.size() ? leaves_[index.value].get() : nullptr;
}

const ParentNode* RatchetTree::parent(NodeIndex node) const {
  if (tree_math::is_leaf(node) || parent_slot(node) >= parents_.size()) return nullptr;
  return parents_[parent_slot(node)].get();
}

bool RatchetTree::is_blank(NodeIndex node) const {
  return tree_math::is_leaf(node) ? leaf(tree_math::leaf_of(node)) == nullptr : parent(node) == nullptr;
}

const Bytes& RatchetTree::encryption_key(NodeIndex node) const {
  const LeafNode* at_leaf = tree_math::is_leaf(node) ? leaf(tree_math::leaf_of(node)) : nullptr;
  if (at_leaf != nullptr) return at_leaf->encryption_key;
  const ParentNode* above = parent(node);
  if (above == nullptr) std::abort();
  return above->encryption_key;
}

std::optional<LeafIndex> RatchetTree::find_by_signature_key(ByteView key) const {
  for (const LeafIndex index : members()) {
    if (equal(leaf(index)->signature_key, key)) return index;
  }
  return std::nullopt;
}

bool RatchetTree::has_encryption_key(ByteView key) const {
  const auto has = [&](const auto& node) { return node && equal(node->encryption_key, key); };
  return std::any_of(leaves_.begin(), leaves_.end(), has) || std::any_of(parents_.begin(), parents_.end(), has);
}

std::vector<LeafIndex> RatchetTree::members() const {
  std::vector<LeafIndex> out;
  for (std::uint32_t i = 0; i < leaf_count(); ++i) {
    if (leaves_[i]) out.push_back({i});
  }
  return out;
}

Result<LeafIndex> RatchetTree::add_leaf(LeafNode leaf) {
  const auto blank = std::find(leaves_.begin(), leaves_.end(), nullptr);
  const LeafIndex index{static_cast<std::uint32_t>(blank - leaves_.begin())};
  if (blank == leaves_.end()) {
    const std::uint32_t width = leaves_.empty() ? 1 : leaf_count() * 2;
    if (width > kMaxLeaves) return kTreeFull;
    leaves_.resize(width);
    parents_.resize(width - 1);
    hashes_.resize(tree_math::node_count(width));
  }
  set_leaf(index, std::move(leaf));
  for (const NodeIndex node : tree_math::direct_path(index, leaf_count())) {
    const ParentNode* old = parent(node);
    if (old == nullptr) continue;
    ParentNode changed = *old;
    auto& unmerged = changed.unmerged_leaves;
    unmerged.insert(std::upper_bound(unmerged.begin(), unmerged.end(), index), index);
    set_parent(node, std::make_shared<const ParentNode>(std::move(changed)));
  }
  return index;
}

Result<void> RatchetTree::update_leaf(LeafIndex index, LeafNode leaf_node) {
  if (leaf(index) == nullptr) return kUnknownLeaf;
  set_leaf(index, std::move(leaf_node));
  blank_path(index);
  return {};
}

Result<void> RatchetTree::remove_leaf(LeafIndex index) {
  if (leaf(index) == nullptr) return kUnknownLeaf;
  leaves_[index.value] = nullptr;
  forget_hashes(tree_math::node_of(index));
  blank_path(index);
  truncate();
  return {};
}

void RatchetTree::set_leaf(LeafIndex index, LeafNode leaf) {
  leaves_[index.value] = std::make_shared<const LeafNode>(std::move(leaf));
  forget_hashes(tree_math::node_of(index));
}

void RatchetTree::set_parent(NodeIndex node, std::shared_ptr<const ParentNode> value) {
  parents_[parent_slot(node)] = std::move(value);
  forget_hashes(node);
}

void RatchetTree::blank_path(LeafIndex leaf) {
  for (const NodeIndex node : tree_math::direct_path(leaf, leaf_count())) set_parent(node, nullptr);
}

void RatchetTree::truncate() {
  while (leaf_count() > 1) {
    const auto middle = leaves_.begin() + static_cast<std::ptrdiff_t>(leaf_count() / 2);
    if (!std::all_of(middle, leaves_.end(), [](const auto& leaf) { return leaf == nullptr; })) return;
    const std::uint32_t width = leaf_count() / 2;
    leaves_.resize(width);
    parents_.resize(width - 1);
    hashes_.resize(tree_math::node_count(width));
  }
}

void RatchetTree::append_resolution(NodeIndex node, std::vector<NodeIndex>& out) const {
  if (!is_blank(node)) {
    out.push_back(node);
    if (const ParentNode* value = parent(node)) {
      for (const LeafIndex leaf : value->unmerged_leaves) out.push_back(tree_math::node_of(leaf));
    }
  } else if (!tree_math::is_leaf(node)) {
    append_resolution(tree_math::left(node), out);
    append_resolution(tree_math::right(node), out);
  }
}

std::vector<NodeIndex> RatchetTree::resolution(NodeIndex node) const {
  std::vector<NodeIndex> out;
  append_resolution(node, out);
  return out;
}

std::vector<RatchetTree::PathStep> RatchetTree::filtered_direct_path(LeafIndex leaf) const {
  std::vector<PathStep> out;
  NodeIndex below = tree_math::node_of(leaf);
  for (const NodeIndex node : tree_math::direct_path(leaf, leaf_count())) {
    const NodeIndex copath = tree_math::sibling(below);
    if (!resolution(copath).empty()) out.push_back({node, copath});
    below = node;
  }
  return out;
}

Result<Bytes> RatchetTree::set_path_keys(LeafIndex committer, const std::vector<Bytes>& keys) {
  const std::vector<PathStep> steps = filtered_direct_path(committer);
  if (steps.size() != keys.size()) return kBadPath;
  blank_path(committer);
  // From the root down, because each node carries the hash of the one above (section 7.9).
  Bytes hash;
  for (std::size_t i = steps.size(); i-- > 0;) {
    set_parent(steps[i].node, std::make_shared<const ParentNode>(ParentNode{keys[i], hash, {}}));
    hash = to_bytes(parent_hash_of(steps[i].node, steps[i].copath));
  }
  return hash;
}

Result<void> RatchetTree::merge_path(LeafIndex committer, const UpdatePath& path, ByteView group_id,
                                     const std::vector<LeafIndex>& new_leaves, const Extensions& group_context_extensions) {
  if (leaf(committer) == nullptr) return kUnknownLeaf;
  if (path.leaf.source != LeafNodeSource::commit) return kBadLeafSource;
  STEIGER_CHECK(check_leaf(path.leaf, group_context_extensions));
  const std::vector<PathStep> steps = filtered_direct_path(committer);
  if (steps.size() != path.nodes.size()) return kBadPath;
  std::vector<Bytes> keys;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::vector<NodeIndex> targets = resolution_without(steps[i].copath, new_leaves);
    if (targets.size() != path.nodes[i].encrypted_path_secrets.size()) return kBadPath;
    if (path.nodes[i].encryption_key.size() != path.leaf.encryption_key.size()) return kBadKey;
    if (has_encryption_key(path.nodes[i].encryption_key)) return kDuplicateKey;
    keys.push_back(path.nodes[i].encryption_key);
  }
  STEIGER_TRY(const Bytes hash, set_path_keys(committer, keys));
  if (hash != path.leaf.parent_hash) return kBadParentHash;
  STEIGER_CHECK(path.leaf.verify_signature({group_id, committer}));
  set_leaf(committer, path.leaf);
  STEIGER_CHECK(check_credentials());
  return check_unique_keys();
}

std::vector<NodeIndex> RatchetTree::resolution_without(NodeIndex node, const std::vector<LeafIndex>& excluded) const {
  std::vector<NodeIndex> out = resolution(node);
  std::erase_if(out, [&](NodeIndex candidate) {
    return tree_math::is_leaf(candidate) &&
           std::find(excluded.begin(), excluded.end(), tree_math::leaf_of(candidate)) != excluded.end();
  });
  return out;
}

bool operator==(const RatchetTree& a, const RatchetTree& b) {
  const auto same = [](const auto& left, const auto& right) {
    return left == right || (left != nullptr && right != nullptr && *left == *right);
  };
  return std::equal(a.leaves_.begin(), a.leaves_.end(), b.leaves_.begin(), b.leaves_.end(), same) &&
         std::equal(a.parents_.begin(), a.parents_.end(), b.parents_.begin(), b.parents_.end(), same);
}

}  // namespace steiger::mls
