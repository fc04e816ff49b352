// A NACK (S11): a device says that it cannot process an accepted commit. It holds only that device's queue; when every reachable
// device of the other accounts says so, one of them opens the next group generation. Thread-safe.
#pragma once

#include "crypto/identity/chain.h"

namespace steiger::identity {

// Values travel and are stored: append only. Codes, because the gateway sees them.
enum class NackReason : std::uint8_t {
  invalid = 1,  // breaks RFC 9420: a tag, a path secret
  unknown_psk = 2,
  not_allowed = 3,  // breaks the profile: no grant, a ghost, a foreign certificate
  lost_state = 4,   // this device's own state is gone or damaged
};

struct Nack {
  OrganisationId organisation;
  ChannelId channel;
  Bytes group_id;           // at most kMaxNackGroupId bytes
  std::uint64_t epoch = 0;  // in which the commit was made
  Hash commit{};            // SHA-256 of the commit as received
  NackReason reason = NackReason::invalid;
  AccountId account;
  DeviceId device;
  Signature signature{};  // by the device's leaf key

  friend bool operator==(const Nack&, const Nack&) = default;
};

Result<Nack> sign_nack(const SigningKey& leaf_key, Nack nack);          // kBadNack
Result<void> verify_nack(const Nack& nack, const VerifyKey& leaf_key);  // kBadNack

// Canonical: what decodes encodes to the same bytes.
Bytes encode_nack(const Nack& nack);
Result<Nack> decode_nack(ByteView bytes);

}  // namespace steiger::identity
