// What the gateway asks of a group, and its storage. Applying commits is in public_group_commit.cpp.
#include "crypto/mls/public_group.h"

#include <algorithm>

namespace steiger::mls {
namespace {

constexpr std::uint16_t kVersionWithoutProposals = 1;
constexpr std::uint16_t kStoredVersion = 2;

// The Welcome names exactly the KeyPackages that the commit adds.
Result<void> check_welcome(const std::optional<Bytes>& message, const std::vector<AddedMember>& added) {
  if (message.has_value() == added.empty()) return kWelcomeMismatch;
  if (!message) return {};
  STEIGER_TRY(const Welcome welcome, decode_message<Welcome>(*message));
  if (welcome.cipher_suite != kSuite3) return kUnsupportedSuite;
  std::vector<Bytes> named;
  for (const EncryptedGroupSecrets& secrets : welcome.secrets) named.push_back(secrets.new_member);
  std::vector<Bytes> expected;
  for (const AddedMember& member : added) expected.push_back(to_bytes(member.key_package));
  std::sort(named.begin(), named.end());
  std::sort(expected.begin(), expected.end());
  if (named != expected) return kWelcomeMismatch;
  return {};
}

Result<RatchetTree> tree_of(const GroupInfo& info, const std::optional<RatchetTree>& given) {
  if (const Bytes* extension = find_extension(info.extensions, ExtensionType::ratchet_tree)) {
    return decode<RatchetTree>(*extension);
  }
  if (!given) return kMissingTree;
  return *given;
}

}  // namespace

PublicGroup::PublicGroup(GroupContext context, RatchetTree tree, Bytes confirmation_tag)
    : context_(std::move(context)),
      tree_(std::move(tree)),
      confirmation_tag_(std::move(confirmation_tag)),
      context_bytes_(encode(context_)),
      interim_hash_(interim_transcript_hash(context_.confirmed_transcript_hash, confirmation_tag_)) {}

Result<PublicGroup> PublicGroup::register_from(ByteView group_info_message) {
  STEIGER_TRY(const GroupInfo info, decode_message<GroupInfo>(group_info_message));
  if (info.context.epoch != 0 || !info.context.confirmed_transcript_hash.empty()) return kNotEpochZero;
  STEIGER_TRY(PublicGroup out, from_group_info(info, std::nullopt));
  if (out.tree_.leaf_count() != 1) return kBadTree;
  return out;
}

Result<PublicGroup> PublicGroup::from_group_info(const GroupInfo& info, const std::optional<RatchetTree>& given,
                                                 const LeafNode* own_leaf) {
  if (info.context.cipher_suite != kSuite3) return kUnsupportedSuite;
  STEIGER_TRY(RatchetTree tree, tree_of(info, given));
  const LeafNode* signer = tree.leaf(info.signer);
  if (signer == nullptr) return kUnknownLeaf;
  STEIGER_CHECK(info.verify_signature(signer->signature_key));
  if (!equal(tree.tree_hash(), info.context.tree_hash)) return kTreeHashMismatch;
  STEIGER_CHECK(tree.validate(info.context.group_id, info.context.extensions, own_leaf));
  return PublicGroup(info.context, std::move(tree), info.confirmation_tag);
}

Result<CheckedBundle> PublicGroup::check_bundle(ByteView commit, const std::optional<Bytes>& welcome, ByteView group_info) const {
  STEIGER_TRY(PublicMessage message, decode_message<PublicMessage>(commit));
  STEIGER_TRY(StagedCommit staged, stage(message.authenticated()));
  STEIGER_CHECK(check_welcome(welcome, staged.added));

  STEIGER_TRY(const GroupInfo info, decode_message<GroupInfo>(group_info));
  STEIGER_TRY(const RatchetTree tree, tree_of(info, std::nullopt));
  if (info.signer != staged.committer) return kGroupInfoMismatch;
  if (info.context != staged.next.context() || info.confirmation_tag != staged.next.confirmation_tag()) return kGroupInfoMismatch;
  if (!(tree == staged.next.tree())) return kGroupInfoMismatch;
  // The committer's key may be a new one, given in its path.
  STEIGER_CHECK(info.verify_signature(staged.next.tree().leaf(staged.committer)->signature_key));
  return CheckedBundle{static_cast<CommitFacts&&>(staged), std::move(staged.next), std::move(message.content.authenticated_data)};
}

Result<CheckedProposal> PublicGroup::check_proposal_message(ByteView mls_message) const {
  STEIGER_TRY(PublicMessage message, decode_message<PublicMessage>(mls_message));
  STEIGER_TRY(StoredProposal proposal, verify_proposal(message.authenticated()));
  PublicGroup next = *this;
  STEIGER_CHECK(next.remember(proposal));
  return CheckedProposal{std::move(next), std::move(proposal), std::move(message.content.authenticated_data)};
}

Bytes PublicGroup::serialize() const {
  Writer writer;
  writer.u16(kStoredVersion).fixed(context_bytes_);
  tree_.write(writer);
  writer.opaque(confirmation_tag_);
  proposals_.write(writer);
  return std::move(writer).take();
}

Result<PublicGroup> PublicGroup::deserialize(ByteView bytes) {
  Reader reader(bytes);
  STEIGER_TRY(const std::uint16_t version, reader.u16());
  if (version != kVersionWithoutProposals && version != kStoredVersion) return kStateVersion;
  STEIGER_TRY(GroupContext context, GroupContext::read(reader));
  STEIGER_TRY(RatchetTree tree, RatchetTree::read(reader));
  STEIGER_TRY(Bytes tag, read_bytes(reader, kMaxHashSize));
  ProposalStore proposals;
  if (version != kVersionWithoutProposals) {
    STEIGER_TRY(proposals, ProposalStore::read(reader));
  }
  STEIGER_CHECK(reader.done());
  if (!equal(tree.tree_hash(), context.tree_hash) || !tree.check_unmerged_leaves().ok()) return kStateDamaged;
  PublicGroup out(std::move(context), std::move(tree), std::move(tag));
  out.proposals_ = std::move(proposals);
  return out;
}

}  // namespace steiger::mls
