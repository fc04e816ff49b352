// The public state of a group: context, tree, transcript, waiting proposals. The client's Group holds one; the gateway follows a
// group with nothing else (S7). Public half: SHA-256 and Ed25519 verification only, no secrets. Copyable; belongs to one thread.
//
// What it cannot check, and clients must: membership tags, confirmation tags, path secrets, PSKs, external_pub.
#pragma once

#include "crypto/mls/proposal_store.h"
#include "crypto/mls/transcript.h"

namespace steiger::mls {

struct AddedMember {
  LeafIndex leaf;
  KeyPackageRef key_package{};
};
struct RemovedMember {
  LeafIndex leaf;
  Sender proposed_by;  // itself, when it asked to leave
};
struct UpdatedMember {
  LeafIndex leaf;
  ProposalRef reference{};
};

// What a commit does to a group. Whether it may is the caller's question (design section 6: roles live outside crypto/mls).
struct CommitFacts {
  LeafIndex committer;
  bool external = false;  // the committer came in by this commit (section 12.4.3.2)
  std::vector<AddedMember> added;
  std::vector<RemovedMember> removed;
  std::vector<UpdatedMember> updated;  // by their own Update proposals; the committer's own leaf changes with the path
  std::vector<PreSharedKeyId> psks;
  bool extensions_changed = false;
  std::optional<ReInit> reinit;  // nothing may be sent in the group any more

  // Newcomers, external PSKs and the committer's own path: nothing that takes away or changes what others have.
  [[nodiscard]] bool only_adds() const;
};
struct StagedCommit;
struct CheckedBundle;
struct CheckedProposal;

class PublicGroup {
 public:
  // Trusted parts, e.g. a verified GroupInfo.
  PublicGroup(GroupContext context, RatchetTree tree, Bytes confirmation_tag);

  // A new group by its epoch-0 GroupInfo (an MLSMessage) with a ratchet_tree of exactly one leaf: suite, tree hash, leaf by
  // section 7.3, signature of that leaf. kNotEpochZero, kMissingTree, kTreeHashMismatch, kBadGroupInfoSignature ...
  static Result<PublicGroup> register_from(ByteView group_info_message);
  // Any epoch, from a GroupInfo that somebody else vouches for or that a joiner verifies (section 12.4.3.1): the same checks, for
  // a tree of any size. `given`: for a GroupInfo without ratchet_tree.
  // `own_leaf`: the leaf that this device itself made and signed; where the tree has exactly that one, its signature counts as
  // verified.
  static Result<PublicGroup> from_group_info(const GroupInfo& info, const std::optional<RatchetTree>& given,
                                             const LeafNode* own_leaf = nullptr);

  // A commit bundle against this state (S7); the state itself does not change. `commit`: MLSMessage with a PublicMessage by a
  // member, or an external commit; `welcome` exactly when members are added. Checks group, epoch, signature over the tracked
  // context, section 12.2, leaves, path (parent hashes, count of ciphertexts); then that `group_info` holds the context and tree
  // computed from the commit, the commit's confirmation tag, and the committer's signature; and that the Welcome names exactly
  // the added KeyPackages. kWrongEpoch tells the loser of a race (law 4).
  [[nodiscard]] Result<CheckedBundle> check_bundle(ByteView commit, const std::optional<Bytes>& welcome,
                                                   ByteView group_info) const;
  // A proposal (MLSMessage with a PublicMessage) of this epoch: signature, sender, section 12.1. `next` remembers it.
  [[nodiscard]] Result<CheckedProposal> check_proposal_message(ByteView mls_message) const;

  // Versioned bytes for the gateway's store. deserialize reads every version there was.
  [[nodiscard]] Bytes serialize() const;
  static Result<PublicGroup> deserialize(ByteView bytes);

  [[nodiscard]] const GroupContext& context() const { return context_; }
  [[nodiscard]] ByteView group_id() const { return context_.group_id; }
  [[nodiscard]] std::uint64_t epoch() const { return context_.epoch; }
  [[nodiscard]] const RatchetTree& tree() const { return tree_; }
  [[nodiscard]] const Bytes& confirmation_tag() const { return confirmation_tag_; }
  [[nodiscard]] const ProposalStore& proposals() const { return proposals_; }
  // The encoded context, as signatures and the key schedule use it.
  [[nodiscard]] const Bytes& context_bytes() const { return context_bytes_; }
  [[nodiscard]] const Hash& interim_hash() const { return interim_hash_; }

  // ---- The public part of processing, used by Group too

  // A proposal with its signature, not yet remembered. kWrongGroup, kWrongEpoch, kUnsupportedSender, kBadMessageSignature ...
  [[nodiscard]] Result<StoredProposal> verify_proposal(const AuthenticatedContent& message) const;
  Result<void> remember(StoredProposal proposal) { return proposals_.add(std::move(proposal)); }

  // Everything of a commit but tags and secrets.
  [[nodiscard]] Result<StagedCommit> stage(const AuthenticatedContent& commit) const;

  // The parts of stage() for a committer, who knows no signature yet.
  struct Applied {
    RatchetTree tree;  // proposals applied, path not
    Extensions extensions;
    CommitFacts facts;
    std::vector<KeyPackage> packages;  // of facts.added, in its order
    Bytes kem_output;                  // of the ExternalInit
    [[nodiscard]] std::vector<LeafIndex> new_leaves() const;
  };
  // The KeyPackages that a commit brings by value: from somebody else, or verified when this device took them in.
  enum class KeyPackages : std::uint8_t { unverified, verified };
  [[nodiscard]] Result<Applied> apply_proposals(const Commit& commit, LeafIndex committer,
                                                KeyPackages by_value = KeyPackages::unverified) const;
  // `leaf` is that of the newcomer; it gets the leftmost free place.
  [[nodiscard]] Result<Applied> apply_external(const Commit& commit, const LeafNode& leaf) const;
  // The context of the next epoch; the confirmed transcript hash is still the old one (sections 12.4.1 and 12.4.2).
  [[nodiscard]] GroupContext provisional_context(const RatchetTree& tree, Extensions extensions) const;

 private:
  [[nodiscard]] Result<void> apply_change(const ProposalFrom& item, KeyPackages by_value, Applied& out) const;
  [[nodiscard]] Result<Applied> apply_sent(const AuthenticatedContent& message, const Commit& commit) const;

  GroupContext context_;
  RatchetTree tree_;
  Bytes confirmation_tag_;
  ProposalStore proposals_;
  Bytes context_bytes_;
  Hash interim_hash_{};
};

struct StagedCommit : CommitFacts {
  PublicGroup next;
  std::vector<LeafIndex> new_leaves;
  Bytes kem_output;           // of an external commit
  Bytes provisional_context;  // encoded; what the path secrets are sealed under
};

struct CheckedBundle : CommitFacts {
  PublicGroup next;
  Bytes authenticated_data;
};

struct CheckedProposal {
  PublicGroup next;
  StoredProposal proposal;
  Bytes authenticated_data;
};

}  // namespace steiger::mls
