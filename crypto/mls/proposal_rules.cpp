#include "crypto/mls/proposal_rules.h"

#include <algorithm>
#include <set>

namespace steiger::mls {
namespace {

// Section 12.1.8: members may propose everything but ExternalInit, external senders what needs no leaf of their own, a newcomer
// its own Add.
bool may_send(SenderType sender, ProposalType type) {
  switch (sender) {
    case SenderType::member:
      return type != ProposalType::external_init;
    case SenderType::external:
      return type != ProposalType::update && type != ProposalType::external_init;
    case SenderType::new_member_proposal:
      return type == ProposalType::add;
    case SenderType::new_member_commit:
      return type == ProposalType::external_init || type == ProposalType::remove || type == ProposalType::psk;
  }
  return false;
}

Result<void> check_psk(const PreSharedKeyId& id, std::uint64_t epoch) {
  if (id.psk_nonce.size() != kHashSize) return kBadPskNonce;
  // The usages reinit and branch open a new group (sections 11.2 and 11.3), so they belong to its first commit.
  if (id.type == PskType::resumption && id.usage != ResumptionUsage::application && epoch != 0) return kUnsupportedPsk;
  return {};
}

Result<void> check_extensions(const Extensions& extensions) {
  STEIGER_CHECK(check_each_type_once(extensions));
  if (const Bytes* required = find_extension(extensions, ExtensionType::required_capabilities)) {
    STEIGER_TRY(const RequiredCapabilities unused, decode<RequiredCapabilities>(*required));
    static_cast<void>(unused);
  }
  STEIGER_TRY(const std::vector<ExternalSender> senders, external_senders(extensions));
  for (const ExternalSender& sender : senders) {
    if (sender.signature_key.size() != VerifyKey::kSize) return kBadKey;
  }
  return {};
}

// Collects what section 12.2 compares while walking the list.
struct ListFacts {
  std::set<LeafIndex> touched;  // updated or removed
  std::set<LeafIndex> removed;
  std::set<Bytes> added_signature_keys;
  std::set<Bytes> psk_ids;
  std::size_t reinits = 0;
  std::size_t context_extensions = 0;
};

// Section 12.2 forbids the same PreSharedKeyID twice, and section 8.4 counts the nonce as part of it. So one PSK may stand in a
// list under two nonces: it goes into the key schedule twice and weakens nothing. Foreign members commit such lists; who refused
// them would stay behind.
Result<void> note_psk(const PreSharedKeyId& id, ListFacts& facts) {
  if (!facts.psk_ids.insert(encode(id)).second) return kDuplicatePsk;
  if (facts.psk_ids.size() > kMaxPsksPerCommit) return kTooLarge;
  return {};
}

Result<void> note(const ProposalFrom& item, LeafIndex committer, ListFacts& facts) {
  switch (item.proposal->type()) {
    case ProposalType::add: {
      const Bytes& key = std::get_if<Add>(&item.proposal->body)->key_package.leaf.signature_key;
      if (!facts.added_signature_keys.insert(key).second) return kDuplicateMember;
      return {};
    }
    case ProposalType::update: {
      const LeafIndex target{item.sender.index};
      if (target == committer) return kProposalByCommitter;
      if (!facts.touched.insert(target).second) return kConflictingProposals;
      return {};
    }
    case ProposalType::remove: {
      const LeafIndex target = std::get_if<Remove>(&item.proposal->body)->removed;
      if (target == committer) return kProposalByCommitter;
      if (!facts.touched.insert(target).second) return kConflictingProposals;
      facts.removed.insert(target);
      return {};
    }
    case ProposalType::psk:
      return note_psk(std::get_if<PreSharedKey>(&item.proposal->body)->id, facts);
    case ProposalType::reinit:
      ++facts.reinits;
      return {};
    case ProposalType::external_init:
      return kUnsupportedProposal;
    case ProposalType::group_context_extensions:
      if (++facts.context_extensions > 1) return kConflictingProposals;
      return {};
  }
  return kUnknownProposal;
}

}  // namespace

Result<void> check_proposal(const ProposalFrom& item, const ProposalContext& context) {
  const ProposalType type = item.proposal->type();
  if (!may_send(item.sender.type, type)) return kUnsupportedProposal;
  if (item.sender.type == SenderType::member && context.tree.leaf({item.sender.index}) == nullptr) return kUnknownLeaf;
  if (const auto* remove = std::get_if<Remove>(&item.proposal->body)) {
    if (context.tree.leaf(remove->removed) == nullptr) return kUnknownLeaf;
  } else if (const auto* psk = std::get_if<PreSharedKey>(&item.proposal->body)) {
    return check_psk(psk->id, context.group.epoch);
  } else if (const auto* reinit = std::get_if<ReInit>(&item.proposal->body)) {
    if (reinit->version < kMls10) return kUnknownVersion;  // section 12.1.5
  } else if (const auto* change = std::get_if<GroupContextExtensions>(&item.proposal->body)) {
    return check_extensions(change->extensions);
  }
  return {};
}

Result<void> check_proposal_list(const std::vector<ProposalFrom>& proposals, LeafIndex committer,
                                 const ProposalContext& context) {
  ListFacts facts;
  for (const ProposalFrom& item : proposals) {
    STEIGER_CHECK(check_proposal(item, context));
    STEIGER_CHECK(note(item, committer, facts));
  }
  if (facts.reinits > 0 && proposals.size() > 1) return kConflictingProposals;
  // A member may be added again only when the same commit removes it.
  for (const Bytes& key : facts.added_signature_keys) {
    const std::optional<LeafIndex> present = context.tree.find_by_signature_key(key);
    if (present && !facts.removed.contains(*present)) return kDuplicateMember;
  }
  return {};
}

Result<void> check_external_list(const std::vector<ProposalFrom>& proposals, const ProposalContext& context) {
  ListFacts facts;
  std::size_t inits = 0;
  std::size_t removes = 0;
  for (const ProposalFrom& item : proposals) {
    if (item.reference) return kProposalByReference;
    STEIGER_CHECK(check_proposal(item, context));
    if (item.proposal->type() == ProposalType::external_init) ++inits;
    if (item.proposal->type() == ProposalType::remove) ++removes;
    if (const auto* psk = std::get_if<PreSharedKey>(&item.proposal->body)) STEIGER_CHECK(note_psk(psk->id, facts));
  }
  if (inits != 1 || removes > 1) return kBadExternalCommit;
  return {};
}

bool needs_path(const std::vector<ProposalFrom>& proposals) {
  const auto pathless = [](const ProposalFrom& item) {
    const ProposalType type = item.proposal->type();
    return type == ProposalType::add || type == ProposalType::psk || type == ProposalType::reinit;
  };
  return proposals.empty() || !std::all_of(proposals.begin(), proposals.end(), pathless);
}

}  // namespace steiger::mls
