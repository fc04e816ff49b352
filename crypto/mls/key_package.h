// KeyPackage: what a device publishes so that others can add it (RFC 9420 section 10). Public half; making one needs
// key_package_secrets.h.
#pragma once

#include "crypto/mls/labels.h"
#include "crypto/mls/leaf_node.h"

namespace steiger::mls {

struct KeyPackage {
  std::uint16_t version = kMls10;
  std::uint16_t cipher_suite = kSuite3;
  Bytes init_key;
  LeafNode leaf;
  Extensions extensions;
  Bytes signature;

  static Result<KeyPackage> read(Reader& reader);
  void write(Writer& writer) const;
  [[nodiscard]] KeyPackageRef ref() const;
  void sign(const SigningKey& key);
  // Section 10.1 without time: version, suite, leaf source and signature, package signature, init key differs from the
  // leaf's key, capabilities fit `group_context_extensions`.
  [[nodiscard]] Result<void> validate(const Extensions& group_context_extensions = {}) const;
  // Its two parts: what costs little and depends on the group; the two signatures, which do not.
  [[nodiscard]] Result<void> check_fields(const Extensions& group_context_extensions) const;
  [[nodiscard]] Result<void> verify_signatures() const;
  friend bool operator==(const KeyPackage&, const KeyPackage&) = default;

 private:
  [[nodiscard]] Bytes to_sign() const;
  void write_unsigned(Writer& writer) const;
};

// A KeyPackage whose signatures were verified, once: the only kind that a member can add. Whether it suits a group (required
// capabilities, extensions, lifetime) is checked by the commit.
class VerifiedKeyPackage {
 public:
  // The errors of KeyPackage::validate.
  static Result<VerifiedKeyPackage> verify(KeyPackage key_package);
  // Of the form that travels.
  static Result<VerifiedKeyPackage> decode(ByteView mls_message);
  [[nodiscard]] const KeyPackage& get() const { return key_package_; }
  const KeyPackage* operator->() const { return &key_package_; }

 private:
  explicit VerifiedKeyPackage(KeyPackage key_package) : key_package_(std::move(key_package)) {}
  KeyPackage key_package_;
};

// A KeyPackage wrapped as MLSMessage, the form that travels; decode_key_package accepts only that form.
Bytes encode_key_package_message(const KeyPackage& key_package);
Result<KeyPackage> decode_key_package(ByteView mls_message);

}  // namespace steiger::mls
