// Groups as their users see them: random scripts, and everything that must be refused without moving the state.
#include "crypto/mls/group.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/test_support.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::kNow;
using test::Room;
using test::SeededRng;

bool same_state(const Group& a, const Group& b) {
  return a.serialize() == b.serialize();
}

PskLookup psk_lookup(std::string_view id, std::string_view value) {
  return [id = to_bytes(id), value = to_bytes(value)](ByteView wanted) -> std::optional<SecretBytes> {
    if (!equal(wanted, id)) return std::nullopt;
    return SecretBytes::copy_of(value);
  };
}

ExternalPsk psk(std::string_view id, std::string_view value) {
  return {to_bytes(id), SecretBytes::copy_of(as_bytes(value))};
}

void expect_agreement(const Room& room) {
  const Group& first = room.members[0];
  for (const Group& member : room.members) {
    EXPECT_EQ(member.epoch(), first.epoch());
    EXPECT_TRUE(equal(member.epoch_authenticator(), first.epoch_authenticator()));
    EXPECT_EQ(member.export_secret("label", as_bytes("context"), 50).value(),
              first.export_secret("label", as_bytes("context"), 50).value());
    EXPECT_EQ(member.tree(), first.tree());
    EXPECT_TRUE(member.tree().validate(member.group_id(), member.group_context().extensions).ok());
  }
  EXPECT_EQ(room.follower.context(), first.group_context());
  EXPECT_EQ(room.follower.tree(), first.tree());
}

void expect_everybody_hears_everybody(Room& room, SeededRng& rng) {
  for (std::size_t sender = 0; sender < room.members.size(); ++sender) {
    const Bytes text = rng.bytes(rng.below(600));
    const Bytes message = room.members[sender].encrypt(rng, as_bytes("data"), text).value();
    for (std::size_t i = 0; i < room.members.size(); ++i) {
      if (i == sender) continue;
      const ReceivedMessage received = room.members[i].decrypt(message).value();
      EXPECT_TRUE(equal(received.plaintext.bytes(), text));
      EXPECT_EQ(as_text(received.authenticated_data), "data");
      EXPECT_EQ(received.sender, room.members[sender].own_leaf());
    }
  }
}

TEST(Group, RandomScriptsKeepAllMembersAndTheFollowerTogether) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SeededRng rng(seed);
    Room room = Room::create(rng);
    for (int step = 0; step < 8; ++step) {
      const std::size_t committer = rng.below(static_cast<std::uint32_t>(room.members.size()));
      switch (rng.below(4)) {
        case 0:
          room.commit(rng, committer, {});  // only fresh secrets
          break;
        case 1:
          room.add(rng, committer, 1 + rng.below(3), false);
          break;
        default:
          room.add(rng, committer, 1 + rng.below(2), true);
      }
      // Half of the members live on from storage.
      for (Group& member : room.members) {
        if (rng.below(2) == 0) member = Group::deserialize(member.serialize().bytes()).value();
      }
      expect_agreement(room);
    }
    expect_everybody_hears_everybody(room, rng);
  }
}

TEST(Group, MessagesArriveInAnyOrderExactlyOnce) {
  SeededRng rng(7);
  Room room = Room::of(rng, 3);
  std::vector<Bytes> messages;
  for (int i = 0; i < 40; ++i) messages.push_back(room.members[0].encrypt(rng, {}, rng.bytes(10)).value());
  for (std::size_t i = messages.size(); i > 1; --i) {
    std::swap(messages[i - 1], messages[rng.below(static_cast<std::uint32_t>(i))]);
  }
  for (const Bytes& message : messages) {
    EXPECT_TRUE(room.members[1].decrypt(message).ok());
    room.members[1] = Group::deserialize(room.members[1].serialize().bytes()).value();
    const Group before = room.members[1].clone();
    EXPECT_EQ(room.members[1].decrypt(message).error(), kGenerationConsumed);
    EXPECT_TRUE(same_state(before, room.members[1]));
  }
}

