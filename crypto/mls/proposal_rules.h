// Which lists of proposals a commit may carry (RFC 9420 section 12.2). Public half: client and gateway refuse alike.
#pragma once

#include "crypto/mls/tree.h"

namespace steiger::mls {

// A proposal with its sender, by value (sender = committer) or found by reference.
struct ProposalFrom {
  const Proposal* proposal = nullptr;
  LeafIndex sender;
};

// Rules for a commit by a member, `tree` before the commit. Every proposal kind is judged; see also unsupported_kind.
Result<void> check_proposal_list(const std::vector<ProposalFrom>& proposals, LeafIndex committer, const RatchetTree& tree);

// True when section 12.4 demands an UpdatePath for this list.
bool needs_path(const std::vector<ProposalFrom>& proposals);

// What this version processes: Add and external PSK. kUnsupportedProposal / kUnsupportedPsk for the rest.
Result<void> check_supported(const Proposal& proposal);

}  // namespace steiger::mls
