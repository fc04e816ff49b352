// Versioned storage of a group and of a pending commit. The layout is ours, not the RFC's; every change gets a new version.
#include "crypto/mls/group.h"

namespace steiger::mls {
namespace {

// Version 1: no own updates, resumption PSKs or end; of PublicGroup version 1.
constexpr std::uint16_t kFirstGroupVersion = 1;
constexpr std::uint16_t kGroupVersion = 2;
constexpr std::uint16_t kPendingVersion = 1;
constexpr std::size_t kMaxStoredPart = 64 * 1024 * 1024;

void write_epoch(SecretWriter& writer, const EpochSecrets& secrets) {
  writer.fixed(secrets.sender_data.bytes()).fixed(secrets.exporter.bytes()).fixed(secrets.external.bytes());
  writer.fixed(secrets.confirmation_key.bytes()).fixed(secrets.membership_key.bytes()).fixed(secrets.resumption_psk.bytes());
  writer.fixed(secrets.epoch_authenticator.bytes()).fixed(secrets.init.bytes());
}

Result<EpochSecrets> read_epoch(Reader& reader) {
  EpochSecrets out;
  STEIGER_TRY(out.sender_data, read_secret<SenderDataSecret>(reader));
  STEIGER_TRY(out.exporter, read_secret<ExporterSecret>(reader));
  STEIGER_TRY(out.external, read_secret<ExternalSecret>(reader));
  STEIGER_TRY(out.confirmation_key, read_secret<ConfirmationKey>(reader));
  STEIGER_TRY(out.membership_key, read_secret<MembershipKey>(reader));
  STEIGER_TRY(out.resumption_psk, read_secret<ResumptionPsk>(reader));
  STEIGER_TRY(out.epoch_authenticator, read_secret<EpochAuthenticator>(reader));
  STEIGER_TRY(out.init, read_secret<InitSecret>(reader));
  return out;
}

// Stored bytes that do not decode are our own damage, whatever the decoder says about peers; an unknown version keeps its name.
template <class T>
Result<T> as_storage(Result<T> result) {
  if (result.ok() || result.error() == kStateVersion) return result;
  return kStateDamaged;
}

Result<PendingCommit> read_pending(ByteView bytes) {
  Reader reader(bytes);
  STEIGER_TRY(const std::uint16_t version, reader.u16());
  if (version != kPendingVersion) return kStateVersion;
  STEIGER_TRY(Bytes commit, read_bytes(reader, kMaxStoredPart));
  STEIGER_TRY(const bool has_welcome, read_presence(reader));
  std::optional<Bytes> welcome;
  if (has_welcome) {
    STEIGER_TRY(welcome, read_bytes(reader, kMaxStoredPart));
  }
  STEIGER_TRY(Bytes group_info, read_bytes(reader, kMaxStoredPart));
  STEIGER_TRY(const ByteView next_bytes, reader.opaque(kMaxStoredPart));
  STEIGER_TRY(Group next, Group::deserialize(next_bytes));
  STEIGER_CHECK(reader.done());
  return PendingCommit{std::move(commit), std::move(welcome), std::move(group_info), std::move(next)};
}

}  // namespace

SecretBytes Group::serialize() const {
  SecretWriter writer;
  writer.u16(kGroupVersion).opaque(public_.serialize()).u32(own_leaf_.value).fixed(signing_key_.seed().bytes());
  private_tree_.write(writer);
  write_epoch(writer, secrets_);
  secret_tree_.write(writer);
  writer.u8(past_ ? 1 : 0);
  if (past_) {
    writer.u64(past_->epoch).opaque(past_->context_bytes).opaque(encode(past_->tree)).fixed(past_->sender_data.bytes());
    past_->secret_tree.write(writer);
  }
  writer.u32(static_cast<std::uint32_t>(own_updates_.size()));
  for (const OwnUpdate& update : own_updates_) {
    writer.fixed(update.reference).fixed(update.leaf_key.private_key.bytes()).fixed(update.leaf_key.public_key);
  }
  resumption_.write(writer);
  writer.u8(static_cast<std::uint8_t>(end_)).u8(reinit_ ? 1 : 0);
  if (reinit_) writer.fixed(encode(*reinit_));
  return std::move(writer).take();
}

Result<Group::PastEpoch> Group::read_past(Reader& reader) {
  STEIGER_TRY(const std::uint64_t epoch, reader.u64());
  STEIGER_TRY(Bytes context, read_bytes(reader, kMaxStoredPart));
  STEIGER_TRY(const ByteView tree_bytes, reader.opaque(kMaxStoredPart));
  STEIGER_TRY(RatchetTree tree, mls::decode<RatchetTree>(tree_bytes));
  STEIGER_TRY(SenderDataSecret sender_data, read_secret<SenderDataSecret>(reader));
  STEIGER_TRY(SecretTree secret_tree, SecretTree::read(reader));
  if (secret_tree.leaf_count() != tree.leaf_count()) return kStateDamaged;
  return PastEpoch{epoch, std::move(context), std::move(tree), std::move(sender_data), std::move(secret_tree)};
}

Result<void> Group::read_since_version_2(Reader& reader) {
  STEIGER_TRY(const std::uint32_t updates, reader.u32());
  if (updates > kMaxStoredProposals) return kStateDamaged;
  for (std::uint32_t i = 0; i < updates; ++i) {
    OwnUpdate update;
    STEIGER_TRY(update.reference, reader.array<kHashSize>());
    STEIGER_TRY(update.leaf_key.private_key, read_secret<DhPrivateKey>(reader));
    STEIGER_TRY(update.leaf_key.public_key, reader.array<kPublicKeySize>());
    own_updates_.push_back(std::move(update));
  }
  STEIGER_TRY(resumption_, ResumptionPsks::read(reader));
  STEIGER_TRY(const std::uint8_t end, reader.u8());
  if (end > static_cast<std::uint8_t>(GroupEnd::reinitialised)) return kStateDamaged;
  end_ = static_cast<GroupEnd>(end);
  STEIGER_TRY(const bool has_reinit, read_presence(reader));
  if (has_reinit) {
    STEIGER_TRY(reinit_, ReInit::read(reader));
  }
  return {};
}

Result<Group> Group::read(ByteView bytes) {
  Reader reader(bytes);
  STEIGER_TRY(const std::uint16_t version, reader.u16());
  if (version < kFirstGroupVersion || version > kGroupVersion) return kStateVersion;
  STEIGER_TRY(const ByteView public_bytes, reader.opaque(kMaxStoredPart));
  STEIGER_TRY(PublicGroup group, PublicGroup::deserialize(public_bytes));
  LeafIndex own_leaf;
  STEIGER_TRY(own_leaf.value, reader.u32());
  STEIGER_TRY(SigningKey::Seed seed, read_secret<SigningKey::Seed>(reader));
  SigningKey signing_key(std::move(seed));
  STEIGER_TRY(PrivateTree private_tree, PrivateTree::read(reader));
  STEIGER_TRY(EpochSecrets secrets, read_epoch(reader));
  STEIGER_TRY(SecretTree secret_tree, SecretTree::read(reader));
  STEIGER_TRY(const bool has_past, read_presence(reader));
  std::optional<PastEpoch> past;
  if (has_past) {
    STEIGER_TRY(past, read_past(reader));
  }

  const LeafNode* leaf = group.tree().leaf(own_leaf);
  if (leaf == nullptr || !equal(leaf->signature_key, signing_key.verify_key().bytes())) return kStateDamaged;
  if (!private_tree.consistent_with(group.tree()) || secret_tree.leaf_count() != group.tree().leaf_count()) return kStateDamaged;
  if (past && past->epoch + 1 != group.epoch()) return kStateDamaged;
  Group out(std::move(group), own_leaf, std::move(signing_key), std::move(private_tree), std::move(secrets),
            std::move(secret_tree));
  out.past_ = std::move(past);
  if (version > kFirstGroupVersion) STEIGER_CHECK(out.read_since_version_2(reader));
  STEIGER_CHECK(reader.done());
  return out;
}

Result<Group> Group::deserialize(ByteView bytes) {
  return as_storage(read(bytes));
}

SecretBytes PendingCommit::serialize() const {
  SecretWriter writer;
  writer.u16(kPendingVersion).opaque(commit).u8(welcome ? 1 : 0);
  if (welcome) writer.opaque(*welcome);
  writer.opaque(group_info).opaque(next.serialize().bytes());
  return std::move(writer).take();
}

Result<PendingCommit> PendingCommit::deserialize(ByteView bytes) {
  return as_storage(read_pending(bytes));
}

}  // namespace steiger::mls
