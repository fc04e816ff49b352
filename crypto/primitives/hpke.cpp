#include "crypto/primitives/hpke.h"

#include <limits>

#include "crypto/base/codec.h"
#include "crypto/primitives/hkdf.h"

namespace steiger {
namespace {

constexpr std::string_view kVersion = "HPKE-v1";
// "KEM" || kem_id and "HPKE" || kem_id || kdf_id || aead_id, with the ids 0x0020, 0x0001 and 0x0003 of section 7.
constexpr ByteArray<5> kKemSuite{'K', 'E', 'M', 0x00, 0x20};
constexpr ByteArray<10> kHpkeSuite{'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03};

enum class Mode : std::uint8_t { base = 0, psk = 1, auth = 2, auth_psk = 3 };

PseudoRandomKey labeled_extract(ByteView suite, ByteView salt, std::string_view label, std::initializer_list<ByteView> parts) {
  // HKDF-Extract is one HMAC, so the parts need no buffer of their own that would have to be wiped.
  if (parts.size() > 2) std::abort();
  const ByteView first = parts.size() > 0 ? parts.begin()[0] : ByteView();
  const ByteView second = parts.size() > 1 ? parts.begin()[1] : ByteView();
  Hash prk = hmac_sha256(salt, {as_bytes(kVersion), suite, as_bytes(label), first, second});
  PseudoRandomKey out{std::span<const std::uint8_t, kHashSize>(prk)};
  sodium_memzero(prk.data(), prk.size());
  return out;
}

Result<void> labeled_expand(ByteView suite, const HmacKey& prk, std::string_view label, ByteView info,
                            std::span<std::uint8_t> out) {
  Writer labeled_info;  // a length that its two bytes do not hold is refused by hkdf_expand
  labeled_info.u16(static_cast<std::uint16_t>(out.size()))
      .fixed(as_bytes(kVersion))
      .fixed(suite)
      .fixed(as_bytes(label))
      .fixed(info);
  return hkdf_expand(prk, labeled_info.view(), out);
}

// Room for the Diffie-Hellman results of one encapsulation: one, or two when the sender authenticates.
class DhResults {
 public:
  Result<void> add(const DhPrivateKey& private_key, const DhPublicKey& public_key) {
    STEIGER_TRY(const DhSharedSecret secret, dh(private_key, public_key));
    std::copy(secret.bytes().begin(), secret.bytes().end(), bytes_.writable().begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += secret.size();
    return {};
  }
  [[nodiscard]] ByteView bytes() const { return ByteView(bytes_.bytes()).first(used_); }

 private:
  Secret<struct DhResultsTag, 2 * kSecretSize> bytes_;
  std::size_t used_ = 0;
};

// ExtractAndExpand (section 4.1). kem_context = enc || pkRm [|| pkSm].
KemSharedSecret extract_and_expand(const DhResults& results, const DhPublicKey& kem_output, const DhPublicKey& recipient,
                                   const DhPublicKey* sender) {
  Writer kem_context;
  kem_context.fixed(kem_output).fixed(recipient);
  if (sender != nullptr) kem_context.fixed(*sender);
  const PseudoRandomKey prk = labeled_extract(kKemSuite, {}, "eae_prk", {results.bytes()});
  KemSharedSecret out;
  labeled_expand(kKemSuite, HmacKey(prk.bytes()), "shared_secret", kem_context.view(), out.writable()).value();
  return out;
}

}  // namespace

HpkeKeyPair HpkeKeyPair::from_private_key(DhPrivateKey private_key) {
  const DhPublicKey public_key = dh_public_key(private_key);
  return {std::move(private_key), public_key};
}

HpkeKeyPair hpke_derive_key_pair(ByteView input_key_material) {
  const PseudoRandomKey prk = labeled_extract(kKemSuite, {}, "dkp_prk", {input_key_material});
  DhPrivateKey private_key;
  labeled_expand(kKemSuite, HmacKey(prk.bytes()), "sk", {}, private_key.writable()).value();
  return HpkeKeyPair::from_private_key(std::move(private_key));
}

HpkeKeyPair hpke_generate_key_pair(Rng& rng) {
  return HpkeKeyPair::from_private_key(DhPrivateKey::random(rng));
}

Result<Encapsulated> kem_encapsulate(const HpkeKeyPair& ephemeral, const DhPublicKey& recipient, const HpkeKeyPair* sender) {
  DhResults results;
  STEIGER_CHECK(results.add(ephemeral.private_key, recipient));
  if (sender != nullptr) STEIGER_CHECK(results.add(sender->private_key, recipient));
  const DhPublicKey* sender_key = sender == nullptr ? nullptr : &sender->public_key;
  return Encapsulated{extract_and_expand(results, ephemeral.public_key, recipient, sender_key), ephemeral.public_key};
}

Result<Encapsulated> kem_encapsulate(Rng& rng, const DhPublicKey& recipient, const HpkeKeyPair* sender) {
  return kem_encapsulate(hpke_generate_key_pair(rng), recipient, sender);
}

Result<KemSharedSecret> kem_decapsulate(const DhPublicKey& kem_output, const HpkeKeyPair& recipient, const DhPublicKey* sender) {
  DhResults results;
  STEIGER_CHECK(results.add(recipient.private_key, kem_output));
  if (sender != nullptr) STEIGER_CHECK(results.add(recipient.private_key, *sender));
  return extract_and_expand(results, kem_output, recipient.public_key, sender);
}

Result<HpkeSchedule> hpke_key_schedule(const KemSharedSecret& shared_secret, bool sender_authenticated, ByteView info,
                                       const std::optional<HpkePsk>& psk) {
  if (psk.has_value() && (psk->psk.empty() || psk->psk_id.empty())) return kBadLength;
  const Mode mode =
      psk.has_value() ? (sender_authenticated ? Mode::auth_psk : Mode::psk) : (sender_authenticated ? Mode::auth : Mode::base);
  const HpkePsk inputs = psk.value_or(HpkePsk{});

  const PseudoRandomKey psk_id_hash = labeled_extract(kHpkeSuite, {}, "psk_id_hash", {inputs.psk_id});
  const PseudoRandomKey info_hash = labeled_extract(kHpkeSuite, {}, "info_hash", {info});
  Writer context;
  context.u8(static_cast<std::uint8_t>(mode)).fixed(psk_id_hash.bytes()).fixed(info_hash.bytes());

  const HmacKey secret(labeled_extract(kHpkeSuite, shared_secret.bytes(), "secret", {inputs.psk}).bytes());
  HpkeSchedule out;
  STEIGER_CHECK(labeled_expand(kHpkeSuite, secret, "key", context.view(), out.key.writable()));
  STEIGER_CHECK(labeled_expand(kHpkeSuite, secret, "base_nonce", context.view(), out.base_nonce.writable()));
  STEIGER_CHECK(labeled_expand(kHpkeSuite, secret, "exp", context.view(), out.exporter_secret.writable()));
  return out;
}

Result<SecretBytes> HpkeContext::export_secret(ByteView exporter_context, std::size_t length) const {
  if (length > kHkdfMaxOutput) return kOutputTooLong;
  const HmacKey prk(schedule_.exporter_secret.bytes());
  SecretBytes out(length);
  STEIGER_CHECK(labeled_expand(kHpkeSuite, prk, "sec", exporter_context, out.writable()));
  return out;
}

AeadNonce HpkeContext::nonce() const {
  AeadNonce out = schedule_.base_nonce.clone();
  const auto bytes = out.writable();
  for (std::size_t i = 0; i < sizeof sequence_; ++i) {
    bytes[kAeadNonceSize - 1 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
  }
  return out;
}

Result<Bytes> HpkeSenderContext::seal(ByteView associated_data, ByteView plaintext) {
  if (sequence_ == std::numeric_limits<std::uint64_t>::max()) return kMessageLimit;
  Bytes out = aead_seal(schedule_.key.bytes(), nonce().bytes(), associated_data, plaintext);
  ++sequence_;
  return out;
}

Result<SecretBytes> HpkeRecipientContext::open(ByteView associated_data, ByteView ciphertext) {
  if (sequence_ == std::numeric_limits<std::uint64_t>::max()) return kMessageLimit;
  STEIGER_TRY(SecretBytes out, aead_open(schedule_.key.bytes(), nonce().bytes(), associated_data, ciphertext));
  ++sequence_;
  return out;
}

Result<HpkeSenderSetup> hpke_setup_sender(Rng& rng, const DhPublicKey& recipient, ByteView info,
                                          const std::optional<HpkePsk>& psk, const HpkeKeyPair* sender) {
  STEIGER_TRY(const Encapsulated kem, kem_encapsulate(rng, recipient, sender));
  STEIGER_TRY(HpkeSchedule schedule, hpke_key_schedule(kem.shared_secret, sender != nullptr, info, psk));
  return HpkeSenderSetup{kem.kem_output, HpkeSenderContext(std::move(schedule))};
}

Result<HpkeRecipientContext> hpke_setup_recipient(const DhPublicKey& kem_output, const HpkeKeyPair& recipient, ByteView info,
                                                  const std::optional<HpkePsk>& psk, const DhPublicKey* sender) {
  STEIGER_TRY(const KemSharedSecret shared_secret, kem_decapsulate(kem_output, recipient, sender));
  STEIGER_TRY(HpkeSchedule schedule, hpke_key_schedule(shared_secret, sender != nullptr, info, psk));
  return HpkeRecipientContext(std::move(schedule));
}

Result<HpkeCiphertext> hpke_seal(Rng& rng, const DhPublicKey& recipient, ByteView info, ByteView associated_data,
                                 ByteView plaintext) {
  STEIGER_TRY(HpkeSenderSetup setup, hpke_setup_sender(rng, recipient, info));
  STEIGER_TRY(Bytes ciphertext, setup.context.seal(associated_data, plaintext));
  return HpkeCiphertext{setup.kem_output, std::move(ciphertext)};
}

Result<SecretBytes> hpke_open(const HpkeKeyPair& recipient, const DhPublicKey& kem_output, ByteView info,
                              ByteView associated_data, ByteView ciphertext) {
  STEIGER_TRY(HpkeRecipientContext context, hpke_setup_recipient(kem_output, recipient, info));
  return context.open(associated_data, ciphertext);
}

}  // namespace steiger
