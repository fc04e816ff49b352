// The message chain (S15): order is checked, not trusted. The gateway extends it with every accepted message and signs its head
// once per channel and batch (S16); every client recomputes it and tells the others how far it came.
//   h_0 = SHA-256(label, channel)        h_n = SHA-256(label, h_{n-1}, channel, n, SHA-256(envelope payload), sender account,
//   sender device, message id, franking tag, accept time), every part with its length in front.
// Free functions are thread-safe; a MessageChain belongs to one thread at a time.
#pragma once

#include <deque>

#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/log/errors.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/sign.h"

namespace steiger::log {

// One accepted message, as all members see it.
struct ChainLink {
  ChannelId channel;
  std::uint64_t seq = 0;  // 1, 2, 3, ...
  Hash envelope_hash{};   // SHA-256 of the payload bytes as relayed
  AccountId account;      // sender
  DeviceId device;
  MessageId message;
  ByteArray<32> tag{};  // franking tag; all zero for a commit
  Timestamp accepted;

  friend bool operator==(const ChainLink&, const ChainLink&) = default;
};

Hash chain_start(const ChannelId& channel);
Hash chain_next(const Hash& previous, const ChainLink& link);

// The gateway's signature over the chain value after message `seq`.
Bytes head_to_sign(const OrganisationId& organisation, const ChannelId& channel, std::uint64_t seq, const Hash& head);
Signature sign_head(const SigningKey& head_key, const OrganisationId& organisation, const ChannelId& channel, std::uint64_t seq,
                    const Hash& head);
// kBadHeadSignature.
Result<void> verify_head(const VerifyKey& head_key, const OrganisationId& organisation, const ChannelId& channel,
                         std::uint64_t seq, const Hash& head, const Signature& signature);

// How many earlier chain values a client keeps to compare with what others mention. Lower would leave a slow sender's mention
// unchecked more often; higher costs 40 bytes each, per channel.
inline constexpr std::size_t kRememberedHeads = 256;

// A client's copy of one channel's chain. Copyable: append to a copy and keep it when everything else about the message was
// right.
class MessageChain {
 public:
  // From the beginning of the channel (its creator).
  static MessageChain begin(const ChannelId& channel);
  // From the position in the GroupInfo of one's own Welcome, or from one's own store (S15).
  static MessageChain resume(const ChannelId& channel, std::uint64_t seq, const Hash& head);

  // kChainGap unless `link` is this channel's message seq() + 1. Nothing changes on an error.
  Result<void> append(const ChainLink& link);

  enum class Mention {
    matches,
    too_old,  // before what we remember or before we joined: cannot be compared
  };
  // Compares a (seq, head) that another member put into a message. Call it before appending that message. kChainMismatch when the
  // value differs from ours, or when the member claims to have processed what we have not: stop the channel with an alarm.
  [[nodiscard]] Result<Mention> check_mention(std::uint64_t seq, const Hash& head) const;

  [[nodiscard]] const ChannelId& channel() const { return channel_; }
  [[nodiscard]] std::uint64_t seq() const { return first_remembered_ + heads_.size() - 1; }
  [[nodiscard]] const Hash& head() const { return heads_.back(); }

  // For the local store. Canonical.
  [[nodiscard]] Bytes encode() const;
  static Result<MessageChain> decode(ByteView bytes);

 private:
  MessageChain(const ChannelId& channel, std::uint64_t seq, const Hash& head)
      : channel_(channel), first_remembered_(seq), heads_{head} {}
  ChannelId channel_;
  std::uint64_t first_remembered_;  // seq of heads_.front()
  std::deque<Hash> heads_;          // never empty
};

}  // namespace steiger::log
