#include "crypto/mls/public_group.h"

#include <algorithm>
#include <limits>

namespace steiger::mls {
namespace {

constexpr std::uint16_t kStoredVersion = 1;

Result<RatchetTree> tree_of(const GroupInfo& info) {
  const Bytes* extension = find_extension(info.extensions, ExtensionType::ratchet_tree);
  if (extension == nullptr) return kMissingTree;
  return decode<RatchetTree>(*extension);
}

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

}  // namespace

PublicGroup::PublicGroup(GroupContext context, RatchetTree tree, Bytes confirmation_tag)
    : context_(std::move(context)),
      tree_(std::move(tree)),
      confirmation_tag_(std::move(confirmation_tag)),
      context_bytes_(encode(context_)),
      interim_hash_(interim_transcript_hash(context_.confirmed_transcript_hash, confirmation_tag_)) {}

Result<PublicGroup> PublicGroup::register_from(ByteView group_info_message) {
  STEIGER_TRY(GroupInfo info, decode_message<GroupInfo>(group_info_message));
  if (info.context.cipher_suite != kSuite3) return kUnsupportedSuite;
  if (info.context.epoch != 0 || !info.context.confirmed_transcript_hash.empty()) return kNotEpochZero;
  STEIGER_TRY(RatchetTree tree, tree_of(info));
  if (tree.leaf_count() != 1 || info.signer != LeafIndex{0}) return kBadTree;
  if (!equal(tree.tree_hash(), info.context.tree_hash)) return kTreeHashMismatch;
  STEIGER_CHECK(tree.validate(info.context.group_id, info.context.extensions));
  STEIGER_CHECK(info.verify_signature(tree.leaf({0})->signature_key));
  return PublicGroup(std::move(info.context), std::move(tree), std::move(info.confirmation_tag));
}

Result<PublicGroup::Applied> PublicGroup::apply_proposals(const Commit& commit, LeafIndex committer) const {
  if (commit.proposals.size() > kMaxProposalsPerCommit) return kTooLarge;
  if (context_.epoch == std::numeric_limits<std::uint64_t>::max()) return kEpochExhausted;
  std::vector<ProposalFrom> proposals;
  for (const ProposalOrRef& item : commit.proposals) {
    const auto* proposal = std::get_if<Proposal>(&item.body);
    if (proposal == nullptr) return kProposalByReference;
    STEIGER_CHECK(check_supported(*proposal));
    proposals.push_back({proposal, committer});
  }
  STEIGER_CHECK(check_proposal_list(proposals, committer, tree_));
  if (!commit.path && needs_path(proposals)) return kMissingPath;

  Applied out{tree_, {}, {}, context_.extensions};
  for (const ProposalFrom& item : proposals) {
    if (const auto* add = std::get_if<Add>(&item.proposal->body)) {
      STEIGER_CHECK(add->key_package.validate(out.extensions));
      STEIGER_TRY(const LeafIndex leaf, out.tree.add_leaf(add->key_package.leaf));
      out.added.push_back({leaf, add->key_package.ref()});
    } else if (const auto* psk = std::get_if<PreSharedKey>(&item.proposal->body)) {
      out.psks.push_back(psk->id);
    }
  }
  if (!out.added.empty()) {
    STEIGER_CHECK(out.tree.check_credentials());
    STEIGER_CHECK(out.tree.check_unique_keys());
  }
  return out;
}

GroupContext PublicGroup::provisional_context(const RatchetTree& tree, Extensions extensions) const {
  GroupContext out = context_;
  out.epoch = context_.epoch + 1;
  out.tree_hash = to_bytes(tree.tree_hash());
  out.extensions = std::move(extensions);
  return out;
}

Result<StagedCommit> PublicGroup::stage(const AuthenticatedContent& message) const {
  const FramedContent& content = message.content;
  if (!equal(content.group_id, context_.group_id)) return kWrongGroup;
  if (content.epoch != context_.epoch) return kWrongEpoch;
  const auto* commit = std::get_if<Commit>(&content.body);
  if (commit == nullptr) return kUnexpectedMessage;
  if (content.sender.type == SenderType::new_member_commit) return kUnsupportedExternalCommit;
  if (content.sender.type != SenderType::member) return kUnsupportedSender;
  const LeafIndex committer{content.sender.index};
  const LeafNode* leaf = tree_.leaf(committer);
  if (leaf == nullptr) return kUnknownLeaf;
  if (!message.auth.confirmation_tag) return kMissingConfirmationTag;
  STEIGER_CHECK(message.verify_signature(leaf->signature_key, context_bytes_));

  STEIGER_TRY(Applied applied, apply_proposals(*commit, committer));
  if (commit->path) {
    std::vector<LeafIndex> new_leaves;
    for (const AddedMember& member : applied.added) new_leaves.push_back(member.leaf);
    STEIGER_CHECK(applied.tree.merge_path(committer, *commit->path, context_.group_id, new_leaves, applied.extensions));
  }
  GroupContext context = provisional_context(applied.tree, std::move(applied.extensions));
  Bytes provisional = encode(context);
  context.confirmed_transcript_hash = to_bytes(confirmed_transcript_hash(interim_hash_, message));
  return StagedCommit{PublicGroup(std::move(context), std::move(applied.tree), *message.auth.confirmation_tag), committer,
                      std::move(applied.added), std::move(applied.psks), std::move(provisional)};
}

Result<CheckedBundle> PublicGroup::check_bundle(ByteView commit, const std::optional<Bytes>& welcome, ByteView group_info) const {
  STEIGER_TRY(PublicMessage message, decode_message<PublicMessage>(commit));
  STEIGER_TRY(StagedCommit staged, stage(message.authenticated()));
  STEIGER_CHECK(check_welcome(welcome, staged.added));

  STEIGER_TRY(const GroupInfo info, decode_message<GroupInfo>(group_info));
  STEIGER_TRY(const RatchetTree tree, tree_of(info));
  if (info.signer != staged.committer) return kGroupInfoMismatch;
  if (info.context != staged.next.context() || info.confirmation_tag != staged.next.confirmation_tag()) return kGroupInfoMismatch;
  if (!(tree == staged.next.tree())) return kGroupInfoMismatch;
  // The committer's key may be a new one, given in its path.
  STEIGER_CHECK(info.verify_signature(staged.next.tree().leaf(staged.committer)->signature_key));
  return CheckedBundle{std::move(staged.next), staged.committer, std::move(staged.added),
                       std::move(message.content.authenticated_data)};
}

Bytes PublicGroup::serialize() const {
  Writer writer;
  writer.u16(kStoredVersion).fixed(context_bytes_);
  tree_.write(writer);
  writer.opaque(confirmation_tag_);
  return std::move(writer).take();
}

Result<PublicGroup> PublicGroup::deserialize(ByteView bytes) {
  Reader reader(bytes);
  STEIGER_TRY(const std::uint16_t version, reader.u16());
  if (version != kStoredVersion) return kStateVersion;
  STEIGER_TRY(GroupContext context, GroupContext::read(reader));
  STEIGER_TRY(RatchetTree tree, RatchetTree::read(reader));
  STEIGER_TRY(Bytes tag, read_bytes(reader, kMaxHashSize));
  STEIGER_CHECK(reader.done());
  if (!equal(tree.tree_hash(), context.tree_hash) || !tree.check_unmerged_leaves().ok()) return kStateDamaged;
  return PublicGroup(std::move(context), std::move(tree), std::move(tag));
}

}  // namespace steiger::mls
