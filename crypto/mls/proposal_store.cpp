#include "crypto/mls/proposal_store.h"

#include <algorithm>
#include <set>

namespace steiger::mls {

Result<StoredProposal> StoredProposal::read(Reader& reader) {
  StoredProposal out;
  STEIGER_TRY(out.reference, reader.array<kHashSize>());
  STEIGER_TRY(out.sender, Sender::read(reader));
  STEIGER_TRY(out.proposal, Proposal::read(reader));
  return out;
}

void StoredProposal::write(Writer& writer) const {
  writer.fixed(reference);
  sender.write(writer);
  proposal.write(writer);
}

Result<void> ProposalStore::add(StoredProposal proposal) {
  if (find(proposal.reference) != nullptr) return {};
  if (proposals_.size() >= kMaxStoredProposals) return kTooManyProposals;
  proposals_.push_back(std::move(proposal));
  return {};
}

const StoredProposal* ProposalStore::find(ByteView reference) const {
  const auto found = std::find_if(proposals_.begin(), proposals_.end(),
                                  [&](const StoredProposal& stored) { return equal(stored.reference, reference); });
  return found == proposals_.end() ? nullptr : &*found;
}

Result<std::vector<ProposalFrom>> ProposalStore::resolve(const Commit& commit, const Sender& committer) const {
  if (commit.proposals.size() > kMaxProposalsPerCommit) return kTooLarge;
  std::vector<ProposalFrom> out;
  std::set<ProposalRef> seen;
  for (const ProposalOrRef& item : commit.proposals) {
    if (const auto* proposal = std::get_if<Proposal>(&item.body)) {
      out.push_back({proposal, committer, std::nullopt});
      continue;
    }
    const StoredProposal* stored = find(*std::get_if<Bytes>(&item.body));
    if (stored == nullptr) return kUnknownReference;
    if (!seen.insert(stored->reference).second) return kConflictingProposals;
    out.push_back({&stored->proposal, stored->sender, stored->reference});
  }
  return out;
}

Result<ProposalStore> ProposalStore::read(Reader& reader) {
  ProposalStore out;
  STEIGER_TRY(out.proposals_, read_vector<StoredProposal>(reader, kMaxStoredProposals));
  return out;
}

void ProposalStore::write(Writer& writer) const {
  write_vector(writer, proposals_);
}

}  // namespace steiger::mls
