// Franking (S16): each message commits to its content with a key of its own, so that a member can later prove one message,
// unaltered, without showing any other. The tag travels in authenticated data and in the message chain; key and content travel
// encrypted. All functions are thread-safe.
#pragma once

#include "crypto/base/codec.h"
#include "crypto/base/ids.h"
#include "crypto/franking/errors.h"
#include "crypto/primitives/secret.h"

namespace steiger::franking {

using Tag = ByteArray<32>;
// Fresh per message, which also keeps the tag from being guessed from likely contents.
using FrankingKey = Secret<struct FrankingKeyTag>;

// The largest content of one message; files go as attachments. At the bound seal_content says kContentTooLarge, open_content
// kTooLarge.
inline constexpr std::size_t kMaxContentSize = 64 * 1024;

// What the franked plaintext says about itself.
struct MessageContext {
  ChannelId channel;
  AccountId sender;
  MessageId message;

  friend bool operator==(const MessageContext&, const MessageContext&) = default;
};

struct SealedContent {
  SecretBytes plaintext;  // what MLS encrypts: version, key, channel, sender, message id, content
  Tag tag{};              // HMAC-SHA-256(key, label || rest)
};
Result<SealedContent> seal_content(Rng& rng, const MessageContext& context, ByteView content);

struct OpenedContent {
  FrankingKey key;  // keep it with the message: a disclosure needs it
  SecretBytes content;
};
// kFrankedElsewhere when the plaintext names another channel, sender or message than `expected` (the channel it came in, the MLS
// sender's account, the envelope's message id); kBadFrankingTag when the tag is not its own; codec errors. On any error show
// nothing and report.
Result<OpenedContent> open_content(ByteView plaintext, const Tag& tag, const MessageContext& expected);

}  // namespace steiger::franking
