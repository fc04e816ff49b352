// The beheerder's side of the status list (S1): a key of its own, appointed by the root, so that the root key can stay in its drawer;
// a book of standings; signed lists made from it, whose versions only go up. Pure functions; files are the apps' business.
#pragma once

#include "client-sdk/src/organisation.h"
#include "crypto/identity/status_list.h"

namespace steiger::sdk {

// Whoever holds this signs status lists for a year.
struct StatusAuthority {
  identity::Delegation delegation;
  SigningKey key;

  // Secret. Versioned.
  [[nodiscard]] SecretBytes serialize() const;
  static Result<StatusAuthority> deserialize(ByteView bytes);  // kBadStatusKey
};

// The root appoints `key` for kMaxDelegationLife from `now` on; appointing the same key again renews it.
Result<StatusAuthority> appoint_status_key(const Organisation& organisation, SigningKey key, Timestamp now);

// What the next list will say. The one place where its version is kept: losing it means that devices refuse the lists that follow.
struct StatusBook {
  std::uint64_t version = 0;  // of the last list that was signed; 0: none yet
  Timestamp issued;           // when
  Timestamp next_update;      // as that list promised
  std::vector<identity::StatusEntry> entries;

  // Notes a standing. What stands against a key never gets weaker: kStandingFinal when it is compromised and `standing` says less;
  // of two times the earlier one stays. kStatusBookFull.
  Result<void> note(const Hash& key, identity::Standing standing, Timestamp since);

  [[nodiscard]] Bytes encode() const;
  static Result<StatusBook> decode(ByteView bytes);  // kBadStatusBook
};

// The next list and the book as it is then; store the book before the list leaves, or a version could be used twice. The list is
// verified against the root as `organisation` knows it: identity::kBadDelegation when the appointment is over or by an earlier root.
struct SignedStatus {
  identity::StatusList list;
  StatusBook book;
};
Result<SignedStatus> sign_next_status(const identity::OrganisationPublic& organisation, const StatusAuthority& authority,
                                      const StatusBook& book, Timestamp now);

}  // namespace steiger::sdk
