// One MLS group as one device sees it (RFC 9420, suite 3). Secret half: never linked by the gateway.
//
//   auto coach = Group::create(rng, options);                       // epoch 0; register coach.group_info({}) at the gateway
//   auto pending = coach.commit(rng, {.adds = {package}, .psks = ..., .now = now});
//   store(pending.serialize()); send {commit, welcome, group_info};
//   coach = std::move(pending).merge(coach);                        // when the gateway accepted it
//   auto joined = Group::join(welcome, package, secrets, key, lookup);
//   auto message = coach.encrypt(rng, authenticated_data, "hoi");   // persist coach before sending (S21)
//   auto received = joined.group.decrypt(message);                  // persist before acknowledging
//
// Move-only, copied only by clone(). No function changes a group unless it succeeds. Belongs to one thread. Handshakes are
// PublicMessage (S7), application messages PrivateMessage. Whether a member may commit, add or write is not decided here: the
// caller checks identities, grants and roles on what handle_commit and join report (design section 6).
#pragma once

#include <functional>

#include "crypto/mls/key_package_secrets.h"
#include "crypto/mls/public_group.h"
#include "crypto/mls/secret_tree.h"
#include "crypto/mls/treekem.h"

namespace steiger::mls {

// The external PSK of that id, if this device has it.
using PskLookup = std::function<std::optional<SecretBytes>(ByteView psk_id)>;
inline PskLookup no_psks() {
  return [](ByteView) { return std::optional<SecretBytes>(); };
}

struct ExternalPsk {
  Bytes id;
  SecretBytes psk;
};

struct CreateOptions {
  Bytes group_id;               // random; never the channel id (S7)
  SigningKey signing_key;       // this device's leaf key
  KeyPackageOptions leaf;       // identity, leaf extensions, capabilities, lifetime of the first leaf
  Extensions group_extensions;  // GroupContext extensions; their types are added to the leaf's capabilities
};

struct CommitOptions {
  std::vector<KeyPackage> adds = {};
  std::vector<ExternalPsk> psks = {};
  Bytes authenticated_data = {};
  Extensions group_info_extensions = {};  // beside ratchet_tree; joiners read them from JoinResult::info
  // A path gives the group fresh secrets from the committer. Only a commit with adds or PSKs may go without.
  bool with_path = true;
  std::optional<Extensions> leaf_extensions = {};  // replaces those of the own leaf (needs the path)
  Timestamp now = {};                              // lifetimes of the adds must include it
};

struct PendingCommit;
struct CommitResult;
struct JoinResult;

struct ReceivedMessage {
  LeafIndex sender;
  std::uint64_t epoch = 0;
  Bytes authenticated_data;
  SecretBytes plaintext;
};

class Group {
  friend struct PendingCommit;

 public:
  // Epoch 0 with the own device as only member. Caller errors only: kBadLength (group id), kUnsupportedCapability.
  static Result<Group> create(Rng& rng, CreateOptions options);

  // `tree` is for a Welcome whose GroupInfo has no ratchet_tree extension. kNotForUs, kUnknownPsk, kMissingTree and all that
  // makes the tree, the GroupInfo or the secrets unacceptable. Delete `secrets` once the joined group is stored.
  static Result<JoinResult> join(const Welcome& welcome, const KeyPackage& key_package, const KeyPackageSecrets& secrets,
                                 const SigningKey& signing_key, const PskLookup& psks,
                                 const std::optional<RatchetTree>& tree = std::nullopt);

  // Builds the next epoch without entering it (RFC 9420 section 14). Store the PendingCommit before sending it; when the
  // gateway accepts, merge() it; when another commit won, drop it and build anew after handle_commit.
  [[nodiscard]] Result<PendingCommit> commit(Rng& rng, const CommitOptions& options) const;

  // A commit by another member (an MLSMessage). kOwnCommit: merge the PendingCommit. kWrongEpoch, kUnknownPsk ...
  // The committer may have changed its own leaf with the path: check next.member(committer) as for an added one.
  [[nodiscard]] Result<CommitResult> handle_commit(ByteView mls_message, const PskLookup& psks) const;

