#include "crypto/franking/franking.h"

#include "crypto/base/labels.h"
#include "crypto/primitives/hash.h"

namespace steiger::franking {
namespace {

constexpr std::uint8_t kFrankingVersion = 1;
constexpr std::size_t kRestOffset = 1 + FrankingKey::size();

// Over everything after the key. The rest is self-delimiting, the label carries its length.
Tag compute_tag(ByteView key, ByteView rest) {
  const std::uint8_t label_length = labels::kFranking.size();
  const std::uint8_t version = kFrankingVersion;
  return hmac_sha256(key, {ByteView(&label_length, 1), as_bytes(labels::kFranking), ByteView(&version, 1), rest});
}

}  // namespace

Result<SealedContent> seal_content(Rng& rng, const MessageContext& context, ByteView content) {
  if (content.size() > kMaxContentSize) return kContentTooLarge;
  // Header first, then one buffer of the right size: a growing buffer would leave copies of the content behind.
  Writer header;
  header.fixed(context.channel.bytes()).fixed(context.sender.bytes()).fixed(context.message.bytes()).length(content.size());
  SealedContent out;
  out.plaintext = SecretBytes(kRestOffset + header.view().size() + content.size());
  const auto bytes = out.plaintext.writable();
  const auto key = bytes.subspan(1, FrankingKey::size());
  const auto rest = bytes.subspan(kRestOffset);
  bytes[0] = kFrankingVersion;
  rng.fill(key);
  std::copy(header.view().begin(), header.view().end(), rest.begin());
  std::copy(content.begin(), content.end(), rest.begin() + static_cast<std::ptrdiff_t>(header.view().size()));
  out.tag = compute_tag(key, rest);
  return out;
}

Result<OpenedContent> open_content(ByteView plaintext, const Tag& tag, const MessageContext& expected) {
  Reader in(plaintext);
  STEIGER_TRY(const std::uint8_t version, in.u8());
  if (version != kFrankingVersion) return kBadValue;
  STEIGER_TRY(const ByteView key, in.fixed(FrankingKey::size()));
  const ByteView rest = in.rest();
  STEIGER_TRY(const ByteView channel, in.fixed(kIdSize));
  STEIGER_TRY(const ByteView sender, in.fixed(kIdSize));
  STEIGER_TRY(const ByteView message, in.fixed(kIdSize));
  STEIGER_TRY(const ByteView content, in.opaque(kMaxContentSize));
  STEIGER_CHECK(in.done());
  if (!equal_in_constant_time(compute_tag(key, rest), tag)) return kBadFrankingTag;
  if (!equal(channel, expected.channel.bytes()) || !equal(sender, expected.sender.bytes()) ||
      !equal(message, expected.message.bytes())) {
    return kFrankedElsewhere;
  }
  STEIGER_TRY(FrankingKey own_key, FrankingKey::from_bytes(key));
  return OpenedContent{std::move(own_key), SecretBytes::copy_of(content)};
}

}  // namespace steiger::franking
