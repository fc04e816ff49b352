// What the gateway checks without any secret (S7).
#include "crypto/mls/public_group.h"

#include <gtest/gtest.h>

#include "crypto/mls/test_support.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::kNow;
using test::Room;
using test::SeededRng;

struct Bundle {
  Device newcomer;
  PendingCommit pending;
};

Bundle make_bundle(SeededRng& rng, const Room& room, std::size_t committer = 0) {
  Device newcomer(rng, "newcomer");
  PendingCommit pending = room.members[committer]
                              .commit(rng, {.adds = {newcomer.verified()}, .authenticated_data = to_bytes("grant"), .now = kNow})
                              .value();
  return {std::move(newcomer), std::move(pending)};
}

Bytes changed_group_info(const Bytes& message, const SigningKey& key, void (*change)(GroupInfo&)) {
  GroupInfo info = decode_message<GroupInfo>(message).value();
  change(info);
  info.sign(key);
  return encode_message(std::move(info));
}

TEST(PublicGroup, RegistersOnlyASignedEpochZeroWithOneLeaf) {
  SeededRng rng(1);
  const Device device(rng, "coach");
  const Group group = device.create(rng);
  const Bytes info = group.group_info({}).value();
  EXPECT_EQ(PublicGroup::register_from(info).value().context(), group.group_context());
  for (std::size_t i = 0; i < info.size(); ++i) {
    Bytes changed = info;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    EXPECT_FALSE(PublicGroup::register_from(changed).ok()) << i;
  }
  const auto with = [&](void (*change)(GroupInfo&)) {
    return PublicGroup::register_from(changed_group_info(info, device.key, change)).error();
  };
  EXPECT_EQ(with([](GroupInfo& i) { i.context.epoch = 1; }), kNotEpochZero);
  EXPECT_EQ(with([](GroupInfo& i) { i.context.confirmed_transcript_hash = Bytes(32); }), kNotEpochZero);
  EXPECT_EQ(with([](GroupInfo& i) { i.extensions.clear(); }), kMissingTree);
  EXPECT_EQ(with([](GroupInfo& i) { i.context.tree_hash[0] ^= 1; }), kTreeHashMismatch);
  EXPECT_EQ(with([](GroupInfo& i) { i.context.cipher_suite = 1; }), kUnsupportedSuite);
  EXPECT_EQ(with([](GroupInfo& i) { i.signer = {1}; }), kUnknownLeaf);
  const Device other(rng, "other");
  EXPECT_EQ(PublicGroup::register_from(changed_group_info(info, other.key, [](GroupInfo&) {})).error(), kBadGroupInfoSignature);

  Room room = Room::of(rng, 2);
  EXPECT_EQ(PublicGroup::register_from(room.members[0].group_info({}).value()).error(), kNotEpochZero);
}

TEST(PublicGroup, AcceptsARightBundleAndReportsIt) {
  SeededRng rng(2);
  const Room room = Room::of(rng, 3);
  const Bundle bundle = make_bundle(rng, room, 1);
  const CheckedBundle checked =
      room.follower.check_bundle(bundle.pending.commit, bundle.pending.welcome, bundle.pending.group_info).value();
  EXPECT_EQ(checked.committer, room.members[1].own_leaf());
  EXPECT_EQ(as_text(checked.authenticated_data), "grant");
  ASSERT_EQ(checked.added.size(), 1u);
  EXPECT_EQ(checked.added[0].key_package, bundle.newcomer.key_package().ref());
  EXPECT_EQ(checked.next.epoch(), 2u);
  EXPECT_EQ(checked.next.context(), bundle.pending.next.group_context());
}

