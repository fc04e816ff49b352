#include "crypto/primitives/dh.h"

#include "crypto/primitives/montgomery.h"

namespace steiger {

static_assert(DhPrivateKey::size() == crypto_scalarmult_curve25519_SCALARBYTES);
static_assert(sizeof(DhPublicKey) == crypto_scalarmult_curve25519_BYTES);

DhPublicKey dh_public_key(const DhPrivateKey& private_key) {
  DhPublicKey out;
#if defined(__x86_64__) && defined(__SIZEOF_INT128__)
  // libsodium's X25519 for this processor climbs the ladder even for the base point. Its tables for edwards25519 give the same
  // point in half the time, with the same clamping; what is converted after that is the public key. It refuses an all-zero key.
  if (crypto_scalarmult_ed25519_base(out.data(), private_key.bytes().data()) == 0) return montgomery_u(out);
#endif
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
