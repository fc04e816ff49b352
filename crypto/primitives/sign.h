// Ed25519 signatures (RFC 8032). All functions are thread-safe.
#pragma once

#include <compare>

#include "crypto/primitives/errors.h"
#include "crypto/primitives/secret.h"

namespace steiger {

inline constexpr std::size_t kSignatureSize = 64;
using Signature = ByteArray<kSignatureSize>;

// A public verification key: 32 bytes, freely copied.
class VerifyKey {
 public:
  static constexpr std::size_t kSize = 32;
  constexpr VerifyKey() = default;
  explicit constexpr VerifyKey(const ByteArray<kSize>& bytes) : bytes_(bytes) {}
  static Result<VerifyKey> from_bytes(ByteView view) {
    STEIGER_TRY(const auto array, to_array<kSize>(view));
    return VerifyKey(array);
  }
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  // kBadSignature unless `signature` is this key's over `message`; small-order keys and non-canonical forms are refused.
  [[nodiscard]] Result<void> verify(ByteView message, ByteView signature) const;

  friend constexpr bool operator==(const VerifyKey&, const VerifyKey&) = default;
  friend constexpr std::strong_ordering operator<=>(const VerifyKey&, const VerifyKey&) = default;

 private:
  ByteArray<kSize> bytes_{};
};

// A private signing key, kept as its 32-byte seed (the form of RFC 8032 and of the MLS vectors) beside the expanded key.
class SigningKey {
 public:
  using Seed = Secret<struct SigningSeedTag>;
  static SigningKey generate(Rng& rng) { return SigningKey(Seed::random(rng)); }
  explicit SigningKey(Seed seed);
  [[nodiscard]] SigningKey clone() const {  // copies the expanded key: deriving it again costs a scalar multiplication
    SigningKey out;
    out.seed_ = seed_.clone();
    out.expanded_ = expanded_.clone();
    out.verify_key_ = verify_key_;
    return out;
  }

  [[nodiscard]] Signature sign(ByteView message) const;
  [[nodiscard]] const VerifyKey& verify_key() const { return verify_key_; }
  [[nodiscard]] const Seed& seed() const { return seed_; }

 private:
  SigningKey() = default;
  Seed seed_;
  Secret<struct SigningExpandedTag, 64> expanded_;
  VerifyKey verify_key_;
};

}  // namespace steiger
