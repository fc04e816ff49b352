// Joining by Welcome (RFC 9420 section 12.4.3.1).
#include <set>

#include "crypto/mls/group.h"
#include "crypto/mls/group_secrets.h"

namespace steiger::mls {
namespace {

Result<PskSecret> psk_secret_for(const std::vector<PreSharedKeyId>& ids, const PskLookup& lookup) {
  std::vector<PskWithId> psks;
  std::set<Bytes> seen;
  for (const PreSharedKeyId& id : ids) {
    if (id.type != PskType::external) return kUnsupportedPsk;
    if (id.psk_nonce.size() != kHashSize) return kBadPskNonce;
    if (!seen.insert(id.psk_id).second) return kDuplicatePsk;
    std::optional<SecretBytes> psk = lookup(id.psk_id);
    if (!psk) return kUnknownPsk;
    psks.push_back({id, std::move(*psk)});
  }
  return psk_secret(psks);
}

Result<RatchetTree> tree_for(const GroupInfo& info, const std::optional<RatchetTree>& given) {
  if (const Bytes* extension = find_extension(info.extensions, ExtensionType::ratchet_tree)) {
    return decode<RatchetTree>(*extension);
  }
  if (!given) return kMissingTree;
  return *given;
}

std::optional<LeafIndex> find_leaf(const RatchetTree& tree, const LeafNode& leaf) {
  const std::optional<LeafIndex> found = tree.find_by_signature_key(leaf.signature_key);
  return found && *tree.leaf(*found) == leaf ? found : std::nullopt;
}

}  // namespace

Result<JoinResult> Group::join(const Welcome& welcome, const KeyPackage& key_package, const KeyPackageSecrets& secrets,
                               const SigningKey& signing_key, const PskLookup& psks,
                               const std::optional<RatchetTree>& given_tree) {
  if (key_package.cipher_suite != kSuite3) return kUnsupportedSuite;
  if (!equal(signing_key.verify_key().bytes(), key_package.leaf.signature_key)) return kBadKey;
  HpkeKeyPair init_key{secrets.init_key.clone(), {}};
  HpkeKeyPair leaf_key{secrets.leaf_key.clone(), {}};
  STEIGER_TRY(init_key.public_key, to_array<kPublicKeySize>(key_package.init_key));
  STEIGER_TRY(leaf_key.public_key, to_array<kPublicKeySize>(key_package.leaf.encryption_key));

  STEIGER_TRY(GroupSecrets group_secrets, open_group_secrets(welcome, key_package.ref(), init_key));
  STEIGER_TRY(const PskSecret psk, psk_secret_for(group_secrets.psks, psks));
  const MemberSecret member = member_secret(group_secrets.joiner, psk);
  STEIGER_TRY(GroupInfo info, open_group_info(welcome_secret(member), welcome.encrypted_group_info));
  if (info.context.cipher_suite != kSuite3) return kUnsupportedSuite;

  STEIGER_TRY(RatchetTree tree, tree_for(info, given_tree));
  const LeafNode* signer = tree.leaf(info.signer);
  if (signer == nullptr) return kUnknownLeaf;
  STEIGER_CHECK(info.verify_signature(signer->signature_key));
  if (!equal(tree.tree_hash(), info.context.tree_hash)) return kTreeHashMismatch;
  STEIGER_CHECK(tree.validate(info.context.group_id, info.context.extensions));
  const std::optional<LeafIndex> own_leaf = find_leaf(tree, key_package.leaf);
  if (!own_leaf) return kNotInTree;

  PrivateTree private_tree(*own_leaf, std::move(leaf_key));
  if (group_secrets.path_secret) {
    const std::optional<NodeIndex> shared = tree_math::common_ancestor(*own_leaf, info.signer);
    if (!shared) return kBadPathSecret;
    STEIGER_TRY(const CommitSecret unused,
                private_tree.implant(tree, info.signer, *shared, std::move(*group_secrets.path_secret)));
    static_cast<void>(unused);
  }

  const Bytes context_bytes = encode(info.context);
  const EpochSecret epoch_key = epoch_secret(member, context_bytes);
  EpochSecrets epoch_secrets = EpochSecrets::derive(epoch_key);
  const Hash tag = confirmation_tag(epoch_secrets.confirmation_key, info.context.confirmed_transcript_hash);
  if (!equal_in_constant_time(tag, info.confirmation_tag)) return kBadConfirmationTag;
  SecretTree secret_tree(tree.leaf_count(), encryption_secret(epoch_key));
  Group group(PublicGroup(info.context, std::move(tree), info.confirmation_tag), *own_leaf, signing_key.clone(),
              std::move(private_tree), std::move(epoch_secrets), std::move(secret_tree));
  const LeafIndex committer = info.signer;
  return JoinResult{std::move(group), std::move(info), committer, std::move(group_secrets.psks)};
}

}  // namespace steiger::mls
