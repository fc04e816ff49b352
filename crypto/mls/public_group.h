// The public state of a group: context, tree, transcript. The client's Group holds one; the gateway follows a group with
// nothing else (S7). Public half: SHA-256 and Ed25519 verification only, no secrets. Copyable; belongs to one thread.
//
// What it cannot check, and clients must: membership tags, confirmation tags, path secrets, PSKs, external_pub.
#pragma once

#include "crypto/mls/proposal_rules.h"
#include "crypto/mls/transcript.h"

namespace steiger::mls {

struct AddedMember {
  LeafIndex leaf;
  KeyPackageRef key_package;
};
struct StagedCommit;
struct CheckedBundle;

class PublicGroup {
 public:
  // Trusted parts, e.g. a verified GroupInfo.
  PublicGroup(GroupContext context, RatchetTree tree, Bytes confirmation_tag);

  // A new group by its epoch-0 GroupInfo (an MLSMessage) with a ratchet_tree of exactly one leaf: suite, tree hash, leaf by
  // section 7.3, signature of that leaf. kNotEpochZero, kMissingTree, kTreeHashMismatch, kBadGroupInfoSignature ...
  static Result<PublicGroup> register_from(ByteView group_info_message);

  // A commit bundle against this state (S7); the state itself does not change. `commit`: MLSMessage with a PublicMessage by a
  // member; `welcome` exactly when members are added. Checks group, epoch, signature over the tracked context, section 12.2,
  // leaves, path (parent hashes, count of ciphertexts); then that `group_info` holds the context and tree computed from the
  // commit, the commit's confirmation tag, and the committer's signature; and that the Welcome names exactly the added
  // KeyPackages. kWrongEpoch tells the loser of a race (law 4).
  [[nodiscard]] Result<CheckedBundle> check_bundle(ByteView commit, const std::optional<Bytes>& welcome,
                                                   ByteView group_info) const;

  // Versioned bytes for the gateway's store.
  [[nodiscard]] Bytes serialize() const;
  static Result<PublicGroup> deserialize(ByteView bytes);

  [[nodiscard]] const GroupContext& context() const { return context_; }
  [[nodiscard]] ByteView group_id() const { return context_.group_id; }
  [[nodiscard]] std::uint64_t epoch() const { return context_.epoch; }
  [[nodiscard]] const RatchetTree& tree() const { return tree_; }
  [[nodiscard]] const Bytes& confirmation_tag() const { return confirmation_tag_; }
  // The encoded context, as signatures and the key schedule use it.
  [[nodiscard]] const Bytes& context_bytes() const { return context_bytes_; }
  [[nodiscard]] const Hash& interim_hash() const { return interim_hash_; }

  // The public part of processing a commit: everything but tags and secrets. Used by Group and check_bundle.
  [[nodiscard]] Result<StagedCommit> stage(const AuthenticatedContent& commit) const;

  // The parts of stage() for a committer, who knows no signature yet.
  struct Applied {
    RatchetTree tree;  // proposals applied, path not
    std::vector<AddedMember> added;
    std::vector<PreSharedKeyId> psks;
    Extensions extensions;
  };
  [[nodiscard]] Result<Applied> apply_proposals(const Commit& commit, LeafIndex committer) const;
  // The context of the next epoch; the confirmed transcript hash is still the old one (sections 12.4.1 and 12.4.2).
  [[nodiscard]] GroupContext provisional_context(const RatchetTree& tree, Extensions extensions) const;

 private:
  GroupContext context_;
  RatchetTree tree_;
  Bytes confirmation_tag_;
  Bytes context_bytes_;
  Hash interim_hash_{};
};

struct StagedCommit {
  PublicGroup next;
  LeafIndex committer;
  std::vector<AddedMember> added;
  std::vector<PreSharedKeyId> psks;
  Bytes provisional_context;  // encoded; what the path secrets are sealed under
};

struct CheckedBundle {
  PublicGroup next;
  LeafIndex committer;
  std::vector<AddedMember> added;
  Bytes authenticated_data;
};

}  // namespace steiger::mls
