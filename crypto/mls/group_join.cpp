// Joining by Welcome (RFC 9420 section 12.4.3.1), also into a group that continues another (sections 11.2 and 11.3).
#include <algorithm>
#include <set>

#include "crypto/mls/group.h"
#include "crypto/mls/group_secrets.h"

namespace steiger::mls {
namespace {

bool opens_successor(const PreSharedKeyId& id) {
  return id.type == PskType::resumption && id.usage != ResumptionUsage::application;
}

// What no commit may hold (section 12.2, see proposal_rules.cpp) no Welcome may name.
Result<void> check_psk_ids(const std::vector<PreSharedKeyId>& ids) {
  std::set<Bytes> seen;
  for (const PreSharedKeyId& id : ids) {
    if (id.psk_nonce.size() != kHashSize) return kBadPskNonce;
    if (!seen.insert(encode(id)).second) return kDuplicatePsk;
  }
  return {};
}

// Section 11.3: everybody in the branch is in the group it comes from.
Result<void> check_branch(const RatchetTree& branch, const Group& predecessor) {
  const std::vector<LeafIndex> known = predecessor.tree().members();
  for (const LeafIndex leaf : branch.members()) {
    const Credential& credential = branch.leaf(leaf)->credential;
    const bool found =
        std::any_of(known.begin(), known.end(), [&](LeafIndex old) { return predecessor.member(old)->credential == credential; });
    if (!found) return kNotASuccessor;
  }
  return {};
}

// Sections 11.2 and 11.3. `ids`: the PSKs of the Welcome.
Result<void> check_successor(const std::vector<PreSharedKeyId>& ids, const GroupContext& context, const RatchetTree& tree,
                             const Group* predecessor) {
  const auto claim = std::find_if(ids.begin(), ids.end(), opens_successor);
  if (claim == ids.end()) return {};
  if (std::count_if(ids.begin(), ids.end(), opens_successor) != 1) return kNotASuccessor;
  if (predecessor == nullptr || !equal(claim->psk_group_id, predecessor->group_id())) return kUnknownPsk;
  if (context.epoch != 1) return kNotASuccessor;
  if (claim->usage == ResumptionUsage::branch) return check_branch(tree, *predecessor);
  const std::optional<ReInit>& reinit = predecessor->reinit();
  if (!reinit || claim->psk_epoch != predecessor->epoch()) return kNotASuccessor;
  const bool same = equal(reinit->group_id, context.group_id) && reinit->cipher_suite == context.cipher_suite &&
                    reinit->version == kMls10 && reinit->extensions == context.extensions;
  if (!same) return kNotASuccessor;
  return {};
}

std::optional<LeafIndex> find_leaf(const RatchetTree& tree, const LeafNode& leaf) {
  const std::optional<LeafIndex> found = tree.find_by_signature_key(leaf.signature_key);
  return found && *tree.leaf(*found) == leaf ? found : std::nullopt;
}

}  // namespace

Result<JoinResult> Group::join(const Welcome& welcome, const KeyPackage& key_package, const KeyPackageSecrets& secrets,
                               const SigningKey& signing_key, const PskSources& sources,
                               const std::optional<RatchetTree>& given_tree, const Group* predecessor) {
  if (key_package.cipher_suite != kSuite3) return kUnsupportedSuite;
  if (!equal(signing_key.verify_key().bytes(), key_package.leaf.signature_key)) return kBadKey;
  HpkeKeyPair init_key{secrets.init_key.clone(), {}};
  HpkeKeyPair leaf_key{secrets.leaf_key.clone(), {}};
  STEIGER_TRY(init_key.public_key, to_array<kPublicKeySize>(key_package.init_key));
  STEIGER_TRY(leaf_key.public_key, to_array<kPublicKeySize>(key_package.leaf.encryption_key));

  STEIGER_TRY(GroupSecrets group_secrets, open_group_secrets(welcome, key_package.ref(), init_key));
  STEIGER_CHECK(check_psk_ids(group_secrets.psks));
  STEIGER_TRY(const std::vector<PskWithId> psks,
              predecessor == nullptr
                  ? look_up(group_secrets.psks, sources, {}, {})
                  : look_up(group_secrets.psks, sources, predecessor->group_id(), predecessor->resumption_of_next()));
  const MemberSecret member = member_secret(group_secrets.joiner, psk_secret(psks));
  STEIGER_TRY(GroupInfo info, open_group_info(welcome_secret(member), welcome.encrypted_group_info));
  STEIGER_TRY(PublicGroup group, PublicGroup::from_group_info(info, given_tree, &key_package.leaf));
  STEIGER_CHECK(check_successor(group_secrets.psks, info.context, group.tree(), predecessor));
  const std::optional<LeafIndex> own_leaf = find_leaf(group.tree(), key_package.leaf);
  if (!own_leaf) return kNotInTree;

  PrivateTree private_tree(*own_leaf, std::move(leaf_key));
  if (group_secrets.path_secret) {
    const std::optional<NodeIndex> shared = tree_math::common_ancestor(*own_leaf, info.signer);
    if (!shared) return kBadPathSecret;
    STEIGER_TRY(const CommitSecret unused,
                private_tree.implant(group.tree(), info.signer, *shared, std::move(*group_secrets.path_secret)));
    static_cast<void>(unused);
  }
  Epoch epoch = begin_epoch(std::move(group_secrets.joiner), psks, group.context_bytes(), group.tree().leaf_count());
  const Hash tag = confirmation_tag(epoch.secrets.confirmation_key, info.context.confirmed_transcript_hash);
  if (!equal_in_constant_time(tag, info.confirmation_tag)) return kBadConfirmationTag;
  Group joined(std::move(group), *own_leaf, signing_key.clone(), std::move(private_tree), std::move(epoch.secrets),
               std::move(epoch.secret_tree));
  const LeafIndex committer = info.signer;
  return JoinResult{std::move(joined), std::move(info), committer, std::move(group_secrets.psks)};
}

}  // namespace steiger::mls
