// The beheerder's side (S1): an organisation's root key and what it certifies. Runs where the root key is: on the beheerder's own
// device, never on the gateway. Pure functions; files are the apps' business.
#pragma once

#include "client-sdk/src/errors.h"
#include "crypto/identity/chain.h"

namespace steiger::sdk {

struct Organisation {
  identity::OrganisationPublic facts;
  SigningKey root;

  // kNameTooLong, kBadTextEncoding.
  static Result<Organisation> create(Rng& rng, std::string_view name);
  // Secret: the root key and the public facts. Versioned.
  [[nodiscard]] SecretBytes serialize() const;
  static Result<Organisation> deserialize(ByteView bytes);
};

// What a staff device hands to the beheerder: its keys, and proof that it holds the account key.
struct StaffRequest {
  OrganisationId organisation;
  std::string name;  // for the beheerder's eyes only; not in the certificate
  VerifyKey account_key;
  identity::DeviceList device_list;
};
Bytes encode_staff_request(const StaffRequest& request, const SigningKey& account_key);
// kBadStaffRequest: not one, or not signed by its own account key.
Result<StaffRequest> decode_staff_request(ByteView bytes);

// Certifies the request's account in a staff role for `life` (at most 13 months, S1). kBadStaffRequest when it is meant for
// another organisation, identity::kRoleNotAllowed for a role that is no staff role. Returns an encoded certificate.
Result<Bytes> certify_staff(const Organisation& organisation, const StaffRequest& request, identity::Role role, Timestamp now,
                            Duration life = identity::kMaxStaffCertificateLife);

}  // namespace steiger::sdk
