#include "crypto/mls/epoch.h"

#include "crypto/primitives/hpke.h"

namespace steiger::mls {
namespace {
constexpr std::string_view kExternalInitLabel = "MLS 1.0 external init secret";
}  // namespace

Epoch begin_epoch(JoinerSecret joiner, const std::vector<PskWithId>& psks, ByteView context, std::uint32_t leaf_count) {
  MemberSecret member = member_secret(joiner, psk_secret(psks));
  const EpochSecret epoch = epoch_secret(member, context);
  return {std::move(joiner), std::move(member), EpochSecrets::derive(epoch), SecretTree(leaf_count, encryption_secret(epoch))};
}

Epoch begin_epoch(const InitSecret& init, const CommitSecret& commit, const std::vector<PskWithId>& psks, ByteView context,
                  std::uint32_t leaf_count) {
  return begin_epoch(joiner_secret(init, commit, context), psks, context, leaf_count);
}

Result<ExternalInitSecret> make_external_init(Rng& rng, ByteView external_pub) {
  const Result<DhPublicKey> recipient = to_array<kPublicKeySize>(external_pub);
  if (!recipient.ok()) return kBadKey;
  STEIGER_TRY(const HpkeSenderSetup setup, hpke_setup_sender(rng, *recipient, {}));
  STEIGER_TRY(const SecretBytes exported, setup.context.export_secret(as_bytes(kExternalInitLabel), InitSecret::size()));
  STEIGER_TRY(InitSecret init, InitSecret::from_bytes(exported.bytes()));
  return ExternalInitSecret{to_bytes(setup.kem_output), std::move(init)};
}

Result<InitSecret> open_external_init(const ExternalSecret& external, ByteView kem_output) {
  const Result<DhPublicKey> received = to_array<kPublicKeySize>(kem_output);
  if (!received.ok()) return kBadKey;
  STEIGER_TRY(const HpkeRecipientContext context, hpke_setup_recipient(*received, hpke_derive_key_pair(external.bytes()), {}));
  STEIGER_TRY(const SecretBytes exported, context.export_secret(as_bytes(kExternalInitLabel), InitSecret::size()));
  return InitSecret::from_bytes(exported.bytes());
}

}  // namespace steiger::mls
