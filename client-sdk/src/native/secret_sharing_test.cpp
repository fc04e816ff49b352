#include "client-sdk/src/native/secret_sharing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/primitives/system_rng.h"

namespace steiger::sdk {
namespace {

std::vector<SecretShare> copies(const std::vector<SecretShare>& shares, const std::vector<std::size_t>& which) {
  std::vector<SecretShare> out;
  for (const std::size_t i : which) out.push_back({shares.at(i).number, shares.at(i).bytes.clone()});
  return out;
}

TEST(SecretSharing, AnyTwoOfThreeGiveTheSecretBackAndOneDoesNot) {
  SystemRng rng;
  for (int round = 0; round < 20; ++round) {
    SecretBytes secret(32);
    rng.fill(secret.writable());
    const auto shares = split_secret(secret.bytes(), 2, 3);
    ASSERT_TRUE(shares.ok());
    for (const auto& which : std::vector<std::vector<std::size_t>>{{0, 1}, {1, 0}, {0, 2}, {1, 2}, {0, 1, 2}}) {
      EXPECT_EQ(*join_secret(copies(*shares, which)), secret);
    }
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_FALSE(*join_secret(copies(*shares, {i})) == secret);
      EXPECT_FALSE(shares->at(i).bytes == secret);
    }
  }
}

// With the same secret every splitting gives other shares: the library was given randomness.
TEST(SecretSharing, SharesAreFreshEveryTime) {
  const Bytes secret(32, 7);
  std::set<Bytes> seen;
  constexpr std::size_t kRounds = 50;
  for (std::size_t round = 0; round < kRounds; ++round) {
    seen.insert(to_bytes(split_secret(secret, 2, 3)->front().bytes.bytes()));
  }
  EXPECT_EQ(seen.size(), kRounds);
}

// The scheme itself, written out: a share is (secret + number * coefficient) over GF(256). So that paper can be read in decades,
// whatever happens to the library.
TEST(SecretSharing, IsTheTextbooksPolynomial) {
  const auto times = [](unsigned a, unsigned b) {
    unsigned out = 0;
    for (; b != 0; b >>= 1, a = (a << 1) ^ ((a & 0x80u) != 0 ? 0x11du : 0u)) {
      if ((b & 1u) != 0) out ^= a;
    }
    return out & 0xffu;
  };
  const Bytes secret = {0, 1, 2, 0x80, 0xff};
  const auto shares = split_secret(secret, 2, 3);
  ASSERT_TRUE(shares.ok());
  for (std::size_t i = 0; i < secret.size(); ++i) {
    const unsigned coefficient = shares->at(0).bytes.bytes()[i] ^ unsigned { secret[i] };  // number 1: s + 1 * c
    for (const SecretShare& share : *shares) {
      EXPECT_EQ(share.bytes.bytes()[i], secret[i] ^ times(coefficient, share.number));
    }
  }
}

TEST(SecretSharing, NonsenseIsRefused) {
  const Bytes secret(32, 7);
  EXPECT_FALSE(split_secret(secret, 1, 3).ok());
  EXPECT_FALSE(split_secret(secret, 4, 3).ok());
  EXPECT_FALSE(split_secret({}, 2, 3).ok());
  const auto shares = split_secret(secret, 2, 3);
  EXPECT_FALSE(join_secret({}).ok());
  EXPECT_FALSE(join_secret(copies(*shares, {0, 0})).ok());
  auto other = copies(*shares, {0, 1});
  other[1].bytes = SecretBytes(31);
  EXPECT_FALSE(join_secret(other).ok());
  other[1].bytes = SecretBytes(32);
  other[1].number = 0;
  EXPECT_FALSE(join_secret(other).ok());
}

}  // namespace
}  // namespace steiger::sdk
