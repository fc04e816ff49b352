// tree-math, tree-validation, tree-operations, treekem.
#include "crypto/mls/tree.h"
#include "crypto/mls/treekem.h"
#include "crypto/primitives/system_rng.h"
#include "tests/vectors/mls_kinds.h"

namespace steiger::vectors {
namespace {

using namespace mls;  // NOLINT(google-build-using-namespace)

Outcome expect_node(const std::string& what, const Json& expected, std::optional<NodeIndex> actual) {
  if (expected.is_null() && !actual) return Outcome::pass();
  if (!expected.is_null() && actual && expected == actual->value) return Outcome::pass();
  return Outcome::fail(what + ": expected " + expected.dump() + ", got " + (actual ? std::to_string(actual->value) : "null"));
}

// What one member of a treekem vector holds: the keys of its leaf and of its path secrets.
Outcome load_member(const Json& member, const RatchetTree& tree, PrivateTree& out) {
  const LeafIndex leaf{member.at("index").get<std::uint32_t>()};
  out = PrivateTree(leaf, key_pair(member, "encryption_priv"));
  for (const Json& item : member.at("path_secrets")) {
    out.set_key({item.at("node").get<std::uint32_t>()}, node_key_pair(secret<PathSecret>(item, "path_secret")));
  }
  if (!out.consistent_with(tree)) return Outcome::fail("a private key does not fit the tree");
  const SigningKey key(secret<SigningKey::Seed>(member, "signature_priv"));
  return expect_equal("signature_pub", tree.leaf(leaf)->signature_key, key.verify_key().bytes());
}

// Every member but the sender opens the path and arrives at the same secrets.
Outcome open_by_all(const Json& entry, const RatchetTree& before, const RatchetTree& after, const UpdatePath& path,
                    LeafIndex sender, ByteView context, ByteView commit_secret, const Json& path_secrets) {
  for (const Json& member : entry.at("leaves_private")) {
    const LeafIndex leaf{member.at("index").get<std::uint32_t>()};
    if (leaf == sender) continue;
    PrivateTree own;
    STEIGER_EXPECT(load_member(member, before, own));
    STEIGER_OPEN(const OpenedPath opened, "open_path", open_path(after, own, leaf, sender, path, {}, context));
    STEIGER_EXPECT(expect_equal("commit_secret", commit_secret, opened.commit_secret.bytes()));
    if (path_secrets.is_null()) continue;
    const NodeIndex shared = *tree_math::common_ancestor(leaf, sender);
    const HpkeKeyPair expected = node_key_pair(PathSecret::from_bytes(hex(path_secrets.at(leaf.value))).value());
    const HpkeKeyPair* actual = opened.private_tree.key(shared);
    if (actual == nullptr) return Outcome::fail("no key at the common ancestor");
    STEIGER_EXPECT(expect_equal("path_secret", expected.private_key.bytes(), actual->private_key.bytes()));
  }
  return Outcome::pass();
}

const Json* member_at(const Json& entry, LeafIndex leaf) {
  for (const Json& member : entry.at("leaves_private")) {
    if (member.at("index") == leaf.value) return &member;
  }
  return nullptr;
}

Outcome verify_update_path(const Json& entry, const Json& item, const RatchetTree& before) {
  const LeafIndex sender{item.at("sender").get<std::uint32_t>()};
  const Bytes group_id = hex(entry, "group_id");
  STEIGER_OPEN(const UpdatePath path, "update_path", decode<UpdatePath>(hex(item, "update_path")));
  RatchetTree after = before;
  STEIGER_HOLDS("merge_path", after.merge_path(sender, path, group_id, {}, {}));
  STEIGER_EXPECT(expect_equal("tree_hash_after", hex(item, "tree_hash_after"), after.tree_hash()));
  GroupContext context;
  context.group_id = group_id;
  context.epoch = entry.at("epoch").get<std::uint64_t>();
  context.tree_hash = hex(item, "tree_hash_after");
  context.confirmed_transcript_hash = hex(entry, "confirmed_transcript_hash");
  STEIGER_EXPECT(
      open_by_all(entry, before, after, path, sender, encode(context), hex(item, "commit_secret"), item.at("path_secrets")));

  // A path of our own by the same sender, opened by the same members.
  SystemRng rng;
  RatchetTree ours = before;
  const SigningKey key(secret<SigningKey::Seed>(*member_at(entry, sender), "signature_priv"));
  const NewPath made = make_path(rng, ours, sender, *before.leaf(sender), key, group_id);
  context.tree_hash = to_bytes(ours.tree_hash());
  STEIGER_OPEN(const UpdatePath sealed, "seal_path", seal_path(rng, ours, made, {}, encode(context)));
  RatchetTree merged = before;
  STEIGER_HOLDS("own path", merged.merge_path(sender, sealed, group_id, {}, {}));
  STEIGER_EXPECT(expect_equal("own tree hash", ours.tree_hash(), merged.tree_hash()));
  return open_by_all(entry, before, merged, sealed, sender, encode(context), made.commit_secret.bytes(), Json());
}

Result<void> apply(const Proposal& proposal, LeafIndex sender, RatchetTree& tree) {
  if (const auto* add = std::get_if<Add>(&proposal.body)) {
    STEIGER_TRY(const LeafIndex unused, tree.add_leaf(add->key_package.leaf));
    static_cast<void>(unused);
    return {};
  }
  if (const auto* update = std::get_if<Update>(&proposal.body)) return tree.update_leaf(sender, update->leaf);
  if (const auto* remove = std::get_if<Remove>(&proposal.body)) return tree.remove_leaf(remove->removed);
  return kUnknownProposal;
}

}  // namespace

Outcome verify_tree_math(const Json& entry) {
  const auto width = entry.at("n_leaves").get<std::uint32_t>();
  const std::uint32_t count = tree_math::node_count(width);
  if (entry.at("n_nodes") != count) return Outcome::fail("n_nodes");
  STEIGER_EXPECT(expect_node("root", entry.at("root"), tree_math::root(width)));
  for (std::uint32_t i = 0; i < count; ++i) {
    const NodeIndex node{i};
    const bool leaf = tree_math::is_leaf(node);
    const bool top = node == tree_math::root(width);
    const auto unless = [](bool none, auto value) { return none ? std::nullopt : std::optional<NodeIndex>(value()); };
    const std::string at = std::to_string(i);
    STEIGER_EXPECT(expect_node("left " + at, entry.at("left").at(i), unless(leaf, [&] { return tree_math::left(node); })));
    STEIGER_EXPECT(expect_node("right " + at, entry.at("right").at(i), unless(leaf, [&] { return tree_math::right(node); })));
    STEIGER_EXPECT(expect_node("parent " + at, entry.at("parent").at(i), unless(top, [&] { return tree_math::parent(node); })));
    STEIGER_EXPECT(
        expect_node("sibling " + at, entry.at("sibling").at(i), unless(top, [&] { return tree_math::sibling(node); })));
  }
  return Outcome::pass();
}

Outcome verify_tree_validation(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  const Bytes bytes = hex(entry, "tree");
  STEIGER_OPEN(const RatchetTree tree, "tree", decode<RatchetTree>(bytes));
  STEIGER_EXPECT(expect_equal("re-encoded tree", bytes, encode(tree)));
  const std::uint32_t count = tree_math::node_count(tree.leaf_count());
  if (entry.at("tree_hashes").size() != count) return Outcome::fail("number of nodes");
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string at = std::to_string(i);
    STEIGER_EXPECT(expect_equal("tree hash " + at, hex(entry.at("tree_hashes").at(i)), tree.tree_hash({i})));
    std::vector<std::uint32_t> resolution;
    for (const NodeIndex node : tree.resolution({i})) resolution.push_back(node.value);
    if (entry.at("resolutions").at(i) != Json(resolution)) return Outcome::fail("resolution " + at);
  }
  STEIGER_HOLDS("validate", tree.validate(hex(entry, "group_id"), {}));
  return Outcome::pass();
}

