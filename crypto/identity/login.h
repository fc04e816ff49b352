// Login (S6): the device signs the gateway's fresh nonce with its leaf signature key, bound to origin and organisation, so that
// neither another gateway nor an MLS message can produce or reuse the signature. All functions are thread-safe.
#pragma once

#include "crypto/base/ids.h"
#include "crypto/identity/errors.h"
#include "crypto/identity/limits.h"
#include "crypto/primitives/sign.h"

namespace steiger::identity {

using LoginNonce = ByteArray<32>;

struct LoginChallenge {
  std::string origin;  // as the device connected: scheme://host[:port], lower case, no path; at most kMaxOrigin bytes
  OrganisationId organisation;
  LoginNonce nonce{};  // the gateway's, fresh per connection
  AccountId account;
  DeviceId device;
};

// The signed bytes. Each part has its length in front.
Bytes login_to_sign(const LoginChallenge& challenge);

Signature sign_login(const SigningKey& leaf_key, const LoginChallenge& challenge);
// kBadLoginSignature. The caller has looked up `leaf_key` in the account's verified device list, and uses each nonce once.
Result<void> verify_login(const VerifyKey& leaf_key, const LoginChallenge& challenge, const Signature& signature);

}  // namespace steiger::identity
