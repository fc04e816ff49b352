// The key schedule of one epoch (RFC 9420 section 8). Secret half. Thread-safe.
#pragma once

#include "crypto/mls/kdf.h"
#include "crypto/mls/proposals.h"
#include "crypto/primitives/hash.h"

namespace steiger::mls {

using InitSecret = Secret<struct InitSecretTag>;
using CommitSecret = Secret<struct CommitSecretTag>;
using JoinerSecret = Secret<struct JoinerSecretTag>;
using PskSecret = Secret<struct PskSecretTag>;
using MemberSecret = Secret<struct MemberSecretTag>;  // between joiner_secret and epoch_secret
using WelcomeSecret = Secret<struct WelcomeSecretTag>;
using EpochSecret = Secret<struct EpochSecretTag>;
using SenderDataSecret = Secret<struct SenderDataSecretTag>;
using EncryptionSecret = Secret<struct EncryptionSecretTag>;
using ExporterSecret = Secret<struct ExporterSecretTag>;
using ExternalSecret = Secret<struct ExternalSecretTag>;
using ConfirmationKey = Secret<struct ConfirmationKeyTag>;
using MembershipKey = Secret<struct MembershipKeyTag>;
using ResumptionPsk = Secret<struct ResumptionPskTag>;
using EpochAuthenticator = Secret<struct EpochAuthenticatorTag>;

struct PskWithId {
  PreSharedKeyId id;
  SecretBytes psk;
};
// Section 8.4; all zero for an empty list.
PskSecret psk_secret(const std::vector<PskWithId>& psks);

// `context` is always the encoded GroupContext of the new epoch.
JoinerSecret joiner_secret(const InitSecret& init, const CommitSecret& commit, ByteView context);
MemberSecret member_secret(const JoinerSecret& joiner, const PskSecret& psk);
WelcomeSecret welcome_secret(const MemberSecret& member);
EpochSecret epoch_secret(const MemberSecret& member, ByteView context);

// All secrets of an epoch but encryption_secret, which the secret tree takes and consumes.
struct EpochSecrets {
  SenderDataSecret sender_data;
  ExporterSecret exporter;
  ExternalSecret external;
  ConfirmationKey confirmation_key;
  MembershipKey membership_key;
  ResumptionPsk resumption_psk;
  EpochAuthenticator epoch_authenticator;
  InitSecret init;  // of the next epoch

  static EpochSecrets derive(const EpochSecret& epoch);
  [[nodiscard]] EpochSecrets clone() const;
};
EncryptionSecret encryption_secret(const EpochSecret& epoch);

Hash confirmation_tag(const ConfirmationKey& key, ByteView confirmed_transcript_hash);
// MLS-Exporter (section 8.5). kOutputTooLong beyond kHkdfMaxOutput.
Result<SecretBytes> export_secret(const ExporterSecret& exporter, std::string_view label, ByteView context, std::size_t length);
// The public key of section 8.3 for external commits.
DhPublicKey external_public_key(const ExternalSecret& external);

// Key and nonce that seal the GroupInfo of a Welcome (section 12.4.3.1), or one message.
struct KeyAndNonce {
  Secret<struct MessageKeyTag> key;
  Secret<struct MessageNonceTag, 12> nonce;
  [[nodiscard]] KeyAndNonce clone() const { return {key.clone(), nonce.clone()}; }
};
KeyAndNonce welcome_key(const WelcomeSecret& welcome);

}  // namespace steiger::mls
