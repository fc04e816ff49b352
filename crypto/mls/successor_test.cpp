// Groups that go on as others: ReInit, branch, resumption PSKs (RFC 9420 sections 8.6, 11.2 and 11.3).
#include <gtest/gtest.h>

#include "crypto/mls/forger.h"
#include "crypto/mls/group_secrets.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::Forger;
using test::kNow;

struct Successor {
  Forger old;
  std::vector<Device> fresh;  // the same people with new packages
  explicit Successor(std::uint64_t seed) : old(seed, 3) {
    for (const Device& device : old.devices) fresh.emplace_back(old.rng, device.name);
  }
  Result<JoinResult> join(const Group& predecessor, const Group& first, CommitOptions options) {
    options.adds = {fresh[1].verified()};
    options.now = kNow;
    const PendingCommit pending = first.commit(old.rng, options).value();
    const Welcome welcome = decode_message<Welcome>(*pending.welcome).value();
    return Group::join(welcome, fresh[1].key_package(), fresh[1].package.secrets, fresh[1].key, no_psks(), std::nullopt,
                       &predecessor);
  }
  // The right Welcome, its GroupInfo changed by a member of the new group who may sign and seal anything.
  Error join_changed(const Group& predecessor, const Group& first, CommitOptions options,
                     const std::function<void(GroupInfo&)>& change) {
    options.adds = {fresh[1].verified()};
    options.now = kNow;
    const PendingCommit pending = first.commit(old.rng, options).value();
    Welcome welcome = decode_message<Welcome>(*pending.welcome).value();
    const HpkeKeyPair init_key = HpkeKeyPair::from_private_key(fresh[1].package.secrets.init_key.clone());
    const GroupSecrets secrets = open_group_secrets(welcome, fresh[1].key_package().ref(), init_key).value();
    const std::vector<PskWithId> psks =
        look_up(secrets.psks, no_psks(), predecessor.group_id(), known_epochs(predecessor)).value();
    const WelcomeSecret key = welcome_secret(member_secret(secrets.joiner, psk_secret(psks)));
    GroupInfo info = open_group_info(key, welcome.encrypted_group_info).value();
    change(info);
    info.sign(fresh[0].key);
    welcome.encrypted_group_info = seal_group_info(key, info);
    welcome.secrets = {seal_group_secrets(old.rng, secrets, fresh[1].key_package(), welcome.encrypted_group_info).value()};
    const auto joined = Group::join(welcome, fresh[1].key_package(), fresh[1].package.secrets, fresh[1].key, no_psks(),
                                    std::nullopt, &predecessor);
    return joined.ok() ? Error{} : joined.error();
  }
  static ResumptionPsks known_epochs(const Group& group) {
    ResumptionPsks out;
    for (std::uint64_t epoch = 0; epoch <= group.epoch(); ++epoch) {
      auto use = group.resumption_psk(ResumptionUsage::application, epoch);
      if (use.ok()) out.remember(epoch, std::move(use->psk));
    }
    return out;
  }
  // The old group closed by a ReInit, as coach and client see it.
  void close(const ReInit& reinit) {
    PendingCommit pending = old.members[0].commit(old.rng, {.reinit = reinit, .with_path = false}).value();
    old.members[1] = old.members[1].handle_commit(pending.commit, no_psks()).value().next;
    old.members[0] = std::move(pending).merge(old.members[0]).value();
  }
  CommitOptions with(const Group& group, ResumptionUsage usage) {
    CommitOptions out;
    out.resumptions.push_back(group.resumption_psk(usage, group.epoch()).value());
    return out;
  }
};

TEST(Successors, AReinitialisedGroupClosesAndTheNextOneIsTheOneAnnounced) {
  Successor s(50);
  Group& coach = s.old.members[0];
  Group& client = s.old.members[1];
  const Extensions extensions{{test::kChannelType, to_bytes("channel")}};
  PendingCommit pending =
      coach.commit(s.old.rng, {.reinit = ReInit{to_bytes("next"), kMls10, kSuite3, extensions}, .with_path = false}).value();
  client = client.handle_commit(pending.commit, no_psks()).value().next;
  coach = std::move(pending).merge(coach).value();
  EXPECT_EQ(client.end(), GroupEnd::reinitialised);
  client = Group::deserialize(client.serialize().bytes()).value();
  ASSERT_TRUE(client.reinit().has_value());
  EXPECT_EQ(as_text(client.reinit()->group_id), "next");
  EXPECT_EQ(coach.encrypt(s.old.rng, {}, as_bytes("hoi")).error(), kGroupOver);
  EXPECT_EQ(client.commit(s.old.rng, {}).error(), kGroupOver);

  const Group right = s.fresh[0].create(s.old.rng, "next");
  EXPECT_TRUE(s.join(client, right, s.with(coach, ResumptionUsage::reinit)).ok());
  const Group other_id = s.fresh[0].create(s.old.rng, "elsewhere");
  EXPECT_EQ(s.join(client, other_id, s.with(coach, ResumptionUsage::reinit)).error(), kNotASuccessor);
  Group later = s.fresh[0].create(s.old.rng, "next");
  later = later.commit(s.old.rng, {}).value().next.clone();
  // The usage belongs to the first commit (section 12.1.4).
  EXPECT_EQ(later.commit(s.old.rng, s.with(coach, ResumptionUsage::reinit)).error(), kUnsupportedPsk);
}

