// Rule S2: linking a device hands over the account key to the one device that redeemed the invite, and to nobody else.
#include "crypto/identity/link.h"

#include <gtest/gtest.h>

#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

class LinkTest : public ::testing::Test {
 protected:
  static Bytes encoded(const LinkPackage& package) { return to_bytes(encode_link_package(package).bytes()); }

  World world_;
  InviteSecret secret_ = InviteSecret::generate(world_.rng, InviteKind::qr);
  Bytes terms_ = encode_invite_terms(world_.terms(InviteKind::qr));
  HpkeKeyPair key_ = hpke_generate_key_pair(world_.rng);
};

TEST_F(LinkTest, WhatIsSealedIsWhatTheNewDeviceOpens) {
  const Bytes sealed = seal_link_package(world_.rng, secret_, terms_, key_.public_key, world_.link_package()).value();
  const LinkPackage opened = open_link_package(secret_, terms_, key_, sealed).value();
  EXPECT_EQ(encoded(opened), encoded(world_.link_package()));
  EXPECT_EQ(SigningKey(opened.account_seed.clone()).verify_key(), world_.jongere_key.verify_key());
  EXPECT_EQ(opened.chain, world_.jongere_chain());
  EXPECT_EQ(opened.rooms, world_.link_package().rooms);
}

TEST_F(LinkTest, NobodyElseOpensIt) {
  const Bytes sealed = seal_link_package(world_.rng, secret_, terms_, key_.public_key, world_.link_package()).value();
  EXPECT_FALSE(open_link_package(InviteSecret::generate(world_.rng, InviteKind::qr), terms_, key_, sealed).ok());
  EXPECT_FALSE(open_link_package(secret_, encode_invite_terms(world_.terms(InviteKind::qr)), key_, sealed).ok());
  EXPECT_FALSE(open_link_package(secret_, terms_, hpke_generate_key_pair(world_.rng), sealed).ok());
  // The right key and no secret: what a gateway that swapped the proof's KeyPackage would have.
  EXPECT_FALSE(hpke_open(key_, to_array<32>(ByteView(sealed).first(32)).value(), {}, {}, ByteView(sealed).subspan(32)).ok());
  for_each_bit_flip(Bytes(sealed.begin(), sealed.begin() + 48), [&](const Bytes& changed, std::size_t bit) {
    Bytes other = sealed;
    std::copy(changed.begin(), changed.end(), other.begin());
    EXPECT_FALSE(open_link_package(secret_, terms_, key_, other).ok()) << "bit " << bit;
  });
}

TEST_F(LinkTest, EveryTruncationFails) {
  const Bytes sealed = seal_link_package(world_.rng, secret_, terms_, key_.public_key, world_.link_package()).value();
  for (std::size_t size = 0; size < sealed.size(); size += 7) {
    EXPECT_FALSE(open_link_package(secret_, terms_, key_, ByteView(sealed).first(size)).ok()) << size;
  }
  const Bytes plain = encoded(world_.link_package());
  for (std::size_t size = 0; size < plain.size(); ++size) {
    EXPECT_FALSE(decode_link_package(ByteView(plain).first(size)).ok()) << size;
  }
  Bytes longer = plain;
  longer.push_back(0);
  EXPECT_FALSE(decode_link_package(longer).ok());
}

TEST_F(LinkTest, BoundsAreNamedErrors) {
  LinkPackage large = world_.link_package();
  large.status_list = Bytes(kMaxSealedLinkBytes);
  EXPECT_EQ(seal_link_package(world_.rng, secret_, terms_, key_.public_key, large).error(), kTooLarge);
  EXPECT_EQ(open_link_package(secret_, terms_, key_, Bytes(kMaxSealedLinkBytes + 1)).error(), kTooLarge);
  // To the last byte: every byte more of the status list is one more of the sealed package.
  const auto sealed_with = [&](std::size_t size) {
    LinkPackage filled = world_.link_package();
    filled.status_list = Bytes(size);
    return seal_link_package(world_.rng, secret_, terms_, key_.public_key, filled);
  };
  constexpr std::size_t kNearly = kMaxSealedLinkBytes - 2048;
  const std::size_t rest = kMaxSealedLinkBytes - sealed_with(kNearly).value().size();
  EXPECT_EQ(sealed_with(kNearly + rest).value().size(), kMaxSealedLinkBytes);
  EXPECT_EQ(sealed_with(kNearly + rest + 1).error(), kTooLarge);
  LinkPackage long_name = world_.link_package();
  long_name.name = std::string(kMaxLinkedNameBytes + 1, 'a');
  EXPECT_EQ(decode_link_package(encoded(long_name)).error(), kTooLarge);
  EXPECT_FALSE(seal_link_package(world_.rng, secret_, terms_, Bytes(31), world_.link_package()).ok());
  EXPECT_FALSE(seal_link_package(world_.rng, secret_, terms_, Bytes(32), world_.link_package()).ok());  // a point of small order
}

}  // namespace
}  // namespace steiger::identity