  // An application message in the current epoch (S12). Uses up one message key: store the group before sending. kTooLarge.
  Result<Bytes> encrypt(Rng& rng, ByteView authenticated_data, ByteView plaintext);
  // Current epoch or the one before. On success the message key is gone; on failure nothing changed. kOwnMessage for what
  // this device sent, kGenerationConsumed for a replay, kEpochForgotten / kWrongEpoch for other epochs.
  Result<ReceivedMessage> decrypt(ByteView mls_message);

  // A signed GroupInfo with ratchet_tree and external_pub, as MLSMessage. Goes only to the gateway and roster accounts (S9).
  [[nodiscard]] Result<Bytes> group_info(const Extensions& extensions) const;

  // MLS-Exporter (section 8.5): bound to this epoch. `length` up to kHkdfMaxOutput.
  [[nodiscard]] Result<SecretBytes> export_secret(std::string_view label, ByteView context, std::size_t length) const;
  // Equal at all members of one epoch, and only there.
  [[nodiscard]] ByteView epoch_authenticator() const { return secrets_.epoch_authenticator.bytes(); }

  [[nodiscard]] std::uint64_t epoch() const { return public_.epoch(); }
  [[nodiscard]] ByteView group_id() const { return public_.group_id(); }
  [[nodiscard]] LeafIndex own_leaf() const { return own_leaf_; }
  [[nodiscard]] const RatchetTree& tree() const { return public_.tree(); }
  // nullptr when that leaf is blank or beyond the tree.
  [[nodiscard]] const LeafNode* member(LeafIndex leaf) const { return public_.tree().leaf(leaf); }
  [[nodiscard]] const GroupContext& group_context() const { return public_.context(); }

  [[nodiscard]] Group clone() const;
  // Versioned, complete, secret. Deserialised state decrypts what the original would. kStateVersion, kStateDamaged.
  [[nodiscard]] SecretBytes serialize() const;
  static Result<Group> deserialize(ByteView bytes);

 private:
  // What is needed to read late messages of the epoch before: keys and who could speak, nothing that reaches other epochs.
  struct PastEpoch {
    std::uint64_t epoch = 0;
    Bytes context_bytes;
    RatchetTree tree;
    SenderDataSecret sender_data;
    SecretTree secret_tree;
    [[nodiscard]] PastEpoch clone() const;
  };

  Group(PublicGroup group, LeafIndex own_leaf, SigningKey key, PrivateTree private_tree, EpochSecrets secrets,
        SecretTree secret_tree);
  static Result<Group> read(ByteView bytes);
  static Result<PastEpoch> read_past(Reader& reader);
  [[nodiscard]] PastEpoch as_past() const;
  [[nodiscard]] GroupInfo signed_group_info(const Extensions& extensions) const;

  PublicGroup public_;
  LeafIndex own_leaf_;
  SigningKey signing_key_;
  PrivateTree private_tree_;
  EpochSecrets secrets_;
  SecretTree secret_tree_;
  std::optional<PastEpoch> past_;  // S12: at most one
};

struct PendingCommit {
  Bytes commit;                  // MLSMessage(PublicMessage)
  std::optional<Bytes> welcome;  // MLSMessage(Welcome), when members were added
  Bytes group_info;              // MLSMessage(GroupInfo) of the next epoch with ratchet_tree
  Group next;                    // to look at; enter it by merge()

  // The next epoch, once the gateway accepted the commit. Late messages of `current` stay readable, with the keys as they are
  // now and not as they were when the commit was made (section 9.2). kWrongGroup / kWrongEpoch when `current` has moved on.
  Result<Group> merge(const Group& current) &&;

  [[nodiscard]] SecretBytes serialize() const;
  static Result<PendingCommit> deserialize(ByteView bytes);
};

struct CommitResult {
  Group next;
  LeafIndex committer;
  std::vector<AddedMember> added;
  std::vector<PreSharedKeyId> psks;
  Bytes authenticated_data;
};

struct JoinResult {
  Group group;
  GroupInfo info;                    // verified; its extensions carry e.g. the chain head (S15)
  LeafIndex committer;               // who signed it
  std::vector<PreSharedKeyId> psks;  // which PSKs went in: an invited device insists on its own (S5)
};

}  // namespace steiger::mls
