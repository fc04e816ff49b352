// One MLS group as one device sees it (RFC 9420, suite 3). Secret half: never linked by the gateway.
//
//   auto coach = Group::create(rng, options);                       // epoch 0; register coach.group_info({}) at the gateway
//   auto package = VerifiedKeyPackage::decode(bytes);
//   auto pending = coach.commit(rng, {.adds = {package}, .psks = ..., .now = now});
//   store(pending.serialize()); send {commit, welcome, group_info};
//   coach = std::move(pending).merge(coach);                        // when the gateway accepted it
//   auto joined = Group::join(welcome, package, secrets, key, lookup);
//   auto message = coach.encrypt(rng, authenticated_data, "hoi");   // persist coach before sending (S21)
//   auto received = joined.group.decrypt(message);                  // persist before acknowledging
//
// Move-only, copied only by clone(). No function changes a group unless it succeeds. Belongs to one thread. Handshakes are
// PublicMessage in our profile (S7); as PrivateMessage they are understood and can be made. Whether a member may commit, add or
// write is not decided here: the caller checks identities, grants and roles on the CommitFacts that handle_commit and join report
// (design section 6).
#pragma once

#include "crypto/mls/epoch.h"
#include "crypto/mls/key_package_secrets.h"
#include "crypto/mls/psks.h"
#include "crypto/mls/public_group.h"
#include "crypto/mls/treekem.h"

namespace steiger::mls {

struct ExternalPsk {
  Bytes id;
  SecretBytes psk;
};
// A PSK from an epoch of this or another group, made by Group::resumption_psk.
struct ResumptionUse {
  ResumptionUsage usage = ResumptionUsage::application;
  Bytes group_id;
  std::uint64_t epoch = 0;
  ResumptionPsk psk;
};

struct CreateOptions {
  Bytes group_id;               // random; never the channel id (S7)
  SigningKey signing_key;       // this device's leaf key
  KeyPackageOptions leaf;       // identity, leaf extensions, capabilities, lifetime of the first leaf
  Extensions group_extensions;  // GroupContext extensions; their types are added to the leaf's capabilities
};

// A key that seals one handshake as PrivateMessage; taken out of the group, which must be stored before it is used.
struct HandshakeKey {
  std::uint64_t epoch = 0;
  Ratchet::Next key;
};

struct CommitOptions {
  std::vector<VerifiedKeyPackage> adds = {};
  std::vector<LeafIndex> removes = {};
  std::vector<ExternalPsk> psks = {};
  std::vector<ResumptionUse> resumptions = {};
  std::optional<Extensions> context_extensions = {};  // all of them, replacing those there are
  std::optional<ReInit> reinit = {};                  // alone
  std::vector<ProposalRef> references = {};           // proposals received in this epoch
  Bytes authenticated_data = {};
  Extensions group_info_extensions = {};  // beside ratchet_tree; joiners read them from JoinResult::info
  // A path gives the group fresh secrets from the committer. Only a commit of adds, PSKs or a ReInit may go without.
  bool with_path = true;
  std::optional<Extensions> leaf_extensions = {};  // replaces those of the own leaf (needs the path)
  Timestamp now = {};                              // lifetimes of the adds by value must include it
  PskSources psk_sources = {};                     // for PSKs proposed by others
  const HandshakeKey* sealed_with = nullptr;       // the commit as PrivateMessage
};

struct ExternalJoinOptions {
  SigningKey signing_key;
  KeyPackageOptions leaf;            // lifetime does not count: the leaf is of source commit
  std::optional<LeafIndex> removes;  // the old leaf of the same device (S9)
  std::vector<ExternalPsk> psks = {};
  Bytes authenticated_data = {};
  Extensions group_info_extensions = {};
  std::optional<RatchetTree> tree = {};  // for a GroupInfo without ratchet_tree
};

// A group in which nothing more can be sent.
enum class GroupEnd : std::uint8_t { none, removed, reinitialised };

struct PendingCommit;
struct CommitResult;
struct JoinResult;

struct ReceivedMessage {
  LeafIndex sender;
  std::uint64_t epoch = 0;
  Bytes authenticated_data;
  SecretBytes plaintext;
};

struct ReceivedProposal {
  StoredProposal proposal;
  Bytes authenticated_data;
};

class Group {
  friend struct PendingCommit;

 public:
  // Epoch 0 with the own device as only member. Caller errors only: kBadLength (group id), kDuplicateExtension,
  // kUnsupportedCapability.
  static Result<Group> create(Rng& rng, CreateOptions options);

