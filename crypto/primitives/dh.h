// X25519 (RFC 7748). Thread-safe.
#pragma once

#include "crypto/primitives/errors.h"
#include "crypto/primitives/secret.h"

namespace steiger {

using DhPrivateKey = Secret<struct DhPrivateKeyTag>;
using DhSharedSecret = Secret<struct DhSharedSecretTag>;
using DhPublicKey = ByteArray<32>;

DhPublicKey dh_public_key(const DhPrivateKey& private_key);

// kBadPublicKey when the result is all zero, as RFC 9180 section 7.1.4 demands.
Result<DhSharedSecret> dh(const DhPrivateKey& private_key, const DhPublicKey& public_key);

}  // namespace steiger
