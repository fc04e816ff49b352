#include "crypto/primitives/aead.h"

namespace steiger {

static_assert(AeadKey::size() == crypto_aead_chacha20poly1305_ietf_KEYBYTES);
static_assert(kAeadNonceSize == crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
static_assert(kAeadTagSize == crypto_aead_chacha20poly1305_ietf_ABYTES);

namespace {
void require_sizes(ByteView key, ByteView nonce) {
  if (key.size() != AeadKey::size() || nonce.size() != kAeadNonceSize) std::abort();
}
}  // namespace

Bytes aead_seal(ByteView key, ByteView nonce, ByteView associated_data, ByteView plaintext) {
  require_sizes(key, nonce);
  Bytes out(plaintext.size() + kAeadTagSize);
  crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(), associated_data.data(),
                                            associated_data.size(), nullptr, nonce.data(), key.data());
  return out;
}

Result<SecretBytes> aead_open(ByteView key, ByteView nonce, ByteView associated_data, ByteView ciphertext) {
  require_sizes(key, nonce);
  if (ciphertext.size() < kAeadTagSize) return kDecryptionFailed;
  SecretBytes out(ciphertext.size() - kAeadTagSize);
  std::uint8_t nothing = 0;  // libsodium wants a non-null target even for an empty plaintext
  std::uint8_t* target = out.empty() ? &nothing : out.writable().data();
  if (crypto_aead_chacha20poly1305_ietf_decrypt(target, nullptr, nullptr, ciphertext.data(), ciphertext.size(),
                                                associated_data.data(), associated_data.size(), nonce.data(), key.data()) != 0) {
    return kDecryptionFailed;
  }
  return out;
}

}  // namespace steiger
