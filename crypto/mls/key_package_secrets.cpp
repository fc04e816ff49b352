#include "crypto/mls/key_package_secrets.h"

#include <algorithm>

#include "crypto/mls/secret_codec.h"
#include "crypto/primitives/hpke.h"

namespace steiger::mls {
namespace {
constexpr std::uint16_t kStoredVersion = 1;
}  // namespace

SecretBytes KeyPackageSecrets::serialize() const {
  SecretWriter writer;
  writer.u16(kStoredVersion).fixed(init_key.bytes()).fixed(leaf_key.bytes());
  return std::move(writer).take();
}

Result<KeyPackageSecrets> KeyPackageSecrets::deserialize(ByteView bytes) {
  Reader reader(bytes);
  const Result<std::uint16_t> version = reader.u16();
  if (!version.ok() || *version != kStoredVersion) return kStateVersion;
  Result<DhPrivateKey> init_key = read_secret<DhPrivateKey>(reader);
  Result<DhPrivateKey> leaf_key = read_secret<DhPrivateKey>(reader);
  if (!init_key.ok() || !leaf_key.ok() || !reader.empty()) return kStateDamaged;
  return KeyPackageSecrets{std::move(init_key).value(), std::move(leaf_key).value()};
}

LeafNode make_leaf(Rng& rng, const SigningKey& key, const KeyPackageOptions& options, const DhPublicKey& leaf_key) {
  LeafNode leaf;
  leaf.encryption_key = to_bytes(leaf_key);
  leaf.signature_key = to_bytes(key.verify_key().bytes());
  leaf.credential = Credential::basic(options.credential_identity);
  leaf.capabilities = options.capabilities;
  leaf.capabilities.add_grease(rng);
  leaf.lifetime = options.lifetime;
  leaf.extensions = options.leaf_extensions;
  for (const Extension& extension : options.leaf_extensions) {
    if (!leaf.capabilities.supports_extension(extension.type)) leaf.capabilities.extensions.push_back(extension.type);
  }
  leaf.sign(key, {});
  return leaf;
}

NewKeyPackage make_key_package(Rng& rng, const SigningKey& key, const KeyPackageOptions& options) {
  HpkeKeyPair init = hpke_generate_key_pair(rng);
  HpkeKeyPair leaf = hpke_generate_key_pair(rng);
  NewKeyPackage out;
  out.key_package.init_key = to_bytes(init.public_key);
  out.key_package.leaf = make_leaf(rng, key, options, leaf.public_key);
  out.key_package.extensions = options.extensions;
  out.key_package.sign(key);
  out.secrets = {std::move(init.private_key), std::move(leaf.private_key)};
  return out;
}

}  // namespace steiger::mls
