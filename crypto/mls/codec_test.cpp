// Wire structs: strict, canonical, and every rule of a leaf and a KeyPackage by name.
#include <gtest/gtest.h>

#include <set>

#include "crypto/mls/test_support.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::kNow;
using test::Room;
using test::SeededRng;

std::vector<Bytes> one_message_of_each_kind(SeededRng& rng) {
  Room room = Room::of(rng, 3);
  const Device newcomer(rng, "new");
  CommitOptions options{.adds = {newcomer.verified()}, .authenticated_data = to_bytes("grant"), .now = kNow};
  options.psks.push_back({to_bytes("psk"), SecretBytes::copy_of(as_bytes("secret"))});
  const PendingCommit pending = room.members[0].commit(rng, options).value();
  return {pending.commit, *pending.welcome, pending.group_info, encode_key_package_message(newcomer.key_package()),
          room.members[0].encrypt(rng, as_bytes("data"), as_bytes("hoi")).value()};
}

TEST(MlsMessage, DecodingIsCanonicalAndWhole) {
  SeededRng rng(1);
  for (const Bytes& message : one_message_of_each_kind(rng)) {
    EXPECT_EQ(encode(decode<MlsMessage>(message).value()), message);
    Bytes longer = message;
    longer.push_back(0);
    EXPECT_EQ(decode<MlsMessage>(longer).error(), kTrailingBytes);
    for (std::size_t size = 0; size < message.size(); ++size) {
      EXPECT_FALSE(decode<MlsMessage>(ByteView(message).first(size)).ok()) << size;
    }
    // Whatever still decodes after a change is again written as it was read.
    for (std::size_t i = 0; i < message.size(); ++i) {
      Bytes changed = message;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
      const Result<MlsMessage> decoded = decode<MlsMessage>(changed);
      if (decoded.ok()) {
        EXPECT_EQ(encode(*decoded), changed) << i;
      }
    }
  }
}

TEST(MlsMessage, NamesUnknownVersionsAndFormats) {
  EXPECT_EQ(decode<MlsMessage>(from_hex("00020001").value()).error(), kUnknownVersion);
  EXPECT_EQ(decode<MlsMessage>(from_hex("00010006").value()).error(), kUnknownWireFormat);
  SeededRng rng(2);
  const Bytes key_package = encode_key_package_message(Device(rng, "x").key_package());
  EXPECT_EQ(decode_message<Welcome>(key_package).error(), kUnexpectedMessage);
}

TEST(Extensions, RefusesATypeTwiceAndTooMany) {
  const auto parse = [](const Extensions& extensions) {
    Writer writer;
    write_vector(writer, extensions);
    Reader reader(writer.view());
    return read_extensions(reader);
  };
  EXPECT_EQ(parse({{7, {}}, {8, {}}, {7, {1}}}).error(), kDuplicateExtension);
  Extensions many;
  for (std::size_t i = 0; i <= kMaxExtensions; ++i) many.push_back({static_cast<std::uint16_t>(i), {}});
  EXPECT_EQ(parse(many).error(), kTooLarge);
  many.pop_back();
  EXPECT_EQ(parse(many).value(), many);
}

// Section 5.3: we could not tell whom such a credential names.
TEST(Credentials, AnUnknownKindIsNamed) {
  const auto kind = [](std::uint16_t type) {
    Writer writer;
    writer.u16(type).opaque(as_bytes("somebody"));
    return decode<Credential>(writer.view());
  };
  EXPECT_EQ(kind(1).value(), Credential::basic(as_bytes("somebody")));
  const Credential certified{CredentialType::x509, {}, {to_bytes("own"), to_bytes("issuer")}};
  EXPECT_EQ(decode<Credential>(encode(certified)).value(), certified);
  for (const int unknown : {0, 3, 0x1a1a, 0xffff})
    EXPECT_EQ(kind(static_cast<std::uint16_t>(unknown)).error(), kUnknownCredential) << unknown;
}

// Section 13.5: 0x0A0A, 0x1A1A ... 0xEAEA, and no other.
TEST(Grease, IsOfTheReservedValues) {
  SeededRng rng(3);
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 400; ++i) {
    Capabilities made;
    made.add_grease(rng);
    seen.insert(made.extensions.begin(), made.extensions.end());
  }
  std::set<std::uint16_t> reserved;
  for (int value = 0x0a0a; value <= 0xeaea; value += 0x1010) reserved.insert(static_cast<std::uint16_t>(value));
  EXPECT_EQ(seen, reserved);
}

TEST(Presence, IsZeroOrOne) {
  const Bytes two{2};
  Reader reader(two);
  EXPECT_EQ(read_presence(reader).error(), kBadValue);
}

