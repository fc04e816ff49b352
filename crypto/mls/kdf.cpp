#include "crypto/mls/kdf.h"

namespace steiger::mls {
namespace {

constexpr std::string_view kPrefix = "MLS 1.0 ";

Bytes labelled_context(std::string_view label, ByteView context) {
  Writer out;
  out.length(kPrefix.size() + label.size()).fixed(as_bytes(kPrefix)).fixed(as_bytes(label)).opaque(context);
  return std::move(out).take();
}

}  // namespace

void expand_with_label(ByteView secret, std::string_view label, ByteView context, std::span<std::uint8_t> out) {
  expand_with_label(HmacKey(secret), label, context, out);
}

void expand_with_label(const HmacKey& secret, std::string_view label, ByteView context, std::span<std::uint8_t> out) {
  Writer info;
  info.u16(static_cast<std::uint16_t>(out.size()));
  info.fixed(labelled_context(label, context));
  hkdf_expand(secret, info.view(), out).value();
}

Result<HpkeCiphertext> encrypt_with_label(Rng& rng, ByteView public_key, std::string_view label, ByteView context,
                                          ByteView plaintext) {
  const Result<DhPublicKey> key = to_array<kPublicKeySize>(public_key);
  if (!key.ok()) return kBadKey;
  STEIGER_TRY(steiger::HpkeCiphertext sealed, hpke_seal(rng, *key, labelled_context(label, context), {}, plaintext));
  return HpkeCiphertext{to_bytes(sealed.kem_output), std::move(sealed.ciphertext)};
}

Result<SecretBytes> decrypt_with_label(const HpkeKeyPair& key, std::string_view label, ByteView context,
                                       const HpkeCiphertext& ciphertext) {
  const Result<DhPublicKey> kem_output = to_array<kPublicKeySize>(ciphertext.kem_output);
  if (!kem_output.ok()) return kBadKey;
  return hpke_open(key, *kem_output, labelled_context(label, context), {}, ciphertext.ciphertext);
}

}  // namespace steiger::mls
