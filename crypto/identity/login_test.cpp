// Rule S6.
#include "crypto/identity/login.h"

#include <gtest/gtest.h>

#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

// S6: origin, organisation, nonce and device are all in what is signed.
TEST(Login, VerifiesOnlyUnderTheSameChallengeAndKey) {
  World world;
  LoginChallenge challenge{"https://chat.example", world.organisation.id, {}, world.coach, world.coach_device.id};
  world.rng.fill(challenge.nonce);
  const Signature signature = sign_login(world.coach_device.leaf_key, challenge);
  const VerifyKey& key = world.coach_device.leaf_key.verify_key();
  EXPECT_TRUE(verify_login(key, challenge, signature).ok());
  EXPECT_EQ(verify_login(world.phone.leaf_key.verify_key(), challenge, signature).error(), kBadLoginSignature);

  const auto refused = [&](auto&& change) {
    LoginChallenge other = challenge;
    change(other);
    return !verify_login(key, other, signature).ok();
  };
  EXPECT_TRUE(refused([](LoginChallenge& c) { c.origin = "https://evil.example"; }));
  EXPECT_TRUE(refused([](LoginChallenge& c) { c.origin.clear(); }));
  EXPECT_TRUE(refused([](LoginChallenge& c) { c.nonce[31] ^= 1; }));
  EXPECT_TRUE(refused([&](LoginChallenge& c) { c.organisation = OrganisationId::random(world.rng); }));
  EXPECT_TRUE(refused([&](LoginChallenge& c) { c.account = world.jongere; }));
  EXPECT_TRUE(refused([&](LoginChallenge& c) { c.device = world.phone.id; }));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Signature changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(verify_login(key, challenge, changed).ok());
  }
}

TEST(Login, ADeviceListSignatureIsNoLogin) {
  // The same key never signs both in practice; the labels keep them apart even if it did.
  World world;
  const DeviceList list = world.coach_devices();
  const LoginChallenge challenge{"https://chat.example", world.organisation.id, {}, world.coach, world.coach_device.id};
  EXPECT_FALSE(verify_login(world.coach_key.verify_key(), challenge, list.signature).ok());
}

}  // namespace
}  // namespace steiger::identity
