#include "crypto/identity/status_list.h"

#include <algorithm>

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kDelegationVersion = 1;
constexpr std::uint8_t kStatusListVersion = 1;

void write_content(Writer& out, const Delegation& d) {
  out.u8(kDelegationVersion).fixed(d.organisation.bytes()).fixed(d.key.bytes());
  write_timestamp(out, d.not_before);
  write_timestamp(out, d.not_after);
}

Result<Delegation> read_delegation(Reader& in) {
  Delegation out;
  STEIGER_CHECK(read_version(in, kDelegationVersion));
  STEIGER_TRY(out.organisation, read_id<OrganisationId>(in));
  STEIGER_TRY(out.key, read_verify_key(in));
  STEIGER_TRY(out.not_before, read_timestamp(in));
  STEIGER_TRY(out.not_after, read_timestamp(in));
  STEIGER_TRY(out.signature, in.array<kSignatureSize>());
  return out;
}

void write_content(Writer& out, const StatusList& list) {
  out.u8(kStatusListVersion).fixed(list.organisation.bytes()).u64(list.version);
  write_timestamp(out, list.issued);
  write_timestamp(out, list.next_update);
  out.vector(list.entries, [](Writer& inner, const StatusEntry& entry) {
    inner.fixed(entry.key).u8(static_cast<std::uint8_t>(entry.standing));
    write_timestamp(inner, entry.since);
  });
  out.fixed(encode_delegation(list.delegation));
}

template <class T>
Bytes signed_bytes(std::string_view label, const T& value) {
  Writer content;
  write_content(content, value);
  return to_be_signed(label, content.view());
}

Result<StatusEntry> read_entry(Reader& in) {
  StatusEntry out;
  STEIGER_TRY(out.key, in.array<kHashSize>());
  STEIGER_TRY(const std::uint8_t standing, in.u8());
  if (standing < static_cast<std::uint8_t>(Standing::ended) || standing > static_cast<std::uint8_t>(Standing::compromised)) {
    return kBadValue;
  }
  out.standing = static_cast<Standing>(standing);
  STEIGER_TRY(out.since, read_timestamp(in));
  return out;
}

bool by_key(const StatusEntry& a, const StatusEntry& b) {
  return a.key < b.key;
}

Result<void> check_rules(const Delegation& d) {
  if (d.organisation.is_none() || d.not_before.ms < 0 || d.not_before >= d.not_after) return kBadDelegation;
  if (d.not_after - d.not_before > kMaxDelegationLife) return kBadDelegation;
  return {};
}

Result<void> check_rules(const StatusList& list) {
  if (list.version == 0 || list.issued.ms < 0 || list.issued >= list.next_update) return kBadStatusList;
  if (list.next_update - list.issued > kMaxStatusListLife || list.entries.size() > kMaxStatusEntries) return kBadStatusList;
  const auto not_ascending = [](const StatusEntry& a, const StatusEntry& b) { return !by_key(a, b); };
  if (std::adjacent_find(list.entries.begin(), list.entries.end(), not_ascending) != list.entries.end()) return kBadStatusList;
  const Delegation& by = list.delegation;
  if (by.organisation != list.organisation || list.issued < by.not_before || list.issued >= by.not_after) return kBadDelegation;
  return {};
}

}  // namespace

Result<Delegation> issue_delegation(const SigningKey& root, Delegation delegation) {
  STEIGER_CHECK(check_rules(delegation));
  delegation.signature = root.sign(signed_bytes(labels::kDelegation, delegation));
  return delegation;
}

Result<void> verify_delegation(const Delegation& delegation, const VerifyKey& root, const OrganisationId& organisation) {
  STEIGER_CHECK(check_rules(delegation));
  if (delegation.organisation != organisation) return kWrongOrganisation;
  if (!root.verify(signed_bytes(labels::kDelegation, delegation), delegation.signature).ok()) return kBadDelegation;
  return {};
}

const StatusEntry* StatusList::find(const VerifyKey& wanted) const {
  const StatusEntry probe{key_hash(wanted), {}, {}};
  const auto found = std::lower_bound(entries.begin(), entries.end(), probe, by_key);
  return found != entries.end() && found->key == probe.key ? &*found : nullptr;
}

Result<StatusList> sign_status_list(const SigningKey& delegated, StatusList list) {
  if (delegated.verify_key() != list.delegation.key) return kBadDelegation;
  std::sort(list.entries.begin(), list.entries.end(), by_key);
  STEIGER_CHECK(check_rules(list));
  list.signature = delegated.sign(signed_bytes(labels::kStatusList, list));
  return list;
}

Result<void> verify_status_list(const StatusList& list, const VerifyKey& root, const OrganisationId& organisation) {
  if (list.organisation != organisation) return kWrongOrganisation;
  STEIGER_CHECK(check_rules(list));
  STEIGER_CHECK(verify_delegation(list.delegation, root, organisation));
  if (!list.delegation.key.verify(signed_bytes(labels::kStatusList, list), list.signature).ok()) return kBadStatusSignature;
  return {};
}

Result<void> check_status_successor(const StatusList& known, const StatusList& next) {
  if (next.version < known.version) return kStatusRollback;
  if (next.version == known.version && !(next == known)) return kStatusFork;
  return {};
}

Result<void> check_status_fresh(const StatusList& list, Timestamp now) {
  if (list.issued > now + kClockTolerance) return kBadStatusList;
  if (now >= list.next_update) return kStatusStale;
  return {};
}

Result<void> check_standing(const StatusList& list, const IdentityChain& chain, Timestamp now) {
  const StatusEntry* own = list.find(chain.account_key);
  if (own != nullptr && own->since <= now) return kKeyRevoked;
  if (chain.certificates.size() < 2) return {};
  const StatusEntry* issuer = list.find(chain.certificates.front().subject_key);
  if (issuer == nullptr) return {};
  if (issuer->standing == Standing::compromised) return kIssuerCompromised;
  // "Ended T, earlier certificates stay valid"; a replaced key signed rightly until it was replaced.
  if (chain.certificates.back().not_before >= issuer->since) return kIssuerEnded;
  return {};
}

Bytes encode_delegation(const Delegation& delegation) {
  Writer out;
  write_content(out, delegation);
  out.fixed(delegation.signature);
  return std::move(out).take();
}

Result<Delegation> decode_delegation(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(Delegation out, read_delegation(in));
  STEIGER_CHECK(in.done());
  return out;
}

Bytes encode_status_list(const StatusList& list) {
  Writer out;
  write_content(out, list);
  out.fixed(list.signature);
  return std::move(out).take();
}

Result<StatusList> decode_status_list(ByteView bytes) {
  Reader in(bytes);
  StatusList out;
  STEIGER_CHECK(read_version(in, kStatusListVersion));
  STEIGER_TRY(out.organisation, read_id<OrganisationId>(in));
  STEIGER_TRY(out.version, in.u64());
  STEIGER_TRY(out.issued, read_timestamp(in));
  STEIGER_TRY(out.next_update, read_timestamp(in));
  STEIGER_TRY(out.entries, in.vector<StatusEntry>(kMaxStatusEntries, read_entry));
  STEIGER_TRY(out.delegation, read_delegation(in));
  STEIGER_TRY(out.signature, in.array<kSignatureSize>());
  STEIGER_CHECK(in.done());
  return out;
}

}  // namespace steiger::identity
