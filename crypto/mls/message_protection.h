// Sealing and opening of handshake and application messages (RFC 9420 sections 6.2 and 6.3). Secret half. Thread-safe.
#pragma once

#include "crypto/mls/key_schedule.h"
#include "crypto/mls/messages.h"
#include "crypto/mls/secret_tree.h"

namespace steiger::mls {

// PublicMessage with membership tag for a signed content by a member. `context`: the encoded GroupContext.
PublicMessage protect_public(AuthenticatedContent content, const MembershipKey& key, ByteView context);
// kBadMembershipTag. Not for senders other than members, who have no tag.
Result<void> verify_membership(const PublicMessage& message, const MembershipKey& key, ByteView context);

// PrivateMessage for a signed content; `ratchet_key` from the sender's ratchet. Content is padded to kPaddingUnit.
PrivateMessage protect_private(Rng& rng, const AuthenticatedContent& content, const Ratchet::Next& ratchet_key,
                               const SenderDataSecret& sender_data_secret);

struct SenderData {
  LeafIndex leaf;
  std::uint32_t generation = 0;
  ByteArray<4> reuse_guard{};
};
Result<SenderData> open_sender_data(const PrivateMessage& message, const SenderDataSecret& secret);
// The content with its signature, not yet verified. kDecryptionFailed, kNonZeroPadding. The plaintext inside is ordinary
// Bytes: move it into SecretBytes.
Result<AuthenticatedContent> open_content(const PrivateMessage& message, const SenderData& sender, const KeyAndNonce& key);

// Section 6.3.2: exposed for vectors.
KeyAndNonce sender_data_key(const SenderDataSecret& secret, ByteView ciphertext);

}  // namespace steiger::mls
