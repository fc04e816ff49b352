#include "crypto/mls/proposals.h"

namespace steiger::mls {
namespace {

enum class ProposalOrRefType : std::uint8_t { proposal = 1, reference = 2 };

template <class T>
Result<Proposal> read_body(Reader& reader) {
  STEIGER_TRY(T body, T::read(reader));
  return Proposal{std::move(body)};
}

}  // namespace

Result<PreSharedKeyId> PreSharedKeyId::read(Reader& reader) {
  PreSharedKeyId out;
  STEIGER_TRY(const std::uint8_t type, reader.u8());
  out.type = static_cast<PskType>(type);
  if (out.type == PskType::external) {
    STEIGER_TRY(out.psk_id, read_bytes(reader, kMaxPskIdSize));
  } else if (out.type == PskType::resumption) {
    STEIGER_TRY(const std::uint8_t usage, reader.u8());
    out.usage = static_cast<ResumptionUsage>(usage);
    if (usage < 1 || usage > static_cast<std::uint8_t>(ResumptionUsage::branch)) return kBadValue;
    STEIGER_TRY(out.psk_group_id, read_bytes(reader, kMaxGroupIdSize));
    STEIGER_TRY(out.psk_epoch, reader.u64());
  } else {
    return kBadValue;
  }
  STEIGER_TRY(out.psk_nonce, read_bytes(reader, kMaxHashSize));
  return out;
}

void PreSharedKeyId::write(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type));
  if (type == PskType::external) {
    writer.opaque(psk_id);
  } else {
    writer.u8(static_cast<std::uint8_t>(usage)).opaque(psk_group_id).u64(psk_epoch);
  }
  writer.opaque(psk_nonce);
}

Result<Add> Add::read(Reader& reader) {
  STEIGER_TRY(KeyPackage key_package, KeyPackage::read(reader));
  return Add{std::move(key_package)};
}
void Add::write(Writer& writer) const {
  key_package.write(writer);
}

Result<Update> Update::read(Reader& reader) {
  STEIGER_TRY(LeafNode leaf, LeafNode::read(reader));
  return Update{std::move(leaf)};
}
void Update::write(Writer& writer) const {
  leaf.write(writer);
}

Result<Remove> Remove::read(Reader& reader) {
  STEIGER_TRY(const std::uint32_t leaf, reader.u32());
  return Remove{{leaf}};
}
void Remove::write(Writer& writer) const {
  writer.u32(removed.value);
}

Result<PreSharedKey> PreSharedKey::read(Reader& reader) {
  STEIGER_TRY(PreSharedKeyId id, PreSharedKeyId::read(reader));
  return PreSharedKey{std::move(id)};
}
void PreSharedKey::write(Writer& writer) const {
  id.write(writer);
}

Result<ReInit> ReInit::read(Reader& reader) {
  ReInit out;
  STEIGER_TRY(out.group_id, read_bytes(reader, kMaxGroupIdSize));
  STEIGER_TRY(out.version, reader.u16());
  STEIGER_TRY(out.cipher_suite, reader.u16());
  STEIGER_TRY(out.extensions, read_extensions(reader));
  return out;
}
void ReInit::write(Writer& writer) const {
  writer.opaque(group_id).u16(version).u16(cipher_suite);
  write_vector(writer, extensions);
}

Result<ExternalInit> ExternalInit::read(Reader& reader) {
  STEIGER_TRY(Bytes kem_output, read_bytes(reader, kMaxKeySize));
  return ExternalInit{std::move(kem_output)};
}
void ExternalInit::write(Writer& writer) const {
  writer.opaque(kem_output);
}

Result<GroupContextExtensions> GroupContextExtensions::read(Reader& reader) {
  STEIGER_TRY(Extensions extensions, read_extensions(reader));
  return GroupContextExtensions{std::move(extensions)};
}
void GroupContextExtensions::write(Writer& writer) const {
  write_vector(writer, extensions);
}

Result<Proposal> Proposal::read(Reader& reader) {
  STEIGER_TRY(const std::uint16_t type, reader.u16());
  switch (static_cast<ProposalType>(type)) {
    case ProposalType::add:
      return read_body<Add>(reader);
    case ProposalType::update:
      return read_body<Update>(reader);
    case ProposalType::remove:
      return read_body<Remove>(reader);
    case ProposalType::psk:
      return read_body<PreSharedKey>(reader);
    case ProposalType::reinit:
      return read_body<ReInit>(reader);
    case ProposalType::external_init:
      return read_body<ExternalInit>(reader);
    case ProposalType::group_context_extensions:
      return read_body<GroupContextExtensions>(reader);
  }
  return kUnknownProposal;
}

void Proposal::write(Writer& writer) const {
  writer.u16(static_cast<std::uint16_t>(type()));
  std::visit([&](const auto& value) { value.write(writer); }, body);
}

Result<ProposalOrRef> ProposalOrRef::read(Reader& reader) {
  STEIGER_TRY(const std::uint8_t type, reader.u8());
  switch (static_cast<ProposalOrRefType>(type)) {
    case ProposalOrRefType::proposal: {
      STEIGER_TRY(Proposal proposal, Proposal::read(reader));
      return ProposalOrRef{std::move(proposal)};
    }
    case ProposalOrRefType::reference: {
      STEIGER_TRY(Bytes reference, read_bytes(reader, kMaxHashSize));
      return ProposalOrRef{std::move(reference)};
    }
  }
  return kBadValue;
}

void ProposalOrRef::write(Writer& writer) const {
  if (const auto* proposal = std::get_if<Proposal>(&body)) {
    writer.u8(static_cast<std::uint8_t>(ProposalOrRefType::proposal));
    proposal->write(writer);
  } else {
    writer.u8(static_cast<std::uint8_t>(ProposalOrRefType::reference)).opaque(*std::get_if<Bytes>(&body));
  }
}

Result<UpdatePathNode> UpdatePathNode::read(Reader& reader) {
  UpdatePathNode out;
  STEIGER_TRY(out.encryption_key, read_bytes(reader, kMaxKeySize));
  STEIGER_TRY(out.encrypted_path_secrets, read_vector<HpkeCiphertext>(reader, kMaxLeaves));
  return out;
}
void UpdatePathNode::write(Writer& writer) const {
  writer.opaque(encryption_key);
  write_vector(writer, encrypted_path_secrets);
}

Result<UpdatePath> UpdatePath::read(Reader& reader) {
  UpdatePath out;
  STEIGER_TRY(out.leaf, LeafNode::read(reader));
  STEIGER_TRY(out.nodes, read_vector<UpdatePathNode>(reader, kMaxPathNodes));
  return out;
}
void UpdatePath::write(Writer& writer) const {
  leaf.write(writer);
  write_vector(writer, nodes);
}

Result<Commit> Commit::read(Reader& reader) {
  Commit out;
  STEIGER_TRY(out.proposals, read_vector<ProposalOrRef>(reader, kMaxProposalsPerCommit));
  STEIGER_TRY(const bool has_path, read_presence(reader));
  if (has_path) {
    STEIGER_TRY(out.path, UpdatePath::read(reader));
  }
  return out;
}
void Commit::write(Writer& writer) const {
  write_vector(writer, proposals);
  writer.u8(path ? 1 : 0);
  if (path) path->write(writer);
}

}  // namespace steiger::mls
