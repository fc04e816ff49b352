// Messages by a member who lies: sealed with the right keys, and wrong inside.
#include "crypto/mls/message_protection.h"

#include <gtest/gtest.h>

#include "crypto/mls/test_support.h"
#include "crypto/primitives/aead.h"

namespace steiger::mls {
namespace {

using test::SeededRng;

class Protection : public ::testing::Test {
 protected:
  Protection() : tree_(2, EncryptionSecret::random(rng_)), signing_key_(SigningKey::generate(rng_)) {
    sender_data_ = SenderDataSecret::random(rng_);
    membership_ = MembershipKey::random(rng_);
  }
  Ratchet::Next first_key(RatchetKind kind) { return tree_.ratchet({1}, kind)->next().value(); }
  AuthenticatedContent proposal(WireFormat format) {
    AuthenticatedContent out;
    out.wire_format = format;
    out.content.group_id = to_bytes("group");
    out.content.sender = {SenderType::member, 1};
    out.content.body = Proposal{Remove{{0}}};
    out.sign(signing_key_, context_);
    return out;
  }
  PrivateMessage application(ByteView plaintext) {
    const Ratchet::Next key = first_key(RatchetKind::application);
    const ApplicationFrame frame{as_bytes("group"), 0, {1}, as_bytes("data"), context_};
    return protect_application(rng_, frame, plaintext, signing_key_, key, sender_data_);
  }
  Error open(const PrivateMessage& message) {
    const Result<SenderData> sender = open_sender_data(message, sender_data_);
    if (!sender.ok()) return sender.error();
    const KeyAndNonce key = first_key(RatchetKind::application).key;
    const auto opened = open_application(message, *sender, key, signing_key_.verify_key().bytes(), context_);
    return opened.ok() ? Error{} : opened.error();
  }
  // Seals `content` (unpadded PrivateMessageContent) as it is.
  PrivateMessage sealed(ByteView content, ContentType type = ContentType::application) {
    PrivateMessage out{to_bytes("group"), 0, type, to_bytes("data"), {}, {}};
    KeyAndNonce key = first_key(RatchetKind::application).key;
    const ByteArray<4> guard{1, 2, 3, 4};
    for (std::size_t i = 0; i < guard.size(); ++i) key.nonce.writable()[i] ^= guard[i];
    Writer sender_data;
    sender_data.opaque(out.group_id).u64(0).u8(static_cast<std::uint8_t>(type));
    Writer associated;
    associated.fixed(sender_data.view()).opaque(out.authenticated_data);
    out.ciphertext = aead_seal(key.key.bytes(), key.nonce.bytes(), associated.view(), content);
    Writer sender;
    sender.u32(1).u32(0).fixed(guard);
    const KeyAndNonce sender_key = sender_data_key(sender_data_, out.ciphertext);
    out.encrypted_sender_data = aead_seal(sender_key.key.bytes(), sender_key.nonce.bytes(), sender_data.view(), sender.view());
    return out;
  }
  Bytes signed_content(ByteView plaintext) {
    FramedContent content;
    content.group_id = to_bytes("group");
    content.sender = {SenderType::member, 1};
    content.authenticated_data = to_bytes("data");
    content.body = to_bytes(plaintext);
    AuthenticatedContent message{WireFormat::private_message, content, {}};
    message.sign(signing_key_, context_);
    Writer out;
    out.opaque(plaintext).opaque(message.auth.signature);
    return std::move(out).take();
  }

