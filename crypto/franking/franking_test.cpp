// Rule S16.
#include "crypto/franking/franking.h"

#include <gtest/gtest.h>

#include "crypto/base/labels.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::franking {
namespace {

class FrankingTest : public ::testing::Test {
 protected:
  SystemRng rng_;
  MessageContext context_{ChannelId::random(rng_), AccountId::random(rng_), MessageId::random(rng_)};
};

TEST_F(FrankingTest, OpensAndGivesTheKeyForADisclosure) {
  for (const std::string& text : {std::string(), std::string("hoi"), std::string(kMaxContentSize, 'x')}) {
    const SealedContent sealed = seal_content(rng_, context_, as_bytes(text)).value();
    const OpenedContent opened = open_content(sealed.plaintext.bytes(), sealed.tag, context_).value();
    EXPECT_EQ(as_text(opened.content.bytes()), text);
    // The definition of S16 a second time: HMAC(key, label || everything after the key), with version and lengths.
    Writer rest;
    rest.opaque(labels::kFranking).u8(1).fixed(context_.channel.bytes()).fixed(context_.sender.bytes());
    rest.fixed(context_.message.bytes()).opaque(text);
    EXPECT_EQ(hmac_sha256(opened.key.bytes(), {rest.view()}), sealed.tag);
  }
}

TEST_F(FrankingTest, EveryFlippedBitOfPlaintextOrTagIsNoticed) {
  const SealedContent sealed = seal_content(rng_, context_, as_bytes("ik was er gisteren niet")).value();
  const Bytes plaintext = to_bytes(sealed.plaintext.bytes());
  for (std::size_t bit = 0; bit < plaintext.size() * 8; ++bit) {
    Bytes changed = plaintext;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    EXPECT_FALSE(open_content(changed, sealed.tag, context_).ok()) << bit;
  }
  for (std::size_t i = 0; i < sealed.tag.size(); ++i) {
    Tag changed = sealed.tag;
    changed[i] ^= 1;
    EXPECT_EQ(open_content(plaintext, changed, context_).error(), kBadFrankingTag);
  }
  for (std::size_t size = 0; size < plaintext.size(); ++size) {
    EXPECT_FALSE(open_content(ByteView(plaintext).first(size), sealed.tag, context_).ok());
  }
}

TEST_F(FrankingTest, AMessageCannotBePassedOffAsAnother) {
  const SealedContent sealed = seal_content(rng_, context_, as_bytes("hoi")).value();
  const auto open_as = [&](const MessageContext& expected) {
    return open_content(sealed.plaintext.bytes(), sealed.tag, expected);
  };
  MessageContext other = context_;
  other.channel = ChannelId::random(rng_);
  EXPECT_EQ(open_as(other).error(), kFrankedElsewhere);
  other = context_;
  other.sender = AccountId::random(rng_);
  EXPECT_EQ(open_as(other).error(), kFrankedElsewhere);
  other = context_;
  other.message = MessageId::random(rng_);
  EXPECT_EQ(open_as(other).error(), kFrankedElsewhere);
}

TEST_F(FrankingTest, EqualContentsHaveUnrelatedTags) {
  EXPECT_NE(seal_content(rng_, context_, as_bytes("ja")).value().tag, seal_content(rng_, context_, as_bytes("ja")).value().tag);
}

TEST_F(FrankingTest, ContentIsBounded) {
  EXPECT_EQ(seal_content(rng_, context_, Bytes(kMaxContentSize + 1)).error(), kContentTooLarge);
}

}  // namespace
}  // namespace steiger::franking
