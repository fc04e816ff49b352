// HKDF-SHA-256 (RFC 5869). libsodium has it only since 1.0.19, so it is built from HMAC here. Thread-safe.
#pragma once

#include "crypto/primitives/hash.h"
#include "crypto/primitives/secret.h"

namespace steiger {

inline constexpr std::size_t kHkdfMaxOutput = 255 * kHashSize;

using PseudoRandomKey = Secret<struct PseudoRandomKeyTag>;

PseudoRandomKey hkdf_extract(ByteView salt, ByteView input_key_material);

// Fills all of `out`; kOutputTooLong beyond kHkdfMaxOutput bytes.
Result<void> hkdf_expand(ByteView pseudo_random_key, ByteView info, std::span<std::uint8_t> out);
// For several expansions of one key.
Result<void> hkdf_expand(const HmacKey& pseudo_random_key, ByteView info, std::span<std::uint8_t> out);

// Extract with an empty salt, then expand to one 32-byte secret: how the profile's HKDF(secret, "label") is meant (S3, S5).
template <class SecretType>
SecretType hkdf_derive(ByteView secret, ByteView label) {
  const PseudoRandomKey prk = hkdf_extract({}, secret);
  SecretType out;
  static_assert(SecretType::size() <= kHkdfMaxOutput);
  hkdf_expand(prk.bytes(), label, out.writable()).value();
  return out;
}

}  // namespace steiger
