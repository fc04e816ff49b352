#include "crypto/primitives/dh.h"

namespace steiger {

static_assert(DhPrivateKey::size() == crypto_scalarmult_curve25519_SCALARBYTES);
static_assert(sizeof(DhPublicKey) == crypto_scalarmult_curve25519_BYTES);

DhPublicKey dh_public_key(const DhPrivateKey& private_key) {
  DhPublicKey out;
  crypto_scalarmult_curve25519_base(out.data(), private_key.bytes().data());
  return out;
}

Result<DhSharedSecret> dh(const DhPrivateKey& private_key, const DhPublicKey& public_key) {
  DhSharedSecret out;
  if (crypto_scalarmult_curve25519(out.writable().data(), private_key.bytes().data(), public_key.data()) != 0)
    return kBadPublicKey;
  return out;
}

}  // namespace steiger
