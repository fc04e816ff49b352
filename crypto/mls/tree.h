// The public ratchet tree (RFC 9420 sections 4, 7.1 to 7.9): members, their keys, and the checks that make it trustworthy.
// Public half: client and gateway run the same code. Copies are cheap (nodes are shared and immutable). Belongs to one thread:
// even const calls fill a hash cache.
#pragma once

#include <memory>

#include "crypto/mls/proposals.h"
#include "crypto/mls/tree_math.h"
#include "crypto/primitives/hash.h"

namespace steiger::mls {

struct ParentNode {
  Bytes encryption_key;
  Bytes parent_hash;
  std::vector<LeafIndex> unmerged_leaves;  // ascending

  static Result<ParentNode> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const ParentNode&, const ParentNode&) = default;
};

class RatchetTree {
 public:
  RatchetTree() = default;
  static RatchetTree with_one_leaf(LeafNode leaf);
  // The content of a ratchet_tree extension (section 12.4.3.3). Only its shape is checked here: call validate() next.
  static Result<RatchetTree> read(Reader& reader);
  void write(Writer& writer) const;

  // Width: a power of two, or 0 for an empty tree. Blank leaves count.
  [[nodiscard]] std::uint32_t leaf_count() const { return static_cast<std::uint32_t>(leaves_.size()); }
  [[nodiscard]] std::uint32_t member_count() const;
  // nullptr: blank, or beyond the tree.
  [[nodiscard]] const LeafNode* leaf(LeafIndex index) const;
  [[nodiscard]] const ParentNode* parent(NodeIndex node) const;
  [[nodiscard]] bool is_blank(NodeIndex node) const;
  // The public key of a node that is not blank (programming error otherwise).
  [[nodiscard]] const Bytes& encryption_key(NodeIndex node) const;
  [[nodiscard]] std::optional<LeafIndex> find_by_signature_key(ByteView key) const;
  // Any leaf or parent node has it.
  [[nodiscard]] bool has_encryption_key(ByteView key) const;
  // All members in leaf order.
  [[nodiscard]] std::vector<LeafIndex> members() const;

  // Section 7.7: leftmost blank leaf, else the tree doubles. kTreeFull.
  Result<LeafIndex> add_leaf(LeafNode leaf);
  // Replace (Update proposal): the direct path is blanked. kUnknownLeaf.
  Result<void> update_leaf(LeafIndex index, LeafNode leaf);
  // Blank leaf and direct path, then truncate. kUnknownLeaf.
  Result<void> remove_leaf(LeafIndex index);

  // Section 4.1.1.
  [[nodiscard]] std::vector<NodeIndex> resolution(NodeIndex node) const;
  // Without leaves added in the same commit, who get their secrets by Welcome.
  [[nodiscard]] std::vector<NodeIndex> resolution_without(NodeIndex node, const std::vector<LeafIndex>& excluded) const;
  // The direct path of `leaf` without the nodes whose child off the path has an empty resolution (section 4.1.2), leaf to root.
  // `copath` gets that child for each.
  struct PathStep {
    NodeIndex node;
    NodeIndex copath;
  };
  [[nodiscard]] std::vector<PathStep> filtered_direct_path(LeafIndex leaf) const;

  // Section 7.8. Cached; cost is the nodes changed since the last call.
  [[nodiscard]] Hash tree_hash() const;
  [[nodiscard]] Hash tree_hash(NodeIndex node) const;

  // The public half of section 7.5: writes the keys of an UpdatePath into the tree of a committer, filling in parent hashes.
  // Returns the parent hash that the committer's leaf must carry. kBadPath when the number of nodes is wrong.
  Result<Bytes> set_path_keys(LeafIndex committer, const std::vector<Bytes>& keys);
  void set_leaf(LeafIndex index, LeafNode leaf);
  // set_path_keys and set_leaf for a received path: counts of nodes and ciphertexts (`new_leaves` are not encrypted to), the
  // leaf's source, parent hash and signature; no key of the nodes may occur in the tree yet (section 12.4.2). That the leaf's key is
  // fresh is for the caller, who may have put the leaf of a newcomer in place. kUnsupportedCapability, kBadPath, kBadParentHash,
  // kBadLeafSignature, kDuplicateKey.
  Result<void> merge_path(LeafIndex committer, const UpdatePath& path, ByteView group_id,
                          const std::vector<LeafIndex>& new_leaves, const Extensions& group_context_extensions);

  // Everything section 12.4.3.1 asks of a tree received from elsewhere: each leaf by section 7.3 with its signature, unmerged
  // leaves, parent hashes, unique keys, credentials all members understand.
  // `own_leaf` as in PublicGroup::from_group_info.
  [[nodiscard]] Result<void> validate(ByteView group_id, const Extensions& group_context_extensions,
                                      const LeafNode* own_leaf = nullptr) const;
  // The parts, for vectors and tests.
  [[nodiscard]] Result<void> check_parent_hashes() const;
  [[nodiscard]] Result<void> check_unmerged_leaves() const;
  [[nodiscard]] Result<void> check_unique_keys() const;
  // Section 7.3: every member understands every credential type in use.
  [[nodiscard]] Result<void> check_credentials() const;

  friend bool operator==(const RatchetTree& a, const RatchetTree& b);

 private:
  [[nodiscard]] Hash hash_without(NodeIndex node, const std::vector<LeafIndex>& excluded) const;
  [[nodiscard]] Hash parent_hash_of(NodeIndex node, NodeIndex copath) const;
  void append_resolution(NodeIndex node, std::vector<NodeIndex>& out) const;
  void set_parent(NodeIndex node, std::shared_ptr<const ParentNode> value);
  void forget_hashes(NodeIndex node);
  void blank_path(LeafIndex leaf);
  void truncate();

  // Null pointers are blanks. parents_[k] is node 2k + 1.
  std::vector<std::shared_ptr<const LeafNode>> leaves_;
  std::vector<std::shared_ptr<const ParentNode>> parents_;
  mutable std::vector<std::optional<Hash>> hashes_;
};

}  // namespace steiger::mls
