// What travels: MLSMessage and the structs inside (RFC 9420 sections 6, 12.4.3). Public half: codec and signatures only;
// sealing and opening are in message_protection.h.
#pragma once

#include <variant>

#include "crypto/mls/proposals.h"

namespace steiger::mls {

enum class WireFormat : std::uint16_t { public_message = 1, private_message = 2, welcome = 3, group_info = 4, key_package = 5 };
enum class ContentType : std::uint8_t { application = 1, proposal = 2, commit = 3 };
enum class SenderType : std::uint8_t { member = 1, external = 2, new_member_proposal = 3, new_member_commit = 4 };

struct Sender {
  SenderType type = SenderType::member;
  std::uint32_t index = 0;  // leaf index of a member, or index into external_senders

  static Result<Sender> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Sender&, const Sender&) = default;
};

struct FramedContent {
  Bytes group_id;
  std::uint64_t epoch = 0;
  Sender sender;
  Bytes authenticated_data;
  std::variant<Bytes, Proposal, Commit> body;  // in the order of ContentType

  [[nodiscard]] ContentType type() const { return static_cast<ContentType>(body.index() + 1); }
  static Result<FramedContent> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const FramedContent&, const FramedContent&) = default;
};

struct FramedContentAuth {
  Bytes signature;
  std::optional<Bytes> confirmation_tag;  // exactly for commits

  static Result<FramedContentAuth> read(Reader& reader, ContentType type);
  void write(Writer& writer) const;
  friend bool operator==(const FramedContentAuth&, const FramedContentAuth&) = default;
};

// FramedContentTBS. `context` is the encoded GroupContext, used for the senders member and new_member_commit.
Bytes content_to_sign(WireFormat wire_format, const FramedContent& content, ByteView context);

struct AuthenticatedContent {
  WireFormat wire_format = WireFormat::public_message;
  FramedContent content;
  FramedContentAuth auth;

  static Result<AuthenticatedContent> read(Reader& reader);
  void write(Writer& writer) const;
  void sign(const SigningKey& key, ByteView context);
  // kBadMessageSignature.
  [[nodiscard]] Result<void> verify_signature(ByteView verify_key, ByteView context) const;
  // Section 5.2: names a proposal inside a later commit.
  [[nodiscard]] ProposalRef proposal_ref() const;
};

struct PublicMessage {
  FramedContent content;
  FramedContentAuth auth;
  std::optional<Bytes> membership_tag;  // exactly for the sender type member

  // Application data decodes, and is refused by everything that processes a PublicMessage (section 6.2).
  static Result<PublicMessage> read(Reader& reader);
  void write(Writer& writer) const;
  [[nodiscard]] AuthenticatedContent authenticated() const { return {WireFormat::public_message, content, auth}; }
  friend bool operator==(const PublicMessage&, const PublicMessage&) = default;
};

struct PrivateMessage {
  Bytes group_id;
  std::uint64_t epoch = 0;
  ContentType content_type = ContentType::application;
  Bytes authenticated_data;
  Bytes encrypted_sender_data;
  Bytes ciphertext;

  static Result<PrivateMessage> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const PrivateMessage&, const PrivateMessage&) = default;
};

struct EncryptedGroupSecrets {
  Bytes new_member;  // KeyPackageRef
  HpkeCiphertext encrypted_group_secrets;
  static Result<EncryptedGroupSecrets> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const EncryptedGroupSecrets&, const EncryptedGroupSecrets&) = default;
};

struct Welcome {
  std::uint16_t cipher_suite = kSuite3;
  std::vector<EncryptedGroupSecrets> secrets;
  Bytes encrypted_group_info;
  static Result<Welcome> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

struct GroupInfo {
  GroupContext context;
  Extensions extensions;
  Bytes confirmation_tag;
  LeafIndex signer;
  Bytes signature;

  static Result<GroupInfo> read(Reader& reader);
  void write(Writer& writer) const;
  void sign(const SigningKey& key);
  // kBadGroupInfoSignature. `verify_key` is the signer's key from the tree.
  [[nodiscard]] Result<void> verify_signature(ByteView verify_key) const;
  friend bool operator==(const GroupInfo&, const GroupInfo&) = default;

 private:
  [[nodiscard]] Bytes to_sign() const;
  void write_unsigned(Writer& writer) const;
};

struct MlsMessage {
  std::variant<PublicMessage, PrivateMessage, Welcome, GroupInfo, KeyPackage> body;

  [[nodiscard]] WireFormat wire_format() const { return static_cast<WireFormat>(body.index() + 1); }
  // kUnknownVersion, kUnknownWireFormat, or what is wrong inside.
  static Result<MlsMessage> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const MlsMessage&, const MlsMessage&) = default;
};

// Decodes an MLSMessage that must be of kind T (kUnexpectedMessage otherwise), e.g. decode_message<Welcome>(bytes).
template <class T>
Result<T> decode_message(ByteView mls_message) {
  STEIGER_TRY(MlsMessage message, decode<MlsMessage>(mls_message));
  T* body = std::get_if<T>(&message.body);
  if (body == nullptr) return kUnexpectedMessage;
  return std::move(*body);
}
template <class T>
Bytes encode_message(T body) {
  return encode(MlsMessage{std::move(body)});
}

}  // namespace steiger::mls
