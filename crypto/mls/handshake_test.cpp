// Handshakes among members: proposals by reference, Update and Remove, sealed handshakes (RFC 9420 sections 6.3 and 12). Random
// scripts keep all members and the follower together.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/club.h"

namespace steiger::mls {
namespace {

using test::Club;
using test::Device;
using test::SeededRng;

// One step of a random script: proposals of some members, then a commit of them and of things by value.
void random_step(Club& club) {
  SeededRng& rng = club.rng;
  if (club.members.size() > 1 && rng.below(5) == 0) {
    club.enter_externally(club.chance() ? std::optional<std::size_t>(rng.below(static_cast<std::uint32_t>(club.members.size())))
                                        : std::nullopt);
    return;
  }
  Group& committer = club.pick();
  CommitOptions options;
  std::vector<Device> newcomers;
  std::vector<LeafIndex> touched;
  for (Group& member : club.members) {
    if (&member == &committer || rng.below(3) != 0) continue;
    const bool sealed = false;  // the follower has to read it
    if (club.chance()) {
      const Bytes proposal = member.propose_update(rng, std::nullopt, {}, sealed).value();
      club.hand_round(proposal, &member);
      touched.push_back(member.own_leaf());
    } else {
      newcomers.push_back(club.device());
      club.hand_round(member.propose(rng, {Add{newcomers.back().key_package()}}, {}, sealed).value(), &member);
    }
  }
  for (const StoredProposal& stored : committer.proposals()) options.references.push_back(stored.reference);
  for (const Group& member : club.members) {
    const bool free = std::find(touched.begin(), touched.end(), member.own_leaf()) == touched.end();
    if (&member != &committer && free && club.members.size() > 2 && rng.below(6) == 0)
      options.removes.push_back(member.own_leaf());
  }
  if (club.chance()) {
    newcomers.push_back(club.device());
    options.adds.push_back(newcomers.back().verified());
  }
  if (rng.below(4) == 0) options.context_extensions = Extensions{{test::kChannelType, rng.bytes(8)}};
  if (club.chance())
    options.resumptions.push_back(committer.resumption_psk(ResumptionUsage::application, committer.epoch()).value());
  // Newcomers have no PSK of epochs before them.
  if (!newcomers.empty()) options.resumptions.clear();
  club.commit(committer, std::move(options), newcomers);
}

TEST(Handshakes, RandomScriptsKeepEverybodyTogether) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Club club(seed);
    for (int step = 0; step < 12; ++step) {
      random_step(club);
      for (Group& member : club.members) {
        if (club.chance()) member = Group::deserialize(member.serialize().bytes()).value();
      }
      if (club.chance()) club.follower = PublicGroup::deserialize(club.follower.serialize()).value();
      club.expect_agreement();
      club.expect_everybody_hears(club.pick());
      if (HasFailure()) return;
    }
  }
}

// ---- Updates and removals

TEST(Handshakes, AnUpdateGivesTheProposerFreshKeysAlsoFromStorage) {
  Club club(20);
  const std::vector<Device> newcomers = club.crowd(2);
  club.commit(club.members[0], {.adds = {newcomers[0].verified(), newcomers[1].verified()}}, newcomers);
  const Bytes before = club.members[1].member(club.members[1].own_leaf())->encryption_key;
  club.hand_round(club.members[1].propose_update(club.rng, std::nullopt, {}).value(), &club.members[1]);
  club.members[1] = Group::deserialize(club.members[1].serialize().bytes()).value();
  club.commit(club.members[0], {.references = {club.members[0].proposals()[0].reference}});
  EXPECT_NE(club.members[1].member(club.members[1].own_leaf())->encryption_key, before);
  club.commit(club.members[2], {});  // sealed to the new key
  club.expect_agreement();
}

// Section 12.4: whoever saw a proposal commits before it says anything more, so that the removed hear none of it.
TEST(Handshakes, ACommitComesBeforeApplicationDataWhenProposalsWait) {
  Club club(22);
  const std::vector<Device> newcomers = club.crowd(2);
  club.commit(club.members[0], {.adds = {newcomers[0].verified(), newcomers[1].verified()}}, newcomers);
  club.hand_round(club.members[1].propose(club.rng, {Remove{{2}}}, {}).value(), &club.members[1]);
  for (Group& member : club.members) {
    EXPECT_EQ(member.encrypt(club.rng, {}, as_bytes("hoi")).error(), kProposalsWaiting);
    Group stored = Group::deserialize(member.serialize().bytes()).value();
    EXPECT_EQ(stored.encrypt(club.rng, {}, as_bytes("hoi")).error(), kProposalsWaiting);
  }
  club.commit(club.members[0], {.references = {club.members[0].proposals()[0].reference}});
  club.expect_everybody_hears(club.members[1]);
}

