// Law 10 for what lives longest: all that a group draws at random carries a marker, and so does what is said in it. Whatever the
// operations and the groups themselves free, none of it may be left.
#include <gtest/gtest.h>

#include "crypto/mls/group.h"
#include "crypto/mls/message_protection.h"
#include "tests/wiping/marker.h"

namespace steiger {
namespace {

using test::freed_with_marker;
using test::MarkingRng;

mls::KeyPackageOptions leaf_options(std::string_view name) {
  mls::KeyPackageOptions out;
  out.credential_identity = to_bytes(name);
  out.lifetime = {0, 1000};
  return out;
}

// A device with its KeyPackage; two of them can talk.
struct Device {
  Device(Rng& rng, std::string_view name)
      : key(SigningKey::generate(rng)), package(mls::make_key_package(rng, key, leaf_options(name))) {}
  SigningKey key;
  mls::NewKeyPackage package;
};

void live_through_a_group(MarkingRng& rng) {
  const auto first = std::make_unique<Device>(rng, "first");
  const auto second = std::make_unique<Device>(rng, "second");
  const auto hold = [](mls::Group group) { return std::make_unique<mls::Group>(std::move(group)); };
  auto a = hold(mls::Group::create(rng, {to_bytes("group"), first->key.clone(), leaf_options("first"), {}}).value());
  mls::CommitOptions add{.adds = {mls::VerifiedKeyPackage::verify(second->package.key_package).value()}, .now = {1}};
  auto pending = std::make_unique<mls::PendingCommit>(a->commit(rng, add).value());
  const auto welcome = mls::decode_message<mls::Welcome>(*pending->welcome).value();
  auto b =
      hold(std::move(mls::Group::join(welcome, second->package.key_package, second->package.secrets, second->key, mls::no_psks())
                         .value()
                         .group));
  pending = std::make_unique<mls::PendingCommit>(mls::PendingCommit::deserialize(pending->serialize().bytes()).value());
  a = hold(std::move(*pending).merge(*a).value());

  SecretBytes plaintext(300);
  test::plant(plaintext.writable());
  const Bytes message = a->encrypt(rng, {}, plaintext.bytes()).value();
  const auto received = std::make_unique<mls::ReceivedMessage>(b->decrypt(message).value());
  ASSERT_TRUE(test::contains_marker(received->plaintext.bytes().data(), received->plaintext.size()));

  pending = std::make_unique<mls::PendingCommit>(b->commit(rng, {}).value());
  a = hold(std::move(a->handle_commit(pending->commit, mls::no_psks()).value().next));
  b = hold(std::move(*pending).merge(*b).value());
  const SecretBytes stored = b->serialize();
  ASSERT_TRUE(test::contains_marker(stored.bytes().data(), stored.size()));  // the secrets are where they should be
  b = hold(mls::Group::deserialize(stored.bytes()).value());
  ASSERT_TRUE(b->propose_update(rng, std::nullopt, {}).ok());
  a = hold(b->clone());
}

TEST(GroupWiping, AGroupLeavesNothingBehind) {
  MarkingRng rng;
  EXPECT_EQ(freed_with_marker([&] { live_through_a_group(rng); }), 0);
}

}  // namespace
}  // namespace steiger
