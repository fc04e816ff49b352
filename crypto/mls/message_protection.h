// Sealing and opening of handshake and application messages (RFC 9420 sections 6.2 and 6.3). Secret half. Thread-safe.
#pragma once

#include "crypto/mls/key_schedule.h"
#include "crypto/mls/messages.h"
#include "crypto/mls/secret_tree.h"

namespace steiger::mls {

// ---- Handshakes as PublicMessage: what the profile sends (S7)

// PublicMessage with membership tag for a signed content by a member. `context`: the encoded GroupContext.
PublicMessage protect_public(AuthenticatedContent content, const MembershipKey& key, ByteView context);
// kBadMembershipTag, kApplicationDataInPublic. Not for senders other than members, who have no tag.
Result<void> verify_membership(const PublicMessage& message, const MembershipKey& key, ByteView context);

// ---- PrivateMessage

struct SenderData {
  LeafIndex leaf;
  std::uint32_t generation = 0;
  ByteArray<4> reuse_guard{};
};
Result<SenderData> open_sender_data(const PrivateMessage& message, const SenderDataSecret& secret);
// Section 6.3.2: exposed for vectors.
KeyAndNonce sender_data_key(const SenderDataSecret& secret, ByteView ciphertext);

// Signed handshakes as PrivateMessage: foreign groups may send them, ours do not. `ratchet_key` from the sender's handshake
// ratchet; content is padded to kPaddingUnit.
PrivateMessage protect_handshake(Rng& rng, const AuthenticatedContent& content, const Ratchet::Next& ratchet_key,
                                 const SenderDataSecret& sender_data_secret);
// Signature not yet verified. kUnexpectedMessage for application data, kDecryptionFailed, kNonZeroPadding.
Result<AuthenticatedContent> open_handshake(const PrivateMessage& message, const SenderData& sender, const KeyAndNonce& key);

// Application messages; the plaintext only ever lies in wiping buffers.
struct ApplicationFrame {
  ByteView group_id;
  std::uint64_t epoch = 0;
  LeafIndex sender;
  ByteView authenticated_data;
  ByteView context;  // the encoded GroupContext of that epoch
};
PrivateMessage protect_application(Rng& rng, const ApplicationFrame& frame, ByteView plaintext, const SigningKey& signing_key,
                                   const Ratchet::Next& ratchet_key, const SenderDataSecret& sender_data_secret);
// Opens and verifies the signature by `verify_key`. kUnexpectedMessage for handshakes, kDecryptionFailed, kNonZeroPadding,
// kBadMessageSignature.
Result<SecretBytes> open_application(const PrivateMessage& message, const SenderData& sender, const KeyAndNonce& key,
                                     ByteView verify_key, ByteView context);

}  // namespace steiger::mls