  // `tree` is for a Welcome whose GroupInfo has no ratchet_tree extension. `predecessor`: the group that this one continues
  // (reinit, section 11.2) or is a branch of (section 11.3); a Welcome that claims one is refused without it. kNotForUs,
  // kUnknownPsk, kMissingTree, kNotASuccessor and all that makes the tree, the GroupInfo or the secrets unacceptable. Delete
  // `secrets` once the joined group is stored.
  static Result<JoinResult> join(const Welcome& welcome, const KeyPackage& key_package, const KeyPackageSecrets& secrets,
                                 const SigningKey& signing_key, const PskSources& psks,
                                 const std::optional<RatchetTree>& tree = std::nullopt, const Group* predecessor = nullptr);

  // Enters by an external commit (section 12.4.3.2) with a GroupInfo (an MLSMessage) of the current epoch. The result is merged
  // without a group: PendingCommit::next is it, once the gateway accepted the commit. kMissingExternalPub ...
  static Result<PendingCommit> join_externally(Rng& rng, ByteView group_info, ExternalJoinOptions options);

  // Builds the next epoch without entering it (RFC 9420 section 14). Store the PendingCommit before sending it; when the
  // gateway accepts, merge() it; when another commit won, drop it and build anew after handle_commit.
  [[nodiscard]] Result<PendingCommit> commit(Rng& rng, const CommitOptions& options) const;

  // A commit by another member or a newcomer (an MLSMessage). kOwnCommit: merge the PendingCommit. kWrongEpoch, kUnknownPsk ...
  // The committer may have changed its own leaf with the path: check next.member(committer) as for an added one. When it
  // removes this device, `next` is this group with end() == removed: the confirmation tag cannot be checked then.
  [[nodiscard]] Result<CommitResult> handle_commit(ByteView mls_message, const PskSources& psks) const;

  // A proposal for somebody's commit in this epoch, as MLSMessage; remembered here too. Not for Update: see propose_update.
  // `sealed` makes it a PrivateMessage and uses up a message key: store the group before sending.
  Result<Bytes> propose(Rng& rng, const Proposal& proposal, ByteView authenticated_data, bool sealed = false);
  // Fresh keys for the own leaf, when somebody commits it. Store the group before sending.
  Result<Bytes> propose_update(Rng& rng, const std::optional<Extensions>& leaf_extensions, ByteView authenticated_data,
                               bool sealed = false);
  // A proposal from a member, an external sender or a newcomer; commits name it by its reference. Twice is once.
  Result<ReceivedProposal> handle_proposal(ByteView mls_message);

  // An application message in the current epoch (S12). Uses up one message key: store the group before sending. kTooLarge.
  // kProposalsWaiting while proposals of this epoch wait: a commit comes before application data (RFC 9420 section 12.4).
  Result<Bytes> encrypt(Rng& rng, ByteView authenticated_data, ByteView plaintext);
  // Current epoch or the one before. On success the message key is gone; on failure nothing changed. kOwnMessage for what
  // this device sent, kGenerationConsumed for a replay, kEpochForgotten / kWrongEpoch for other epochs.
  Result<ReceivedMessage> decrypt(ByteView mls_message);
  // For CommitOptions::sealed_with.
  Result<HandshakeKey> take_handshake_key();

  // A signed GroupInfo with ratchet_tree and external_pub, as MLSMessage. Goes only to the gateway and roster accounts (S9).
  [[nodiscard]] Result<Bytes> group_info(const Extensions& extensions) const;

  // MLS-Exporter (section 8.5): bound to this epoch. `length` up to kHkdfMaxOutput.
  [[nodiscard]] Result<SecretBytes> export_secret(std::string_view label, ByteView context, std::size_t length) const;
  // Equal at all members of one epoch, and only there.
  [[nodiscard]] ByteView epoch_authenticator() const { return secrets_.epoch_authenticator.bytes(); }
  // For a commit in this or another group; the current epoch or one of the last kMaxResumptionEpochs. kUnknownPsk.
  [[nodiscard]] Result<ResumptionUse> resumption_psk(ResumptionUsage usage, std::uint64_t epoch) const;

