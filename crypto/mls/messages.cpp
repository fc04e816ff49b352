#include "crypto/mls/messages.h"

namespace steiger::mls {
namespace {

constexpr std::string_view kContentLabel = "FramedContentTBS";
constexpr std::string_view kGroupInfoLabel = "GroupInfoTBS";

template <class T>
Result<MlsMessage> read_body(Reader& reader) {
  STEIGER_TRY(T body, T::read(reader));
  return MlsMessage{std::move(body)};
}

Result<ContentType> read_content_type(Reader& reader) {
  STEIGER_TRY(const std::uint8_t type, reader.u8());
  if (type < 1 || type > static_cast<std::uint8_t>(ContentType::commit)) return kBadValue;
  return static_cast<ContentType>(type);
}

}  // namespace

Result<Sender> Sender::read(Reader& reader) {
  Sender out;
  STEIGER_TRY(const std::uint8_t type, reader.u8());
  if (type < 1 || type > static_cast<std::uint8_t>(SenderType::new_member_commit)) return kBadValue;
  out.type = static_cast<SenderType>(type);
  if (out.type == SenderType::member || out.type == SenderType::external) {
    STEIGER_TRY(out.index, reader.u32());
  }
  return out;
}

void Sender::write(Writer& writer) const {
  writer.u8(static_cast<std::uint8_t>(type));
  if (type == SenderType::member || type == SenderType::external) writer.u32(index);
}

Result<FramedContent> FramedContent::read(Reader& reader) {
  FramedContent out;
  STEIGER_TRY(out.group_id, read_bytes(reader, kMaxGroupIdSize));
  STEIGER_TRY(out.epoch, reader.u64());
  STEIGER_TRY(out.sender, Sender::read(reader));
  STEIGER_TRY(out.authenticated_data, read_bytes(reader, kMaxAuthenticatedDataSize));
  STEIGER_TRY(const ContentType type, read_content_type(reader));
  switch (type) {
    case ContentType::application: {
      STEIGER_TRY(out.body, read_bytes(reader, kMaxPlaintextSize));
      break;
    }
    case ContentType::proposal: {
      STEIGER_TRY(out.body, Proposal::read(reader));
      break;
    }
    case ContentType::commit: {
      STEIGER_TRY(out.body, Commit::read(reader));
      break;
    }
  }
  return out;
}

void FramedContent::write(Writer& writer) const {
  writer.opaque(group_id).u64(epoch);
  sender.write(writer);
  writer.opaque(authenticated_data).u8(static_cast<std::uint8_t>(type()));
  if (const auto* data = std::get_if<Bytes>(&body)) writer.opaque(*data);
  if (const auto* proposal = std::get_if<Proposal>(&body)) proposal->write(writer);
  if (const auto* commit = std::get_if<Commit>(&body)) commit->write(writer);
}

Result<FramedContentAuth> FramedContentAuth::read(Reader& reader, ContentType type) {
  FramedContentAuth out;
  STEIGER_TRY(out.signature, read_bytes(reader, kMaxSignatureBytes));
  if (type == ContentType::commit) {
    STEIGER_TRY(out.confirmation_tag, read_bytes(reader, kMaxHashSize));
  }
  return out;
}

void FramedContentAuth::write(Writer& writer) const {
  writer.opaque(signature);
  if (confirmation_tag) writer.opaque(*confirmation_tag);
}

Bytes content_to_sign(WireFormat wire_format, const FramedContent& content, ByteView context) {
  Writer writer;
  writer.u16(kMls10).u16(static_cast<std::uint16_t>(wire_format));
  content.write(writer);
  const SenderType sender = content.sender.type;
  if (sender == SenderType::member || sender == SenderType::new_member_commit) writer.fixed(context);
  return std::move(writer).take();
}

Result<AuthenticatedContent> AuthenticatedContent::read(Reader& reader) {
  AuthenticatedContent out;
  STEIGER_TRY(const std::uint16_t wire_format, reader.u16());
  out.wire_format = static_cast<WireFormat>(wire_format);
  if (out.wire_format != WireFormat::public_message && out.wire_format != WireFormat::private_message) return kUnknownWireFormat;
  STEIGER_TRY(out.content, FramedContent::read(reader));
  STEIGER_TRY(out.auth, FramedContentAuth::read(reader, out.content.type()));
  return out;
}

void AuthenticatedContent::write(Writer& writer) const {
  writer.u16(static_cast<std::uint16_t>(wire_format));
  content.write(writer);
  auth.write(writer);
}

void AuthenticatedContent::sign(const SigningKey& key, ByteView context) {
  auth.signature = to_bytes(sign_with_label(key, kContentLabel, content_to_sign(wire_format, content, context)));
}

Result<void> AuthenticatedContent::verify_signature(ByteView verify_key, ByteView context) const {
  const Bytes to_sign = content_to_sign(wire_format, content, context);
  if (!verify_with_label(verify_key, kContentLabel, to_sign, auth.signature).ok()) return kBadMessageSignature;
  return {};
}

ProposalRef AuthenticatedContent::proposal_ref() const {
  return ref_hash("MLS 1.0 Proposal Reference", encode(*this));
}

Result<PublicMessage> PublicMessage::read(Reader& reader) {
  PublicMessage out;
  STEIGER_TRY(out.content, FramedContent::read(reader));
  STEIGER_TRY(out.auth, FramedContentAuth::read(reader, out.content.type()));
  if (out.content.sender.type == SenderType::member) {
    STEIGER_TRY(out.membership_tag, read_bytes(reader, kMaxHashSize));
  }
  return out;
}

void PublicMessage::write(Writer& writer) const {
  content.write(writer);
  auth.write(writer);
  if (membership_tag) writer.opaque(*membership_tag);
}

Result<PrivateMessage> PrivateMessage::read(Reader& reader) {
  PrivateMessage out;
  STEIGER_TRY(out.group_id, read_bytes(reader, kMaxGroupIdSize));
  STEIGER_TRY(out.epoch, reader.u64());
  STEIGER_TRY(out.content_type, read_content_type(reader));
  STEIGER_TRY(out.authenticated_data, read_bytes(reader, kMaxAuthenticatedDataSize));
  STEIGER_TRY(out.encrypted_sender_data, read_bytes(reader, kMaxHashSize));
  STEIGER_TRY(out.ciphertext, read_bytes(reader, kMaxCiphertextSize));
  return out;
}

void PrivateMessage::write(Writer& writer) const {
  writer.opaque(group_id).u64(epoch).u8(static_cast<std::uint8_t>(content_type));
  writer.opaque(authenticated_data).opaque(encrypted_sender_data).opaque(ciphertext);
}

Result<EncryptedGroupSecrets> EncryptedGroupSecrets::read(Reader& reader) {
  EncryptedGroupSecrets out;
  STEIGER_TRY(out.new_member, read_bytes(reader, kMaxHashSize));
  STEIGER_TRY(out.encrypted_group_secrets, HpkeCiphertext::read(reader));
  return out;
}
void EncryptedGroupSecrets::write(Writer& writer) const {
  writer.opaque(new_member);
  encrypted_group_secrets.write(writer);
}

Result<Welcome> Welcome::read(Reader& reader) {
  Welcome out;
  STEIGER_TRY(out.cipher_suite, reader.u16());
  STEIGER_TRY(out.secrets, read_vector<EncryptedGroupSecrets>(reader, kMaxLeaves));
  STEIGER_TRY(out.encrypted_group_info, read_bytes(reader, 2 * kMaxExtensionSize));
  return out;
}
void Welcome::write(Writer& writer) const {
  writer.u16(cipher_suite);
  write_vector(writer, secrets);
  writer.opaque(encrypted_group_info);
}

Result<GroupInfo> GroupInfo::read(Reader& reader) {
  GroupInfo out;
  STEIGER_TRY(out.context, GroupContext::read(reader));
  STEIGER_TRY(out.extensions, read_extensions(reader));
  STEIGER_TRY(out.confirmation_tag, read_bytes(reader, kMaxHashSize));
  STEIGER_TRY(out.signer.value, reader.u32());
  STEIGER_TRY(out.signature, read_bytes(reader, kMaxSignatureBytes));
  return out;
}

void GroupInfo::write_unsigned(Writer& writer) const {
  context.write(writer);
  write_vector(writer, extensions);
  writer.opaque(confirmation_tag).u32(signer.value);
}

void GroupInfo::write(Writer& writer) const {
  write_unsigned(writer);
  writer.opaque(signature);
}

Bytes GroupInfo::to_sign() const {
  Writer writer;
  write_unsigned(writer);
  return std::move(writer).take();
}

void GroupInfo::sign(const SigningKey& key) {
  signature = to_bytes(sign_with_label(key, kGroupInfoLabel, to_sign()));
}

Result<void> GroupInfo::verify_signature(ByteView verify_key) const {
  if (!verify_with_label(verify_key, kGroupInfoLabel, to_sign(), signature).ok()) return kBadGroupInfoSignature;
  return {};
}

Result<MlsMessage> MlsMessage::read(Reader& reader) {
  STEIGER_TRY(const std::uint16_t version, reader.u16());
  if (version != kMls10) return kUnknownVersion;
  STEIGER_TRY(const std::uint16_t wire_format, reader.u16());
  switch (static_cast<WireFormat>(wire_format)) {
    case WireFormat::public_message:
      return read_body<PublicMessage>(reader);
    case WireFormat::private_message:
      return read_body<PrivateMessage>(reader);
    case WireFormat::welcome:
      return read_body<Welcome>(reader);
    case WireFormat::group_info:
      return read_body<GroupInfo>(reader);
    case WireFormat::key_package:
      return read_body<KeyPackage>(reader);
  }
  return kUnknownWireFormat;
}

void MlsMessage::write(Writer& writer) const {
  writer.u16(kMls10).u16(static_cast<std::uint16_t>(wire_format()));
  std::visit([&](const auto& value) { value.write(writer); }, body);
}

}  // namespace steiger::mls
