// Groups as their users see them: random scripts, and everything that must be refused without moving the state.
#include "crypto/mls/group.h"

#include <gtest/gtest.h>

#include <random>

#include "crypto/mls/message_protection.h"
#include "crypto/mls/test_support.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::kNow;
using test::SeededRng;

TEST(Group, TwoDevicesTalk) {
  SeededRng rng(1);
  Device coach(rng, "coach");
  Device jongere(rng, "jongere");
  Group group = coach.create(rng);
  PendingCommit pending = group.commit(rng, {.adds = {jongere.package.key_package}, .now = kNow}).value();
  group = std::move(pending.next);
  JoinResult joined = jongere.join(*pending.welcome).value();
  EXPECT_EQ(joined.group.epoch(), 1u);
  EXPECT_TRUE(equal(joined.group.epoch_authenticator(), group.epoch_authenticator()));
  const Bytes message = group.encrypt(rng, as_bytes("data"), as_bytes("hoi")).value();
  const ReceivedMessage received = joined.group.decrypt(message).value();
  EXPECT_EQ(as_text(received.plaintext.bytes()), "hoi");
  EXPECT_EQ(as_text(received.authenticated_data), "data");
  EXPECT_EQ(received.sender, group.own_leaf());
}

}  // namespace
}  // namespace steiger::mls
