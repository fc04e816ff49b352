#include "crypto/primitives/sign.h"

namespace steiger {

static_assert(kSignatureSize == crypto_sign_ed25519_BYTES && VerifyKey::kSize == crypto_sign_ed25519_PUBLICKEYBYTES);

Result<void> VerifyKey::verify(ByteView message, ByteView signature) const {
  if (signature.size() != kSignatureSize) return kBadSignature;
  if (crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(), bytes_.data()) != 0)
    return kBadSignature;
  return {};
}

SigningKey::SigningKey(Seed seed) : seed_(std::move(seed)) {
  ByteArray<VerifyKey::kSize> public_key;
  crypto_sign_ed25519_seed_keypair(public_key.data(), expanded_.writable().data(), seed_.bytes().data());
  verify_key_ = VerifyKey(public_key);
}

Signature SigningKey::sign(ByteView message) const {
  Signature out;
  crypto_sign_ed25519_detached(out.data(), nullptr, message.data(), message.size(), expanded_.bytes().data());
  return out;
}

}  // namespace steiger
