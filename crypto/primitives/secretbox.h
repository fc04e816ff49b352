// crypto_secretbox with a random nonce in front: how the gateway seals its own records (design section 6). Thread-safe.
#pragma once

#include "crypto/primitives/errors.h"
#include "crypto/primitives/secret.h"

namespace steiger {

using SecretboxKey = Secret<struct SecretboxKeyTag>;

// nonce (24 bytes) || box.
Bytes secretbox_seal(const SecretboxKey& key, ByteView plaintext, Rng& rng);
// kDecryptionFailed when `sealed` was not made with `key` or was changed.
Result<SecretBytes> secretbox_open(const SecretboxKey& key, ByteView sealed);

}  // namespace steiger