TEST(PublicGroup, RefusesEveryChangedBundle) {
  SeededRng rng(3);
  const Room room = Room::of(rng, 3);
  const Bundle bundle = make_bundle(rng, room);
  const PendingCommit& right = bundle.pending;
  const auto check = [&](const Bytes& commit, const std::optional<Bytes>& welcome, const Bytes& info) {
    return room.follower.check_bundle(commit, welcome, info);
  };
  const PublicMessage message = decode_message<PublicMessage>(right.commit).value();
  // The membership tag (last bytes) is the one part that needs a secret to check.
  const std::size_t checkable = right.commit.size() - message.membership_tag->size() - 1;
  for (std::size_t i = 0; i < checkable; ++i) {
    Bytes changed = right.commit;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    EXPECT_FALSE(check(changed, right.welcome, right.group_info).ok()) << i;
  }
  for (std::size_t i = 0; i < right.group_info.size(); ++i) {
    Bytes changed = right.group_info;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << rng.below(8)));
    EXPECT_FALSE(check(right.commit, right.welcome, changed).ok()) << i;
  }
  EXPECT_EQ(check(right.commit, std::nullopt, right.group_info).error(), kWelcomeMismatch);
  Welcome welcome = decode_message<Welcome>(*right.welcome).value();
  welcome.secrets[0].new_member[0] ^= 1;
  EXPECT_EQ(check(right.commit, encode_message(welcome), right.group_info).error(), kWelcomeMismatch);
  welcome.secrets.push_back(welcome.secrets[0]);
  EXPECT_EQ(check(right.commit, encode_message(welcome), right.group_info).error(), kWelcomeMismatch);
  const PendingCommit without_add = room.members[0].commit(rng, {}).value();
  EXPECT_EQ(check(without_add.commit, right.welcome, without_add.group_info).error(), kWelcomeMismatch);
  EXPECT_TRUE(check(without_add.commit, std::nullopt, without_add.group_info).ok());
  EXPECT_EQ(check(without_add.commit, std::nullopt, right.group_info).error(), kGroupInfoMismatch);
  EXPECT_TRUE(check(right.commit, right.welcome, right.group_info).ok());
}

TEST(PublicGroup, RefusesAGroupInfoOfAnotherSignerTreeOrEpoch) {
  SeededRng rng(4);
  const Device coach(rng, "coach");
  const Group group = coach.create(rng);
  const PublicGroup follower = PublicGroup::register_from(group.group_info({}).value()).value();
  const PendingCommit pending = group.commit(rng, {}).value();
  const auto with = [&](void (*change)(GroupInfo&)) {
    return follower.check_bundle(pending.commit, std::nullopt, changed_group_info(pending.group_info, coach.key, change)).error();
  };
  EXPECT_EQ(with([](GroupInfo& i) { i.signer = {1}; }), kGroupInfoMismatch);
  EXPECT_EQ(with([](GroupInfo& i) { ++i.context.epoch; }), kGroupInfoMismatch);
  EXPECT_EQ(with([](GroupInfo& i) { i.context.extensions.clear(); }), kGroupInfoMismatch);
  EXPECT_EQ(with([](GroupInfo& i) { i.confirmation_tag[0] ^= 1; }), kGroupInfoMismatch);
  EXPECT_EQ(with([](GroupInfo& i) { i.extensions.clear(); }), kMissingTree);
  // A right context beside another tree: the tree itself is compared, not only its hash in the context.
  EXPECT_EQ(with([](GroupInfo& i) {
              for (Extension& extension : i.extensions) {
                if (extension.type != static_cast<std::uint16_t>(ExtensionType::ratchet_tree)) continue;
                RatchetTree tree = decode<RatchetTree>(extension.data).value();
                LeafNode leaf = *tree.leaf({0});
                leaf.extensions.clear();
                tree.set_leaf({0}, std::move(leaf));
                extension.data = encode(tree);
              }
            }),
            kGroupInfoMismatch);
}

// A member who writes in another's name, or for another epoch, is caught by the signature alone.
TEST(PublicGroup, ACommitIsSignedByItsSenderOverThisContext) {
  SeededRng rng(8);
  const Room room = Room::of(rng, 2);
  const Device stranger(rng, "stranger");
  const PendingCommit pending = room.members[0].commit(rng, {}).value();
  AuthenticatedContent commit = decode_message<PublicMessage>(pending.commit).value().authenticated();
  ASSERT_TRUE(room.follower.stage(commit).ok());
  commit.sign(stranger.key, room.follower.context_bytes());
  EXPECT_EQ(room.follower.stage(commit).error(), kBadMessageSignature);
  commit = decode_message<PublicMessage>(pending.commit).value().authenticated();
  commit.content.sender.index = 1;
  EXPECT_EQ(room.follower.stage(commit).error(), kBadMessageSignature);

  const Device coach(rng, "coach");
  const Group group = coach.create(rng);
  const PublicGroup follower = PublicGroup::register_from(group.group_info({}).value()).value();
  commit = decode_message<PublicMessage>(group.commit(rng, {}).value().commit).value().authenticated();
  commit.sign(coach.key, as_bytes("another context"));
  EXPECT_EQ(follower.stage(commit).error(), kBadMessageSignature);
}