// Suite 1 only, but the operations need just SHA-256, which suite 3 shares.
Outcome verify_tree_operations(const Json& entry) {
  const std::uint64_t suite = number(entry, "cipher_suite");
  if (suite != 1 && suite != mls::kSuite3) return Outcome::skip("suite");
  STEIGER_OPEN(RatchetTree tree, "tree_before", decode<RatchetTree>(hex(entry, "tree_before")));
  STEIGER_EXPECT(expect_equal("tree_hash_before", hex(entry, "tree_hash_before"), tree.tree_hash()));
  STEIGER_OPEN(const Proposal proposal, "proposal", decode<Proposal>(hex(entry, "proposal")));
  STEIGER_HOLDS("apply", apply(proposal, {entry.at("proposal_sender").get<std::uint32_t>()}, tree));
  STEIGER_EXPECT(expect_equal("tree_after", hex(entry, "tree_after"), encode(tree)));
  return expect_equal("tree_hash_after", hex(entry, "tree_hash_after"), tree.tree_hash());
}

Outcome verify_treekem(const Json& entry) {
  if (!is_suite3(entry)) return Outcome::skip("suite");
  STEIGER_OPEN(const RatchetTree tree, "ratchet_tree", decode<RatchetTree>(hex(entry, "ratchet_tree")));
  STEIGER_HOLDS("validate", tree.validate(hex(entry, "group_id"), {}));
  for (const Json& item : entry.at("update_paths")) STEIGER_EXPECT(verify_update_path(entry, item, tree));
  return Outcome::pass();
}

}  // namespace steiger::vectors
