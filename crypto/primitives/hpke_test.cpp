// The RFC's own values run in tests/vectors; here are the properties that vectors do not state.
#include "crypto/primitives/hpke.h"

#include <gtest/gtest.h>

#include "crypto/primitives/system_rng.h"

namespace steiger {
namespace {

class HpkeTest : public ::testing::Test {
 protected:
  SystemRng rng_;
  HpkeKeyPair recipient_ = hpke_generate_key_pair(rng_);
  HpkeKeyPair sender_ = hpke_generate_key_pair(rng_);
  Bytes psk_ = Bytes(32, 7);
  HpkePsk psk_input_{psk_, as_bytes("id")};
};

TEST_F(HpkeTest, EveryModeOpensOnlyWithTheSameInputs) {
  for (const bool with_psk : {false, true}) {
    for (const bool with_sender : {false, true}) {
      const auto psk = with_psk ? std::optional(psk_input_) : std::nullopt;
      auto setup =
          hpke_setup_sender(rng_, recipient_.public_key, as_bytes("info"), psk, with_sender ? &sender_ : nullptr).value();
      const Bytes sealed = setup.context.seal(as_bytes("aad"), as_bytes("hello")).value();
      for (const bool open_psk : {false, true}) {
        for (const bool open_sender : {false, true}) {
          auto context = hpke_setup_recipient(setup.kem_output, recipient_, as_bytes("info"),
                                              open_psk ? std::optional(psk_input_) : std::nullopt,
                                              open_sender ? &sender_.public_key : nullptr)
                             .value();
          const auto opened = context.open(as_bytes("aad"), sealed);
          EXPECT_EQ(opened.ok(), open_psk == with_psk && open_sender == with_sender);
        }
      }
    }
  }
}

TEST_F(HpkeTest, AnyChangedInputFailsToOpen) {
  const HpkeCiphertext sealed =
      hpke_seal(rng_, recipient_.public_key, as_bytes("info"), as_bytes("aad"), as_bytes("hello")).value();
  const auto open = [&](const DhPublicKey& kem_output, std::string_view info, std::string_view aad, ByteView ciphertext) {
    return hpke_open(recipient_, kem_output, as_bytes(info), as_bytes(aad), ciphertext);
  };
  EXPECT_EQ(as_text(open(sealed.kem_output, "info", "aad", sealed.ciphertext).value().bytes()), "hello");
  EXPECT_EQ(open(sealed.kem_output, "Info", "aad", sealed.ciphertext).error(), kDecryptionFailed);
  EXPECT_EQ(open(sealed.kem_output, "info", "Aad", sealed.ciphertext).error(), kDecryptionFailed);
  for (std::size_t i = 0; i < sealed.ciphertext.size(); ++i) {
    Bytes changed = sealed.ciphertext;
    changed[i] ^= 1;
    EXPECT_EQ(open(sealed.kem_output, "info", "aad", changed).error(), kDecryptionFailed);
  }
  DhPublicKey other = sealed.kem_output;
  other[3] ^= 1;
  EXPECT_FALSE(open(other, "info", "aad", sealed.ciphertext).ok());
  EXPECT_EQ(hpke_open(sender_, sealed.kem_output, as_bytes("info"), as_bytes("aad"), sealed.ciphertext).error(),
            kDecryptionFailed);
}

TEST_F(HpkeTest, MessagesOpenOnlyInOrderAndAFailureDoesNotMove) {
  auto setup = hpke_setup_sender(rng_, recipient_.public_key, {}).value();
  auto context = hpke_setup_recipient(setup.kem_output, recipient_, {}).value();
  const Bytes first = setup.context.seal({}, as_bytes("1")).value();
  const Bytes second = setup.context.seal({}, as_bytes("2")).value();
  EXPECT_EQ(context.open({}, second).error(), kDecryptionFailed);
  EXPECT_EQ(as_text(context.open({}, first).value().bytes()), "1");
  EXPECT_EQ(as_text(context.open({}, second).value().bytes()), "2");
  EXPECT_EQ(context.open({}, second).error(), kDecryptionFailed);
}

TEST_F(HpkeTest, BothSidesExportTheSameBoundedSecret) {
  auto setup = hpke_setup_sender(rng_, recipient_.public_key, as_bytes("x")).value();
  auto context = hpke_setup_recipient(setup.kem_output, recipient_, as_bytes("x")).value();
  EXPECT_TRUE(setup.context.export_secret(as_bytes("a"), 40).value() == context.export_secret(as_bytes("a"), 40).value());
  EXPECT_FALSE(setup.context.export_secret(as_bytes("a"), 40).value() == context.export_secret(as_bytes("b"), 40).value());
  EXPECT_EQ(context.export_secret({}, 255 * 32 + 1).error(), kOutputTooLong);
}

TEST_F(HpkeTest, SmallOrderKeysAndEmptyPskAreRefused) {
  const DhPublicKey zero{};
  DhPublicKey one{};
  one[0] = 1;
  EXPECT_EQ(kem_encapsulate(rng_, zero).error(), kBadPublicKey);
  EXPECT_EQ(kem_decapsulate(one, recipient_).error(), kBadPublicKey);
  EXPECT_EQ(hpke_setup_sender(rng_, recipient_.public_key, {}, HpkePsk{psk_, {}}).error(), kBadLength);
  EXPECT_EQ(hpke_setup_sender(rng_, recipient_.public_key, {}, HpkePsk{{}, as_bytes("id")}).error(), kBadLength);
}

}  // namespace
}  // namespace steiger