// Law 4: of two commits on one epoch the second is told kWrongEpoch.
TEST(PublicGroup, TheSecondCommitOfAnEpochIsLate) {
  SeededRng rng(5);
  const Room room = Room::of(rng, 2);
  const PendingCommit first = room.members[0].commit(rng, {}).value();
  const PendingCommit second = room.members[1].commit(rng, {}).value();
  const PublicGroup next = room.follower.check_bundle(first.commit, first.welcome, first.group_info).value().next;
  EXPECT_EQ(next.check_bundle(second.commit, second.welcome, second.group_info).error(), kWrongEpoch);
  EXPECT_EQ(next.check_bundle(first.commit, first.welcome, first.group_info).error(), kWrongEpoch);
  const Room other = Room::of(rng, 2);
  Room elsewhere = Room::create(rng);
  elsewhere.members[0] = Device(rng, "x").create(rng, "another group");
  const PendingCommit foreign = elsewhere.members[0].commit(rng, {}).value();
  EXPECT_EQ(room.follower.check_bundle(foreign.commit, foreign.welcome, foreign.group_info).error(), kWrongGroup);
}

// What is no commit by somebody who may commit is refused before anything is applied. The lists themselves: proposal_rules_test.cpp.
TEST(PublicGroup, NamesWhoMayNotCommit) {
  SeededRng rng(6);
  const Device coach(rng, "coach");
  const Group group = coach.create(rng);
  const PublicGroup follower = PublicGroup::register_from(group.group_info({}).value()).value();
  const auto stage = [&](std::variant<Bytes, Proposal, Commit> body, Sender sender = {SenderType::member, 0}) {
    AuthenticatedContent content;
    content.content.group_id = to_bytes(group.group_id());
    content.content.sender = sender;
    content.content.body = std::move(body);
    content.sign(coach.key, follower.context_bytes());
    content.auth.confirmation_tag = Bytes(kHashSize);
    return follower.stage(content).error();
  };
  EXPECT_EQ(stage(Commit{}), kMissingPath);
  EXPECT_EQ(stage(Commit{}, {SenderType::new_member_commit, 0}), kMissingPath);
  EXPECT_EQ(stage(Commit{}, {SenderType::external, 0}), kUnsupportedSender);
  EXPECT_EQ(stage(Commit{}, {SenderType::new_member_proposal, 0}), kUnsupportedSender);
  EXPECT_EQ(stage(Commit{}, {SenderType::member, 1}), kUnknownLeaf);
  EXPECT_EQ(stage(to_bytes("application data")), kUnexpectedMessage);
}

TEST(PublicGroup, SurvivesStorage) {
  SeededRng rng(7);
  const Room room = Room::of(rng, 5);
  const Bytes stored = room.follower.serialize();
  const PublicGroup restored = PublicGroup::deserialize(stored).value();
  EXPECT_EQ(restored.serialize(), stored);
  const Bundle bundle = make_bundle(rng, room, 2);
  EXPECT_TRUE(restored.check_bundle(bundle.pending.commit, bundle.pending.welcome, bundle.pending.group_info).ok());
  for (std::size_t size = 0; size < stored.size(); size += 5) {
    EXPECT_FALSE(PublicGroup::deserialize(ByteView(stored).first(size)).ok());
  }
  Bytes newer = stored;
  newer[1] = 9;
  EXPECT_EQ(PublicGroup::deserialize(newer).error(), kStateVersion);
}

}  // namespace
}  // namespace steiger::mls
