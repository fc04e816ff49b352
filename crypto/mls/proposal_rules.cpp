#include "crypto/mls/proposal_rules.h"

#include <algorithm>
#include <set>

namespace steiger::mls {
namespace {

// Collects what section 12.2 compares while walking the list.
struct ListFacts {
  std::set<LeafIndex> touched;  // updated or removed
  std::set<LeafIndex> removed;
  std::set<Bytes> added_signature_keys;
  std::set<Bytes> psk_ids;
  std::size_t reinits = 0;
  std::size_t context_extensions = 0;
};

Result<void> note_psk(const PreSharedKeyId& id, ListFacts& facts) {
  if (id.psk_nonce.size() != kHashSize) return kBadPskNonce;
  // The usages reinit and branch belong to new groups, not to a commit in a running one.
  if (id.type == PskType::resumption && id.usage != ResumptionUsage::application) return kUnsupportedPsk;
  PreSharedKeyId without_nonce = id;
  without_nonce.psk_nonce.clear();
  if (!facts.psk_ids.insert(encode(without_nonce)).second) return kDuplicatePsk;
  return {};
}

Result<void> note(const ProposalFrom& item, LeafIndex committer, const RatchetTree& tree, ListFacts& facts) {
  switch (item.proposal->type()) {
    case ProposalType::add: {
      const Bytes& key = std::get_if<Add>(&item.proposal->body)->key_package.leaf.signature_key;
      if (!facts.added_signature_keys.insert(key).second) return kDuplicateMember;
      return {};
    }
    case ProposalType::update:
      if (item.sender == committer) return kProposalByCommitter;
      if (!facts.touched.insert(item.sender).second) return kConflictingProposals;
      return {};
    case ProposalType::remove: {
      const LeafIndex target = std::get_if<Remove>(&item.proposal->body)->removed;
      if (target == committer) return kProposalByCommitter;
      if (tree.leaf(target) == nullptr) return kUnknownLeaf;
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
      return kConflictingProposals;  // only in external commits
    case ProposalType::group_context_extensions:
      if (++facts.context_extensions > 1) return kConflictingProposals;
      return {};
  }
  return kUnknownProposal;
}

}  // namespace

Result<void> check_proposal_list(const std::vector<ProposalFrom>& proposals, LeafIndex committer, const RatchetTree& tree) {
  ListFacts facts;
  for (const ProposalFrom& item : proposals) STEIGER_CHECK(note(item, committer, tree, facts));
  if (facts.reinits > 0 && proposals.size() > 1) return kConflictingProposals;
  if (facts.psk_ids.size() > kMaxPsksPerCommit) return kTooLarge;
  // A member may be added again only when the same commit removes it.
  for (const Bytes& key : facts.added_signature_keys) {
    const std::optional<LeafIndex> present = tree.find_by_signature_key(key);
    if (present && !facts.removed.contains(*present)) return kDuplicateMember;
  }
  return {};
}

bool needs_path(const std::vector<ProposalFrom>& proposals) {
  const auto pathless = [](const ProposalFrom& item) {
    const ProposalType type = item.proposal->type();
    return type == ProposalType::add || type == ProposalType::psk || type == ProposalType::reinit;
  };
  return proposals.empty() || !std::all_of(proposals.begin(), proposals.end(), pathless);
}

Result<void> check_supported(const Proposal& proposal) {
  if (proposal.type() == ProposalType::add) return {};
  if (proposal.type() != ProposalType::psk) return kUnsupportedProposal;
  if (std::get_if<PreSharedKey>(&proposal.body)->id.type != PskType::external) return kUnsupportedPsk;
  return {};
}

}  // namespace steiger::mls
