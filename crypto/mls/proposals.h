// Proposals and commits (RFC 9420 sections 7.6, 8.4, 12.1 and 12.4). All kinds decode and encode; which are processed is
// decided in proposal_rules.h. Public half.
#pragma once

#include <variant>

#include "crypto/mls/key_package.h"

namespace steiger::mls {

enum class ProposalType : std::uint16_t {
  add = 1,
  update = 2,
  remove = 3,
  psk = 4,
  reinit = 5,
  external_init = 6,
  group_context_extensions = 7,
};

enum class PskType : std::uint8_t { external = 1, resumption = 2 };
enum class ResumptionUsage : std::uint8_t { application = 1, reinit = 2, branch = 3 };

struct PreSharedKeyId {
  PskType type = PskType::external;
  Bytes psk_id;                                          // external
  ResumptionUsage usage = ResumptionUsage::application;  // resumption
  Bytes psk_group_id;                                    // resumption
  std::uint64_t psk_epoch = 0;                           // resumption
  Bytes psk_nonce;

  static Result<PreSharedKeyId> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const PreSharedKeyId&, const PreSharedKeyId&) = default;
};

struct Add {
  KeyPackage key_package;
  static Result<Add> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Add&, const Add&) = default;
};
struct Update {
  LeafNode leaf;
  static Result<Update> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Update&, const Update&) = default;
};
struct Remove {
  LeafIndex removed;
  static Result<Remove> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Remove&, const Remove&) = default;
};
struct PreSharedKey {
  PreSharedKeyId id;
  static Result<PreSharedKey> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const PreSharedKey&, const PreSharedKey&) = default;
};
struct ReInit {
  Bytes group_id;
  std::uint16_t version = kMls10;
  std::uint16_t cipher_suite = kSuite3;
  Extensions extensions;
  static Result<ReInit> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const ReInit&, const ReInit&) = default;
};
struct ExternalInit {
  Bytes kem_output;
  static Result<ExternalInit> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const ExternalInit&, const ExternalInit&) = default;
};
struct GroupContextExtensions {
  Extensions extensions;
  static Result<GroupContextExtensions> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const GroupContextExtensions&, const GroupContextExtensions&) = default;
};

struct Proposal {
  std::variant<Add, Update, Remove, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions> body;

  [[nodiscard]] ProposalType type() const { return static_cast<ProposalType>(body.index() + 1); }
  static Result<Proposal> read(Reader& reader);  // kUnknownProposal
  void write(Writer& writer) const;
  friend bool operator==(const Proposal&, const Proposal&) = default;
};

struct ProposalOrRef {
  std::variant<Proposal, Bytes> body;  // Bytes: a ProposalRef
  static Result<ProposalOrRef> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const ProposalOrRef&, const ProposalOrRef&) = default;
};

// One node of an UpdatePath: its new key, and the path secret sealed to every node of the copath child's resolution.
struct UpdatePathNode {
  Bytes encryption_key;
  std::vector<HpkeCiphertext> encrypted_path_secrets;
  static Result<UpdatePathNode> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const UpdatePathNode&, const UpdatePathNode&) = default;
};
struct UpdatePath {
  LeafNode leaf;
  std::vector<UpdatePathNode> nodes;  // the committer's filtered direct path, leaf to root
  static Result<UpdatePath> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const UpdatePath&, const UpdatePath&) = default;
};

struct Commit {
  std::vector<ProposalOrRef> proposals;
  std::optional<UpdatePath> path;
  static Result<Commit> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Commit&, const Commit&) = default;
};

}  // namespace steiger::mls
