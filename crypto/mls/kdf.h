// Labelled key derivation and encryption (RFC 9420 sections 5.1.3 and 8). Secret half. Thread-safe.
#pragma once

#include "crypto/mls/types.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/hpke.h"

namespace steiger::mls {

// ExpandWithLabel into `out` (at most kHkdfMaxOutput bytes; more aborts: a programming error).
void expand_with_label(ByteView secret, std::string_view label, ByteView context, std::span<std::uint8_t> out);
// For several secrets under one.
void expand_with_label(const HmacKey& secret, std::string_view label, ByteView context, std::span<std::uint8_t> out);

template <class SecretType>
SecretType expand_secret(ByteView secret, std::string_view label, ByteView context) {
  SecretType out;
  expand_with_label(secret, label, context, out.writable());
  return out;
}
// DeriveSecret.
template <class SecretType>
SecretType derive_secret(ByteView secret, std::string_view label) {
  return expand_secret<SecretType>(secret, label, {});
}
template <class SecretType>
SecretType derive_secret(const HmacKey& secret, std::string_view label) {
  SecretType out;
  expand_with_label(secret, label, {}, out.writable());
  return out;
}
// DeriveTreeSecret (section 9).
template <class SecretType>
SecretType derive_tree_secret(ByteView secret, std::string_view label, std::uint32_t generation) {
  Writer context;
  context.u32(generation);
  return expand_secret<SecretType>(secret, label, context.view());
}

// EncryptWithLabel. kBadKey when `public_key` is not an X25519 key, kBadPublicKey when it is a degenerate one.
Result<HpkeCiphertext> encrypt_with_label(Rng& rng, ByteView public_key, std::string_view label, ByteView context,
                                          ByteView plaintext);
// DecryptWithLabel. kDecryptionFailed.
Result<SecretBytes> decrypt_with_label(const HpkeKeyPair& key, std::string_view label, ByteView context,
                                       const HpkeCiphertext& ciphertext);

}  // namespace steiger::mls
