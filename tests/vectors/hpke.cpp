// RFC 9180 Appendix A, in the JSON form of the CFRG's own file: all four modes of our suite, every intermediate value that the
// file names.
#include "crypto/primitives/hpke.h"

#include "tests/vectors/vectors.h"

namespace steiger::vectors {
namespace {

constexpr int kKemX25519 = 0x0020;
constexpr int kKdfSha256 = 0x0001;
constexpr int kAeadChaCha20Poly1305 = 0x0003;

enum Mode : int { kBase = 0, kPsk = 1, kAuth = 2, kAuthPsk = 3 };

// The named party's key pair: derived from ikmX, compared with skXm and pkXm.
struct Party {
  HpkeKeyPair keys;
  Outcome outcome;
};
Party derive_party(const Json& entry, const std::string& letter) {
  Party party{hpke_derive_key_pair(hex(entry, ("ikm" + letter).c_str())), {}};
  const std::string sk = "sk" + letter + "m";
  const std::string pk = "pk" + letter + "m";
  party.outcome = expect_equal(sk, hex(entry, sk.c_str()), party.keys.private_key.bytes());
  if (party.outcome.state == Outcome::State::passed)
    party.outcome = expect_equal(pk, hex(entry, pk.c_str()), party.keys.public_key);
  return party;
}

Outcome verify_encryptions(const Json& entry, HpkeSenderContext& sender, HpkeRecipientContext& recipient) {
  std::uint64_t sequence = 0;
  std::uint64_t index = 0;
  for (const Json& encryption : entry.at("encryptions")) {
    const std::uint64_t wanted = encryption.value("sequence_number", index++);
    if (wanted < sequence) return Outcome::fail("encryptions are not in order");
    for (; sequence < wanted; ++sequence) {  // the file leaves numbers out; both sides have to walk past them
      if (!recipient.open({}, sender.seal({}, {}).value()).ok()) return Outcome::fail("own message does not open");
    }
    const Bytes aad = hex(encryption, "aad");
    const Bytes plaintext = hex(encryption, encryption.contains("pt") ? "pt" : "plaintext");
    const Bytes ciphertext = hex(encryption, encryption.contains("ct") ? "ct" : "ciphertext");
    const std::string what = "ct " + std::to_string(sequence);
    STEIGER_EXPECT(expect_equal(what, ciphertext, sender.seal(aad, plaintext).value()));
    const auto opened = recipient.open(aad, ciphertext);
    if (!opened.ok()) return Outcome::fail(what + " does not open");
    STEIGER_EXPECT(expect_equal("pt", plaintext, opened->bytes()));
    ++sequence;
  }
  return Outcome::pass();
}

Outcome verify_hpke(const Json& entry) {
  const bool ours = number(entry, "kem_id") == kKemX25519 && number(entry, "kdf_id") == kKdfSha256 &&
                    number(entry, "aead_id") == kAeadChaCha20Poly1305;
  if (!ours) return Outcome::skip("suite");
  const int mode = entry.at("mode");
  if (mode < kBase || mode > kAuthPsk) return Outcome::fail("unknown mode");
  const bool with_psk = mode == kPsk || mode == kAuthPsk;
  const bool with_sender = mode == kAuth || mode == kAuthPsk;

  Party ephemeral = derive_party(entry, "E");
  STEIGER_EXPECT(ephemeral.outcome);
  Party recipient = derive_party(entry, "R");
  STEIGER_EXPECT(recipient.outcome);
  std::optional<Party> sender;
  if (with_sender) {
    sender = derive_party(entry, "S");
    STEIGER_EXPECT(sender->outcome);
  }

  const auto kem = kem_encapsulate(ephemeral.keys, recipient.keys.public_key, sender ? &sender->keys : nullptr);
  if (!kem.ok()) return Outcome::fail("encapsulation refused");
  STEIGER_EXPECT(expect_equal("enc", hex(entry, "enc"), kem->kem_output));
  STEIGER_EXPECT(expect_equal("shared_secret", hex(entry, "shared_secret"), kem->shared_secret.bytes()));
  const DhPublicKey* sender_key = sender ? &sender->keys.public_key : nullptr;
  const auto decapsulated = kem_decapsulate(kem->kem_output, recipient.keys, sender_key);
  if (!decapsulated.ok()) return Outcome::fail("decapsulation refused");
  STEIGER_EXPECT(expect_equal("decapsulated", kem->shared_secret.bytes(), decapsulated->bytes()));

  const Bytes info = hex(entry, "info");
  const Bytes psk = with_psk ? hex(entry, "psk") : Bytes();
  const Bytes psk_id = with_psk ? hex(entry, "psk_id") : Bytes();
  const auto psk_input = with_psk ? std::optional(HpkePsk{psk, psk_id}) : std::nullopt;
  auto schedule = hpke_key_schedule(kem->shared_secret, with_sender, info, psk_input);
  if (!schedule.ok()) return Outcome::fail("key schedule refused");
  STEIGER_EXPECT(expect_equal("key", hex(entry, "key"), schedule->key.bytes()));
  STEIGER_EXPECT(expect_equal("base_nonce", hex(entry, "base_nonce"), schedule->base_nonce.bytes()));
  STEIGER_EXPECT(expect_equal("exporter_secret", hex(entry, "exporter_secret"), schedule->exporter_secret.bytes()));

  HpkeSenderContext sending(std::move(schedule).value());
  auto receiving = hpke_setup_recipient(kem->kem_output, recipient.keys, info, psk_input, sender_key);
  if (!receiving.ok()) return Outcome::fail("recipient setup refused");
  if (entry.at("exports").empty() && entry.at("encryptions").empty()) return Outcome::fail("an entry that shows nothing");
  for (const Json& exported : entry.at("exports")) {
    const auto value = receiving->export_secret(hex(exported, "exporter_context"), exported.at("L").get<std::size_t>());
    if (!value.ok()) return Outcome::fail("export refused");
    STEIGER_EXPECT(expect_equal("exported_value", hex(exported, "exported_value"), value->bytes()));
  }
  return verify_encryptions(entry, sending, *receiving);
}

}  // namespace

std::vector<Kind> hpke_kinds() {
  const auto recognise = [](const Json& document) {
    return has_keys(first_entry(document), {"mode", "kem_id", "kdf_id", "aead_id", "enc", "encryptions", "exports"});
  };
  return {{"hpke", recognise, &verify_hpke}};
}

}  // namespace steiger::vectors
