#include "crypto/log/chain.h"

#include <limits>

#include "crypto/base/labels.h"

namespace steiger::log {
namespace {

constexpr std::uint8_t kChainStateVersion = 1;

// Every part is shorter than 64 bytes, so its TLS length header is one byte: no buffer on the heap for what runs once per
// message.
constexpr std::size_t kLongestOneByteHeader = 63;
static_assert(labels::kChainLink.size() <= kLongestOneByteHeader);

constexpr std::size_t kLinkParts = 10;
constexpr std::size_t kLinkBytes =
    labels::kChainLink.size() + 3 * kHashSize + 4 * kIdSize + 2 * sizeof(std::uint64_t) + kLinkParts;

class LinkBuffer {
 public:
  LinkBuffer& part(ByteView bytes) {
    buffer_[used_++] = static_cast<std::uint8_t>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += bytes.size();
    return *this;
  }
  LinkBuffer& number(std::uint64_t value) {
    ByteArray<8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    return part(bytes);
  }
  [[nodiscard]] Hash hash() const {
    if (used_ != buffer_.size()) std::abort();
    return sha256(ByteView(buffer_));
  }

 private:
  ByteArray<kLinkBytes> buffer_{};
  std::size_t used_ = 0;
};

}  // namespace

Hash chain_start(const ChannelId& channel) {
  Writer out;
  out.opaque(labels::kChainStart).opaque(channel.bytes());
  return sha256(out.view());
}

Hash chain_next(const Hash& previous, const ChainLink& link) {
  LinkBuffer out;
  out.part(as_bytes(labels::kChainLink)).part(previous).part(link.channel.bytes()).number(link.seq).part(link.envelope_hash);
  out.part(link.account.bytes()).part(link.device.bytes()).part(link.message.bytes()).part(link.tag);
  out.number(static_cast<std::uint64_t>(link.accepted.ms));
  return out.hash();
}

Bytes head_to_sign(const OrganisationId& organisation, const ChannelId& channel, std::uint64_t seq, const Hash& head) {
  Writer content;
  content.fixed(organisation.bytes()).fixed(channel.bytes()).u64(seq).fixed(head);
  return to_be_signed(labels::kChainHead, content.view());
}

Signature sign_head(const SigningKey& head_key, const OrganisationId& organisation, const ChannelId& channel, std::uint64_t seq,
                    const Hash& head) {
  return head_key.sign(head_to_sign(organisation, channel, seq, head));
}

Result<void> verify_head(const VerifyKey& head_key, const OrganisationId& organisation, const ChannelId& channel,
                         std::uint64_t seq, const Hash& head, const Signature& signature) {
  if (!head_key.verify(head_to_sign(organisation, channel, seq, head), signature).ok()) return kBadHeadSignature;
  return {};
}

MessageChain MessageChain::begin(const ChannelId& channel) {
  return {channel, 0, chain_start(channel)};
}

MessageChain MessageChain::resume(const ChannelId& channel, std::uint64_t seq, const Hash& head) {
  return {channel, seq, head};
}

Result<void> MessageChain::append(const ChainLink& link) {
  if (link.channel != channel_ || seq() == std::numeric_limits<std::uint64_t>::max() || link.seq != seq() + 1) return kChainGap;
  heads_.push_back(chain_next(head(), link));
  if (heads_.size() > kRememberedHeads) {
    heads_.pop_front();
    ++first_remembered_;
  }
  return {};
}

Result<MessageChain::Mention> MessageChain::check_mention(std::uint64_t seq_mentioned, const Hash& head_mentioned) const {
  if (seq_mentioned > seq()) return kChainMismatch;
  if (seq_mentioned < first_remembered_) return Mention::too_old;
  if (heads_[static_cast<std::size_t>(seq_mentioned - first_remembered_)] != head_mentioned) return kChainMismatch;
  return Mention::matches;
}

Bytes MessageChain::encode() const {
  Writer out;
  out.u8(kChainStateVersion).fixed(channel_.bytes()).u64(first_remembered_);
  out.vector(heads_, [](Writer& w, const Hash& head) { w.fixed(head); });
  return std::move(out).take();
}

Result<MessageChain> MessageChain::decode(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(const std::uint8_t version, in.u8());
  if (version != kChainStateVersion) return kBadValue;
  STEIGER_TRY(const ByteView channel_bytes, in.fixed(kIdSize));
  STEIGER_TRY(const ChannelId channel, ChannelId::from_bytes(channel_bytes));
  STEIGER_TRY(const std::uint64_t first, in.u64());
  STEIGER_TRY(const auto heads, in.vector<Hash>(kRememberedHeads, [](Reader& r) { return r.array<kHashSize>(); }));
  STEIGER_CHECK(in.done());
  if (heads.empty() || first > std::numeric_limits<std::uint64_t>::max() - heads.size()) return kBadValue;
  MessageChain out(channel, first, heads.front());
  out.heads_.assign(heads.begin(), heads.end());
  return out;
}

}  // namespace steiger::log
