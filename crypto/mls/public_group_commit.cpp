// The public part of proposals and commits (RFC 9420 sections 12.1 to 12.4).
#include <algorithm>
#include <limits>

#include "crypto/mls/public_group.h"

namespace steiger::mls {
namespace {

// Sections 7.3 and 12.1.2: a leaf that replaces the one at `index`.
Result<void> check_update(const LeafNode& leaf, LeafIndex index, const RatchetTree& tree, ByteView group_id,
                          const Extensions& extensions) {
  if (leaf.source != LeafNodeSource::update) return kBadLeafSource;
  if (tree.has_encryption_key(leaf.encryption_key)) return kDuplicateKey;
  STEIGER_CHECK(check_leaf(leaf, extensions));
  return leaf.verify_signature({group_id, index});
}

// Order of application (section 12.3): context first, so that leaves are checked against what will hold.
int rank(const ProposalFrom& item) {
  switch (item.proposal->type()) {
    case ProposalType::group_context_extensions:
      return 0;
    case ProposalType::update:
      return 1;
    case ProposalType::remove:
      return 2;
    case ProposalType::add:
      return 3;
    default:
      return 4;
  }
}

}  // namespace

bool CommitFacts::only_adds() const {
  const bool external_psks =
      std::all_of(psks.begin(), psks.end(), [](const PreSharedKeyId& id) { return id.type == PskType::external; });
  return !external && removed.empty() && updated.empty() && external_psks && !extensions_changed && !reinit;
}

std::vector<LeafIndex> PublicGroup::Applied::new_leaves() const {
  std::vector<LeafIndex> out;
  for (const AddedMember& member : facts.added) out.push_back(member.leaf);
  return out;
}

Result<StoredProposal> PublicGroup::verify_proposal(const AuthenticatedContent& message) const {
  const FramedContent& content = message.content;
  if (!equal(content.group_id, context_.group_id)) return kWrongGroup;
  if (content.epoch != context_.epoch) return kWrongEpoch;
  const auto* proposal = std::get_if<Proposal>(&content.body);
  if (proposal == nullptr) return kUnexpectedMessage;
  const ProposalFrom item{proposal, content.sender, message.proposal_ref()};
  STEIGER_CHECK(check_proposal(item, {context_, tree_}));

  const auto* add = std::get_if<Add>(&proposal->body);
  Bytes key;
  if (content.sender.type == SenderType::member) {
    key = tree_.leaf({content.sender.index})->signature_key;  // check_proposal knows the leaf
  } else if (content.sender.type == SenderType::external) {
    STEIGER_TRY(const std::vector<ExternalSender> senders, external_senders(context_.extensions));
    if (content.sender.index >= senders.size()) return kUnsupportedSender;
    key = senders[content.sender.index].signature_key;
  } else if (content.sender.type == SenderType::new_member_proposal && add != nullptr) {
    key = add->key_package.leaf.signature_key;
  } else {
    return kUnsupportedSender;
  }
  STEIGER_CHECK(message.verify_signature(key, context_bytes_));
  if (add != nullptr) STEIGER_CHECK(add->key_package.validate(context_.extensions));
  if (const auto* update = std::get_if<Update>(&proposal->body)) {
    STEIGER_CHECK(check_update(update->leaf, {content.sender.index}, tree_, context_.group_id, context_.extensions));
  }
  return StoredProposal{*item.reference, content.sender, *proposal};
}

Result<void> PublicGroup::apply_change(const ProposalFrom& item, KeyPackages by_value, Applied& out) const {
  const auto& body = item.proposal->body;
  if (const auto* change = std::get_if<GroupContextExtensions>(&body)) {
    out.extensions = change->extensions;
    out.facts.extensions_changed = true;
  } else if (const auto* update = std::get_if<Update>(&body)) {
    const LeafIndex leaf{item.sender.index};
    STEIGER_CHECK(check_update(update->leaf, leaf, out.tree, context_.group_id, out.extensions));
    STEIGER_CHECK(out.tree.update_leaf(leaf, update->leaf));
    out.facts.updated.push_back({leaf, *item.reference});  // by value would be the committer's own, which is refused
  } else if (const auto* remove = std::get_if<Remove>(&body)) {
    STEIGER_CHECK(out.tree.remove_leaf(remove->removed));
    out.facts.removed.push_back({remove->removed, item.sender});
  } else if (const auto* add = std::get_if<Add>(&body)) {
    STEIGER_CHECK(add->key_package.check_fields(out.extensions));
    const bool verified = by_value == KeyPackages::verified && !item.reference;
    if (!verified) STEIGER_CHECK(add->key_package.verify_signatures());
    STEIGER_TRY(const LeafIndex leaf, out.tree.add_leaf(add->key_package.leaf));
    out.facts.added.push_back({leaf, add->key_package.ref()});
    out.packages.push_back(add->key_package);
  } else if (const auto* psk = std::get_if<PreSharedKey>(&body)) {
    out.facts.psks.push_back(psk->id);
  } else if (const auto* reinit = std::get_if<ReInit>(&body)) {
    out.facts.reinit = *reinit;
  } else if (const auto* init = std::get_if<ExternalInit>(&body)) {
    out.kem_output = init->kem_output;
  }
  return {};
}

Result<PublicGroup::Applied> PublicGroup::apply_proposals(const Commit& commit, LeafIndex committer, KeyPackages by_value) const {
  if (context_.epoch == std::numeric_limits<std::uint64_t>::max()) return kEpochExhausted;
  STEIGER_TRY(std::vector<ProposalFrom> proposals, proposals_.resolve(commit, {SenderType::member, committer.value}));
  STEIGER_CHECK(check_proposal_list(proposals, committer, {context_, tree_}));
  if (!commit.path && needs_path(proposals)) return kMissingPath;

  Applied out{tree_, context_.extensions, {}, {}, {}};
  out.facts.committer = committer;
  std::stable_sort(proposals.begin(), proposals.end(),
                   [](const ProposalFrom& a, const ProposalFrom& b) { return rank(a) < rank(b); });
  for (const ProposalFrom& item : proposals) STEIGER_CHECK(apply_change(item, by_value, out));

  if (out.facts.extensions_changed) {
    for (const LeafIndex leaf : out.tree.members()) {
      // The committer's leaf comes anew with the path, which a change of extensions demands.
      if (leaf != committer) STEIGER_CHECK(check_leaf(*out.tree.leaf(leaf), out.extensions));
    }
  }
  if (!out.facts.added.empty() || !out.facts.updated.empty()) {
    if (!commit.path) STEIGER_CHECK(out.tree.check_credentials());  // else with the leaf that the path brings, where it is merged
    STEIGER_CHECK(out.tree.check_unique_keys());
  }
  return out;
}

Result<PublicGroup::Applied> PublicGroup::apply_external(const Commit& commit, const LeafNode& leaf) const {
  if (context_.epoch == std::numeric_limits<std::uint64_t>::max()) return kEpochExhausted;
  STEIGER_TRY(const std::vector<ProposalFrom> proposals, proposals_.resolve(commit, {SenderType::new_member_commit, 0}));
  STEIGER_CHECK(check_external_list(proposals, {context_, tree_}));
  if (!commit.path) return kMissingPath;
  // Also a leaf that this commit removes must not lend its key (section 12.1.2).
  if (tree_.has_encryption_key(leaf.encryption_key)) return kDuplicateKey;

  Applied out{tree_, context_.extensions, {}, {}, {}};
  for (const ProposalFrom& item : proposals) STEIGER_CHECK(apply_change(item, KeyPackages::unverified, out));
  STEIGER_TRY(out.facts.committer, out.tree.add_leaf(leaf));
  out.facts.external = true;
  return out;
}

GroupContext PublicGroup::provisional_context(const RatchetTree& tree, Extensions extensions) const {
  GroupContext out = context_;
  out.epoch = context_.epoch + 1;
  out.tree_hash = to_bytes(tree.tree_hash());
  out.extensions = std::move(extensions);
  return out;
}

// Checks who sent the commit, and applies its proposals.
Result<PublicGroup::Applied> PublicGroup::apply_sent(const AuthenticatedContent& message, const Commit& commit) const {
  const Sender& sender = message.content.sender;
  if (sender.type == SenderType::new_member_commit) {
    if (!commit.path) return kMissingPath;
    STEIGER_CHECK(message.verify_signature(commit.path->leaf.signature_key, context_bytes_));
    return apply_external(commit, commit.path->leaf);
  }
  if (sender.type != SenderType::member) return kUnsupportedSender;
  const LeafIndex committer{sender.index};
  const LeafNode* leaf = tree_.leaf(committer);
  if (leaf == nullptr) return kUnknownLeaf;
  STEIGER_CHECK(message.verify_signature(leaf->signature_key, context_bytes_));
  STEIGER_TRY(Applied applied, apply_proposals(commit, committer));
  if (commit.path && applied.tree.has_encryption_key(commit.path->leaf.encryption_key)) return kDuplicateKey;
  return applied;
}

Result<StagedCommit> PublicGroup::stage(const AuthenticatedContent& message) const {
  const FramedContent& content = message.content;
  if (!equal(content.group_id, context_.group_id)) return kWrongGroup;
  if (content.epoch != context_.epoch) return kWrongEpoch;
  const auto* commit = std::get_if<Commit>(&content.body);
  if (commit == nullptr) return kUnexpectedMessage;
  if (!message.auth.confirmation_tag) return kMissingConfirmationTag;
  STEIGER_TRY(Applied applied, apply_sent(message, *commit));
  std::vector<LeafIndex> new_leaves = applied.new_leaves();
  if (commit->path) {
    STEIGER_CHECK(
        applied.tree.merge_path(applied.facts.committer, *commit->path, context_.group_id, new_leaves, applied.extensions));
  }
  GroupContext context = provisional_context(applied.tree, std::move(applied.extensions));
  Bytes provisional = encode(context);
  context.confirmed_transcript_hash = to_bytes(confirmed_transcript_hash(interim_hash_, message));
  return StagedCommit{std::move(applied.facts),
                      PublicGroup(std::move(context), std::move(applied.tree), *message.auth.confirmation_tag),
                      std::move(new_leaves), std::move(applied.kem_output), std::move(provisional)};
}

}  // namespace steiger::mls
