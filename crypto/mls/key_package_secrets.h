// Making a KeyPackage and keeping its private keys (RFC 9420 section 10). Secret half.
#pragma once

#include "crypto/mls/key_package.h"
#include "crypto/primitives/dh.h"

namespace steiger::mls {

// What opens a Welcome for one KeyPackage. Keep it until the join is stored, then delete it (section 10: forward secrecy).
struct KeyPackageSecrets {
  DhPrivateKey init_key;
  DhPrivateKey leaf_key;

  [[nodiscard]] KeyPackageSecrets clone() const { return {init_key.clone(), leaf_key.clone()}; }
  // Versioned bytes for the local store. deserialize: kStateVersion, kStateDamaged.
  [[nodiscard]] SecretBytes serialize() const;
  static Result<KeyPackageSecrets> deserialize(ByteView bytes);
};

struct KeyPackageOptions {
  Bytes credential_identity;   // 32 bytes AccountId || DeviceId by our convention; opaque here
  Extensions leaf_extensions;  // their types are added to the capabilities
  Capabilities capabilities;   // add what the group's context extensions use (channel binding); GREASE comes by itself
  Lifetime lifetime;
  Extensions extensions;  // of the KeyPackage itself, e.g. a last-resort mark
};

struct NewKeyPackage {
  KeyPackage key_package;
  KeyPackageSecrets secrets;
};
NewKeyPackage make_key_package(Rng& rng, const SigningKey& key, const KeyPackageOptions& options);

// A signed leaf of source key_package with a fresh key: the first leaf of a group.
LeafNode make_leaf(Rng& rng, const SigningKey& key, const KeyPackageOptions& options, const DhPublicKey& leaf_key);

}  // namespace steiger::mls
