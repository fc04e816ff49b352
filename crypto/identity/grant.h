// The jongere's signed yes (S8): no account enters a room, and no policy or role in it changes, without one. It rides in the
// commit's authenticated data, where clients and gateway check it alike. Purposes are codes: the gateway sees them, so no free text.
// Thread-safe.
#pragma once

#include "crypto/identity/certificate.h"
#include "crypto/primitives/hash.h"

namespace steiger::identity {

// Values travel and are stored: append only.
enum class GrantPurpose : std::uint8_t {
  guidance = 1,   // begeleiding
  debts = 2,      // schulden
  housing = 3,    // wonen
  care = 4,       // zorg
  school = 5,     // opleiding
  work = 6,       // werkgever
  reminders = 7,  // an agent's reminder channel
  policy = 8,     // nobody enters: room policy or roles change
  other = 9,
};
Result<GrantPurpose> purpose_from_number(std::uint8_t number);  // kBadValue

struct Grant {
  OrganisationId organisation;
  ChannelId channel;
  Hash group{};             // SHA-256 of the MLS group id: a yes of before counts in no later generation (S11)
  std::uint64_t epoch = 0;  // of the group when it was signed
  AccountId account;        // who may enter, or whose role changes
  Role role = Role::third_party;
  GrantPurpose purpose = GrantPurpose::guidance;
  Timestamp issued;
  Timestamp expires;  // of the grant, not of the membership; at most kMaxGrantLife after `issued`
  Timestamp until;    // of the membership: a third party's certificate ends no later. Others' has no end here: 0
  AccountId by;       // the jongere
  Signature signature{};

  friend bool operator==(const Grant&, const Grant&) = default;
};

Result<Grant> sign_grant(const SigningKey& account_key, Grant grant);  // kBadGrant

// What the commit at hand does.
struct GrantUse {
  OrganisationId organisation;
  ChannelId channel;
  Hash group{};
  std::uint64_t epoch = 0;  // of the group before the commit
  AccountId account;
  Role role = Role::third_party;
  Timestamp now;
  Timestamp until{};  // when a third party's certificate ends
  // The epoch in which that account was last removed: an older grant does not bring it back.
  std::optional<std::uint64_t> removed_in;
};
// `by` and its key are those of the room's jongere, from a verified chain. kBadGrant, kGrantMismatch, kBadGrantSignature;
// kGrantExpired: too late, signed in a later epoch, more than kMaxGrantEpochs ago, or not after the account's removal;
// kGrantOutlived: the certificate lasts longer than the jongere agreed to.
Result<void> check_grant(const Grant& grant, const AccountId& by, const VerifyKey& account_key, const GrantUse& use);

// Canonical: what decodes encodes to the same bytes.
void write_grant(Writer& out, const Grant& grant);
Result<Grant> read_grant(Reader& in);
Bytes encode_grant(const Grant& grant);
Result<Grant> decode_grant(ByteView bytes);

}  // namespace steiger::identity
