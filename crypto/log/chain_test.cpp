// Rule S15: the chain notices every change of order, content, author or time.
#include "crypto/log/chain.h"

#include <gtest/gtest.h>

#include "crypto/base/labels.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::log {
namespace {

class ChainTest : public ::testing::Test {
 protected:
  ChainLink link(std::uint64_t seq) {
    ChainLink out;
    out.channel = channel_;
    out.seq = seq;
    rng_.fill(out.envelope_hash);
    out.account = AccountId::random(rng_);
    out.device = DeviceId::random(rng_);
    out.message = MessageId::random(rng_);
    rng_.fill(out.tag);
    out.accepted = Timestamp{1'800'000'000'000 + static_cast<std::int64_t>(seq)};
    return out;
  }
  SystemRng rng_;
  ChannelId channel_ = ChannelId::random(rng_);
};

// The definition of S15 written a second time, with the ordinary codec.
TEST_F(ChainTest, IsTheHashThatTheProfileDefines) {
  const ChainLink l = link(9);
  const Hash previous = sha256(as_bytes("previous"));
  const auto number = [](std::uint64_t v) {
    Writer w;
    w.u64(v);
    return std::move(w).take();
  };
  Writer w;
  w.opaque(labels::kChainLink).opaque(previous).opaque(l.channel.bytes()).opaque(number(9)).opaque(l.envelope_hash);
  w.opaque(l.account.bytes()).opaque(l.device.bytes()).opaque(l.message.bytes()).opaque(l.tag);
  w.opaque(number(static_cast<std::uint64_t>(l.accepted.ms)));
  EXPECT_EQ(chain_next(previous, l), sha256(w.view()));
}

TEST_F(ChainTest, EveryFieldCounts) {
  const ChainLink base = link(1);
  const Hash start = chain_start(channel_);
  const Hash expected = chain_next(start, base);
  const auto differs = [&](auto&& change) {
    ChainLink other = base;
    change(other);
    return chain_next(start, other) != expected;
  };
  EXPECT_TRUE(differs([&](ChainLink& l) { l.channel = ChannelId::random(rng_); }));
  EXPECT_TRUE(differs([](ChainLink& l) { ++l.seq; }));
  EXPECT_TRUE(differs([](ChainLink& l) { l.envelope_hash[0] ^= 1; }));
  EXPECT_TRUE(differs([&](ChainLink& l) { l.account = AccountId::random(rng_); }));
  EXPECT_TRUE(differs([&](ChainLink& l) { l.device = DeviceId::random(rng_); }));
  EXPECT_TRUE(differs([&](ChainLink& l) { l.message = MessageId::random(rng_); }));
  EXPECT_TRUE(differs([](ChainLink& l) { l.tag[31] ^= 1; }));
  EXPECT_TRUE(differs([](ChainLink& l) { ++l.accepted.ms; }));
  EXPECT_NE(chain_next(chain_start(ChannelId::random(rng_)), base), expected);
}

TEST_F(ChainTest, HeadSignatureCoversEverything) {
  const SigningKey key = SigningKey::generate(rng_);
  const OrganisationId organisation = OrganisationId::random(rng_);
  const Hash head = chain_start(channel_);
  const Signature signature = sign_head(key, organisation, channel_, 5, head);
  const VerifyKey& verify_key = key.verify_key();
  EXPECT_TRUE(verify_head(verify_key, organisation, channel_, 5, head, signature).ok());
  Hash other = head;
  other[0] ^= 1;
  EXPECT_EQ(verify_head(verify_key, organisation, channel_, 5, other, signature).error(), kBadHeadSignature);
  EXPECT_FALSE(verify_head(verify_key, organisation, channel_, 6, head, signature).ok());
  EXPECT_FALSE(verify_head(verify_key, organisation, ChannelId::random(rng_), 5, head, signature).ok());
  EXPECT_FALSE(verify_head(verify_key, OrganisationId::random(rng_), channel_, 5, head, signature).ok());
  EXPECT_FALSE(verify_head(SigningKey::generate(rng_).verify_key(), organisation, channel_, 5, head, signature).ok());
}

TEST_F(ChainTest, AppendsOnlyTheNextOfItsOwnChannel) {
  MessageChain chain = MessageChain::begin(channel_);
  EXPECT_EQ(chain.append(link(2)).error(), kChainGap);
  EXPECT_EQ(chain.append(link(0)).error(), kChainGap);
  ChainLink elsewhere = link(1);
  elsewhere.channel = ChannelId::random(rng_);
  EXPECT_EQ(chain.append(elsewhere).error(), kChainGap);
  EXPECT_EQ(chain.head(), chain_start(channel_));
  const ChainLink first = link(1);
  ASSERT_TRUE(chain.append(first).ok());
  EXPECT_EQ(chain.seq(), 1u);
  EXPECT_EQ(chain.head(), chain_next(chain_start(channel_), first));
  EXPECT_EQ(chain.append(first).error(), kChainGap);
}

TEST_F(ChainTest, TwoClientsWithTheSameLinksAgreeAndAJoinerStartsInTheMiddle) {
  MessageChain a = MessageChain::begin(channel_);
  MessageChain b = MessageChain::begin(channel_);
  std::optional<MessageChain> joiner;
  for (std::uint64_t seq = 1; seq <= 20; ++seq) {
    if (seq == 11) joiner = MessageChain::resume(channel_, a.seq(), a.head());
    const ChainLink l = link(seq);
    ASSERT_TRUE(a.append(l).ok());
    ASSERT_TRUE(b.append(l).ok());
    if (joiner) {
      ASSERT_TRUE(joiner->append(l).ok());
    }
  }
  EXPECT_EQ(a.head(), b.head());
  EXPECT_EQ(a.head(), joiner->head());
  EXPECT_EQ(joiner->check_mention(9, a.head()).value(), MessageChain::Mention::too_old);
}

TEST_F(ChainTest, MentionsAreComparedWithWhatWeProcessed) {
  MessageChain chain = MessageChain::begin(channel_);
  std::vector<Hash> heads{chain.head()};
  for (std::uint64_t seq = 1; seq <= kRememberedHeads + 10; ++seq) {
    ASSERT_TRUE(chain.append(link(seq)).ok());
    heads.push_back(chain.head());
  }
  std::size_t compared = 0;
  for (std::uint64_t seq = 0; seq < heads.size(); ++seq) {
    const auto mention = chain.check_mention(seq, heads[seq]).value();
    if (mention == MessageChain::Mention::too_old) continue;
    ++compared;
    Hash other = heads[seq];
    other[7] ^= 1;
    EXPECT_EQ(chain.check_mention(seq, other).error(), kChainMismatch);
  }
  EXPECT_EQ(compared, kRememberedHeads);
  // Nobody can have processed what comes after us.
  EXPECT_EQ(chain.check_mention(chain.seq() + 1, chain.head()).error(), kChainMismatch);
}

TEST_F(ChainTest, StateRoundTripsAndRefusesNonsense) {
  MessageChain chain = MessageChain::begin(channel_);
  for (std::uint64_t seq = 1; seq <= 300; ++seq) ASSERT_TRUE(chain.append(link(seq)).ok());
  const Bytes bytes = chain.encode();
  const MessageChain copy = MessageChain::decode(bytes).value();
  EXPECT_EQ(copy.seq(), chain.seq());
  EXPECT_EQ(copy.head(), chain.head());
  EXPECT_EQ(copy.encode(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(MessageChain::decode(ByteView(bytes).first(size)).ok());
  Writer empty;
  empty.u8(1).fixed(channel_.bytes()).u64(0).length(0);
  EXPECT_EQ(MessageChain::decode(empty.view()).error(), kBadValue);
  Writer overflow;
  overflow.u8(1).fixed(channel_.bytes()).u64(~std::uint64_t{0}).opaque(Hash{});
  EXPECT_EQ(MessageChain::decode(overflow.view()).error(), kBadValue);
}

}  // namespace
}  // namespace steiger::log
