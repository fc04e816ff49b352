#include "crypto/mls/key_schedule.h"

namespace steiger::mls {
namespace {

// KDF.Extract with the type of its result.
template <class SecretType>
SecretType extract(ByteView salt, ByteView input) {
  return SecretType(hkdf_extract(salt, input).bytes());
}

}  // namespace

PskSecret psk_secret(const std::vector<PskWithId>& psks) {
  static constexpr ByteArray<kHashSize> kZero{};
  PskSecret out;
  const auto count = static_cast<std::uint16_t>(psks.size());
  for (std::uint16_t i = 0; i < count; ++i) {
    const PseudoRandomKey extracted = hkdf_extract(kZero, psks[i].psk.bytes());
    Writer label;
    psks[i].id.write(label);
    label.u16(i).u16(count);
    const auto input = expand_secret<PskSecret>(extracted.bytes(), "derived psk", label.view());
    out = extract<PskSecret>(input.bytes(), out.bytes());
  }
  return out;
}

JoinerSecret joiner_secret(const InitSecret& init, const CommitSecret& commit, ByteView context) {
  return expand_secret<JoinerSecret>(hkdf_extract(init.bytes(), commit.bytes()).bytes(), "joiner", context);
}

MemberSecret member_secret(const JoinerSecret& joiner, const PskSecret& psk) {
  return extract<MemberSecret>(joiner.bytes(), psk.bytes());
}

WelcomeSecret welcome_secret(const MemberSecret& member) {
  return derive_secret<WelcomeSecret>(member.bytes(), "welcome");
}

EpochSecret epoch_secret(const MemberSecret& member, ByteView context) {
  return expand_secret<EpochSecret>(member.bytes(), "epoch", context);
}

EpochSecrets EpochSecrets::derive(const EpochSecret& epoch) {
  const HmacKey secret(epoch.bytes());
  return {derive_secret<SenderDataSecret>(secret, "sender data"),      derive_secret<ExporterSecret>(secret, "exporter"),
          derive_secret<ExternalSecret>(secret, "external"),           derive_secret<ConfirmationKey>(secret, "confirm"),
          derive_secret<MembershipKey>(secret, "membership"),          derive_secret<ResumptionPsk>(secret, "resumption"),
          derive_secret<EpochAuthenticator>(secret, "authentication"), derive_secret<InitSecret>(secret, "init")};
}

EpochSecrets EpochSecrets::clone() const {
  return {sender_data.clone(),
          exporter.clone(),
          external.clone(),
          confirmation_key.clone(),
          membership_key.clone(),
          resumption_psk.clone(),
          epoch_authenticator.clone(),
          init.clone()};
}

EncryptionSecret encryption_secret(const EpochSecret& epoch) {
  return derive_secret<EncryptionSecret>(epoch.bytes(), "encryption");
}

Hash confirmation_tag(const ConfirmationKey& key, ByteView confirmed_transcript_hash) {
  return hmac_sha256(key.bytes(), {confirmed_transcript_hash});
}

Result<SecretBytes> export_secret(const ExporterSecret& exporter, std::string_view label, ByteView context, std::size_t length) {
  if (length > kHkdfMaxOutput) return kOutputTooLong;
  const auto derived = derive_secret<ExporterSecret>(exporter.bytes(), label);
  SecretBytes out(length);
  expand_with_label(derived.bytes(), "exported", sha256(context), out.writable());
  return out;
}

DhPublicKey external_public_key(const ExternalSecret& external) {
  return hpke_derive_key_pair(external.bytes()).public_key;
}

KeyAndNonce welcome_key(const WelcomeSecret& welcome) {
  const HmacKey secret(welcome.bytes());
  KeyAndNonce out;
  expand_with_label(secret, "key", {}, out.key.writable());
  expand_with_label(secret, "nonce", {}, out.nonce.writable());
  return out;
}

}  // namespace steiger::mls