  [[nodiscard]] std::uint64_t epoch() const { return public_.epoch(); }
  [[nodiscard]] ByteView group_id() const { return public_.group_id(); }
  [[nodiscard]] LeafIndex own_leaf() const { return own_leaf_; }
  // The public half of this epoch, as the gateway follows it.
  [[nodiscard]] const PublicGroup& public_state() const { return public_; }
  [[nodiscard]] const RatchetTree& tree() const { return public_.tree(); }
  // nullptr when that leaf is blank or beyond the tree.
  [[nodiscard]] const LeafNode* member(LeafIndex leaf) const { return public_.tree().leaf(leaf); }
  [[nodiscard]] const GroupContext& group_context() const { return public_.context(); }
  [[nodiscard]] const std::vector<StoredProposal>& proposals() const { return public_.proposals().all(); }
  [[nodiscard]] GroupEnd end() const { return end_; }
  // How the group goes on, when end() is reinitialised.
  [[nodiscard]] const std::optional<ReInit>& reinit() const { return reinit_; }

  [[nodiscard]] Group clone() const;
  // Versioned, complete, secret. Deserialised state decrypts what the original would; every version there was is read.
  // kStateVersion, kStateDamaged.
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
  // The key of an own Update that waits for somebody's commit.
  struct OwnUpdate {
    ProposalRef reference{};
    HpkeKeyPair leaf_key;
  };
  // A handshake with whatever its opening moved on.
  struct OpenedHandshake {
    AuthenticatedContent content;
    std::optional<Ratchet> moved_on;  // of the sender, when it was sealed
  };
  struct CommitDraft;
  struct FinishedCommit;

  Group(PublicGroup group, LeafIndex own_leaf, SigningKey key, PrivateTree private_tree, EpochSecrets secrets,
        SecretTree secret_tree);
  static Result<Group> read(ByteView bytes);
  static Result<PastEpoch> read_past(Reader& reader);
  Result<void> read_since_version_2(Reader& reader);
  static Result<FinishedCommit> finish(Rng& rng, CommitDraft draft);
  [[nodiscard]] PastEpoch as_past() const;
  [[nodiscard]] ResumptionPsks resumption_of_next() const;
  [[nodiscard]] GroupInfo signed_group_info(const Extensions& extensions) const;
  [[nodiscard]] Result<OpenedHandshake> open_handshake(ByteView mls_message) const;
  [[nodiscard]] Result<Epoch> enter(const StagedCommit& staged, const Commit& commit, PrivateTree& private_tree,
                                    const PskSources& psks) const;
  void close_ratchet(const OpenedHandshake& handshake);
  Result<AuthenticatedContent> sign_proposal(const Proposal& proposal, ByteView authenticated_data, bool sealed) const;
  Result<Bytes> send_proposal(Rng& rng, const AuthenticatedContent& content, bool sealed);

  PublicGroup public_;
  LeafIndex own_leaf_;
  SigningKey signing_key_;
  PrivateTree private_tree_;
  EpochSecrets secrets_;
  SecretTree secret_tree_;
  std::optional<PastEpoch> past_;  // S12: at most one
  std::vector<OwnUpdate> own_updates_;
  ResumptionPsks resumption_;  // of earlier epochs
  GroupEnd end_ = GroupEnd::none;
  std::optional<ReInit> reinit_;
};

struct PendingCommit {
  Bytes commit;                  // MLSMessage(PublicMessage), or PrivateMessage when asked for
  std::optional<Bytes> welcome;  // MLSMessage(Welcome), when members were added
  Bytes group_info;              // MLSMessage(GroupInfo) of the next epoch with ratchet_tree
  Group next;                    // to look at; enter it by merge()

  // The next epoch, once the gateway accepted the commit. Late messages of `current` stay readable, with the keys as they are
  // now and not as they were when the commit was made (section 9.2). kWrongGroup / kWrongEpoch when `current` has moved on.
  Result<Group> merge(const Group& current) &&;

  [[nodiscard]] SecretBytes serialize() const;
  static Result<PendingCommit> deserialize(ByteView bytes);
};

struct CommitResult : CommitFacts {
  Group next;
  Bytes authenticated_data;
  std::optional<RatchetTree> tree_without_us = {};  // when it removes this device: who is in the group now
};

struct JoinResult {
  Group group;
  GroupInfo info;                    // verified; its extensions carry e.g. the chain head (S15)
  LeafIndex committer;               // who signed it
  std::vector<PreSharedKeyId> psks;  // which PSKs went in: an invited device insists on its own (S5)
};

// The proposals that members make for others to commit.
Proposal propose_psk(Rng& rng, ByteView external_psk_id);

}  // namespace steiger::mls
