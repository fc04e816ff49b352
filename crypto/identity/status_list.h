// The status list (S1): which keys no longer count, signed by a key that the root appoints, so that the root can stay in its drawer.
// Whoever holds a fresh list may let new members in; with a stale one chat goes on, and people see a notice. Thread-safe.
#pragma once

#include "crypto/identity/chain.h"

namespace steiger::identity {

// The root appoints a key for status lists.
struct Delegation {
  OrganisationId organisation;
  VerifyKey key;
  Timestamp not_before;
  Timestamp not_after;  // not valid from this instant on; at most kMaxDelegationLife later
  Signature signature{};

  friend bool operator==(const Delegation&, const Delegation&) = default;
};
Result<Delegation> issue_delegation(const SigningKey& root, Delegation delegation);  // kBadDelegation
Result<void> verify_delegation(const Delegation& delegation, const VerifyKey& root, const OrganisationId& organisation);

// Values travel and are stored: append only.
enum class Standing : std::uint8_t {
  ended = 1,        // left: what the key certified before counts, nothing after
  replaced = 2,     // a lost device (S2): the account goes on under a new key
  compromised = 3,  // in wrong hands: nothing that it certified counts
};

struct StatusEntry {
  Hash key{};  // key_hash of the account key
  Standing standing = Standing::ended;
  Timestamp since;

  friend bool operator==(const StatusEntry&, const StatusEntry&) = default;
};

struct StatusList {
  OrganisationId organisation;
  std::uint64_t version = 0;  // 1, 2, 3, ...
  Timestamp issued;
  Timestamp next_update;             // at most kMaxStatusListLife after `issued`
  std::vector<StatusEntry> entries;  // by key hash, each once
  Delegation delegation;
  Signature signature{};  // by the delegated key

  // nullptr: nothing is against this key.
  [[nodiscard]] const StatusEntry* find(const VerifyKey& key) const;
  friend bool operator==(const StatusList&, const StatusList&) = default;
};

// Sorts the entries, fills the signature. kBadStatusList, kBadDelegation (`delegated` is not the delegation's key).
Result<StatusList> sign_status_list(const SigningKey& delegated, StatusList list);
// kWrongOrganisation, kBadDelegation (also when it was not valid at `issued`), kBadStatusList, kBadStatusSignature.
Result<void> verify_status_list(const StatusList& list, const VerifyKey& root, const OrganisationId& organisation);
// May `next` replace `known`, both verified? kStatusRollback, kStatusFork.
Result<void> check_status_successor(const StatusList& known, const StatusList& next);
// kStatusStale from next_update on. `issued` may lie ahead by kClockTolerance, else kBadStatusList.
Result<void> check_status_fresh(const StatusList& list, Timestamp now);

// Does anything stand against this chain? For a chain that verify_chain accepts: kKeyRevoked (the account's key is replaced or
// compromised, or its holder left), kIssuerEnded (the coach had left before certifying), kIssuerCompromised.
Result<void> check_standing(const StatusList& list, const IdentityChain& chain, Timestamp now);

// Canonical: what decodes encodes to the same bytes.
Bytes encode_delegation(const Delegation& delegation);
Result<Delegation> decode_delegation(ByteView bytes);
Bytes encode_status_list(const StatusList& list);
Result<StatusList> decode_status_list(ByteView bytes);

}  // namespace steiger::identity
