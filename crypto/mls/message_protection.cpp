#include "crypto/mls/message_protection.h"

#include <algorithm>

#include "crypto/primitives/aead.h"

namespace steiger::mls {
namespace {

constexpr std::size_t kSenderDataSampleSize = kHashSize;  // section 6.3.2: KDF.Nh bytes of the ciphertext

// FramedContentTBM without the signed part being built twice.
Hash membership_tag(const FramedContent& content, const FramedContentAuth& auth, const MembershipKey& key, ByteView context) {
  Writer authenticated;
  auth.write(authenticated);
  return hmac_sha256(key.bytes(), {content_to_sign(WireFormat::public_message, content, context), authenticated.view()});
}

Bytes content_associated_data(const PrivateMessage& message) {
  Writer out;
  out.opaque(message.group_id).u64(message.epoch).u8(static_cast<std::uint8_t>(message.content_type));
  out.opaque(message.authenticated_data);
  return std::move(out).take();
}

Bytes sender_associated_data(const PrivateMessage& message) {
  Writer out;
  out.opaque(message.group_id).u64(message.epoch).u8(static_cast<std::uint8_t>(message.content_type));
  return std::move(out).take();
}

KeyAndNonce guarded(const KeyAndNonce& key, const ByteArray<4>& reuse_guard) {
  KeyAndNonce out = key.clone();
  for (std::size_t i = 0; i < reuse_guard.size(); ++i) out.nonce.writable()[i] ^= reuse_guard[i];
  return out;
}

// PrivateMessageContent: body (already encoded), signature and confirmation tag, zeros up to the unit (section 6.3.1).
void pad(SecretWriter& writer) {
  static constexpr ByteArray<kPaddingUnit> kZeros{};
  const std::size_t over = writer.size() % kPaddingUnit;
  if (over != 0) writer.fixed(ByteView(kZeros).first(kPaddingUnit - over));
}

Result<void> check_padding(ByteView padding) {
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t byte) { return byte != 0; })) return kNonZeroPadding;
  return {};
}

// Seals content and sender data into a message whose header is complete.
void seal(Rng& rng, PrivateMessage& message, LeafIndex sender, ByteView content, const Ratchet::Next& ratchet_key,
          const SenderDataSecret& sender_data_secret) {
  ByteArray<4> reuse_guard{};
  rng.fill(reuse_guard);
  const KeyAndNonce key = guarded(ratchet_key.key, reuse_guard);
  message.ciphertext = aead_seal(key.key.bytes(), key.nonce.bytes(), content_associated_data(message), content);
  Writer sender_data;
  sender_data.u32(sender.value).u32(ratchet_key.generation).fixed(reuse_guard);
  const KeyAndNonce sender_key = sender_data_key(sender_data_secret, message.ciphertext);
  message.encrypted_sender_data =
      aead_seal(sender_key.key.bytes(), sender_key.nonce.bytes(), sender_associated_data(message), sender_data.view());
}

Result<SecretBytes> open(const PrivateMessage& message, const SenderData& sender, const KeyAndNonce& key) {
  const KeyAndNonce used = guarded(key, sender.reuse_guard);
  return aead_open(used.key.bytes(), used.nonce.bytes(), content_associated_data(message), message.ciphertext);
}

// What an application message signs: label_to_sign over content_to_sign, built without leaving the plaintext in ordinary memory.
SecretBytes application_to_sign(const ApplicationFrame& frame, ByteView plaintext) {
  Writer header;
  header.u16(kMls10).u16(static_cast<std::uint16_t>(WireFormat::private_message)).opaque(frame.group_id).u64(frame.epoch);
  Sender{SenderType::member, frame.sender.value}.write(header);
  header.opaque(frame.authenticated_data).u8(static_cast<std::uint8_t>(ContentType::application));
  SecretWriter content;
  content.fixed(header.view()).opaque(plaintext).fixed(frame.context);
  SecretWriter labelled;
  labelled.opaque(as_bytes("MLS 1.0 FramedContentTBS")).opaque(content.view());
  return std::move(labelled).take();
}

}  // namespace

PublicMessage protect_public(AuthenticatedContent content, const MembershipKey& key, ByteView context) {
  PublicMessage out{std::move(content.content), std::move(content.auth), std::nullopt};
  out.membership_tag = to_bytes(membership_tag(out.content, out.auth, key, context));
  return out;
}

Result<void> verify_membership(const PublicMessage& message, const MembershipKey& key, ByteView context) {
  if (message.content.type() == ContentType::application) return kApplicationDataInPublic;
  if (message.content.sender.type != SenderType::member) return kUnsupportedSender;
  if (!message.membership_tag) return kBadMembershipTag;
  if (!equal_in_constant_time(*message.membership_tag, membership_tag(message.content, message.auth, key, context))) {
    return kBadMembershipTag;
  }
  return {};
}

