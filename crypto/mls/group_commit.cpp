// Making and processing commits (RFC 9420 sections 12.4.1, 12.4.2 and 12.4.3).
#include "crypto/mls/group.h"
#include "crypto/mls/group_secrets.h"
#include "crypto/mls/message_protection.h"

namespace steiger::mls {
namespace {

std::vector<LeafIndex> leaves_of(const std::vector<AddedMember>& added) {
  std::vector<LeafIndex> out;
  for (const AddedMember& member : added) out.push_back(member.leaf);
  return out;
}

Proposal add_proposal(const KeyPackage& key_package) {
  return {Add{key_package}};
}

Proposal psk_proposal(Rng& rng, const Bytes& id) {
  PreSharedKey out;
  out.id.psk_id = id;
  out.id.psk_nonce.resize(kHashSize);
  rng.fill(out.id.psk_nonce);
  return {std::move(out)};
}

// The PSKs behind `ids`, in their order.
Result<std::vector<PskWithId>> look_up(const std::vector<PreSharedKeyId>& ids, const PskLookup& psks) {
  std::vector<PskWithId> out;
  for (const PreSharedKeyId& id : ids) {
    if (id.type != PskType::external) return kUnsupportedPsk;
    std::optional<SecretBytes> psk = psks(id.psk_id);
    if (!psk) return kUnknownPsk;
    out.push_back({id, std::move(*psk)});
  }
  return out;
}

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

}  // namespace

Result<PendingCommit> Group::commit(Rng& rng, const CommitOptions& options) const {
  if (options.authenticated_data.size() > kMaxAuthenticatedDataSize) return kTooLarge;
  if (options.leaf_extensions && !options.with_path) return kMissingPath;
  for (const ExternalPsk& psk : options.psks) {
    if (psk.id.size() > kMaxPskIdSize) return kTooLarge;
  }
  Commit commit;
  for (const KeyPackage& key_package : options.adds) {
    STEIGER_CHECK(check_lifetime(key_package.leaf.lifetime, options.now));
    commit.proposals.push_back({add_proposal(key_package)});
  }
  for (const ExternalPsk& psk : options.psks) commit.proposals.push_back({psk_proposal(rng, psk.id)});
  if (options.with_path) commit.path.emplace();  // filled below; apply_proposals wants to know that there is one
  STEIGER_TRY(PublicGroup::Applied applied, public_.apply_proposals(commit, own_leaf_));
  const std::vector<LeafIndex> new_leaves = leaves_of(applied.added);

  std::optional<NewPath> path;
  if (options.with_path) {
    LeafNode leaf = renewed_leaf(*tree().leaf(own_leaf_), options.leaf_extensions);
    STEIGER_CHECK(check_leaf(leaf, applied.extensions));
    path = make_path(rng, applied.tree, own_leaf_, std::move(leaf), signing_key_, group_id());
  }
  GroupContext context = public_.provisional_context(applied.tree, std::move(applied.extensions));
  if (path) {
    STEIGER_TRY(commit.path, seal_path(rng, applied.tree, *path, new_leaves, encode(context)));
  }

  AuthenticatedContent content;
  content.content.group_id = to_bytes(group_id());
  content.content.epoch = epoch();
  content.content.sender = {SenderType::member, own_leaf_.value};
  content.content.authenticated_data = options.authenticated_data;
  content.content.body = std::move(commit);
  content.sign(signing_key_, public_.context_bytes());
  context.confirmed_transcript_hash = to_bytes(confirmed_transcript_hash(public_.interim_hash(), content));

  std::vector<PskWithId> psks;
  for (std::size_t i = 0; i < options.psks.size(); ++i) psks.push_back({applied.psks[i], options.psks[i].psk.clone()});
  const CommitSecret no_commit_secret;  // all zero without a path (section 8)
  const Bytes context_bytes = encode(context);
  const JoinerSecret joiner = joiner_secret(secrets_.init, path ? path->commit_secret : no_commit_secret, context_bytes);
  const MemberSecret member = member_secret(joiner, psk_secret(psks));
  const EpochSecret epoch_key = epoch_secret(member, context_bytes);
  EpochSecrets secrets = EpochSecrets::derive(epoch_key);
  Bytes tag = to_bytes(confirmation_tag(secrets.confirmation_key, context.confirmed_transcript_hash));
  content.auth.confirmation_tag = tag;

  PrivateTree private_tree = private_tree_.clone();
  private_tree.retain_matching(applied.tree);
  if (path) private_tree.take_over(std::move(path->private_tree));
  SecretTree secret_tree(applied.tree.leaf_count(), encryption_secret(epoch_key));
  Group next(PublicGroup(std::move(context), std::move(applied.tree), std::move(tag)), own_leaf_, signing_key_.clone(),
             std::move(private_tree), std::move(secrets), std::move(secret_tree));

  const GroupInfo info = next.signed_group_info(options.group_info_extensions);
  std::optional<Bytes> welcome_message;
  if (!options.adds.empty()) {
    Welcome welcome;
    welcome.encrypted_group_info = seal_group_info(welcome_secret(member), info);
    for (std::size_t i = 0; i < options.adds.size(); ++i) {
      GroupSecrets for_member{joiner.clone(), std::nullopt, applied.psks};
      const PathSecret* shared = path ? shared_path_secret(*path, new_leaves[i]) : nullptr;
      if (shared != nullptr) for_member.path_secret = shared->clone();
      STEIGER_TRY(EncryptedGroupSecrets sealed,
                  seal_group_secrets(rng, for_member, options.adds[i], welcome.encrypted_group_info));
      welcome.secrets.push_back(std::move(sealed));
    }
    welcome_message = encode_message(std::move(welcome));
  }
  PublicMessage message = protect_public(std::move(content), secrets_.membership_key, public_.context_bytes());
  return PendingCommit{encode_message(std::move(message)), std::move(welcome_message), encode_message(info), std::move(next)};
}

Result<Group> PendingCommit::merge(const Group& current) && {
  if (!equal(current.group_id(), next.group_id())) return kWrongGroup;
  if (current.epoch() + 1 != next.epoch()) return kWrongEpoch;
  next.past_ = current.as_past();
  return std::move(next);
}

Result<CommitResult> Group::handle_commit(ByteView mls_message, const PskLookup& psk_lookup) const {
  STEIGER_TRY(const PublicMessage message, decode_message<PublicMessage>(mls_message));
  if (!equal(message.content.group_id, group_id())) return kWrongGroup;
  if (message.content.epoch != epoch()) return kWrongEpoch;
  if (message.content.sender.type == SenderType::new_member_commit) return kUnsupportedExternalCommit;
  STEIGER_CHECK(verify_membership(message, secrets_.membership_key, public_.context_bytes()));
  if (LeafIndex{message.content.sender.index} == own_leaf_) return kOwnCommit;
  STEIGER_TRY(StagedCommit staged, public_.stage(message.authenticated()));

  const Commit& commit = *std::get_if<Commit>(&message.content.body);  // stage() checked the kind
  const RatchetTree& new_tree = staged.next.tree();
  PrivateTree private_tree;
  CommitSecret commit_secret;  // all zero without a path (section 8)
  if (commit.path) {
    STEIGER_TRY(OpenedPath opened, open_path(new_tree, private_tree_, own_leaf_, staged.committer, *commit.path,
                                             leaves_of(staged.added), staged.provisional_context));
    private_tree = std::move(opened.private_tree);
    commit_secret = std::move(opened.commit_secret);
  } else {
    private_tree = private_tree_.clone();
    private_tree.retain_matching(new_tree);
  }
  STEIGER_TRY(const std::vector<PskWithId> psks, look_up(staged.psks, psk_lookup));

  const JoinerSecret joiner = joiner_secret(secrets_.init, commit_secret, staged.next.context_bytes());
  const EpochSecret epoch_key = epoch_secret(member_secret(joiner, psk_secret(psks)), staged.next.context_bytes());
  EpochSecrets secrets = EpochSecrets::derive(epoch_key);
  const Hash tag = confirmation_tag(secrets.confirmation_key, staged.next.context().confirmed_transcript_hash);
  if (!equal_in_constant_time(tag, staged.next.confirmation_tag())) return kBadConfirmationTag;

  SecretTree secret_tree(new_tree.leaf_count(), encryption_secret(epoch_key));
  Group next(std::move(staged.next), own_leaf_, signing_key_.clone(), std::move(private_tree), std::move(secrets),
             std::move(secret_tree));
  next.past_ = as_past();
  return CommitResult{std::move(next), staged.committer, std::move(staged.added), std::move(staged.psks),
                      message.content.authenticated_data};
}

}  // namespace steiger::mls
