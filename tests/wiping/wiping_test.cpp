// Law 10: secrets wipe themselves. Every block that this program frees is searched for planted markers, and a planted control must be
// caught. Built with -O2 in every preset, because an optimiser is what removes a wipe. Remnants on the stack and in registers are not
// looked at: C++ gives no way to promise them away.
#include <gtest/gtest.h>

#include "crypto/franking/franking.h"
#include "crypto/identity/invite_secret.h"
#include "crypto/primitives/hpke.h"
#include "crypto/primitives/secretbox.h"
#include "crypto/primitives/system_rng.h"
#include "tests/wiping/marker.h"

namespace steiger {
namespace {

using test::contains_marker;
using test::freed_with_marker;
using test::plant;

SecretBytes marked_secret(std::size_t size = 64) {
  SecretBytes out(size);
  plant(out.writable());
  return out;
}

TEST(Wiping, ThePlantedControlIsCaught) {
  EXPECT_EQ(freed_with_marker([] {
              Bytes plain(64);
              plant(plain);
            }),
            1);
}

TEST(Wiping, SecretBytesLeaveNothingBehind) {
  EXPECT_EQ(freed_with_marker([] {
              SecretBytes a = marked_secret();
              SecretBytes b = a.clone();
              SecretBytes c = std::move(a);
              b = std::move(c);  // the old content of b is overwritten
              const SecretBytes d = SecretBytes::copy_of(b.bytes());
              Bytes plain(64);
              plant(plain);
              const SecretBytes e = SecretBytes::adopt(std::move(plain));
            }),
            0);
}

struct Holder {
  Secret<struct WipingTag, 64> secret;
};

TEST(Wiping, SecretsOfFixedSizeLeaveNothingBehind) {
  EXPECT_EQ(freed_with_marker([] {
              auto a = std::make_unique<Holder>();
              plant(a->secret.writable());
              auto b = std::make_unique<Holder>();
              b->secret = std::move(a->secret);
              const auto c = std::make_unique<Holder>(Holder{b->secret.clone()});
            }),
            0);
}

TEST(Wiping, AMovedFromSecretIsZero) {
  Secret<struct WipingTag> a;
  plant(a.writable());
  const Secret<struct WipingTag> b = std::move(a);
  EXPECT_TRUE(a == Secret<struct WipingTag>());  // NOLINT(bugprone-use-after-move): the promise of the type
  EXPECT_FALSE(b == a);
}

// The destructor's own store, in memory that we may still look at.
TEST(Wiping, TheDestructorClearsItsMemory) {
  using Tested = Secret<struct WipingTag, 64>;
  alignas(Tested) static std::uint8_t arena[sizeof(Tested)];
  auto* secret = new (arena) Tested;
  plant(secret->writable());
  EXPECT_TRUE(contains_marker(arena, sizeof arena));
  secret->~Tested();
  const volatile std::uint8_t* after = arena;
  for (std::size_t i = 0; i < sizeof arena; ++i) EXPECT_EQ(after[i], 0) << i;
}

TEST(Wiping, OperationsFreeNoPlaintext) {
  SystemRng rng;
  const HpkeKeyPair recipient = hpke_generate_key_pair(rng);
  const SecretboxKey box_key = SecretboxKey::random(rng);
  const SecretBytes plaintext = marked_secret(200);
  EXPECT_EQ(freed_with_marker([&] {
              const HpkeCiphertext sealed = hpke_seal(rng, recipient.public_key, {}, {}, plaintext.bytes()).value();
              const SecretBytes opened = hpke_open(recipient, sealed.kem_output, {}, {}, sealed.ciphertext).value();
              const Bytes boxed = secretbox_seal(box_key, plaintext.bytes(), rng);
              const SecretBytes unboxed = secretbox_open(box_key, boxed).value();
              EXPECT_TRUE(contains_marker(opened.bytes().data(), opened.size()));
              const franking::MessageContext context;
              const auto franked = franking::seal_content(rng, context, plaintext.bytes()).value();
              const auto shown = franking::open_content(franked.plaintext.bytes(), franked.tag, context).value();
              EXPECT_TRUE(contains_marker(shown.content.bytes().data(), shown.content.size()));
            }),
            0);
}

TEST(Wiping, InviteSecretsLeaveNothingBehind) {
  Secret<struct WipingTag> marked;
  plant(marked.writable());
  EXPECT_EQ(freed_with_marker([&] {
              const auto secret = identity::InviteSecret::from_bytes(identity::InviteKind::qr, marked.bytes()).value();
              const auto copy = secret.clone();
              const auto parsed = identity::parse_invite_text(identity::invite_text(secret)).value();
              EXPECT_TRUE(parsed == copy);
            }),
            0);
}

}  // namespace
}  // namespace steiger
