#include "crypto/mls/group_secrets.h"

#include <algorithm>

#include "crypto/primitives/aead.h"

namespace steiger::mls {
namespace {
constexpr std::string_view kWelcomeLabel = "Welcome";
}  // namespace

SecretBytes GroupSecrets::encode() const {
  SecretWriter writer;
  writer.opaque(joiner.bytes()).u8(path_secret ? 1 : 0);
  if (path_secret) writer.opaque(path_secret->bytes());
  Writer ids;
  write_vector(ids, psks);
  writer.fixed(ids.view());
  return std::move(writer).take();
}

Result<GroupSecrets> GroupSecrets::decode(ByteView bytes) {
  Reader reader(bytes);
  GroupSecrets out;
  STEIGER_TRY(const ByteView joiner, reader.opaque(kMaxHashSize));
  STEIGER_TRY(out.joiner, JoinerSecret::from_bytes(joiner));
  STEIGER_TRY(const bool has_path, read_presence(reader));
  if (has_path) {
    STEIGER_TRY(const ByteView path, reader.opaque(kMaxHashSize));
    STEIGER_TRY(out.path_secret, PathSecret::from_bytes(path));
  }
  STEIGER_TRY(out.psks, read_vector<PreSharedKeyId>(reader, kMaxPsksPerCommit));
  STEIGER_CHECK(reader.done());
  return out;
}

Result<GroupSecrets> open_group_secrets(const Welcome& welcome, const KeyPackageRef& reference, const HpkeKeyPair& init_key) {
  if (welcome.cipher_suite != kSuite3) return kUnsupportedSuite;
  const auto ours = std::find_if(welcome.secrets.begin(), welcome.secrets.end(),
                                 [&](const EncryptedGroupSecrets& item) { return equal(item.new_member, reference); });
  if (ours == welcome.secrets.end()) return kNotForUs;
  STEIGER_TRY(const SecretBytes plain,
              decrypt_with_label(init_key, kWelcomeLabel, welcome.encrypted_group_info, ours->encrypted_group_secrets));
  return GroupSecrets::decode(plain.bytes());
}

Result<EncryptedGroupSecrets> seal_group_secrets(Rng& rng, const GroupSecrets& secrets, const KeyPackage& recipient,
                                                 ByteView encrypted_group_info) {
  EncryptedGroupSecrets out;
  out.new_member = to_bytes(recipient.ref());
  STEIGER_TRY(out.encrypted_group_secrets,
              encrypt_with_label(rng, recipient.init_key, kWelcomeLabel, encrypted_group_info, secrets.encode().bytes()));
  return out;
}

Bytes seal_group_info(const WelcomeSecret& secret, const GroupInfo& info) {
  const KeyAndNonce key = welcome_key(secret);
  return aead_seal(key.key.bytes(), key.nonce.bytes(), {}, encode(info));
}

Result<GroupInfo> open_group_info(const WelcomeSecret& secret, ByteView encrypted_group_info) {
  const KeyAndNonce key = welcome_key(secret);
  STEIGER_TRY(const SecretBytes plain, aead_open(key.key.bytes(), key.nonce.bytes(), {}, encrypted_group_info));
  return mls::decode<GroupInfo>(plain.bytes());
}

}  // namespace steiger::mls
