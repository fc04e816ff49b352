#include "crypto/mls/treekem.h"

#include <algorithm>

namespace steiger::mls {
namespace {

constexpr std::string_view kPathLabel = "UpdatePathNode";

// Position in the path of the lowest node above `leaf`; the path's size when there is none.
std::size_t first_common(const std::vector<RatchetTree::PathStep>& steps, LeafIndex leaf) {
  const auto found =
      std::find_if(steps.begin(), steps.end(), [&](const auto& step) { return tree_math::is_below(leaf, step.node); });
  return static_cast<std::size_t>(found - steps.begin());
}

}  // namespace

HpkeKeyPair node_key_pair(const PathSecret& path_secret) {
  return hpke_derive_key_pair(derive_secret<PathSecret>(path_secret.bytes(), "node").bytes());
}
PathSecret next_path_secret(const PathSecret& path_secret) {
  return derive_secret<PathSecret>(path_secret.bytes(), "path");
}
CommitSecret commit_secret_after(const PathSecret& last) {
  return derive_secret<CommitSecret>(last.bytes(), "path");
}

PrivateTree::PrivateTree(LeafIndex leaf, HpkeKeyPair leaf_key) {
  set_key(tree_math::node_of(leaf), std::move(leaf_key));
}

const HpkeKeyPair* PrivateTree::key(NodeIndex node) const {
  const auto found = keys_.find(node);
  return found == keys_.end() ? nullptr : &found->second;
}

void PrivateTree::set_key(NodeIndex node, HpkeKeyPair key) {
  keys_.insert_or_assign(node, std::move(key));
}

void PrivateTree::take_over(PrivateTree other) {
  for (auto& [node, key] : other.keys_) set_key(node, std::move(key));
}

void PrivateTree::retain_matching(const RatchetTree& tree) {
  std::erase_if(keys_, [&](const auto& entry) {
    return tree.is_blank(entry.first) || !equal(tree.encryption_key(entry.first), entry.second.public_key);
  });
}

Result<CommitSecret> PrivateTree::implant(const RatchetTree& tree, LeafIndex sender, NodeIndex node, PathSecret path_secret) {
  bool above = false;
  for (const RatchetTree::PathStep& step : tree.filtered_direct_path(sender)) {
    above = above || step.node == node;
    if (!above) continue;
    HpkeKeyPair pair = node_key_pair(path_secret);
    if (tree.is_blank(step.node) || !equal(tree.encryption_key(step.node), pair.public_key)) return kBadPathSecret;
    set_key(step.node, std::move(pair));
    path_secret = next_path_secret(path_secret);
  }
  if (!above) return kBadPathSecret;
  // `path_secret` has moved one beyond the root, which is the commit secret (section 7.4).
  return CommitSecret(path_secret.bytes());
}

bool PrivateTree::consistent_with(const RatchetTree& tree) const {
  return std::all_of(keys_.begin(), keys_.end(), [&](const auto& entry) {
    return !tree.is_blank(entry.first) && equal(tree.encryption_key(entry.first), entry.second.public_key);
  });
}

PrivateTree PrivateTree::clone() const {
  PrivateTree out;
  for (const auto& [node, key] : keys_) out.keys_.emplace(node, key.clone());
  return out;
}

void PrivateTree::write(SecretWriter& writer) const {
  writer.u32(static_cast<std::uint32_t>(keys_.size()));
  for (const auto& [node, key] : keys_) writer.u32(node.value).fixed(key.private_key.bytes()).fixed(key.public_key);
}

Result<PrivateTree> PrivateTree::read(Reader& reader) {
  PrivateTree out;
  STEIGER_TRY(const std::uint32_t count, reader.u32());
  if (count > kMaxPathNodes + 1) return kStateDamaged;
  for (std::uint32_t i = 0; i < count; ++i) {
    HpkeKeyPair pair;
    STEIGER_TRY(const std::uint32_t node, reader.u32());
    STEIGER_TRY(pair.private_key, read_secret<DhPrivateKey>(reader));
    STEIGER_TRY(pair.public_key, reader.array<kPublicKeySize>());
    if (!out.keys_.emplace(NodeIndex{node}, std::move(pair)).second) return kStateDamaged;
  }
  return out;
}

NewPath make_path(Rng& rng, RatchetTree& tree, LeafIndex committer, LeafNode leaf_template, const SigningKey& key,
                  ByteView group_id) {
  NewPath out;
  out.steps = tree.filtered_direct_path(committer);
  HpkeKeyPair leaf_pair = hpke_generate_key_pair(rng);
  std::vector<Bytes> public_keys;
  PathSecret secret = PathSecret::random(rng);
  for (const RatchetTree::PathStep& step : out.steps) {
    HpkeKeyPair pair = node_key_pair(secret);
    public_keys.push_back(to_bytes(pair.public_key));
    out.private_tree.set_key(step.node, std::move(pair));
    PathSecret following = next_path_secret(secret);
    out.path_secrets.push_back(std::move(secret));
    secret = std::move(following);
  }
  // One beyond the last node; of a lone member it is simply random.
  out.commit_secret = CommitSecret(secret.bytes());

  out.leaf = std::move(leaf_template);
  out.leaf.source = LeafNodeSource::commit;
  out.leaf.lifetime = {};
  out.leaf.encryption_key = to_bytes(leaf_pair.public_key);
  out.leaf.parent_hash = tree.set_path_keys(committer, public_keys).value();
  out.leaf.sign(key, {group_id, committer});
  tree.set_leaf(committer, out.leaf);
  out.private_tree.set_key(tree_math::node_of(committer), std::move(leaf_pair));
  return out;
}

Result<UpdatePath> seal_path(Rng& rng, const RatchetTree& tree, const NewPath& path, const std::vector<LeafIndex>& new_leaves,
                             ByteView context) {
  UpdatePath out;
  out.leaf = path.leaf;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    UpdatePathNode node;
    node.encryption_key = tree.encryption_key(path.steps[i].node);
    for (const NodeIndex target : tree.resolution_without(path.steps[i].copath, new_leaves)) {
      STEIGER_TRY(HpkeCiphertext sealed,
                  encrypt_with_label(rng, tree.encryption_key(target), kPathLabel, context, path.path_secrets[i].bytes()));
      node.encrypted_path_secrets.push_back(std::move(sealed));
    }
    out.nodes.push_back(std::move(node));
  }
  return out;
}

