#include "crypto/mls/secret_tree.h"

#include <limits>

namespace steiger::mls {
namespace {

constexpr std::uint32_t kLastGeneration = std::numeric_limits<std::uint32_t>::max();

struct Children {
  TreeSecret left;
  TreeSecret right;
};
Children children_of(const TreeSecret& secret) {
  return {expand_secret<TreeSecret>(secret.bytes(), "tree", as_bytes("left")),
          expand_secret<TreeSecret>(secret.bytes(), "tree", as_bytes("right"))};
}

}  // namespace

KeyAndNonce Ratchet::step() {
  KeyAndNonce out;
  Writer context;
  context.u32(generation_);
  expand_with_label(secret_.bytes(), "key", context.view(), out.key.writable());
  expand_with_label(secret_.bytes(), "nonce", context.view(), out.nonce.writable());
  secret_ = expand_secret<RatchetSecret>(secret_.bytes(), "secret", context.view());
  ++generation_;
  return out;
}

Result<Ratchet::Next> Ratchet::next() {
  if (generation_ == kLastGeneration) return kGenerationExhausted;
  const std::uint32_t generation = generation_;
  return Next{generation, step()};
}

Result<KeyAndNonce> Ratchet::take(std::uint32_t generation) {
  if (generation < generation_) {
    const auto found = skipped_.find(generation);
    if (found == skipped_.end()) return kGenerationConsumed;
    KeyAndNonce out = std::move(found->second);
    skipped_.erase(found);
    return out;
  }
  // 0xffffffff is refused here too: no sender reaches it (next()), and stepping past it would wrap around.
  if (generation == kLastGeneration || generation - generation_ > kMaxForwardSteps) return kGenerationTooFar;
  while (generation_ < generation) {
    const std::uint32_t passed = generation_;
    skipped_.emplace(passed, step());
    if (skipped_.size() > kMaxSkippedKeys) skipped_.erase(skipped_.begin());
  }
  return step();
}

Ratchet Ratchet::clone() const {
  Ratchet out(secret_.clone());
  out.generation_ = generation_;
  for (const auto& [generation, key] : skipped_) out.skipped_.emplace(generation, key.clone());
  return out;
}

void Ratchet::write(SecretWriter& writer) const {
  writer.fixed(secret_.bytes()).u32(generation_).u32(static_cast<std::uint32_t>(skipped_.size()));
  for (const auto& [generation, key] : skipped_) writer.u32(generation).fixed(key.key.bytes()).fixed(key.nonce.bytes());
}

Result<Ratchet> Ratchet::read(Reader& reader) {
  STEIGER_TRY(RatchetSecret secret, read_secret<RatchetSecret>(reader));
  Ratchet out(std::move(secret));
  STEIGER_TRY(out.generation_, reader.u32());
  STEIGER_TRY(const std::uint32_t count, reader.u32());
  if (count > kMaxSkippedKeys) return kStateDamaged;
  for (std::uint32_t i = 0; i < count; ++i) {
    STEIGER_TRY(const std::uint32_t generation, reader.u32());
    KeyAndNonce key;
    STEIGER_TRY(key.key, read_secret<decltype(key.key)>(reader));
    STEIGER_TRY(key.nonce, read_secret<decltype(key.nonce)>(reader));
    if (generation >= out.generation_ || !out.skipped_.emplace(generation, std::move(key)).second) return kStateDamaged;
  }
  return out;
}

SecretTree::SecretTree(std::uint32_t leaf_count, EncryptionSecret secret) : leaf_count_(leaf_count) {
  nodes_.emplace(tree_math::root(leaf_count), TreeSecret(secret.bytes()));
}

SecretTree::LeafRatchets SecretTree::make_ratchets(const TreeSecret& leaf_secret) {
  return {Ratchet(expand_secret<RatchetSecret>(leaf_secret.bytes(), "handshake", {})),
          Ratchet(expand_secret<RatchetSecret>(leaf_secret.bytes(), "application", {}))};
}

Result<Ratchet> SecretTree::ratchet(LeafIndex leaf, RatchetKind kind) const {
  if (leaf.value >= leaf_count_) return kUnknownLeaf;
  const auto pick = [&](const LeafRatchets& ratchets) {
    return (kind == RatchetKind::handshake ? ratchets.handshake : ratchets.application).clone();
  };
  const auto found = leaves_.find(leaf);
  if (found != leaves_.end()) return pick(found->second);

  // Walk down from the lowest stored ancestor.
  NodeIndex node = tree_math::node_of(leaf);
  while (!nodes_.contains(node)) node = tree_math::parent(node);
  TreeSecret secret = nodes_.find(node)->second.clone();
  while (!tree_math::is_leaf(node)) {
    Children children = children_of(secret);
    const bool go_left = tree_math::node_of(leaf) < node;
    secret = std::move(go_left ? children.left : children.right);
    node = go_left ? tree_math::left(node) : tree_math::right(node);
  }
  return pick(make_ratchets(secret));
}

void SecretTree::expand_to(LeafIndex leaf) {
  NodeIndex node = tree_math::node_of(leaf);
  while (!nodes_.contains(node)) node = tree_math::parent(node);
  TreeSecret secret = std::move(nodes_.find(node)->second);
  nodes_.erase(node);
  while (!tree_math::is_leaf(node)) {
    Children children = children_of(secret);
    const bool go_left = tree_math::node_of(leaf) < node;
    nodes_.emplace(go_left ? tree_math::right(node) : tree_math::left(node), std::move(go_left ? children.right : children.left));
    secret = std::move(go_left ? children.left : children.right);
    node = go_left ? tree_math::left(node) : tree_math::right(node);
  }
  leaves_.emplace(leaf, make_ratchets(secret));
}

void SecretTree::put(LeafIndex leaf, RatchetKind kind, Ratchet moved_on) {
  if (!leaves_.contains(leaf)) expand_to(leaf);
  LeafRatchets& ratchets = leaves_.find(leaf)->second;
  (kind == RatchetKind::handshake ? ratchets.handshake : ratchets.application) = std::move(moved_on);
}

SecretTree SecretTree::clone() const {
  SecretTree out;
  out.leaf_count_ = leaf_count_;
  for (const auto& [node, secret] : nodes_) out.nodes_.emplace(node, secret.clone());
  for (const auto& [leaf, ratchets] : leaves_) {
    out.leaves_.emplace(leaf, LeafRatchets{ratchets.handshake.clone(), ratchets.application.clone()});
  }
  return out;
}

void SecretTree::write(SecretWriter& writer) const {
  writer.u32(leaf_count_).u32(static_cast<std::uint32_t>(nodes_.size()));
  for (const auto& [node, secret] : nodes_) writer.u32(node.value).fixed(secret.bytes());
  writer.u32(static_cast<std::uint32_t>(leaves_.size()));
  for (const auto& [leaf, ratchets] : leaves_) {
    writer.u32(leaf.value);
    ratchets.handshake.write(writer);
    ratchets.application.write(writer);
  }
}

Result<SecretTree> SecretTree::read(Reader& reader) {
  SecretTree out;
  STEIGER_TRY(out.leaf_count_, reader.u32());
  if (!std::has_single_bit(out.leaf_count_) || out.leaf_count_ > kMaxLeaves) return kStateDamaged;
  STEIGER_TRY(const std::uint32_t node_count, reader.u32());
  std::vector<bool> covered(out.leaf_count_, false);
  const auto cover = [&](LeafIndex first, LeafIndex end) {
    for (std::uint32_t i = first.value; i < end.value; ++i) {
      if (covered[i]) return false;
      covered[i] = true;
    }
    return true;
  };
  for (std::uint32_t i = 0; i < node_count; ++i) {
    STEIGER_TRY(const std::uint32_t index, reader.u32());
    const NodeIndex node{index};
    if (index >= tree_math::node_count(out.leaf_count_)) return kStateDamaged;
    STEIGER_TRY(TreeSecret secret, read_secret<TreeSecret>(reader));
    if (!cover(tree_math::first_leaf(node), tree_math::end_leaf(node))) return kStateDamaged;
    out.nodes_.emplace(node, std::move(secret));
  }
  STEIGER_TRY(const std::uint32_t ratchet_count, reader.u32());
  for (std::uint32_t i = 0; i < ratchet_count; ++i) {
    STEIGER_TRY(const std::uint32_t index, reader.u32());
    if (index >= out.leaf_count_ || !cover({index}, {index + 1})) return kStateDamaged;
    STEIGER_TRY(Ratchet handshake, Ratchet::read(reader));
    STEIGER_TRY(Ratchet application, Ratchet::read(reader));
    out.leaves_.emplace(LeafIndex{index}, LeafRatchets{std::move(handshake), std::move(application)});
  }
  // Every leaf has exactly one source: a ratchet, or one tree secret above it.
  for (const bool leaf : covered) {
    if (!leaf) return kStateDamaged;
  }
  return out;
}

}  // namespace steiger::mls
