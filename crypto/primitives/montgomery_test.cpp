#include "crypto/primitives/montgomery.h"

#include <gtest/gtest.h>

#include "crypto/primitives/dh.h"
#include "crypto/primitives/hash.h"

namespace steiger {
namespace {

DhPublicKey by_the_ladder(const DhPrivateKey& key) {
  DhPublicKey out;
  crypto_scalarmult_curve25519_base(out.data(), key.bytes().data());
  return out;
}

// The shortcut of dh_public_key and libsodium's ladder are two ways to one key.
TEST(Montgomery, PublicKeysAreThoseOfTheLadder) {
  Hash chain{};
  for (int i = 0; i < 2000; ++i) {
    chain = sha256(chain);
    const DhPrivateKey key{std::span<const std::uint8_t, kHashSize>(chain)};
    ASSERT_EQ(dh_public_key(key), by_the_ladder(key)) << i;
  }
}

TEST(Montgomery, SoAreThoseOfUnusualPrivateKeys) {
  for (const int filling : {0x00, 0x01, 0x07, 0x08, 0x40, 0x7f, 0x80, 0xf8, 0xff}) {
    for (std::size_t place = 0; place <= DhPrivateKey::size(); ++place) {
      DhPrivateKey key;
      std::fill(key.writable().begin(), key.writable().end(), static_cast<std::uint8_t>(filling));
      if (place < key.size()) key.writable()[place] ^= 0xff;
      EXPECT_EQ(dh_public_key(key), by_the_ladder(key)) << filling << " " << place;
    }
  }
}

#ifdef __SIZEOF_INT128__
// Where numbers are largest or nearly p: y and the u that belongs to it, multiplied out by hand (u * (1 - y) = 1 + y).
TEST(Montgomery, TheEdgesOfTheField) {
  ByteArray<32> y{};
  EXPECT_EQ(montgomery_u(y)[0], 1);  // y = 0: u = 1
  y[0] = 1;
  EXPECT_EQ(montgomery_u(y), ByteArray<32>{});  // the identity: no u, 0 by agreement
  // y = -1: u = 0; with p - 1 = 2^255 - 20.
  y.fill(0xff);
  y[0] = 0xec;
  y[31] = 0x7f;
  EXPECT_EQ(montgomery_u(y), ByteArray<32>{});
  y[31] = 0xff;  // the sign of x does not count
  EXPECT_EQ(montgomery_u(y), ByteArray<32>{});
  // y = 4/5, the base point: u = 9.
  y.fill(0x66);
  y[0] = 0x58;
  ByteArray<32> nine{};
  nine[0] = 9;
  EXPECT_EQ(montgomery_u(y), nine);
}
#endif

}  // namespace
}  // namespace steiger
