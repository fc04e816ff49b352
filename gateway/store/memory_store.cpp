#include "gateway/store/memory_store.h"

#include <algorithm>

namespace steiger::gateway {

Result<void> MemoryStore::record(const AuditEvent& event) {
  if (!open_) return kStoreMisuse;
  put(audit_, audit_.size(), sealer_.seal(audit_.size(), event));
  return {};
}

Result<StoreIdentity> MemoryStore::bind(const OrganisationId& organisation, const VerifyKey& root, Timestamp now) {
  if (!bound_) {
    bound_ = Bound{organisation, root, {}, SigningKey::generate(rng_)};
    rng_.fill(bound_->incarnation);
    STEIGER_CHECK(begin());
    STEIGER_CHECK(record({"store.created", now, {{"organisation", organisation.text()}}}));
    STEIGER_CHECK(commit());
  }
  if (bound_->organisation != organisation || bound_->root != root) return kStoreOtherOrganisation;
  return StoreIdentity{bound_->organisation, bound_->root, bound_->incarnation, bound_->head_key.clone()};
}

Result<void> MemoryStore::begin() {
  if (open_) return kStoreMisuse;
  open_ = true;
  return {};
}
Result<void> MemoryStore::commit() {
  if (!open_) return kStoreMisuse;
  if (failure_) {
    const Error error = *failure_;
    failure_.reset();
    rollback();
    return error;
  }
  open_ = false;
  undo_.clear();
  return {};
}
void MemoryStore::rollback() noexcept {
  for (; !undo_.empty(); undo_.pop_back()) undo_.back()();
  open_ = false;
}

Result<std::optional<AccountRow>> MemoryStore::account(const AccountId& account) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return std::optional<AccountRow>();
  return std::optional(found->second);
}
Result<std::optional<DeviceRow>> MemoryStore::device(const DeviceId& device) {
  const auto found = devices_.find(device);
  if (found == devices_.end()) return std::optional<DeviceRow>();
  return std::optional(found->second);
}
Result<std::vector<DeviceRow>> MemoryStore::devices_of(const AccountId& account) {
  std::vector<DeviceRow> out;
  for (const auto& [id, row] : devices_) {
    if (row.account == account) out.push_back(row);
  }
  return out;
}
Result<void> MemoryStore::put_account(const AccountRow& account, std::span<const DeviceRow> devices, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  auto& earlier = earlier_keys_[account.account];
  if (const auto known = accounts_.find(account.account); known != accounts_.end() && known->second.key != account.key) {
    std::vector<EarlierKeyRow> keys{{known->second.key, event.at}};
    for (const EarlierKeyRow& row : earlier) {
      if (row.key != known->second.key && row.key != account.key) keys.push_back(row);
    }
    assign(earlier, std::move(keys));
  }
  put(accounts_, account.account, account);
  for (DeviceRow row : devices) {
    if (const auto known = devices_.find(row.device); known != devices_.end()) {
      if (known->second.account != row.account) return kStoreConstraint;
      row.accepted_counter = known->second.accepted_counter;
    }
    put(devices_, row.device, row);
  }
  return {};
}

Result<std::optional<InviteRow>> MemoryStore::invite(const InviteId& invite) {
  const auto found = invites_.find(invite);
  if (found == invites_.end()) return std::optional<InviteRow>();
  return std::optional(found->second);
}
Result<std::optional<InviteRow>> MemoryStore::invite_by_lookup(const Hash& lookup) {
  for (const auto& [id, row] : invites_) {
    if (row.lookup == lookup) return std::optional(row);
  }
  return std::optional<InviteRow>();
}
Result<std::vector<InviteRow>> MemoryStore::open_invites_of(const AccountId& coach) {
  std::vector<InviteRow> out;
  for (const auto& [id, row] : invites_) {
    if (row.coach == coach && row.status == InviteStatus::open) out.push_back(row);
  }
  return out;
}
Result<std::vector<UnansweredProof>> MemoryStore::unanswered_proofs(const AccountId& coach, const ProofPlace& after,
                                                                    Timestamp ends_after, const ReadLimit& limit) {
  std::vector<UnansweredProof> out;
  std::size_t bytes = 0;
  for (auto at = proofs_.upper_bound({after.invite, after.ordinal}); at != proofs_.end(); ++at) {
    const auto& [place, proof] = *at;
    const auto invite = invites_.find(place.first);
    if (invite == invites_.end() || invite->second.coach != coach || proof.refused) continue;
    const InviteRow& row = invite->second;
    const bool undecided = row.status == InviteStatus::open && row.expires > ends_after;
    const bool late = row.status == InviteStatus::accepted && proof.hash != row.accepted_proof;
    if (!undecided && !late) continue;
    bytes += proof.proof.size();
    if (out.size() == limit.max_messages || (!out.empty() && bytes > limit.max_bytes)) break;
    out.push_back({place.first, proof});
  }
  return out;
}
Result<std::vector<ProofRow>> MemoryStore::proofs(const InviteId& invite) {
  std::vector<ProofRow> out;
  for (auto at = proofs_.lower_bound({invite, 0}); at != proofs_.end() && at->first.first == invite; ++at) {
    out.push_back(at->second);
  }
  return out;
}
Result<void> MemoryStore::put_invite(const InviteRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(const auto same_lookup, invite_by_lookup(row.lookup));
  if (same_lookup && same_lookup->invite != row.invite) return kStoreConstraint;
  put(invites_, row.invite, row);
  return {};
}
Result<void> MemoryStore::put_proof(const InviteId& invite, const ProofRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  put(proofs_, {invite, row.ordinal}, row);
  return {};
}

Result<std::vector<AuditRow>> MemoryStore::audit(std::uint64_t from, std::size_t max) {
  std::vector<AuditRow> out;
  for (auto at = audit_.lower_bound(from); at != audit_.end() && out.size() < max; ++at) out.push_back(at->second);
  return out;
}

}  // namespace steiger::gateway
