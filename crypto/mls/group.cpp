// Creating a group, its messages and what it exports. Making commits is in group_commit.cpp, processing handshakes in
// group_process.cpp, joining in group_join.cpp, storage in group_storage.cpp.
#include "crypto/mls/group.h"

#include "crypto/mls/message_protection.h"

namespace steiger::mls {

Group::Group(PublicGroup group, LeafIndex own_leaf, SigningKey key, PrivateTree private_tree, EpochSecrets secrets,
             SecretTree secret_tree)
    : public_(std::move(group)),
      own_leaf_(own_leaf),
      signing_key_(std::move(key)),
      private_tree_(std::move(private_tree)),
      secrets_(std::move(secrets)),
      secret_tree_(std::move(secret_tree)) {}

Result<Group> Group::create(Rng& rng, CreateOptions options) {
  if (options.group_id.empty() || options.group_id.size() > kMaxGroupIdSize) return kBadLength;
  STEIGER_CHECK(check_each_type_once(options.group_extensions));
  HpkeKeyPair leaf_key = hpke_generate_key_pair(rng);
  for (const Extension& extension : options.group_extensions) {
    Capabilities& has = options.leaf.capabilities;
    if (!has.supports_extension(extension.type)) has.extensions.push_back(extension.type);
  }
  LeafNode leaf = make_leaf(rng, options.signing_key, options.leaf, leaf_key.public_key);
  STEIGER_CHECK(check_leaf(leaf, options.group_extensions));
  RatchetTree tree = RatchetTree::with_one_leaf(std::move(leaf));

  GroupContext context;
  context.group_id = std::move(options.group_id);
  context.tree_hash = to_bytes(tree.tree_hash());
  context.extensions = std::move(options.group_extensions);
  const EpochSecret epoch = EpochSecret::random(rng);  // section 11
  EpochSecrets secrets = EpochSecrets::derive(epoch);
  Bytes tag = to_bytes(confirmation_tag(secrets.confirmation_key, context.confirmed_transcript_hash));
  SecretTree secret_tree(tree.leaf_count(), encryption_secret(epoch));
  return Group(PublicGroup(std::move(context), std::move(tree), std::move(tag)), {0}, std::move(options.signing_key),
               PrivateTree({0}, std::move(leaf_key)), std::move(secrets), std::move(secret_tree));
}

Result<Bytes> Group::encrypt(Rng& rng, ByteView authenticated_data, ByteView plaintext) {
  if (end_ != GroupEnd::none) return kGroupOver;
  // Section 12.4: whose removal was proposed must be out before anything more is said.
  if (!proposals().empty()) return kProposalsWaiting;
  if (plaintext.size() > kMaxPlaintextSize || authenticated_data.size() > kMaxAuthenticatedDataSize) return kTooLarge;
  STEIGER_TRY(Ratchet ratchet, secret_tree_.ratchet(own_leaf_, RatchetKind::application));
  STEIGER_TRY(const Ratchet::Next key, ratchet.next());
  const ApplicationFrame frame{group_id(), epoch(), own_leaf_, authenticated_data, public_.context_bytes()};
  PrivateMessage message = protect_application(rng, frame, plaintext, signing_key_, key, secrets_.sender_data);
  secret_tree_.put(own_leaf_, RatchetKind::application, std::move(ratchet));
  return encode_message(std::move(message));
}

Result<ReceivedMessage> Group::decrypt(ByteView mls_message) {
  STEIGER_TRY(PrivateMessage message, decode_message<PrivateMessage>(mls_message));
  if (!equal(message.group_id, group_id())) return kWrongGroup;
  if (message.content_type != ContentType::application) return kUnexpectedMessage;
  if (message.epoch > epoch()) return kWrongEpoch;
  const bool current = message.epoch == epoch();
  if (!current && (!past_ || past_->epoch != message.epoch)) return kEpochForgotten;  // S12
  const RatchetTree& members = current ? tree() : past_->tree;
  const ByteView context = current ? public_.context_bytes() : past_->context_bytes;
  SecretTree& secret_tree = current ? secret_tree_ : past_->secret_tree;

  STEIGER_TRY(const SenderData sender, open_sender_data(message, current ? secrets_.sender_data : past_->sender_data));
  const LeafNode* leaf = members.leaf(sender.leaf);
  if (leaf == nullptr) return kUnknownLeaf;
  if (sender.leaf == own_leaf_) return kOwnMessage;
  // The ratchet here is a copy; only a message that opens and verifies moves the real one.
  STEIGER_TRY(Ratchet ratchet, secret_tree.ratchet(sender.leaf, RatchetKind::application));
  STEIGER_TRY(const KeyAndNonce key, ratchet.take(sender.generation));
  STEIGER_TRY(SecretBytes plaintext, open_application(message, sender, key, leaf->signature_key, context));
  secret_tree.put(sender.leaf, RatchetKind::application, std::move(ratchet));
  return ReceivedMessage{sender.leaf, message.epoch, std::move(message.authenticated_data), std::move(plaintext)};
}

GroupInfo Group::signed_group_info(const Extensions& extensions) const {
  GroupInfo info;
  info.context = public_.context();
  info.extensions = extensions;
  const auto add = [&](ExtensionType type, Bytes data) {
    std::erase_if(info.extensions, [&](const Extension& e) { return e.type == static_cast<std::uint16_t>(type); });
    info.extensions.push_back({static_cast<std::uint16_t>(type), std::move(data)});
  };
  add(ExtensionType::ratchet_tree, encode(tree()));
  Writer external_pub;
  external_pub.opaque(external_public_key(secrets_.external));
  add(ExtensionType::external_pub, std::move(external_pub).take());
  info.confirmation_tag = public_.confirmation_tag();
  info.signer = own_leaf_;
  info.sign(signing_key_);
  return info;
}

Result<Bytes> Group::group_info(const Extensions& extensions) const {
  return encode_message(signed_group_info(extensions));
}

Result<SecretBytes> Group::export_secret(std::string_view label, ByteView context, std::size_t length) const {
  return mls::export_secret(secrets_.exporter, label, context, length);
}

Group::PastEpoch Group::PastEpoch::clone() const {
  return {epoch, context_bytes, tree, sender_data.clone(), secret_tree.clone()};
}

Group::PastEpoch Group::as_past() const {
  return {epoch(), public_.context_bytes(), tree(), secrets_.sender_data.clone(), secret_tree_.clone()};
}

ResumptionPsks Group::resumption_of_next() const {
  ResumptionPsks out = resumption_.clone();
  out.remember(epoch(), secrets_.resumption_psk.clone());
  return out;
}

Result<ResumptionUse> Group::resumption_psk(ResumptionUsage usage, std::uint64_t epoch) const {
  const ResumptionPsks known = resumption_of_next();
  const ResumptionPsk* psk = known.find(epoch);
  if (psk == nullptr) return kUnknownPsk;
  return ResumptionUse{usage, to_bytes(group_id()), epoch, psk->clone()};
}

Group Group::clone() const {
  Group out(public_, own_leaf_, signing_key_.clone(), private_tree_.clone(), secrets_.clone(), secret_tree_.clone());
  if (past_) out.past_ = past_->clone();
  for (const OwnUpdate& update : own_updates_) out.own_updates_.push_back({update.reference, update.leaf_key.clone()});
  out.resumption_ = resumption_.clone();
  out.end_ = end_;
  out.reinit_ = reinit_;
  return out;
}

}  // namespace steiger::mls