// A changed bit anywhere is refused and moves nothing.
TEST(Group, ChangedApplicationMessagesAreRefusedAndMoveNothing) {
  SeededRng rng(8);
  Room room = Room::of(rng, 2);
  const Bytes message = room.members[0].encrypt(rng, as_bytes("data"), as_bytes("hoi")).value();
  Group& receiver = room.members[1];
  const SecretBytes before = receiver.serialize();
  for (std::size_t i = 0; i < message.size(); ++i) {
    Bytes changed = message;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    EXPECT_FALSE(receiver.decrypt(changed).ok()) << i;
  }
  EXPECT_EQ(before, receiver.serialize());
  EXPECT_TRUE(receiver.decrypt(message).ok());
}

TEST(Group, ChangedCommitsAreRefusedAndMoveNothing) {
  SeededRng rng(9);
  Room room = Room::of(rng, 3);
  const PendingCommit pending = room.members[0].commit(rng, {.authenticated_data = to_bytes("grant")}).value();
  Group& receiver = room.members[1];
  const SecretBytes before = receiver.serialize();
  for (std::size_t i = 0; i < pending.commit.size(); ++i) {
    Bytes changed = pending.commit;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    EXPECT_FALSE(receiver.handle_commit(changed, no_psks()).ok()) << i;
  }
  EXPECT_EQ(before, receiver.serialize());
  const CommitResult result = receiver.handle_commit(pending.commit, no_psks()).value();
  EXPECT_EQ(as_text(result.authenticated_data), "grant");
  EXPECT_EQ(result.committer, room.members[0].own_leaf());
}

TEST(Group, ChangedWelcomesAreRefused) {
  SeededRng rng(10);
  Room room = Room::of(rng, 2);
  const Device newcomer(rng, "new");
  const PendingCommit pending = room.members[0].commit(rng, {.adds = {newcomer.verified()}, .now = kNow}).value();
  for (std::size_t i = 0; i < pending.welcome->size(); i += 3) {
    Bytes changed = *pending.welcome;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    EXPECT_FALSE(newcomer.join(changed).ok()) << i;
  }
  EXPECT_TRUE(newcomer.join(*pending.welcome).ok());
  const Device stranger(rng, "stranger");
  EXPECT_EQ(stranger.join(*pending.welcome).error(), kNotForUs);
}

TEST(Group, MakingACommitChangesNothingAndALostOneIsRebuilt) {
  SeededRng rng(11);
  Room room = Room::of(rng, 3);
  const Device newcomer(rng, "new");
  const SecretBytes before = room.members[0].serialize();
  const PendingCommit lost = room.members[0].commit(rng, {.adds = {newcomer.verified()}, .now = kNow}).value();
  EXPECT_EQ(before, room.members[0].serialize());

  // Another member's commit won the epoch (law 4).
  room.commit(rng, 1, {});
  EXPECT_EQ(room.members[2].handle_commit(lost.commit, no_psks()).error(), kWrongEpoch);
  PendingCommit stale = PendingCommit::deserialize(lost.serialize().bytes()).value();
  EXPECT_EQ(std::move(stale).merge(room.members[0]).error(), kWrongEpoch);
  room.commit(rng, 0, {.adds = {newcomer.verified()}, .now = kNow}, {});
  expect_agreement(room);
}

TEST(Group, APendingCommitSurvivesStorage) {
  SeededRng rng(12);
  Room room = Room::of(rng, 2);
  const PendingCommit pending = room.members[0].commit(rng, {}).value();
  const SecretBytes stored = pending.serialize();
  PendingCommit restored = PendingCommit::deserialize(stored.bytes()).value();
  EXPECT_EQ(restored.commit, pending.commit);
  EXPECT_EQ(restored.welcome, pending.welcome);
  EXPECT_EQ(restored.group_info, pending.group_info);
  room.members[0] = std::move(restored).merge(room.members[0]).value();
  room.members[1] = room.members[1].handle_commit(pending.commit, no_psks()).value().next;
  expect_everybody_hears_everybody(room, rng);
}

TEST(Group, OwnCommitsAndOwnMessagesAreNamedAsSuch) {
  SeededRng rng(13);
  Room room = Room::of(rng, 2);
  const PendingCommit pending = room.members[0].commit(rng, {}).value();
  EXPECT_EQ(room.members[0].handle_commit(pending.commit, no_psks()).error(), kOwnCommit);
  const Bytes message = room.members[0].encrypt(rng, {}, as_bytes("hoi")).value();
  EXPECT_EQ(room.members[0].decrypt(message).error(), kOwnMessage);
}