// Every byte of a KeyPackage is under one of its two signatures.
TEST(KeyPackage, NoByteCanBeChanged) {
  SeededRng rng(3);
  const Bytes right = encode(Device(rng, "x").key_package());
  ASSERT_TRUE(decode<KeyPackage>(right)->validate().ok());
  for (std::size_t i = 0; i < right.size(); ++i) {
    Bytes changed = right;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    const Result<KeyPackage> decoded = decode<KeyPackage>(changed);
    EXPECT_FALSE(decoded.ok() && decoded->validate().ok()) << i;
  }
}

// Section 10.1, rule by rule, each package properly signed.
TEST(KeyPackage, EveryRuleHasItsName) {
  SeededRng rng(4);
  const Device device(rng, "x");
  const auto with = [&](void (*change)(KeyPackage&), const Extensions& context = {}) {
    KeyPackage key_package = device.key_package();
    change(key_package);
    key_package.leaf.sign(device.key, {as_bytes("group"), {0}});
    key_package.sign(device.key);
    const Result<void> result = key_package.validate(context);
    return result.ok() ? Error{} : result.error();
  };
  EXPECT_EQ(with([](KeyPackage&) {}), Error{});
  EXPECT_EQ(with([](KeyPackage& k) { k.version = 2; }), kUnknownVersion);
  EXPECT_EQ(with([](KeyPackage& k) { k.cipher_suite = 1; }), kUnsupportedSuite);
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.source = LeafNodeSource::update; }), kBadLeafSource);
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.source = LeafNodeSource::commit; }), kBadLeafSource);
  EXPECT_EQ(with([](KeyPackage& k) { k.init_key = k.leaf.encryption_key; }), kInitKeyReused);
  EXPECT_EQ(with([](KeyPackage& k) { k.init_key.pop_back(); }), kBadKey);
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.encryption_key.push_back(0); }), kBadKey);
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.signature_key.push_back(0); }), kBadKey);
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.capabilities.versions = {2}; }), kUnsupportedCapability);
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.capabilities.cipher_suites = {1}; }), kUnsupportedCapability);
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.capabilities.credentials = {2}; }), kUnsupportedCapability);
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.capabilities.extensions.clear(); }), kUnsupportedCapability);
  EXPECT_EQ(with([](KeyPackage&) {}, {{0xf111, {}}}), kUnsupportedCapability);
  // GREASE values are kept and ignored (section 13.5).
  EXPECT_EQ(with([](KeyPackage& k) { k.leaf.capabilities.extensions.push_back(0x0a0a); }), Error{});
  EXPECT_EQ(with([](KeyPackage& k) { k.extensions.push_back({0x1a1a, {1}}); }), Error{});
}

TEST(KeyPackage, RequiredCapabilitiesAreRequired) {
  SeededRng rng(5);
  const KeyPackage key_package = Device(rng, "x").key_package();
  const auto validate = [&](const RequiredCapabilities& required) {
    return key_package.validate({{static_cast<std::uint16_t>(ExtensionType::required_capabilities), encode(required)}});
  };
  EXPECT_TRUE(validate({{test::kChannelType}, {1, 7}, {1}}).ok());
  EXPECT_EQ(validate({{0xf111}, {}, {}}).error(), kUnsupportedCapability);
  EXPECT_EQ(validate({{}, {0xf111}, {}}).error(), kUnsupportedCapability);
  EXPECT_EQ(validate({{}, {}, {2}}).error(), kUnsupportedCapability);
}

TEST(KeyPackage, SecretsSurviveStorage) {
  SeededRng rng(6);
  const Device device(rng, "x");
  const SecretBytes stored = device.package.secrets.serialize();
  const KeyPackageSecrets restored = KeyPackageSecrets::deserialize(stored.bytes()).value();
  EXPECT_EQ(restored.init_key, device.package.secrets.init_key);
  EXPECT_EQ(restored.leaf_key, device.package.secrets.leaf_key);
  EXPECT_EQ(KeyPackageSecrets::deserialize(stored.bytes().first(40)).error(), kStateDamaged);
  EXPECT_EQ(KeyPackageSecrets::deserialize(Bytes{9, 9}).error(), kStateVersion);
}

TEST(Lifetime, BothEndsCountAndTheSpanIsBounded) {
  const auto check = [](std::uint64_t from, std::uint64_t to, std::int64_t now) {
    const Result<void> result = check_lifetime({from, to}, {now * 1000});
    return result.ok() ? Error{} : result.error();
  };
  EXPECT_EQ(check(100, 200, 100), Error{});
  EXPECT_EQ(check(100, 200, 200), Error{});
  EXPECT_EQ(check(100, 200, 99), kExpiredKeyPackage);
  EXPECT_EQ(check(100, 200, 201), kExpiredKeyPackage);
  EXPECT_EQ(check(100, 100 + kMaxLifetimeSeconds, 150), Error{});
  EXPECT_EQ(check(100, 101 + kMaxLifetimeSeconds, 150), kLifetimeTooLong);
  EXPECT_EQ(check(0, UINT64_MAX, -1), kExpiredKeyPackage);
}

}  // namespace
}  // namespace steiger::mls
