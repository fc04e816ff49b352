// TreeKEM: making and processing UpdatePaths (RFC 9420 sections 7.4 to 7.6). Secret half. Thread-safe on distinct objects.
#pragma once

#include <map>

#include "crypto/mls/key_schedule.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/mls/tree.h"

namespace steiger::mls {

using PathSecret = Secret<struct PathSecretTag>;

// The key pair of a node from its path secret.
HpkeKeyPair node_key_pair(const PathSecret& path_secret);
PathSecret next_path_secret(const PathSecret& path_secret);
CommitSecret commit_secret_after(const PathSecret& last);

// The private keys one member holds: its leaf's and those of nodes above it.
class PrivateTree {
 public:
  PrivateTree() = default;
  PrivateTree(LeafIndex leaf, HpkeKeyPair leaf_key);

  [[nodiscard]] const HpkeKeyPair* key(NodeIndex node) const;
  void set_key(NodeIndex node, HpkeKeyPair key);
  // Adds the keys of another, replacing those of the same nodes.
  void take_over(PrivateTree other);
  // Drops keys of nodes that are blank or changed in `tree`.
  void retain_matching(const RatchetTree& tree);
  // Installs the keys from `path_secret` at `node` up to the root along the filtered direct path of `sender`.
  // kBadPathSecret when a derived public key differs from the tree's.
  Result<CommitSecret> implant(const RatchetTree& tree, LeafIndex sender, NodeIndex node, PathSecret path_secret);
  // Every private key fits the tree's public key. For deserialised state and vectors.
  [[nodiscard]] bool consistent_with(const RatchetTree& tree) const;

  [[nodiscard]] PrivateTree clone() const;
  void write(SecretWriter& writer) const;
  static Result<PrivateTree> read(Reader& reader);

 private:
  std::map<NodeIndex, HpkeKeyPair> keys_;
};

// A new path of `committer`: `tree` gets the new keys, leaf signed.
struct NewPath {
  PrivateTree private_tree;
  CommitSecret commit_secret;
  LeafNode leaf;
  std::vector<RatchetTree::PathStep> steps;
  std::vector<PathSecret> path_secrets;  // one per step
};
NewPath make_path(Rng& rng, RatchetTree& tree, LeafIndex committer, LeafNode leaf_template, const SigningKey& key,
                  ByteView group_id);
// Seals the path secrets to the resolutions, without `new_leaves`. `context`: the provisional GroupContext, encoded.
Result<UpdatePath> seal_path(Rng& rng, const RatchetTree& tree, const NewPath& path, const std::vector<LeafIndex>& new_leaves,
                             ByteView context);
// The path secret that the member `leaf` shares with the maker of the path, for its Welcome; nullptr when none.
const PathSecret* shared_path_secret(const NewPath& path, LeafIndex leaf);

// Opens a received path. `tree` is the tree with the path merged; `own` holds the keys from before.
struct OpenedPath {
  PrivateTree private_tree;
  CommitSecret commit_secret;
};
Result<OpenedPath> open_path(const RatchetTree& tree, const PrivateTree& own, LeafIndex own_leaf, LeafIndex committer,
                             const UpdatePath& path, const std::vector<LeafIndex>& new_leaves, ByteView context);

}  // namespace steiger::mls
