// Certificates (S1): a signed statement that a key belongs to a pseudonymous account in a role. No names, only ids.
//   organisation root -> staff (coach, teamleider, beheerder, FG, auditor, agent), at most 13 months
//   coach             -> account (jongere, or a third party that is bound to one channel)
// This header knows one certificate; chain.h checks who may issue what. All functions are thread-safe.
#pragma once

#include <optional>

#include "crypto/base/clock.h"
#include "crypto/base/codec.h"
#include "crypto/base/ids.h"
#include "crypto/identity/errors.h"
#include "crypto/identity/limits.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/sign.h"

namespace steiger::identity {

// Values travel and are stored: append only.
enum class Role : std::uint8_t {
  coach = 1,
  teamleider = 2,
  beheerder = 3,
  fg = 4,
  auditor = 5,
  agent = 6,
  jongere = 16,
  third_party = 17,
};
Result<Role> role_from_number(std::uint8_t number);  // kBadValue for a number that is no role
std::string_view role_name(Role role);               // stable, for --json and logs: "coach", "third_party", ...
bool is_staff(Role role);

struct Certificate {
  OrganisationId organisation;
  AccountId subject;
  VerifyKey subject_key;  // the account key, which signs the device list (and, for a coach, account certificates)
  Role role = Role::jongere;
  Hash issuer_key_hash{};  // SHA-256 of the issuer's verify key
  Timestamp not_before;
  Timestamp not_after;               // not valid from this instant on
  std::optional<ChannelId> channel;  // third party: the only channel it may be in; everybody else: absent
  Signature signature{};

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

Hash key_hash(const VerifyKey& key);

// Fills issuer_key_hash and signature of `certificate`. Refuses, with the error that verification would give, what breaks the
// rules of the certificate alone: kCertificateLifeTooLong, kChannelRequired, kChannelNotAllowed, kBadValue.
Result<Certificate> issue_certificate(const SigningKey& issuer, Certificate certificate);

// The signature and the rules of this certificate alone; neither its time nor its issuer's right to issue it (chain.h).
Result<void> verify_certificate(const Certificate& certificate, const VerifyKey& issuer);

// kCertificateNotYetValid (beyond kClockTolerance) or kCertificateExpired.
Result<void> check_valid_at(const Certificate& certificate, Timestamp when);

// Canonical: what decodes encodes to the same bytes. kBadValue for another version, an unknown role, a time outside int64.
void write_certificate(Writer& out, const Certificate& certificate);
Result<Certificate> read_certificate(Reader& in);
Bytes encode_certificate(const Certificate& certificate);
Result<Certificate> decode_certificate(ByteView bytes);

}  // namespace steiger::identity
