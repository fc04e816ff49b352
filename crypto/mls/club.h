// Test only: a group whose members all follow, with the public follower that a gateway would be.
#pragma once

#include <gtest/gtest.h>

#include "crypto/mls/test_support.h"

namespace steiger::mls::test {

// Everybody who is in, and the follower; keeps what each received.
struct Club {
  SeededRng rng;
  std::vector<Group> members;
  PublicGroup follower{{}, {}, {}};
  int named = 0;

  explicit Club(std::uint64_t seed) : rng(seed) {
    members.push_back(device().create(rng));
    follower = PublicGroup::register_from(members[0].group_info({}).value()).value();
  }
  Device device() { return Device(rng, "device " + std::to_string(named++)); }
  std::vector<Device> crowd(std::size_t size) {
    std::vector<Device> out;
    for (std::size_t i = 0; i < size; ++i) out.push_back(device());
    return out;
  }
  Group& pick() { return members[rng.below(static_cast<std::uint32_t>(members.size()))]; }
  bool chance() { return rng.below(2) == 0; }

  void hand_round(const Bytes& proposal, const Group* except = nullptr) {
    follower = follower.check_proposal_message(proposal).value().next;
    for (Group& member : members) {
      if (&member != except) member.handle_proposal(proposal).value();
    }
  }
  // `committer` commits, everybody follows; the removed leave, the added come in.
  void commit(Group& committer, CommitOptions options, const std::vector<Device>& newcomers = {}) {
    options.now = kNow;
    PendingCommit pending = committer.commit(rng, options).value();
    const CheckedBundle bundle = follower.check_bundle(pending.commit, pending.welcome, pending.group_info).value();
    follower = bundle.next;
    const std::optional<Bytes> welcome = pending.welcome;
    std::vector<Group> stayed;
    std::ptrdiff_t place = 0;
    for (Group& member : members) {
      if (&member == &committer) {
        place = static_cast<std::ptrdiff_t>(stayed.size());
        continue;
      }
      CommitResult result = member.handle_commit(pending.commit, no_psks()).value();
      EXPECT_EQ(result.committer, committer.own_leaf());
      if (result.next.end() == GroupEnd::none) stayed.push_back(std::move(result.next));
    }
    stayed.insert(stayed.begin() + place, std::move(pending).merge(committer).value());
    EXPECT_EQ(stayed.size() + bundle.removed.size(), members.size());
    members = std::move(stayed);
    for (const Device& newcomer : newcomers) members.push_back(newcomer.join(*welcome).value().group);
  }
  void enter_externally(std::optional<std::size_t> replacing = std::nullopt) {
    const Device newcomer = device();
    ExternalJoinOptions options{newcomer.key.clone(), test::options_for(newcomer.name), std::nullopt};
    if (replacing) options.removes = members[*replacing].own_leaf();
    PendingCommit pending = Group::join_externally(rng, pick().group_info({}).value(), std::move(options)).value();
    const CheckedBundle bundle = follower.check_bundle(pending.commit, std::nullopt, pending.group_info).value();
    EXPECT_TRUE(bundle.external);
    follower = bundle.next;
    std::vector<Group> stayed;
    for (Group& member : members) {
      CommitResult result = member.handle_commit(pending.commit, no_psks()).value();
      EXPECT_TRUE(result.external);
      if (result.next.end() == GroupEnd::none) stayed.push_back(std::move(result.next));
    }
    members = std::move(stayed);
    members.push_back(std::move(pending.next));
  }
  void expect_agreement() {
    for (Group& member : members) {
      EXPECT_EQ(member.epoch(), follower.epoch());
      EXPECT_TRUE(equal(member.epoch_authenticator(), members[0].epoch_authenticator()));
      EXPECT_EQ(member.tree(), follower.tree());
      EXPECT_EQ(member.group_context(), follower.context());
    }
    EXPECT_TRUE(follower.tree().validate(follower.group_id(), follower.context().extensions).ok());
  }
  void expect_everybody_hears(Group& sender) {
    const Bytes message = sender.encrypt(rng, {}, as_bytes("hoi")).value();
    for (Group& member : members) {
      if (&member == &sender) continue;
      EXPECT_EQ(as_text(member.decrypt(message).value().plaintext.bytes()), "hoi");
    }
  }
};

}  // namespace steiger::mls::test
