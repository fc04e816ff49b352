// The secret tree and the per-sender ratchets (RFC 9420 section 9) with the deletion schedule of section 9.2: a secret is gone
// as soon as everything below it is derived, a message key as soon as it is used. Secret half. Belongs to one thread.
#pragma once

#include <map>

#include "crypto/mls/key_schedule.h"
#include "crypto/mls/secret_codec.h"
#include "crypto/mls/tree_math.h"

namespace steiger::mls {

enum class RatchetKind : std::uint8_t { handshake, application };

using TreeSecret = Secret<struct TreeSecretTag>;
using RatchetSecret = Secret<struct RatchetSecretTag>;

// One sender's chain of message keys.
class Ratchet {
 public:
  explicit Ratchet(RatchetSecret secret) : secret_(std::move(secret)) {}

  // The key of the next message to send, and its generation. kGenerationExhausted after 2^32 - 1 messages.
  struct Next {
    std::uint32_t generation = 0;
    KeyAndNonce key;
  };
  Result<Next> next();
  // The key of a received generation, taken out. Keys passed over are kept, at most kMaxSkippedKeys. kGenerationTooFar
  // (before any work), kGenerationConsumed.
  Result<KeyAndNonce> take(std::uint32_t generation);

  [[nodiscard]] std::uint32_t generation() const { return generation_; }
  [[nodiscard]] Ratchet clone() const;
  void write(SecretWriter& writer) const;
  static Result<Ratchet> read(Reader& reader);

 private:
  KeyAndNonce step();

  RatchetSecret secret_;
  std::uint32_t generation_ = 0;  // of the key that step() gives next
  std::map<std::uint32_t, KeyAndNonce> skipped_;
};

class SecretTree {
 public:
  // `leaf_count`: width of the ratchet tree of the epoch.
  SecretTree(std::uint32_t leaf_count, EncryptionSecret secret);

  // The ratchet of a sender as it stands, to work on. kUnknownLeaf beyond the tree. Deriving it changes nothing here.
  [[nodiscard]] Result<Ratchet> ratchet(LeafIndex leaf, RatchetKind kind) const;
  // Stores the moved-on ratchet; the first time for a leaf, the tree secrets above it are replaced by their siblings.
  void put(LeafIndex leaf, RatchetKind kind, Ratchet moved_on);

  [[nodiscard]] std::uint32_t leaf_count() const { return leaf_count_; }
  [[nodiscard]] SecretTree clone() const;
  void write(SecretWriter& writer) const;
  static Result<SecretTree> read(Reader& reader);

 private:
  SecretTree() = default;
  struct LeafRatchets {
    Ratchet handshake;
    Ratchet application;
  };
  static LeafRatchets make_ratchets(const TreeSecret& leaf_secret);
  void expand_to(LeafIndex leaf);

  std::uint32_t leaf_count_ = 0;
  std::map<NodeIndex, TreeSecret> nodes_;  // the frontier: no secret here is an ancestor of another or of a ratchet
  std::map<LeafIndex, LeafRatchets> leaves_;
};

}  // namespace steiger::mls