const PathSecret* shared_path_secret(const NewPath& path, LeafIndex leaf) {
  const std::size_t i = first_common(path.steps, leaf);
  return i < path.steps.size() ? &path.path_secrets[i] : nullptr;
}

Result<OpenedPath> open_path(const RatchetTree& tree, const PrivateTree& own, LeafIndex own_leaf, LeafIndex committer,
                             const UpdatePath& path, const std::vector<LeafIndex>& new_leaves, ByteView context) {
  const std::vector<RatchetTree::PathStep> steps = tree.filtered_direct_path(committer);
  const std::size_t common = first_common(steps, own_leaf);
  if (common == steps.size() || steps.size() != path.nodes.size()) return kBadPath;
  const std::vector<NodeIndex> targets = tree.resolution_without(steps[common].copath, new_leaves);
  const std::vector<HpkeCiphertext>& sealed = path.nodes[common].encrypted_path_secrets;
  if (targets.size() != sealed.size()) return kBadPath;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const HpkeKeyPair* key = own.key(targets[i]);
    if (key == nullptr) continue;
    STEIGER_TRY(const SecretBytes opened, decrypt_with_label(*key, kPathLabel, context, sealed[i]));
    Result<PathSecret> secret = PathSecret::from_bytes(opened.bytes());
    if (!secret.ok()) return kBadPathSecret;
    PrivateTree next = own.clone();
    next.retain_matching(tree);
    STEIGER_TRY(CommitSecret commit_secret, next.implant(tree, committer, steps[common].node, std::move(secret).value()));
    return OpenedPath{std::move(next), std::move(commit_secret)};
  }
  return kBadPath;  // nothing in the path is sealed to us
}

}  // namespace steiger::mls
