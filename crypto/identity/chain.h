// The identity chain (S1): everything needed to know whose device a leaf is. It rides in a LeafNode extension and in the
// gateway's login; whoever reads it knows the organisation's root key beforehand (from the invite, or from set-up).
//
//   root --signs--> coach certificate --signs--> account certificate --holds--> account key --signs--> device list --holds-->
//   leaf key
//
// The chain of a person who just redeemed an invite has no certificates yet: the coach certifies at acceptance, and until that
// person's own next commit with a path the certificates travel in the Add commit (channel.h, HandshakeHeader): complete_chain().
// All functions are thread-safe.
#pragma once

#include "crypto/identity/certificate.h"
#include "crypto/identity/device_list.h"

namespace steiger::identity {

// Private-use LeafNode extension type (RFC 9420 section 17.3) whose data is an encoded IdentityChain.
inline constexpr std::uint16_t kIdentityExtension = 0xF5A1;

// What everybody knows of an organisation.
struct OrganisationPublic {
  OrganisationId id;
  VerifyKey root_key;
  std::string name;  // UTF-8, at most kMaxOrganisationName bytes; shown to people

  friend bool operator==(const OrganisationPublic&, const OrganisationPublic&) = default;
};

struct IdentityChain {
  std::vector<Certificate> certificates;  // root-issued first; 0 (not certified yet), 1 (staff) or 2 (jongere, third party)
  VerifyKey account_key;
  DeviceList device_list;

  friend bool operator==(const IdentityChain&, const IdentityChain&) = default;
};

struct VerifiedIdentity {
  AccountId account;
  VerifyKey account_key;
  Role role = Role::jongere;
  Timestamp certified_until;
  std::optional<ChannelId> only_channel;  // third parties
  std::optional<AccountId> certified_by;  // the coach's account; absent for staff, whom the root certified
  DeviceList devices;

  // kWrongChannel for a third party outside the channel it was certified for.
  [[nodiscard]] Result<void> check_channel(const ChannelId& channel) const;
};

// All of S1 at the instant `now`: signatures, roles, lives, path, account key, device list. The account's own certificate must be
// valid at `now`; a coach's must have been valid when it issued the account's, because accounts outlive their coach's employment.
// Errors: the certificate and device list errors of errors.h; kNotCertified for a chain without certificates.
Result<VerifiedIdentity> verify_chain(const IdentityChain& chain, const VerifyKey& root_key, const OrganisationId& organisation,
                                      Timestamp now);

// Only the lower half, for a chain that is not certified yet: the device list is by `chain.account_key`.
Result<void> verify_uncertified_chain(const IdentityChain& chain);

// `chain` with its account's certificates taken from `known` when it has none of its own. Unchanged when they are not there.
// Nothing is trusted by this: verify_chain afterwards.
IdentityChain complete_chain(IdentityChain chain, const std::vector<Certificate>& known);

// ---- The MLS basic credential
// ----------------------------------------------------------------------------------------------------

// AccountId || DeviceId, 32 bytes: the identity of the leaf's basic credential.
struct DeviceIdentity {
  AccountId account;
  DeviceId device;

  friend bool operator==(const DeviceIdentity&, const DeviceIdentity&) = default;
  friend auto operator<=>(const DeviceIdentity&, const DeviceIdentity&) = default;
};
Bytes encode_credential(const DeviceIdentity& identity);
Result<DeviceIdentity> decode_credential(ByteView bytes);  // kBadCredential

// Is the leaf with this credential and signature key a device of this list? kBadCredential, kAccountMismatch, kDeviceNotListed
// (also when the device is listed with another key). The list must have been verified.
Result<DeviceIdentity> check_leaf(const DeviceList& devices, ByteView credential_identity, const VerifyKey& leaf_key);

// ---- Codec
// -----------------------------------------------------------------------------------------------------------------------

// At most kMaxChainCertificates certificates (kPathTooLong). Canonical: what decodes encodes to the same bytes.
void write_chain(Writer& out, const IdentityChain& chain);
Result<IdentityChain> read_chain(Reader& in);
Bytes encode_chain(const IdentityChain& chain);
Result<IdentityChain> decode_chain(ByteView bytes);

void write_organisation(Writer& out, const OrganisationPublic& organisation);
Result<OrganisationPublic> read_organisation(Reader& in);
Bytes encode_organisation(const OrganisationPublic& organisation);
Result<OrganisationPublic> decode_organisation(ByteView bytes);

}  // namespace steiger::identity
