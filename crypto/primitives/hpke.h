// HPKE (RFC 9180) for the one suite that MLS cipher suite 3 uses: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305.
// All four modes: base; with a pre-shared key; with the sender's authenticated key; with both. The mode follows from which of
// `HpkePsk` and the sender's key pair are given, so a mode cannot disagree with its inputs.
// Functions are thread-safe; a context belongs to one thread at a time.
#pragma once

#include <optional>

#include "crypto/primitives/aead.h"
#include "crypto/primitives/dh.h"
#include "crypto/primitives/hash.h"

namespace steiger {

// ---- Keys and the KEM (section 4)
// ----------------------------------------------------------------------------------------------

using KemSharedSecret = Secret<struct KemSharedSecretTag>;
using HpkeExporterSecret = Secret<struct HpkeExporterSecretTag>;

struct HpkeKeyPair {
  DhPrivateKey private_key;
  DhPublicKey public_key{};

  static HpkeKeyPair from_private_key(DhPrivateKey private_key);
  [[nodiscard]] HpkeKeyPair clone() const { return {private_key.clone(), public_key}; }
};

// DeriveKeyPair (section 7.1.3): deterministic. `input_key_material` should hold at least 32 bytes of entropy.
HpkeKeyPair hpke_derive_key_pair(ByteView input_key_material);
HpkeKeyPair hpke_generate_key_pair(Rng& rng);

struct Encapsulated {
  KemSharedSecret shared_secret;
  DhPublicKey kem_output{};  // `enc` in the RFC: travels beside the ciphertext
};

// Encap, or AuthEncap when `sender` is given. An ephemeral key pair must be fresh for every call: only vectors and the function
// that takes an Rng should choose it. kBadPublicKey when `recipient` is a point of small order.
Result<Encapsulated> kem_encapsulate(const HpkeKeyPair& ephemeral, const DhPublicKey& recipient,
                                     const HpkeKeyPair* sender = nullptr);
Result<Encapsulated> kem_encapsulate(Rng& rng, const DhPublicKey& recipient, const HpkeKeyPair* sender = nullptr);
// Decap, or AuthDecap when the sender's public key is given.
Result<KemSharedSecret> kem_decapsulate(const DhPublicKey& kem_output, const HpkeKeyPair& recipient,
                                        const DhPublicKey* sender = nullptr);

// ---- Key schedule (section 5.1)
// ------------------------------------------------------------------------------------------------

// Both parts must be non-empty, and `psk` holds at least 32 bytes of entropy (section 9.5); views must outlive the call.
struct HpkePsk {
  ByteView psk;
  ByteView psk_id;
};

struct HpkeSchedule {
  AeadKey key;
  AeadNonce base_nonce;
  HpkeExporterSecret exporter_secret;
};

// kBadLength when a pre-shared key or its id is empty (VerifyPSKInputs).
Result<HpkeSchedule> hpke_key_schedule(const KemSharedSecret& shared_secret, bool sender_authenticated, ByteView info,
                                       const std::optional<HpkePsk>& psk);

// ---- Contexts (section 5.2)
// ----------------------------------------------------------------------------------------------------

// What both sides of a context share: the exporter. Move-only, because it holds secrets.
class HpkeContext {
 public:
  // Export (section 5.3): `length` bytes bound to this context; kOutputTooLong above 255 * 32.
  [[nodiscard]] Result<SecretBytes> export_secret(ByteView exporter_context, std::size_t length) const;

 protected:
  explicit HpkeContext(HpkeSchedule schedule) : schedule_(std::move(schedule)) {}
  [[nodiscard]] AeadNonce nonce() const;
  HpkeSchedule schedule_;
  std::uint64_t sequence_ = 0;
};

class HpkeSenderContext : public HpkeContext {
 public:
  explicit HpkeSenderContext(HpkeSchedule schedule) : HpkeContext(std::move(schedule)) {}
  // Ciphertext and tag; each call uses the next sequence number. kMessageLimit after 2^64 - 1 messages.
  Result<Bytes> seal(ByteView associated_data, ByteView plaintext);
};

class HpkeRecipientContext : public HpkeContext {
 public:
  explicit HpkeRecipientContext(HpkeSchedule schedule) : HpkeContext(std::move(schedule)) {}
  // Opens the next message in order. A failure (kDecryptionFailed) does not move the sequence number.
  Result<SecretBytes> open(ByteView associated_data, ByteView ciphertext);
};

struct HpkeSenderSetup {
  DhPublicKey kem_output{};
  HpkeSenderContext context;
};

// SetupBaseS, SetupPSKS, SetupAuthS and SetupAuthPSKS in one.
Result<HpkeSenderSetup> hpke_setup_sender(Rng& rng, const DhPublicKey& recipient, ByteView info,
                                          const std::optional<HpkePsk>& psk = std::nullopt, const HpkeKeyPair* sender = nullptr);
Result<HpkeRecipientContext> hpke_setup_recipient(const DhPublicKey& kem_output, const HpkeKeyPair& recipient, ByteView info,
                                                  const std::optional<HpkePsk>& psk = std::nullopt,
                                                  const DhPublicKey* sender = nullptr);

// ---- Single shot (section 6.1), base mode: what MLS EncryptWithLabel needs
// -----------------------------------------------------

struct HpkeCiphertext {
  DhPublicKey kem_output{};
  Bytes ciphertext;
};

Result<HpkeCiphertext> hpke_seal(Rng& rng, const DhPublicKey& recipient, ByteView info, ByteView associated_data,
                                 ByteView plaintext);
// kBadPublicKey for a `kem_output` of small order, kDecryptionFailed for everything else that does not fit.
Result<SecretBytes> hpke_open(const HpkeKeyPair& recipient, const DhPublicKey& kem_output, ByteView info,
                              ByteView associated_data, ByteView ciphertext);

}  // namespace steiger
