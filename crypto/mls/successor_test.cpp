// Groups that go on as others: ReInit, branch, resumption PSKs (RFC 9420 sections 8.6, 11.2 and 11.3).
#include <gtest/gtest.h>

#include "crypto/mls/forger.h"

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
