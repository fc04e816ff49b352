// ChaCha20-Poly1305 with the 12-byte nonce (RFC 8439). A nonce must never repeat under one key. Thread-safe.
#pragma once

#include "crypto/primitives/errors.h"
#include "crypto/primitives/secret.h"

namespace steiger {

inline constexpr std::size_t kAeadNonceSize = 12;
inline constexpr std::size_t kAeadTagSize = 16;
using AeadKey = Secret<struct AeadKeyTag>;
using AeadNonce = Secret<struct AeadNonceTag, kAeadNonceSize>;

// Ciphertext followed by the tag. `key` has 32 bytes, `nonce` 12 (any other length aborts: a programming error).
Bytes aead_seal(ByteView key, ByteView nonce, ByteView associated_data, ByteView plaintext);

// kDecryptionFailed on any change to key, nonce, associated data or ciphertext.
Result<SecretBytes> aead_open(ByteView key, ByteView nonce, ByteView associated_data, ByteView ciphertext);

}  // namespace steiger
