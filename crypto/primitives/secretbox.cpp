#include "crypto/primitives/secretbox.h"

namespace steiger {

static_assert(SecretboxKey::size() == crypto_secretbox_KEYBYTES);

Bytes secretbox_seal(const SecretboxKey& key, ByteView plaintext, Rng& rng) {
  Bytes out(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plaintext.size());
  rng.fill(std::span(out).first(crypto_secretbox_NONCEBYTES));
  crypto_secretbox_easy(out.data() + crypto_secretbox_NONCEBYTES, plaintext.data(), plaintext.size(), out.data(),
                        key.bytes().data());
  return out;
}

Result<SecretBytes> secretbox_open(const SecretboxKey& key, ByteView sealed) {
  constexpr std::size_t kOverhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (sealed.size() < kOverhead) return kDecryptionFailed;
  SecretBytes out(sealed.size() - kOverhead);
  std::uint8_t nothing = 0;
  std::uint8_t* target = out.empty() ? &nothing : out.writable().data();
  if (crypto_secretbox_open_easy(target, sealed.data() + crypto_secretbox_NONCEBYTES, sealed.size() - crypto_secretbox_NONCEBYTES,
                                 sealed.data(), key.bytes().data()) != 0) {
    return kDecryptionFailed;
  }
  return out;
}

}  // namespace steiger