  SeededRng rng_{1};
  Bytes context_ = to_bytes("encoded group context");
  SecretTree tree_;
  SigningKey signing_key_;
  SenderDataSecret sender_data_;
  MembershipKey membership_;
};

TEST_F(Protection, PaddingIsZeroAndOfAnyLength) {
  Bytes content = signed_content(as_bytes("hoi"));
  EXPECT_EQ(open(sealed(content)), Error{});
  content.resize(content.size() + 1000);
  EXPECT_EQ(open(sealed(content)), Error{});
  content.back() = 1;
  EXPECT_EQ(open(sealed(content)), kNonZeroPadding);
}

TEST_F(Protection, AWrongSignatureInsideIsRefused) {
  Bytes content = signed_content(as_bytes("hoi"));
  content[1] ^= 1;
  EXPECT_EQ(open(sealed(content)), kBadMessageSignature);
  EXPECT_EQ(open(application(as_bytes("hoi"))), Error{});
  context_.push_back(1);  // another context than the one signed
  EXPECT_EQ(open(sealed(signed_content(as_bytes("hoi")))), Error{});
  const PrivateMessage before = application(as_bytes("hoi"));
  context_.pop_back();
  EXPECT_EQ(open(before), kBadMessageSignature);
}

TEST_F(Protection, KindsDoNotMix) {
  const KeyAndNonce key = first_key(RatchetKind::application).key;
  const SenderData sender{{1}, 0, {}};
  EXPECT_EQ(open_handshake(application({}), sender, key).error(), kUnexpectedMessage);
  const PrivateMessage handshake =
      protect_handshake(rng_, proposal(WireFormat::private_message), first_key(RatchetKind::handshake), sender_data_);
  EXPECT_EQ(open(handshake), kUnexpectedMessage);
  const SenderData from = open_sender_data(handshake, sender_data_).value();
  const AuthenticatedContent opened = open_handshake(handshake, from, first_key(RatchetKind::handshake).key).value();
  EXPECT_TRUE(opened.verify_signature(signing_key_.verify_key().bytes(), context_).ok());
}

TEST_F(Protection, MembershipTagsBindSignatureAndContext) {
  const PublicMessage right = protect_public(proposal(WireFormat::public_message), membership_, context_);
  EXPECT_TRUE(verify_membership(right, membership_, context_).ok());
  EXPECT_EQ(verify_membership(right, membership_, as_bytes("another")).error(), kBadMembershipTag);
  EXPECT_EQ(verify_membership(right, MembershipKey::random(rng_), context_).error(), kBadMembershipTag);
  PublicMessage changed = right;
  changed.auth.signature[0] ^= 1;
  EXPECT_EQ(verify_membership(changed, membership_, context_).error(), kBadMembershipTag);
  changed = right;
  changed.membership_tag.reset();
  EXPECT_EQ(verify_membership(changed, membership_, context_).error(), kBadMembershipTag);
  changed = right;
  changed.content.sender = {SenderType::external, 0};
  EXPECT_EQ(verify_membership(changed, membership_, context_).error(), kUnsupportedSender);
  changed = right;
  changed.content.body = to_bytes("application data");
  EXPECT_EQ(verify_membership(changed, membership_, context_).error(), kApplicationDataInPublic);
}

TEST(SealedWithLabel, KeysHaveTheSuitesLength) {
  test::SeededRng rng(9);
  const HpkeKeyPair pair = hpke_generate_key_pair(rng);
  const Bytes key = to_bytes(pair.public_key);
  HpkeCiphertext sealed = encrypt_with_label(rng, key, "label", {}, as_bytes("hoi")).value();
  EXPECT_EQ(as_text(decrypt_with_label(pair, "label", {}, sealed).value().bytes()), "hoi");
  EXPECT_EQ(encrypt_with_label(rng, ByteView(key).first(31), "label", {}, as_bytes("hoi")).error(), kBadKey);
  sealed.kem_output.push_back(0);
  EXPECT_EQ(decrypt_with_label(pair, "label", {}, sealed).error(), kBadKey);
}

// The same message twice never shows the same bytes: the reuse guard saves even a ratchet that was rolled back (section 6.3.1).
TEST_F(Protection, TheReuseGuardIsFresh) {
  const PrivateMessage first = application(as_bytes("hoi"));
  const PrivateMessage second = application(as_bytes("hoi"));
  EXPECT_NE(first.ciphertext, second.ciphertext);
  EXPECT_EQ(open(first), Error{});
  EXPECT_EQ(open(second), Error{});
}

}  // namespace
}  // namespace steiger::mls
