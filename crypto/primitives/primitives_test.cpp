// Values from the RFCs' appendices, written out here so that the primitives are checked without any vector files.
#include <gtest/gtest.h>

#include "crypto/primitives/aead.h"
#include "crypto/primitives/dh.h"
#include "crypto/primitives/hkdf.h"
#include "crypto/primitives/secretbox.h"
#include "crypto/primitives/sign.h"
#include "crypto/primitives/system_rng.h"

namespace steiger {
namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}
Bytes repeated(std::uint8_t byte, std::size_t count) {
  return Bytes(count, byte);
}

TEST(Hmac, Rfc4231Cases) {
  struct Case {
    Bytes key, data;
    const char* tag;
  };
  const Case cases[] = {
      {repeated(0x0b, 20), to_bytes("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {to_bytes("Jefe"), to_bytes("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {repeated(0xaa, 20), repeated(0xdd, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), repeated(0xcd, 50),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {repeated(0xaa, 131), to_bytes("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
  };
  for (const Case& c : cases) EXPECT_EQ(to_hex(hmac_sha256(c.key, {c.data})), c.tag);
  // Parts are a concatenation.
  EXPECT_EQ(hmac_sha256(as_bytes("k"), {as_bytes("ab"), {}, as_bytes("c")}), hmac_sha256(as_bytes("k"), {as_bytes("abc")}));
}

TEST(Hkdf, Rfc5869Cases) {
  struct Case {
    Bytes ikm, salt, info;
    const char *prk, *okm;
  };
  const auto counting = [](std::uint8_t first, std::uint8_t last) {
    Bytes out;
    for (unsigned v = first; v <= last; ++v) out.push_back(static_cast<std::uint8_t>(v));
    return out;
  };
  const Case cases[] = {
      {repeated(0x0b, 22), counting(0x00, 0x0c), counting(0xf0, 0xf9),
       "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
       "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
      {counting(0x00, 0x4f), counting(0x60, 0xaf), counting(0xb0, 0xff),
       "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
       "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
       "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
      {repeated(0x0b, 22),
       {},
       {},
       "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
       "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
  };
  for (const Case& c : cases) {
    const PseudoRandomKey prk = hkdf_extract(c.salt, c.ikm);
    EXPECT_EQ(to_hex(prk.bytes()), c.prk);
    Bytes okm(std::string_view(c.okm).size() / 2);
    ASSERT_TRUE(hkdf_expand(prk.bytes(), c.info, okm).ok());
    EXPECT_EQ(to_hex(okm), c.okm);
  }
}

TEST(Hkdf, LengthBound) {
  const PseudoRandomKey prk = hkdf_extract({}, as_bytes("x"));
  Bytes longest(kHkdfMaxOutput);
  EXPECT_TRUE(hkdf_expand(prk.bytes(), {}, longest).ok());
  Bytes too_long(kHkdfMaxOutput + 1);
  EXPECT_EQ(hkdf_expand(prk.bytes(), {}, too_long).error(), kOutputTooLong);
}

TEST(Aead, Rfc8439Section282) {
  const Bytes key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const Bytes nonce = hex("070000004041424344454647");
  const Bytes aad = hex("50515253c0c1c2c3c4c5c6c7");
  const std::string_view text =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  const std::string expected =
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67e"
      "cd"
      "3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e"
      "90"
      "2ecbd0600691";
  EXPECT_EQ(to_hex(aead_seal(key, nonce, aad, as_bytes(text))), expected);
  EXPECT_EQ(as_text(aead_open(key, nonce, aad, hex(expected)).value().bytes()), text);
  EXPECT_EQ(aead_open(key, nonce, {}, hex(expected)).error(), kDecryptionFailed);
}

// Appendix A.5 of RFC 8439: the decryption example with a 265-byte text is covered by the Wycheproof files; the empty case is
// ours.
TEST(Aead, EmptyPlaintextStillAuthenticates) {
  const Bytes key(32, 1), nonce(12, 2);
  Bytes sealed = aead_seal(key, nonce, as_bytes("aad"), {});
  EXPECT_EQ(sealed.size(), kAeadTagSize);
  EXPECT_TRUE(aead_open(key, nonce, as_bytes("aad"), sealed).value().empty());
  sealed[0] ^= 1;
  EXPECT_EQ(aead_open(key, nonce, as_bytes("aad"), sealed).error(), kDecryptionFailed);
  EXPECT_EQ(aead_open(key, nonce, {}, Bytes(15)).error(), kDecryptionFailed);
}

// Exact values come from Wycheproof (tests/vectors); here is what every pair of keys must satisfy.
TEST(Dh, BothSidesAgreeAndSmallOrderIsRefused) {
  SystemRng rng;
  const DhPrivateKey alice = DhPrivateKey::random(rng);
  const DhPrivateKey bob = DhPrivateKey::random(rng);
  EXPECT_TRUE(dh(alice, dh_public_key(bob)).value() == dh(bob, dh_public_key(alice)).value());
  EXPECT_EQ(dh(bob, DhPublicKey{}).error(), kBadPublicKey);
}

TEST(Sign, Rfc8032Section71Test1) {
  const SigningKey key(
      SigningKey::Seed::from_bytes(hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")).value());
  EXPECT_EQ(to_hex(key.verify_key().bytes()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Signature signature = key.sign({});
  EXPECT_EQ(to_hex(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246551"
            "41438e7a"
            "100b");
  EXPECT_TRUE(key.verify_key().verify({}, signature).ok());
  EXPECT_EQ(key.verify_key().verify(as_bytes("x"), signature).error(), kBadSignature);
  EXPECT_EQ(key.verify_key().verify({}, ByteView(signature).first(63)).error(), kBadSignature);
}

TEST(Sign, SmallOrderKeyIsRefused) {
  ByteArray<32> identity{};
  identity[0] = 1;  // the neutral element: without the check it "verifies" S = 0 signatures over anything
  Signature signature{};
  signature[0] = 1;
  EXPECT_EQ(VerifyKey(identity).verify(as_bytes("anything"), signature).error(), kBadSignature);
}

TEST(Secretbox, OpensOnlyUnchangedAndWithItsKey) {
  SystemRng rng;
  const auto key = SecretboxKey::random(rng);
  const Bytes sealed = secretbox_seal(key, as_bytes("record"), rng);
  EXPECT_EQ(as_text(secretbox_open(key, sealed).value().bytes()), "record");
  EXPECT_EQ(secretbox_open(SecretboxKey::random(rng), sealed).error(), kDecryptionFailed);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 0x80;
    EXPECT_EQ(secretbox_open(key, changed).error(), kDecryptionFailed);
  }
  EXPECT_EQ(secretbox_open(key, ByteView(sealed).first(39)).error(), kDecryptionFailed);
}

TEST(Hash, ConstantTimeEqualityLooksAtLengthAndContent) {
  EXPECT_TRUE(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
}

}  // namespace
}  // namespace steiger
