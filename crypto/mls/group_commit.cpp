// Making commits (RFC 9420 sections 12.4.1 and 12.4.3.2).
#include "crypto/mls/group_draft.h"

#include <set>

#include "crypto/mls/group_secrets.h"
#include "crypto/mls/message_protection.h"

namespace steiger::mls {
namespace {

Proposal resumption_proposal(Rng& rng, const ResumptionUse& use) {
  PreSharedKey out;
  out.id.type = PskType::resumption;
  out.id.usage = use.usage;
  out.id.psk_group_id = use.group_id;
  out.id.psk_epoch = use.epoch;
  out.id.psk_nonce.resize(kHashSize);
  rng.fill(out.id.psk_nonce);
  return {std::move(out)};
}

// The proposals that the options name, references first as they were there first.
Result<Commit> proposals_of(Rng& rng, const CommitOptions& options) {
  Commit out;
  for (const ProposalRef& reference : options.references) out.proposals.push_back({to_bytes(reference)});
  if (options.context_extensions) out.proposals.push_back({Proposal{GroupContextExtensions{*options.context_extensions}}});
  for (const LeafIndex leaf : options.removes) out.proposals.push_back({Proposal{Remove{leaf}}});
  for (const VerifiedKeyPackage& key_package : options.adds) {
    STEIGER_CHECK(check_lifetime(key_package->leaf.lifetime, options.now));
    out.proposals.push_back({Proposal{Add{key_package.get()}}});
  }
  std::set<Bytes> psk_ids;
  for (const ExternalPsk& psk : options.psks) {
    if (psk.id.size() > kMaxPskIdSize) return kTooLarge;
    // Nobody could say which of two PSKs of one id is meant.
    if (!psk_ids.insert(psk.id).second) return kDuplicatePsk;
    out.proposals.push_back({propose_psk(rng, psk.id)});
  }
  for (const ResumptionUse& use : options.resumptions) out.proposals.push_back({resumption_proposal(rng, use)});
  if (options.reinit) out.proposals.push_back({Proposal{*options.reinit}});
  return out;
}

// The PSKs given with the options first, then where the caller says.
PskSources sources_of(const std::vector<ExternalPsk>& external, const std::vector<ResumptionUse>& resumptions,
                      const PskSources& others) {
  return {[&](ByteView id) -> std::optional<SecretBytes> {
            for (const ExternalPsk& psk : external) {
              if (equal(psk.id, id)) return psk.psk.clone();
            }
            return others.external(id);
          },
          [&](ByteView group_id, std::uint64_t epoch) -> std::optional<SecretBytes> {
            for (const ResumptionUse& use : resumptions) {
              if (equal(use.group_id, group_id) && use.epoch == epoch) return SecretBytes::copy_of(use.psk.bytes());
            }
            return others.resumption ? others.resumption(group_id, epoch) : std::nullopt;
          }};
}

Result<std::optional<Bytes>> make_welcome(Rng& rng, const Epoch& epoch, const PublicGroup::Applied& applied,
                                          const std::optional<NewPath>& path, const GroupInfo& info) {
  if (applied.packages.empty()) return std::optional<Bytes>();
  Welcome welcome;
  welcome.encrypted_group_info = seal_group_info(welcome_secret(epoch.member), info);
  for (std::size_t i = 0; i < applied.packages.size(); ++i) {
    GroupSecrets for_member{epoch.joiner.clone(), std::nullopt, applied.facts.psks};
    const PathSecret* shared = path ? shared_path_secret(*path, applied.facts.added[i].leaf) : nullptr;
    if (shared != nullptr) for_member.path_secret = shared->clone();
    STEIGER_TRY(EncryptedGroupSecrets sealed,
                seal_group_secrets(rng, for_member, applied.packages[i], welcome.encrypted_group_info));
    welcome.secrets.push_back(std::move(sealed));
  }
  return std::optional<Bytes>(encode_message(std::move(welcome)));
}

}  // namespace

LeafNode renewed_leaf(const LeafNode& old, const std::optional<Extensions>& extensions) {
  LeafNode out = old;
  if (extensions) {
    out.extensions = *extensions;
    for (const Extension& extension : out.extensions) {
      if (!out.capabilities.supports_extension(extension.type)) out.capabilities.extensions.push_back(extension.type);
    }
  }
  return out;
}

Proposal propose_psk(Rng& rng, ByteView external_psk_id) {
  PreSharedKey out;
  out.id.psk_id = to_bytes(external_psk_id);
  out.id.psk_nonce.resize(kHashSize);
  rng.fill(out.id.psk_nonce);
  return {std::move(out)};
}

Result<Group::FinishedCommit> Group::finish(Rng& rng, CommitDraft draft) {
  PublicGroup::Applied& applied = draft.applied;
  const LeafIndex committer = applied.facts.committer;
  const std::vector<LeafIndex> new_leaves = applied.new_leaves();
  const Bytes group_id = to_bytes(draft.before.group_id());

  std::optional<NewPath> path;
  if (draft.path_leaf) {
    STEIGER_CHECK(check_leaf(*draft.path_leaf, applied.extensions));
    path = make_path(rng, applied.tree, committer, std::move(*draft.path_leaf), draft.signing_key, group_id);
    STEIGER_CHECK(applied.tree.check_credentials());
  }
  GroupContext context = draft.before.provisional_context(applied.tree, applied.extensions);
  if (path) {
    STEIGER_TRY(draft.commit.path, seal_path(rng, applied.tree, *path, new_leaves, encode(context)));
  }

  AuthenticatedContent content;
  content.wire_format = draft.wire_format;
  content.content = {group_id, draft.before.epoch(), draft.sender, std::move(draft.authenticated_data), std::move(draft.commit)};
  content.sign(draft.signing_key, draft.before.context_bytes());
  context.confirmed_transcript_hash = to_bytes(confirmed_transcript_hash(draft.before.interim_hash(), content));

  const CommitSecret no_commit_secret;  // all zero without a path (section 8)
  Epoch epoch = begin_epoch(draft.init, path ? path->commit_secret : no_commit_secret, draft.psks, encode(context),
                            applied.tree.leaf_count());
  Bytes tag = to_bytes(confirmation_tag(epoch.secrets.confirmation_key, context.confirmed_transcript_hash));
  content.auth.confirmation_tag = tag;

  draft.private_tree.retain_matching(applied.tree);
  if (path) draft.private_tree.take_over(std::move(path->private_tree));
  Group next(PublicGroup(std::move(context), std::move(applied.tree), std::move(tag)), committer, std::move(draft.signing_key),
             std::move(draft.private_tree), std::move(epoch.secrets), std::move(epoch.secret_tree));
  if (applied.facts.reinit) {
    next.end_ = GroupEnd::reinitialised;
    next.reinit_ = applied.facts.reinit;
  }
  const GroupInfo info = next.signed_group_info(draft.group_info_extensions);
  STEIGER_TRY(std::optional<Bytes> welcome, make_welcome(rng, epoch, applied, path, info));
  return FinishedCommit{std::move(content), std::move(welcome), encode_message(info), std::move(next)};
}

Result<PendingCommit> Group::commit(Rng& rng, const CommitOptions& options) const {
  if (end_ != GroupEnd::none) return kGroupOver;
  if (options.authenticated_data.size() > kMaxAuthenticatedDataSize) return kTooLarge;
  if (options.leaf_extensions && !options.with_path) return kMissingPath;
  if (options.sealed_with != nullptr && options.sealed_with->epoch != epoch()) return kWrongEpoch;
  STEIGER_TRY(Commit commit, proposals_of(rng, options));
  if (options.with_path) commit.path.emplace();  // filled below; apply_proposals wants to know that there is one
  STEIGER_TRY(PublicGroup::Applied applied, public_.apply_proposals(commit, own_leaf_, PublicGroup::KeyPackages::verified));
  STEIGER_TRY(std::vector<PskWithId> psks,
              look_up(applied.facts.psks, sources_of(options.psks, options.resumptions, options.psk_sources), group_id(),
                      resumption_of_next()));

  std::optional<LeafNode> path_leaf;
  if (options.with_path) path_leaf = renewed_leaf(*tree().leaf(own_leaf_), options.leaf_extensions);
  const WireFormat format = options.sealed_with == nullptr ? WireFormat::public_message : WireFormat::private_message;
  STEIGER_TRY(FinishedCommit finished, finish(rng, {public_,
                                                    std::move(commit),
                                                    std::move(applied),
                                                    {SenderType::member, own_leaf_.value},
                                                    format,
                                                    std::move(path_leaf),
                                                    signing_key_.clone(),
                                                    secrets_.init.clone(),
                                                    std::move(psks),
                                                    private_tree_.clone(),
                                                    options.authenticated_data,
                                                    options.group_info_extensions}));
  finished.next.resumption_ = resumption_of_next();
  Bytes message =
      options.sealed_with == nullptr
          ? encode_message(protect_public(std::move(finished.content), secrets_.membership_key, public_.context_bytes()))
          : encode_message(protect_handshake(rng, finished.content, options.sealed_with->key, secrets_.sender_data));
  return PendingCommit{std::move(message), std::move(finished.welcome), std::move(finished.group_info), std::move(finished.next)};
}

Result<PendingCommit> Group::join_externally(Rng& rng, ByteView group_info, ExternalJoinOptions options) {
  if (options.authenticated_data.size() > kMaxAuthenticatedDataSize) return kTooLarge;
  STEIGER_TRY(const GroupInfo info, decode_message<GroupInfo>(group_info));
  STEIGER_TRY(const PublicGroup before, PublicGroup::from_group_info(info, options.tree));
  const Bytes* extension = find_extension(info.extensions, ExtensionType::external_pub);
  if (extension == nullptr) return kMissingExternalPub;
  Reader reader(*extension);
  STEIGER_TRY(const ByteView external_pub, reader.opaque(kMaxKeySize));
  STEIGER_CHECK(reader.done());
  STEIGER_TRY(ExternalInitSecret init, make_external_init(rng, external_pub));

  Commit commit;
  commit.proposals.push_back({Proposal{ExternalInit{std::move(init.kem_output)}}});
  if (options.removes) commit.proposals.push_back({Proposal{Remove{*options.removes}}});
  for (const ExternalPsk& psk : options.psks) commit.proposals.push_back({propose_psk(rng, psk.id)});
  commit.path.emplace();
  for (const Extension& group_extension : before.context().extensions) {
    Capabilities& has = options.leaf.capabilities;
    if (!has.supports_extension(group_extension.type)) has.extensions.push_back(group_extension.type);
  }
  // The key in this leaf only holds the place: make_path chooses the one that counts.
  LeafNode leaf = make_leaf(rng, options.signing_key, options.leaf, hpke_generate_key_pair(rng).public_key);
  STEIGER_TRY(PublicGroup::Applied applied, before.apply_external(commit, leaf));
  STEIGER_TRY(std::vector<PskWithId> psks, look_up(applied.facts.psks, sources_of(options.psks, {}, {}), {}, {}));
  STEIGER_TRY(FinishedCommit finished, finish(rng, {before,
                                                    std::move(commit),
                                                    std::move(applied),
                                                    {SenderType::new_member_commit, 0},
                                                    WireFormat::public_message,
                                                    std::move(leaf),
                                                    std::move(options.signing_key),
                                                    std::move(init.init),
                                                    std::move(psks),
                                                    PrivateTree(),
                                                    std::move(options.authenticated_data),
                                                    std::move(options.group_info_extensions)}));
  PublicMessage message{std::move(finished.content.content), std::move(finished.content.auth), std::nullopt};
  return PendingCommit{encode_message(std::move(message)), std::nullopt, std::move(finished.group_info),
                       std::move(finished.next)};
}

Result<Group> PendingCommit::merge(const Group& current) && {
  if (!equal(current.group_id(), next.group_id())) return kWrongGroup;
  if (current.epoch() + 1 != next.epoch()) return kWrongEpoch;
  next.past_ = current.as_past();
  return std::move(next);
}

}  // namespace steiger::mls