// S12: one past epoch can be read, older and future ones cannot.
TEST(Group, KeepsExactlyOnePastEpoch) {
  SeededRng rng(14);
  Room room = Room::of(rng, 2);
  const Bytes first = room.members[0].encrypt(rng, {}, as_bytes("first")).value();
  const Bytes second = room.members[0].encrypt(rng, {}, as_bytes("second")).value();
  room.commit(rng, 1, {});
  room.members[1] = Group::deserialize(room.members[1].serialize().bytes()).value();
  EXPECT_EQ(room.members[1].decrypt(first).value().epoch, 1u);
  EXPECT_EQ(room.members[1].decrypt(first).error(), kGenerationConsumed);
  const Bytes future = room.members[0].encrypt(rng, {}, as_bytes("future")).value();
  Group behind = room.members[1].clone();
  room.commit(rng, 0, {});
  EXPECT_EQ(room.members[1].decrypt(second).error(), kEpochForgotten);
  const Bytes ahead = room.members[0].encrypt(rng, {}, as_bytes("ahead")).value();
  EXPECT_EQ(behind.decrypt(ahead).error(), kWrongEpoch);
  EXPECT_TRUE(behind.decrypt(future).ok());
}

// Section 9.2: keys used between the making of a commit and its acceptance do not come back with the past epoch.
TEST(Group, MergingDoesNotBringUsedKeysBack) {
  SeededRng rng(15);
  Room room = Room::of(rng, 2);
  PendingCommit pending = room.members[1].commit(rng, {}).value();
  const Bytes message = room.members[0].encrypt(rng, {}, as_bytes("hoi")).value();
  ASSERT_TRUE(room.members[1].decrypt(message).ok());
  room.members[1] = std::move(pending).merge(room.members[1]).value();
  EXPECT_EQ(room.members[1].decrypt(message).error(), kGenerationConsumed);
}

// S5: the PSK goes into the key schedule; who lacks it, or has another, does not get in.
TEST(Group, ExternalPskIsNeededByMembersAndJoiners) {
  SeededRng rng(16);
  Room room = Room::of(rng, 2);
  const Device newcomer(rng, "new");
  CommitOptions options{.adds = {newcomer.verified()}, .now = kNow};
  options.psks.push_back(psk("psk id", "secret from the QR code"));
  const PendingCommit pending = room.members[0].commit(rng, options).value();

  EXPECT_EQ(room.members[1].handle_commit(pending.commit, no_psks()).error(), kUnknownPsk);
  EXPECT_EQ(room.members[1].handle_commit(pending.commit, psk_lookup("psk id", "another")).error(), kBadConfirmationTag);
  const CommitResult followed =
      room.members[1].handle_commit(pending.commit, psk_lookup("psk id", "secret from the QR code")).value();
  ASSERT_EQ(followed.psks.size(), 1u);
  EXPECT_EQ(as_text(followed.psks[0].psk_id), "psk id");

  EXPECT_EQ(newcomer.join(*pending.welcome).error(), kUnknownPsk);
  EXPECT_EQ(newcomer.join(*pending.welcome, psk_lookup("psk id", "another")).error(), kDecryptionFailed);
  const JoinResult joined = newcomer.join(*pending.welcome, psk_lookup("psk id", "secret from the QR code")).value();
  ASSERT_EQ(joined.psks.size(), 1u);
  EXPECT_EQ(as_text(joined.psks[0].psk_id), "psk id");
  EXPECT_TRUE(equal(joined.group.epoch_authenticator(), followed.next.epoch_authenticator()));

  CommitOptions twice;
  twice.psks.push_back(psk("same", "a"));
  twice.psks.push_back(psk("same", "b"));
  EXPECT_EQ(room.members[0].commit(rng, twice).error(), kDuplicatePsk);
}

