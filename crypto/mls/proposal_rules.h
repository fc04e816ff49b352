// Which proposals may be made, and which lists of them a commit may carry (RFC 9420 sections 12.1 and 12.2). Public half: client
// and gateway refuse alike.
#pragma once

#include "crypto/mls/messages.h"
#include "crypto/mls/tree.h"

namespace steiger::mls {

// A proposal with who made it: by value whoever commits, by reference its own sender.
struct ProposalFrom {
  const Proposal* proposal = nullptr;
  Sender sender;
  std::optional<ProposalRef> reference;
};

// What a proposal is judged against: the group before the commit.
struct ProposalContext {
  const GroupContext& group;
  const RatchetTree& tree;
};

// One proposal by itself (section 12.1), without its KeyPackage or leaf against extensions that the same commit may change:
// who may send this kind (section 12.1.8), that its target is there, PSK nonces and usages, extensions that decode.
// kUnsupportedProposal, kUnsupportedSender, kUnknownLeaf, kBadPskNonce, kUnsupportedPsk ...
Result<void> check_proposal(const ProposalFrom& proposal, const ProposalContext& context);

// The list of a commit by the member `committer`.
Result<void> check_proposal_list(const std::vector<ProposalFrom>& proposals, LeafIndex committer, const ProposalContext& context);

// The list of an external commit: one ExternalInit, at most one Remove, PSKs, nothing by reference. kBadExternalCommit.
Result<void> check_external_list(const std::vector<ProposalFrom>& proposals, const ProposalContext& context);

// True when section 12.4 demands an UpdatePath for this list.
bool needs_path(const std::vector<ProposalFrom>& proposals);

}  // namespace steiger::mls
