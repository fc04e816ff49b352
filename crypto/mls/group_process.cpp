// Processing what others commit and propose (RFC 9420 sections 6.3, 12.1 and 12.4.2), and proposing.
#include <algorithm>

#include "crypto/mls/group_draft.h"
#include "crypto/mls/message_protection.h"

namespace steiger::mls {

// Checks what shows that a member of this epoch sent it: the membership tag, or that it opens. The signature comes later.
Result<Group::OpenedHandshake> Group::open_handshake(ByteView mls_message) const {
  STEIGER_TRY(MlsMessage message, decode<MlsMessage>(mls_message));
  if (const auto* shown = std::get_if<PublicMessage>(&message.body)) {
    if (!equal(shown->content.group_id, group_id())) return kWrongGroup;
    if (shown->content.epoch != epoch()) return kWrongEpoch;
    if (shown->content.type() == ContentType::application) return kApplicationDataInPublic;
    if (shown->content.sender.type == SenderType::member) {
      STEIGER_CHECK(verify_membership(*shown, secrets_.membership_key, public_.context_bytes()));
    }
    return OpenedHandshake{shown->authenticated(), std::nullopt};
  }
  const auto* sealed = std::get_if<PrivateMessage>(&message.body);
  if (sealed == nullptr || sealed->content_type == ContentType::application) return kUnexpectedMessage;
  if (!equal(sealed->group_id, group_id())) return kWrongGroup;
  if (sealed->epoch != epoch()) return kWrongEpoch;
  STEIGER_TRY(const SenderData sender, open_sender_data(*sealed, secrets_.sender_data));
  if (tree().leaf(sender.leaf) == nullptr) return kUnknownLeaf;
  if (sender.leaf == own_leaf_) return sealed->content_type == ContentType::commit ? kOwnCommit : kOwnMessage;
  STEIGER_TRY(Ratchet ratchet, secret_tree_.ratchet(sender.leaf, RatchetKind::handshake));
  STEIGER_TRY(const KeyAndNonce key, ratchet.take(sender.generation));
  STEIGER_TRY(AuthenticatedContent content, mls::open_handshake(*sealed, sender, key));
  return OpenedHandshake{std::move(content), std::move(ratchet)};
}

void Group::close_ratchet(const OpenedHandshake& handshake) {
  if (!handshake.moved_on) return;
  secret_tree_.put({handshake.content.content.sender.index}, RatchetKind::handshake, handshake.moved_on->clone());
}

// The secrets of the next epoch; `private_tree` becomes the next one's.
Result<Epoch> Group::enter(const StagedCommit& staged, const Commit& commit, PrivateTree& private_tree,
                           const PskSources& sources) const {
  const RatchetTree& new_tree = staged.next.tree();
  CommitSecret commit_secret;  // all zero without a path (section 8)
  if (commit.path) {
    STEIGER_TRY(OpenedPath opened, open_path(new_tree, private_tree, own_leaf_, staged.committer, *commit.path, staged.new_leaves,
                                             staged.provisional_context));
    private_tree = std::move(opened.private_tree);
    commit_secret = std::move(opened.commit_secret);
  } else {
    private_tree.retain_matching(new_tree);
  }
  STEIGER_TRY(const std::vector<PskWithId> psks, look_up(staged.psks, sources, group_id(), resumption_of_next()));
  InitSecret init = secrets_.init.clone();
  if (staged.external) {
    STEIGER_TRY(init, open_external_init(secrets_.external, staged.kem_output));
  }
  return begin_epoch(init, commit_secret, psks, staged.next.context_bytes(), new_tree.leaf_count());
}

Result<CommitResult> Group::handle_commit(ByteView mls_message, const PskSources& psk_sources) const {
  if (end_ != GroupEnd::none) return kGroupOver;
  STEIGER_TRY(OpenedHandshake handshake, open_handshake(mls_message));
  const FramedContent& content = handshake.content.content;
  if (content.sender.type == SenderType::member && LeafIndex{content.sender.index} == own_leaf_) return kOwnCommit;
  STEIGER_TRY(StagedCommit staged, public_.stage(handshake.content));
  const Commit& commit = *std::get_if<Commit>(&content.body);  // stage() checked the kind

  const auto is_self = [&](const RemovedMember& member) { return member.leaf == own_leaf_; };
  if (std::any_of(staged.removed.begin(), staged.removed.end(), is_self)) {
    Group over = clone();
    over.end_ = GroupEnd::removed;
    return CommitResult{static_cast<CommitFacts&&>(staged), std::move(over), content.authenticated_data, staged.next.tree()};
  }

  PrivateTree private_tree = private_tree_.clone();
  for (const UpdatedMember& updated : staged.updated) {
    if (updated.leaf != own_leaf_) continue;
    const auto own = std::find_if(own_updates_.begin(), own_updates_.end(),
                                  [&](const OwnUpdate& update) { return update.reference == updated.reference; });
    if (own == own_updates_.end()) return kUnknownReference;
    private_tree.set_key(tree_math::node_of(own_leaf_), own->leaf_key.clone());
  }
  STEIGER_TRY(Epoch epoch, enter(staged, commit, private_tree, psk_sources));
  const Hash tag = confirmation_tag(epoch.secrets.confirmation_key, staged.next.context().confirmed_transcript_hash);
  if (!equal_in_constant_time(tag, staged.next.confirmation_tag())) return kBadConfirmationTag;

  Group next(std::move(staged.next), own_leaf_, signing_key_.clone(), std::move(private_tree), std::move(epoch.secrets),
             std::move(epoch.secret_tree));
  next.resumption_ = resumption_of_next();
  next.past_ = as_past();
  if (handshake.moved_on) {
    next.past_->secret_tree.put({content.sender.index}, RatchetKind::handshake, std::move(*handshake.moved_on));
  }
  if (staged.reinit) {
    next.end_ = GroupEnd::reinitialised;
    next.reinit_ = staged.reinit;
  }
  return CommitResult{static_cast<CommitFacts&&>(staged), std::move(next), content.authenticated_data};
}

Result<ReceivedProposal> Group::handle_proposal(ByteView mls_message) {
  if (end_ != GroupEnd::none) return kGroupOver;
  STEIGER_TRY(const OpenedHandshake handshake, open_handshake(mls_message));
  STEIGER_TRY(StoredProposal proposal, public_.verify_proposal(handshake.content));
  STEIGER_CHECK(public_.remember(proposal));
  close_ratchet(handshake);
  return ReceivedProposal{std::move(proposal), handshake.content.content.authenticated_data};
}

Result<AuthenticatedContent> Group::sign_proposal(const Proposal& proposal, ByteView authenticated_data, bool sealed) const {
  if (end_ != GroupEnd::none) return kGroupOver;
  if (authenticated_data.size() > kMaxAuthenticatedDataSize) return kTooLarge;
  AuthenticatedContent out;
  out.wire_format = sealed ? WireFormat::private_message : WireFormat::public_message;
  out.content = {to_bytes(group_id()), epoch(), {SenderType::member, own_leaf_.value}, to_bytes(authenticated_data), proposal};
  out.sign(signing_key_, public_.context_bytes());
  return out;
}

Result<Bytes> Group::send_proposal(Rng& rng, const AuthenticatedContent& content, bool sealed) {
  STEIGER_TRY(StoredProposal stored, public_.verify_proposal(content));
  PublicGroup remembered = public_;
  STEIGER_CHECK(remembered.remember(std::move(stored)));
  Bytes message;
  if (sealed) {
    STEIGER_TRY(const HandshakeKey key, take_handshake_key());
    message = encode_message(protect_handshake(rng, content, key.key, secrets_.sender_data));
  } else {
    message = encode_message(protect_public(content, secrets_.membership_key, public_.context_bytes()));
  }
  public_ = std::move(remembered);
  return message;
}

Result<Bytes> Group::propose(Rng& rng, const Proposal& proposal, ByteView authenticated_data, bool sealed) {
  if (proposal.type() == ProposalType::update) return kUnsupportedProposal;
  STEIGER_TRY(const AuthenticatedContent content, sign_proposal(proposal, authenticated_data, sealed));
  return send_proposal(rng, content, sealed);
}

Result<Bytes> Group::propose_update(Rng& rng, const std::optional<Extensions>& leaf_extensions, ByteView authenticated_data,
                                    bool sealed) {
  HpkeKeyPair leaf_key = hpke_generate_key_pair(rng);
  LeafNode leaf = renewed_leaf(*tree().leaf(own_leaf_), leaf_extensions);
  leaf.source = LeafNodeSource::update;
  leaf.lifetime = {};
  leaf.parent_hash.clear();
  leaf.encryption_key = to_bytes(leaf_key.public_key);
  leaf.sign(signing_key_, {group_id(), own_leaf_});
  STEIGER_TRY(const AuthenticatedContent content, sign_proposal({Update{std::move(leaf)}}, authenticated_data, sealed));
  STEIGER_TRY(Bytes message, send_proposal(rng, content, sealed));
  own_updates_.push_back({content.proposal_ref(), std::move(leaf_key)});
  return message;
}

Result<HandshakeKey> Group::take_handshake_key() {
  STEIGER_TRY(Ratchet ratchet, secret_tree_.ratchet(own_leaf_, RatchetKind::handshake));
  STEIGER_TRY(Ratchet::Next key, ratchet.next());
  secret_tree_.put(own_leaf_, RatchetKind::handshake, std::move(ratchet));
  return HandshakeKey{epoch(), std::move(key)};
}

}  // namespace steiger::mls