// Who comes in reads from the epoch of its Add on: what was said before opens for no newcomer, under whatever epoch it is delivered.
TEST(Group, ANewcomerReadsNothingOfEarlierEpochs) {
  SeededRng rng(24);
  Room room = Room::of(rng, 2);
  const Bytes earlier = room.members[0].encrypt(rng, {}, as_bytes("before you came")).value();
  const Device device(rng, "new");
  PendingCommit pending = room.members[0].commit(rng, {.adds = {device.verified()}, .now = kNow}).value();
  Group member = std::move(room.members[1].handle_commit(pending.commit, no_psks()).value().next);
  Group newcomer = std::move(device.join(*pending.welcome).value().group);
  room.members[0] = std::move(pending).merge(room.members[0]).value();

  PrivateMessage under_its_own_epoch = decode_message<PrivateMessage>(earlier).value();
  under_its_own_epoch.epoch = newcomer.epoch();
  EXPECT_EQ(newcomer.decrypt(earlier).error(), kEpochForgotten);
  EXPECT_EQ(newcomer.decrypt(encode_message(under_its_own_epoch)).error(), kDecryptionFailed);
  EXPECT_EQ(as_text(member.decrypt(earlier).value().plaintext.bytes()), "before you came");
  const Bytes later = room.members[0].encrypt(rng, {}, as_bytes("welcome")).value();
  EXPECT_EQ(as_text(newcomer.decrypt(later).value().plaintext.bytes()), "welcome");
}

TEST(Group, JoinersGetTheGroupInfoExtensionsAndTheAddedLeafIsReported) {
  SeededRng rng(17);
  Room room = Room::of(rng, 2);
  const Device newcomer(rng, "new");
  CommitOptions options{.adds = {newcomer.verified()}, .now = kNow};
  options.group_info_extensions = {{0xf5a3, to_bytes("chain head")}};
  options.leaf_extensions = Extensions{{test::kIdentityType, to_bytes("newer certificates")}};
  const PendingCommit pending = room.members[1].commit(rng, options).value();
  const JoinResult joined = newcomer.join(*pending.welcome).value();
  EXPECT_EQ(as_text(*find_extension(joined.info.extensions, 0xf5a3)), "chain head");
  EXPECT_EQ(joined.committer, room.members[1].own_leaf());
  const CommitResult followed = room.members[0].handle_commit(pending.commit, no_psks()).value();
  ASSERT_EQ(followed.added.size(), 1u);
  EXPECT_EQ(followed.added[0].leaf, joined.group.own_leaf());
  EXPECT_EQ(followed.added[0].key_package, newcomer.key_package().ref());
  EXPECT_EQ(*followed.next.member(followed.added[0].leaf), newcomer.key_package().leaf);
  EXPECT_EQ(as_text(*find_extension(followed.next.member(followed.committer)->extensions, test::kIdentityType)),
            "newer certificates");
}

TEST(Group, RefusesWhatMayNotBeAdded) {
  SeededRng rng(18);
  Room room = Room::of(rng, 2);
  const Device newcomer(rng, "new");
  // What is wrong with the package itself shows before there is anything that could be added.
  const auto add = [&](KeyPackage key_package, Timestamp now = kNow) {
    const auto verified = VerifiedKeyPackage::verify(std::move(key_package));
    return verified.ok() ? room.members[0].commit(rng, {.adds = {*verified}, .now = now}).error() : verified.error();
  };
  constexpr Duration kYear = std::chrono::hours(24 * 365);
  EXPECT_EQ(add(newcomer.key_package(), kNow + kYear), kExpiredKeyPackage);
  EXPECT_EQ(add(newcomer.key_package(), kNow - kYear), kExpiredKeyPackage);

  KeyPackageOptions forever = test::options_for("forever");
  forever.lifetime.not_after = forever.lifetime.not_before + kMaxLifetimeSeconds + 1;
  EXPECT_EQ(add(make_key_package(rng, newcomer.key, forever).key_package), kLifetimeTooLong);

  KeyPackageOptions incapable = test::options_for("incapable");
  incapable.capabilities.extensions.clear();  // does not know the group's channel extension
  EXPECT_EQ(add(make_key_package(rng, newcomer.key, incapable).key_package), kUnsupportedCapability);

  KeyPackage forged = newcomer.key_package();
  forged.leaf.extensions.clear();
  forged.sign(newcomer.key);
  EXPECT_EQ(add(forged), kBadLeafSignature);
  KeyPackage unsigned_package = newcomer.key_package();
  unsigned_package.extensions.push_back({0xf000, {}});
  EXPECT_EQ(add(unsigned_package), kBadKeyPackageSignature);
  KeyPackage other_suite = newcomer.key_package();
  other_suite.cipher_suite = 1;
  other_suite.sign(newcomer.key);
  EXPECT_EQ(add(other_suite), kUnsupportedSuite);

  const CommitOptions twice{.adds = {newcomer.verified(), newcomer.verified()}, .now = kNow};
  EXPECT_EQ(room.members[0].commit(rng, twice).error(), kDuplicateMember);
  room.commit(rng, 0, {.adds = {newcomer.verified()}, .now = kNow});
  EXPECT_EQ(add(newcomer.key_package()), kDuplicateMember);
}

