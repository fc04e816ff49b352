// Test only: a group whose members' keys are at hand, so that a commit can break exactly one rule and be right in everything else:
// signed by the member it names, path keys and parent hashes computed, ciphertexts in place.
#pragma once

#include "crypto/mls/test_support.h"

namespace steiger::mls::test {

struct Forger {
  SeededRng rng;
  std::vector<Device> devices;  // at the leaf of their place
  std::vector<Group> members;
  PublicGroup follower{{}, {}, {}};

  explicit Forger(std::uint64_t seed, std::size_t size, Extensions extra_group_extensions = {},
                  const std::vector<std::uint16_t>& credentials = {1})
      : rng(seed) {
    for (std::size_t i = 0; i < size; ++i) {
      KeyPackageOptions of_device = options_for("device " + std::to_string(i));
      of_device.capabilities.credentials = credentials;
      devices.emplace_back(rng, as_text(of_device.credential_identity), of_device);
    }
    Extensions extensions{{kChannelType, to_bytes("channel")}};
    extensions.insert(extensions.end(), extra_group_extensions.begin(), extra_group_extensions.end());
    KeyPackageOptions of_first = options_for(devices[0].name);
    of_first.capabilities.credentials = credentials;
    members.push_back(Group::create(rng, {to_bytes("group"), devices[0].key.clone(), of_first, extensions}).value());
    follower = PublicGroup::register_from(members[0].group_info({}).value()).value();
    if (size == 1) return;
    CommitOptions options{.now = kNow};
    for (std::size_t i = 1; i < size; ++i) options.adds.push_back(devices[i].verified());
    PendingCommit pending = members[0].commit(rng, options).value();
    follower = follower.check_bundle(pending.commit, pending.welcome, pending.group_info).value().next;
    for (std::size_t i = 1; i < size; ++i) members.push_back(devices[i].join(*pending.welcome).value().group);
    members[0] = std::move(pending).merge(members[0]).value();
  }

  [[nodiscard]] const SigningKey& key(LeafIndex leaf) const { return devices[leaf.value].key; }
  [[nodiscard]] const LeafNode& leaf(std::uint32_t index) const { return *follower.tree().leaf({index}); }

  // A content signed by the member that it names as sender.
  [[nodiscard]] AuthenticatedContent signed_content(std::variant<Bytes, Proposal, Commit> body, const Sender& sender,
                                                    const SigningKey& by) const {
    AuthenticatedContent out;
    out.content = {to_bytes(follower.group_id()), follower.epoch(), sender, {}, std::move(body)};
    out.sign(by, follower.context_bytes());
    if (out.content.type() == ContentType::commit) out.auth.confirmation_tag = Bytes(kHashSize);
    return out;
  }
  [[nodiscard]] AuthenticatedContent by_member(std::variant<Bytes, Proposal, Commit> body, std::uint32_t member = 0) const {
    return signed_content(std::move(body), {SenderType::member, member}, key({member}));
  }
  // What the public half says about a commit: Error{} when it is taken.
  [[nodiscard]] Error verdict(Commit commit, std::uint32_t committer = 0) const {
    const auto staged = follower.stage(by_member(std::move(commit), committer));
    return staged.ok() ? Error{} : staged.error();
  }
  [[nodiscard]] Error verdict(Proposal proposal, const Sender& sender, const SigningKey& by) const {
    const auto taken = follower.verify_proposal(signed_content(std::move(proposal), sender, by));
    return taken.ok() ? Error{} : taken.error();
  }
  // Remembers a proposal by a member and gives its reference.
  ProposalRef remember(Proposal proposal, std::uint32_t member) {
    StoredProposal stored = follower.verify_proposal(by_member(std::move(proposal), member)).value();
    const ProposalRef out = stored.reference;
    if (!follower.remember(std::move(stored)).ok()) std::abort();
    return out;
  }
  // Remembers it without any check: what a careless member might have kept.
  ProposalRef remember_unchecked(Proposal proposal, const Sender& sender) {
    ProposalRef out{};
    rng.fill(out);
    if (!follower.remember({out, sender, std::move(proposal)}).ok()) std::abort();
    return out;
  }

  static Commit of(std::vector<Proposal> proposals) {
    Commit out;
    for (Proposal& proposal : proposals) out.proposals.push_back({std::move(proposal)});
    return out;
  }
  static Commit referring(const std::vector<ProposalRef>& references) {
    Commit out;
    for (const ProposalRef& reference : references) out.proposals.push_back({to_bytes(reference)});
    return out;
  }

  // The leaf with a fresh key for an Update or a path.
  struct NewLeaf {
    LeafNode leaf;
    HpkeKeyPair key;
  };
  NewLeaf update_leaf(std::uint32_t member) {
    NewLeaf out{leaf(member), hpke_generate_key_pair(rng)};
    out.leaf.source = LeafNodeSource::update;
    out.leaf.lifetime = {};
    out.leaf.parent_hash.clear();
    out.leaf.encryption_key = to_bytes(out.key.public_key);
    out.leaf.sign(key({member}), {follower.group_id(), {member}});
    return out;
  }
  // `change` before the path is signed and hashed (leaf template), `spoil` afterwards.
  Commit with_path(Commit commit, std::uint32_t committer, const std::function<void(LeafNode&)>& change = nullptr,
                   const std::function<void(UpdatePath&)>& spoil = nullptr) {
    commit.path.emplace();
    PublicGroup::Applied applied = follower.apply_proposals(commit, {committer}).value();
    LeafNode leaf_template = leaf(committer);
    if (change) change(leaf_template);
    const NewPath path =
        make_path(rng, applied.tree, {committer}, std::move(leaf_template), key({committer}), follower.group_id());
    const GroupContext context = follower.provisional_context(applied.tree, applied.extensions);
    commit.path = seal_path(rng, applied.tree, path, applied.new_leaves(), encode(context)).value();
    if (spoil) spoil(*commit.path);
    return commit;
  }
  void sign_path_leaf(UpdatePath& path, std::uint32_t committer) const {
    path.leaf.sign(key({committer}), {follower.group_id(), {committer}});
  }
};

inline Extension required(std::vector<std::uint16_t> extensions, std::vector<std::uint16_t> proposals = {},
                          std::vector<std::uint16_t> credentials = {}) {
  RequiredCapabilities out{std::move(extensions), std::move(proposals), std::move(credentials)};
  return {static_cast<std::uint16_t>(ExtensionType::required_capabilities), encode(out)};
}

}  // namespace steiger::mls::test
