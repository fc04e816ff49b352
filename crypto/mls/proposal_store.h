// The proposals of the current epoch that wait for a commit (RFC 9420 section 12.4: a commit names them by reference). Public half:
// the gateway keeps them too. They lapse with the epoch.
#pragma once

#include "crypto/mls/proposal_rules.h"

namespace steiger::mls {

struct StoredProposal {
  ProposalRef reference{};
  Sender sender;
  Proposal proposal;

  static Result<StoredProposal> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const StoredProposal&, const StoredProposal&) = default;
};

class ProposalStore {
 public:
  // A proposal that is there already is taken as the same one. kTooManyProposals beyond kMaxStoredProposals.
  Result<void> add(StoredProposal proposal);
  // nullptr when no such proposal came in this epoch.
  [[nodiscard]] const StoredProposal* find(ByteView reference) const;
  // In order of arrival.
  [[nodiscard]] const std::vector<StoredProposal>& all() const { return proposals_; }

  // The proposals of a commit with their senders; the result points into `commit` and this store. kUnknownReference,
  // kConflictingProposals when one reference occurs twice.
  [[nodiscard]] Result<std::vector<ProposalFrom>> resolve(const Commit& commit, const Sender& committer) const;

  static Result<ProposalStore> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const ProposalStore&, const ProposalStore&) = default;

 private:
  std::vector<StoredProposal> proposals_;
};

}  // namespace steiger::mls