TEST(Group, RefusesMessagesOfOtherGroupsAndKinds) {
  SeededRng rng(19);
  Room room = Room::of(rng, 2);
  Group other = Device(rng, "other").create(rng, "another group");
  const Bytes foreign = other.encrypt(rng, {}, as_bytes("hoi")).value();
  EXPECT_EQ(room.members[0].decrypt(foreign).error(), kWrongGroup);
  const PendingCommit pending = room.members[0].commit(rng, {}).value();
  EXPECT_EQ(room.members[1].decrypt(pending.commit).error(), kUnexpectedMessage);
  EXPECT_EQ(room.members[1].decrypt(pending.group_info).error(), kUnexpectedMessage);
  EXPECT_EQ(room.members[1].handle_commit(pending.group_info, no_psks()).error(), kUnexpectedMessage);
  const Bytes message = room.members[0].encrypt(rng, {}, as_bytes("hoi")).value();
  EXPECT_EQ(room.members[1].handle_commit(message, no_psks()).error(), kUnexpectedMessage);
}

TEST(Group, BoundsAreErrorsNotSurprises) {
  SeededRng rng(20);
  Room room = Room::of(rng, 2);
  const SecretBytes before = room.members[0].serialize();
  EXPECT_EQ(room.members[0].encrypt(rng, {}, Bytes(kMaxPlaintextSize + 1)).error(), kTooLarge);
  EXPECT_EQ(room.members[0].encrypt(rng, Bytes(kMaxAuthenticatedDataSize + 1), {}).error(), kTooLarge);
  EXPECT_EQ(room.members[0].export_secret("label", {}, kHkdfMaxOutput + 1).error(), kOutputTooLong);
  EXPECT_EQ(before, room.members[0].serialize());
  const Bytes largest = room.members[0].encrypt(rng, {}, Bytes(kMaxPlaintextSize)).value();
  EXPECT_EQ(room.members[1].decrypt(largest).value().plaintext.size(), kMaxPlaintextSize);

  CreateOptions nameless{{}, SigningKey::generate(rng), test::options_for("x"), {}};
  EXPECT_EQ(Group::create(rng, std::move(nameless)).error(), kBadLength);
}

// The length of a message shows no more than its number of padding units.
TEST(Group, ShortMessagesHaveOneLength) {
  SeededRng rng(21);
  Room room = Room::of(rng, 2);
  const std::size_t shortest = room.members[0].encrypt(rng, {}, {}).value().size();
  for (const std::size_t size : {1u, 2u, 30u, 100u, 180u}) {
    EXPECT_EQ(room.members[0].encrypt(rng, {}, Bytes(size)).value().size(), shortest) << size;
  }
  EXPECT_EQ(room.members[0].encrypt(rng, {}, Bytes(300)).value().size(), shortest + kPaddingUnit);
}

TEST(Group, DamagedStorageIsNamed) {
  SeededRng rng(22);
  Room room = Room::of(rng, 2);
  room.commit(rng, 0, {});
  const SecretBytes stored = room.members[0].serialize();
  for (std::size_t size = 2; size < stored.size(); size += 7) {
    EXPECT_EQ(Group::deserialize(stored.bytes().first(size)).error(), kStateDamaged);
  }
  Bytes newer = to_bytes(stored.bytes());
  newer[1] = 0x7f;
  EXPECT_EQ(Group::deserialize(newer).error(), kStateVersion);
  Bytes longer = to_bytes(stored.bytes());
  longer.push_back(0);
  EXPECT_EQ(Group::deserialize(longer).error(), kStateDamaged);
}

}  // namespace
}  // namespace steiger::mls