TEST(Successors, AReinitIsNotBelievedWithoutTheProposal) {
  Successor s(51);
  const Group next = s.fresh[0].create(s.old.rng, "next");
  EXPECT_EQ(s.join(s.old.members[1], next, s.with(s.old.members[0], ResumptionUsage::reinit)).error(), kNotASuccessor);
}

const Extensions kChannel{{test::kChannelType, to_bytes("channel")}};

// Section 11.2: the new group has the version, suite, id and extensions of the ReInit.
TEST(Successors, TheNextGroupIsAsTheReinitSaid) {
  const auto join_after = [](const ReInit& announced) {
    Successor s(55);
    s.close(announced);
    const Group next = s.fresh[0].create(s.old.rng, "next");
    const auto joined = s.join(s.old.members[1], next, s.with(s.old.members[0], ResumptionUsage::reinit));
    return joined.ok() ? Error{} : joined.error();
  };
  const ReInit right{to_bytes("next"), kMls10, kSuite3, kChannel};
  EXPECT_EQ(join_after(right), Error{});
  ReInit wrong = right;
  wrong.group_id = to_bytes("another");
  EXPECT_EQ(join_after(wrong), kNotASuccessor);
  wrong = right;
  wrong.version = kMls10 + 1;
  EXPECT_EQ(join_after(wrong), kNotASuccessor);
  wrong = right;
  wrong.cipher_suite = 1;
  EXPECT_EQ(join_after(wrong), kNotASuccessor);
  wrong = right;
  wrong.extensions = {{test::kChannelType, to_bytes("another channel")}};
  EXPECT_EQ(join_after(wrong), kNotASuccessor);
  wrong.extensions.clear();
  EXPECT_EQ(join_after(wrong), kNotASuccessor);
}

// Sections 11.2 and 11.3: the Welcome is of the first commit.
TEST(Successors, TheWelcomeIsOfEpochOne) {
  for (const ResumptionUsage usage : {ResumptionUsage::reinit, ResumptionUsage::branch}) {
    Successor s(56);
    if (usage == ResumptionUsage::reinit) s.close({to_bytes("next"), kMls10, kSuite3, kChannel});
    const Group next = s.fresh[0].create(s.old.rng, "next");
    const auto with_epoch = [&](std::uint64_t epoch) {
      return s.join_changed(s.old.members[1], next, s.with(s.old.members[0], usage),
                            [&](GroupInfo& info) { info.context.epoch = epoch; });
    };
    EXPECT_EQ(with_epoch(1), Error{});
    EXPECT_EQ(with_epoch(0), kNotASuccessor);
    EXPECT_EQ(with_epoch(2), kNotASuccessor);
  }
}

// Section 12.4.3.1: a PSK of usage reinit or branch is the only such PSK.
TEST(Successors, AGroupContinuesOneGroupOnly) {
  Successor s(57);
  s.close({to_bytes("next"), kMls10, kSuite3, kChannel});
  const Group next = s.fresh[0].create(s.old.rng, "next");
  const auto join_with = [&](ResumptionUsage second) {
    CommitOptions options = s.with(s.old.members[0], ResumptionUsage::reinit);
    options.resumptions.push_back(s.old.members[0].resumption_psk(second, s.old.members[0].epoch()).value());
    const auto joined = s.join(s.old.members[1], next, std::move(options));
    return joined.ok() ? Error{} : joined.error();
  };
  EXPECT_EQ(join_with(ResumptionUsage::application), Error{});
  EXPECT_EQ(join_with(ResumptionUsage::reinit), kNotASuccessor);  // another nonce, so not the same PreSharedKeyID
  EXPECT_EQ(join_with(ResumptionUsage::branch), kNotASuccessor);
}