TEST(Handshakes, TheRemovedSeeWhoDidItAndNothingMore) {
  Club club(21);
  const std::vector<Device> newcomers = club.crowd(2);
  club.commit(club.members[0], {.adds = {newcomers[0].verified(), newcomers[1].verified()}}, newcomers);
  Group gone = club.members[2].clone();
  const Bytes late = club.members[0].encrypt(club.rng, {}, as_bytes("voor het afscheid")).value();
  const PendingCommit pending =
      club.members[0].commit(club.rng, {.removes = {{2}}, .authenticated_data = to_bytes("waarom")}).value();
  CommitResult result = gone.handle_commit(pending.commit, no_psks()).value();
  EXPECT_EQ(result.committer, LeafIndex{0});
  ASSERT_EQ(result.removed.size(), 1u);
  EXPECT_EQ(result.removed[0].leaf, LeafIndex{2});
  EXPECT_EQ(as_text(result.authenticated_data), "waarom");
  Group over = Group::deserialize(result.next.serialize().bytes()).value();
  EXPECT_EQ(over.end(), GroupEnd::removed);
  EXPECT_TRUE(over.decrypt(late).ok());
  EXPECT_EQ(over.encrypt(club.rng, {}, as_bytes("hoi")).error(), kGroupOver);
  EXPECT_EQ(over.commit(club.rng, {}).error(), kGroupOver);
  EXPECT_EQ(over.propose_update(club.rng, std::nullopt, {}).error(), kGroupOver);
  EXPECT_EQ(over.handle_proposal(pending.commit).error(), kGroupOver);
  club.members.pop_back();
  for (std::size_t i : {0u, 1u}) {
    club.members[i] = i == 0 ? PendingCommit::deserialize(pending.serialize().bytes()).value().next.clone()
                             : club.members[i].handle_commit(pending.commit, no_psks()).value().next;
  }
  const Bytes after = club.members[0].encrypt(club.rng, {}, as_bytes("na het afscheid")).value();
  EXPECT_EQ(over.decrypt(after).error(), kWrongEpoch);
}

TEST(Handshakes, AMemberMayAskToLeave) {
  Club club(22);
  const std::vector<Device> newcomers = club.crowd(2);
  club.commit(club.members[0], {.adds = {newcomers[0].verified(), newcomers[1].verified()}}, newcomers);
  club.hand_round(club.members[2].propose(club.rng, {Remove{{2}}}, {}).value(), &club.members[2]);
  const StoredProposal& wish = club.members[0].proposals()[0];
  EXPECT_EQ(wish.sender, (Sender{SenderType::member, 2}));
  club.commit(club.members[0], {.references = {wish.reference}});
  EXPECT_EQ(club.members.size(), 2u);
  club.expect_agreement();
}

TEST(Handshakes, ChangedProposalsAreRefusedAndMoveNothing) {
  Club club(23);
  const std::vector<Device> newcomers = club.crowd(1);
  club.commit(club.members[0], {.adds = {newcomers[0].verified()}}, newcomers);
  for (const bool sealed : {false, true}) {
    const Bytes proposal = club.members[0].propose_update(club.rng, std::nullopt, to_bytes("data"), sealed).value();
    const SecretBytes before = club.members[1].serialize();
    for (std::size_t i = 0; i < proposal.size(); ++i) {
      Bytes changed = proposal;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << club.rng.below(8)));
      EXPECT_FALSE(club.members[1].handle_proposal(changed).ok()) << i;
    }
    EXPECT_EQ(before, club.members[1].serialize());
    const ReceivedProposal received = club.members[1].handle_proposal(proposal).value();
    EXPECT_EQ(received.proposal.sender, (Sender{SenderType::member, 0}));
    EXPECT_EQ(as_text(received.authenticated_data), "data");
  }
}

// ---- Sealed handshakes (section 6.3)

TEST(Handshakes, MayTravelAsPrivateMessages) {
  Club club(24);
  const std::vector<Device> newcomers = club.crowd(2);
  club.commit(club.members[0], {.adds = {newcomers[0].verified(), newcomers[1].verified()}}, newcomers);
  const Bytes proposal = club.members[1].propose_update(club.rng, std::nullopt, {}, true).value();
  EXPECT_TRUE(decode_message<PrivateMessage>(proposal).ok());
  for (std::size_t i : {0u, 2u}) club.members[i].handle_proposal(proposal).value();
  EXPECT_EQ(club.members[0].handle_proposal(proposal).error(), kGenerationConsumed);
  EXPECT_EQ(club.members[1].handle_proposal(proposal).error(), kOwnMessage);

  const HandshakeKey key = club.members[0].take_handshake_key().value();
  const CommitOptions options{.references = {club.members[0].proposals()[0].reference}, .sealed_with = &key};
  PendingCommit pending = club.members[0].commit(club.rng, options).value();
  EXPECT_TRUE(decode_message<PrivateMessage>(pending.commit).ok());
  EXPECT_EQ(club.members[0].handle_commit(pending.commit, no_psks()).error(), kOwnCommit);
  for (std::size_t i : {1u, 2u}) {
    club.members[i] = club.members[i].handle_commit(pending.commit, no_psks()).value().next;
  }
  club.members[0] = std::move(pending).merge(club.members[0]).value();
  for (Group& member : club.members) {
    EXPECT_TRUE(equal(member.epoch_authenticator(), club.members[0].epoch_authenticator()));
  }
  EXPECT_EQ(club.members[0].commit(club.rng, options).error(), kWrongEpoch);  // the key belonged to the epoch before
  club.expect_everybody_hears(club.members[1]);
}

}  // namespace
}  // namespace steiger::mls