KeyAndNonce sender_data_key(const SenderDataSecret& secret, ByteView ciphertext) {
  const ByteView sample = ciphertext.first(std::min(ciphertext.size(), kSenderDataSampleSize));
  KeyAndNonce out;
  expand_with_label(secret.bytes(), "key", sample, out.key.writable());
  expand_with_label(secret.bytes(), "nonce", sample, out.nonce.writable());
  return out;
}

Result<SenderData> open_sender_data(const PrivateMessage& message, const SenderDataSecret& secret) {
  const KeyAndNonce key = sender_data_key(secret, message.ciphertext);
  STEIGER_TRY(const SecretBytes plain,
              aead_open(key.key.bytes(), key.nonce.bytes(), sender_associated_data(message), message.encrypted_sender_data));
  Reader reader(plain.bytes());
  SenderData out;
  STEIGER_TRY(out.leaf.value, reader.u32());
  STEIGER_TRY(out.generation, reader.u32());
  STEIGER_TRY(out.reuse_guard, reader.array<4>());
  STEIGER_CHECK(reader.done());
  return out;
}

PrivateMessage protect_handshake(Rng& rng, const AuthenticatedContent& content, const Ratchet::Next& ratchet_key,
                                 const SenderDataSecret& sender_data_secret) {
  const FramedContent& frame = content.content;
  PrivateMessage out{frame.group_id, frame.epoch, frame.type(), frame.authenticated_data, {}, {}};
  Writer body;  // handshakes hold no secrets
  if (const auto* proposal = std::get_if<Proposal>(&frame.body)) proposal->write(body);
  if (const auto* commit = std::get_if<Commit>(&frame.body)) commit->write(body);
  content.auth.write(body);
  SecretWriter padded;
  padded.fixed(body.view());
  pad(padded);
  seal(rng, out, {frame.sender.index}, padded.view(), ratchet_key, sender_data_secret);
  return out;
}

Result<AuthenticatedContent> open_handshake(const PrivateMessage& message, const SenderData& sender, const KeyAndNonce& key) {
  if (message.content_type == ContentType::application) return kUnexpectedMessage;
  STEIGER_TRY(const SecretBytes plain, open(message, sender, key));
  Reader reader(plain.bytes());
  AuthenticatedContent out;
  out.wire_format = WireFormat::private_message;
  out.content.group_id = message.group_id;
  out.content.epoch = message.epoch;
  out.content.sender = {SenderType::member, sender.leaf.value};
  out.content.authenticated_data = message.authenticated_data;
  if (message.content_type == ContentType::proposal) {
    STEIGER_TRY(out.content.body, Proposal::read(reader));
  } else {
    STEIGER_TRY(out.content.body, Commit::read(reader));
  }
  STEIGER_TRY(out.auth, FramedContentAuth::read(reader, message.content_type));
  STEIGER_CHECK(check_padding(reader.rest()));
  return out;
}

PrivateMessage protect_application(Rng& rng, const ApplicationFrame& frame, ByteView plaintext, const SigningKey& signing_key,
                                   const Ratchet::Next& ratchet_key, const SenderDataSecret& sender_data_secret) {
  PrivateMessage out{to_bytes(frame.group_id), frame.epoch, ContentType::application, to_bytes(frame.authenticated_data), {}, {}};
  SecretWriter content;
  content.opaque(plaintext).opaque(signing_key.sign(application_to_sign(frame, plaintext).bytes()));
  pad(content);
  seal(rng, out, frame.sender, content.view(), ratchet_key, sender_data_secret);
  return out;
}

Result<SecretBytes> open_application(const PrivateMessage& message, const SenderData& sender, const KeyAndNonce& key,
                                     ByteView verify_key, ByteView context) {
  if (message.content_type != ContentType::application) return kUnexpectedMessage;
  const Result<VerifyKey> signer = VerifyKey::from_bytes(verify_key);
  if (!signer.ok()) return kBadKey;
  STEIGER_TRY(const SecretBytes plain, open(message, sender, key));
  Reader reader(plain.bytes());
  STEIGER_TRY(const ByteView plaintext, reader.opaque(kMaxPlaintextSize));
  STEIGER_TRY(const ByteView signature, reader.opaque(kMaxSignatureBytes));
  STEIGER_CHECK(check_padding(reader.rest()));
  const ApplicationFrame frame{message.group_id, message.epoch, sender.leaf, message.authenticated_data, context};
  if (!signer->verify(application_to_sign(frame, plaintext).bytes(), signature).ok()) return kBadMessageSignature;
  return SecretBytes::copy_of(plaintext);
}

}  // namespace steiger::mls
