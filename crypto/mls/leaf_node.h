// LeafNode: one device in the tree (RFC 9420 sections 7.2 and 7.3). Public half.
#pragma once

#include "crypto/base/clock.h"
#include "crypto/mls/types.h"

namespace steiger::mls {

enum class LeafNodeSource : std::uint8_t { key_package = 1, update = 2, commit = 3 };

// Where a leaf of source update or commit stands; part of what it signs.
struct LeafPosition {
  ByteView group_id;
  LeafIndex leaf;
};

struct LeafNode {
  Bytes encryption_key;
  Bytes signature_key;
  Credential credential;
  Capabilities capabilities;
  LeafNodeSource source = LeafNodeSource::key_package;
  Lifetime lifetime;  // source key_package only
  Bytes parent_hash;  // source commit only
  Extensions extensions;
  Bytes signature;

  static Result<LeafNode> read(Reader& reader);
  void write(Writer& writer) const;
  // LeafNodeTBS. `position` counts only for the sources update and commit.
  [[nodiscard]] Bytes to_sign(const LeafPosition& position) const;
  void sign(const SigningKey& key, const LeafPosition& position);
  // kBadLeafSignature.
  [[nodiscard]] Result<void> verify_signature(const LeafPosition& position) const;
  // kBadKey unless the key has the suite's length.
  [[nodiscard]] Result<VerifyKey> verify_key() const { return VerifyKey::from_bytes(signature_key); }
  friend bool operator==(const LeafNode&, const LeafNode&) = default;

 private:
  void write_unsigned(Writer& writer) const;
};

// What section 7.3 asks of one leaf by itself and against the group's context: key lengths, its extensions and credential
// type listed in its own capabilities, version and suite, required capabilities, group context extensions supported.
// Signature and lifetime are separate: verify_signature, check_lifetime.
Result<void> check_leaf(const LeafNode& leaf, const Extensions& group_context_extensions);

// Section 7.3: done for leaves that we send. Not on receipt: a device that was offline for weeks processes old Adds.
// kExpiredKeyPackage outside the range, kLifetimeTooLong beyond kMaxLifetimeSeconds.
Result<void> check_lifetime(const Lifetime& lifetime, Timestamp now);

}  // namespace steiger::mls