// The epoch that ended with the ReInit, not an older one that somebody removed since may know.
TEST(Successors, AReinitResumesTheLastEpoch) {
  Successor s(58);
  const std::uint64_t before = s.old.members[0].epoch();
  s.close({to_bytes("next"), kMls10, kSuite3, kChannel});
  const Group next = s.fresh[0].create(s.old.rng, "next");
  const auto join_with = [&](std::uint64_t epoch) {
    CommitOptions options;
    options.resumptions.push_back(s.old.members[0].resumption_psk(ResumptionUsage::reinit, epoch).value());
    const auto joined = s.join(s.old.members[1], next, std::move(options));
    return joined.ok() ? Error{} : joined.error();
  };
  EXPECT_EQ(join_with(before + 1), Error{});
  EXPECT_EQ(join_with(before), kNotASuccessor);
}

// Somebody who knows the PSK is still not welcomed into a group that claims a predecessor which is not the one at hand.
TEST(Successors, ThePredecessorIsTheOneNamed) {
  Successor s(59);
  const Group branch = s.fresh[0].create(s.old.rng, "branch");
  const CommitOptions claim = s.with(s.old.members[0], ResumptionUsage::branch);
  const SecretBytes psk = SecretBytes::copy_of(claim.resumptions[0].psk.bytes());
  const PskSources knows(no_psks(), [&](ByteView, std::uint64_t) { return std::optional<SecretBytes>(psk.clone()); });
  CommitOptions options = s.with(s.old.members[0], ResumptionUsage::branch);
  options.adds = {s.fresh[1].verified()};
  options.now = kNow;
  const PendingCommit pending = branch.commit(s.old.rng, options).value();
  const Welcome welcome = decode_message<Welcome>(*pending.welcome).value();
  const auto join_with = [&](const Group* predecessor) {
    const auto joined = Group::join(welcome, s.fresh[1].key_package(), s.fresh[1].package.secrets, s.fresh[1].key, knows,
                                    std::nullopt, predecessor);
    return joined.ok() ? Error{} : joined.error();
  };
  EXPECT_EQ(join_with(&s.old.members[1]), Error{});
  EXPECT_EQ(join_with(nullptr), kUnknownPsk);
  const Group elsewhere = Device(s.old.rng, "device 1").create(s.old.rng, "elsewhere");
  EXPECT_EQ(join_with(&elsewhere), kUnknownPsk);
}

TEST(Successors, ABranchHoldsOnlyMembersOfTheGroup) {
  Successor s(52);
  const Group branch = s.fresh[0].create(s.old.rng, "branch");
  EXPECT_TRUE(s.join(s.old.members[1], branch, s.with(s.old.members[0], ResumptionUsage::branch)).ok());
  const Group by_stranger = Device(s.old.rng, "stranger").create(s.old.rng, "branch");
  EXPECT_EQ(s.join(s.old.members[1], by_stranger, s.with(s.old.members[0], ResumptionUsage::branch)).error(), kNotASuccessor);
  // Another group as predecessor, or none: the PSK is unknown.
  const Forger other(53, 2);
  EXPECT_EQ(s.join(other.members[1], branch, s.with(s.old.members[0], ResumptionUsage::branch)).error(), kDecryptionFailed);
}

TEST(Successors, ResumptionPsksBindEpochsAndAreBounded) {
  Forger f(54, 2);
  Group& coach = f.members[0];
  Group& client = f.members[1];
  const std::uint64_t first = coach.epoch();
  CommitOptions options;
  options.resumptions.push_back(coach.resumption_psk(ResumptionUsage::application, first).value());
  for (std::size_t i = 0; i <= kMaxResumptionEpochs; ++i) {
    PendingCommit pending = coach.commit(f.rng, options).value();
    const bool known = i < kMaxResumptionEpochs;
    EXPECT_EQ(client.handle_commit(pending.commit, no_psks()).ok(), known) << i;
    if (!known) {
      EXPECT_EQ(client.handle_commit(pending.commit, no_psks()).error(), kUnknownPsk);
      EXPECT_EQ(client.resumption_psk(ResumptionUsage::application, first).error(), kUnknownPsk);
      break;
    }
    client = client.handle_commit(pending.commit, no_psks()).value().next;
    coach = std::move(pending).merge(coach).value();
  }
  EXPECT_EQ(coach.resumption_psk(ResumptionUsage::application, coach.epoch() + 1).error(), kUnknownPsk);
}

}  // namespace
}  // namespace steiger::mls
