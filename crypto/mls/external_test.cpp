// Those outside the group: external commits and external proposals (RFC 9420 sections 8.3, 12.1.8 and 12.4.3.2).
#include <gtest/gtest.h>

#include "crypto/mls/club.h"
#include "crypto/mls/external_proposals.h"
#include "crypto/mls/forger.h"

namespace steiger::mls {
namespace {

using test::Club;
using test::Device;
using test::Forger;
using test::SeededRng;

// ---- External commits (section 12.4.3.2)

TEST(ExternalCommit, EntersAndMayReplaceTheOldLeafOfTheSameDevice) {
  Club club(30);
  const std::vector<Device> newcomers = club.crowd(2);
  club.commit(club.members[0], {.adds = {newcomers[0].verified(), newcomers[1].verified()}}, newcomers);
  club.enter_externally();
  club.expect_agreement();
  EXPECT_EQ(club.members.size(), 4u);
  club.enter_externally(1);
  club.expect_agreement();
  EXPECT_EQ(club.members.size(), 4u);
  for (Group& member : club.members) club.expect_everybody_hears(member);
}

TEST(ExternalCommit, NeedsAnHonestGroupInfo) {
  Club club(31);
  const Device newcomer = club.device();
  const auto join = [&](const Bytes& info) {
    return Group::join_externally(club.rng, info, {newcomer.key.clone(), test::options_for("x"), std::nullopt}).error();
  };
  const GroupInfo right = decode_message<GroupInfo>(club.members[0].group_info({}).value()).value();
  GroupInfo info = right;
  info.signature[0] ^= 1;
  EXPECT_EQ(join(encode_message(info)), kBadGroupInfoSignature);
  Forger f(31, 2);
  const auto resigned = [&](const std::function<void(GroupInfo&)>& change) {
    GroupInfo out = decode_message<GroupInfo>(f.members[0].group_info({}).value()).value();
    change(out);
    out.sign(f.key({0}));
    return join(encode_message(out));
  };
  const auto without = [](GroupInfo& out, ExtensionType type) {
    std::erase_if(out.extensions, [&](const Extension& e) { return e.type == static_cast<std::uint16_t>(type); });
  };
  EXPECT_EQ(resigned([&](GroupInfo& out) { without(out, ExtensionType::external_pub); }), kMissingExternalPub);
  EXPECT_EQ(resigned([&](GroupInfo& out) { without(out, ExtensionType::ratchet_tree); }), kMissingTree);
  EXPECT_EQ(resigned([&](GroupInfo& out) { out.context.tree_hash[0] ^= 1; }), kTreeHashMismatch);
  EXPECT_EQ(resigned([&](GroupInfo& out) { out.context.cipher_suite = 1; }), kUnsupportedSuite);
  EXPECT_EQ(resigned([&](GroupInfo& out) {
              without(out, ExtensionType::external_pub);
              out.extensions.push_back({static_cast<std::uint16_t>(ExtensionType::external_pub), {2, 0, 0}});
            }),
            kBadKey);
}

// A gateway that swaps external_pub cannot get anybody in: members compute another init secret.
TEST(ExternalCommit, ASwappedExternalPubIsCaughtByTheMembers) {
  Forger f(32, 2);
  GroupInfo info = decode_message<GroupInfo>(f.members[0].group_info({}).value()).value();
  for (Extension& extension : info.extensions) {
    if (extension.type != static_cast<std::uint16_t>(ExtensionType::external_pub)) continue;
    Writer writer;
    writer.opaque(hpke_generate_key_pair(f.rng).public_key);
    extension.data = std::move(writer).take();
  }
  info.sign(f.key({0}));
  const Device newcomer(f.rng, "new");
  const PendingCommit pending =
      Group::join_externally(f.rng, encode_message(info), {newcomer.key.clone(), test::options_for("new"), std::nullopt}).value();
  EXPECT_TRUE(f.follower.check_bundle(pending.commit, std::nullopt, pending.group_info).ok());  // nothing public is wrong
  const SecretBytes before = f.members[1].serialize();
  EXPECT_FALSE(f.members[1].handle_commit(pending.commit, no_psks()).ok());
  EXPECT_EQ(before, f.members[1].serialize());
}

// Section 12.2, second list.
TEST(ExternalCommit, CarriesOnlyWhatItMay) {
  Forger f(33, 3);
  const Device newcomer(f.rng, "new");
  const LeafNode leaf = newcomer.key_package().leaf;
  const auto verdict = [&](Commit commit, bool with_path = true) {
    if (with_path) commit.path.emplace();
    const auto applied = f.follower.apply_external(commit, leaf);
    return applied.ok() ? Error{} : applied.error();
  };
  const Proposal init{ExternalInit{Bytes(32)}};
  const Proposal psk = propose_psk(f.rng, as_bytes("id"));
  EXPECT_EQ(verdict(Forger::of({init})), Error{});
  EXPECT_EQ(verdict(Forger::of({init, {Remove{{1}}}, psk})), Error{});
  EXPECT_EQ(verdict(Forger::of({init}), false), kMissingPath);
  EXPECT_EQ(verdict(Forger::of({})), kBadExternalCommit);
  EXPECT_EQ(verdict(Forger::of({init, init})), kBadExternalCommit);
  EXPECT_EQ(verdict(Forger::of({init, {Remove{{1}}}, {Remove{{2}}}})), kBadExternalCommit);
  EXPECT_EQ(verdict(Forger::of({init, {Remove{{9}}}})), kUnknownLeaf);
  EXPECT_EQ(verdict(Forger::of({init, psk, psk})), kDuplicatePsk);
  EXPECT_EQ(verdict(Forger::of({init, psk, propose_psk(f.rng, as_bytes("id"))})), Error{});
  EXPECT_EQ(verdict(Forger::of({init, {Add{newcomer.key_package()}}})), kUnsupportedProposal);
  EXPECT_EQ(verdict(Forger::of({init, {Update{leaf}}})), kUnsupportedProposal);
  EXPECT_EQ(verdict(Forger::of({init, {GroupContextExtensions{}}})), kUnsupportedProposal);
  EXPECT_EQ(verdict(Forger::of({init, {ReInit{}}})), kUnsupportedProposal);
  Commit referring = Forger::of({init});
  referring.proposals.push_back({to_bytes(f.remember({Remove{{1}}}, 2))});
  EXPECT_EQ(verdict(std::move(referring)), kProposalByReference);
  Commit reused = Forger::of({init, {Remove{{1}}}});
  reused.path.emplace();
  LeafNode old_key = leaf;
  old_key.encryption_key = f.leaf(1).encryption_key;
  EXPECT_EQ(f.follower.apply_external(reused, old_key).error(), kDuplicateKey);
}

TEST(ExternalCommit, ChangedOnesAreRefusedAndMoveNothing) {
  Club club(34);
  const std::vector<Device> newcomers = club.crowd(1);
  club.commit(club.members[0], {.adds = {newcomers[0].verified()}}, newcomers);
  const Device late = club.device();
  const PendingCommit pending =
      Group::join_externally(club.rng, club.members[0].group_info({}).value(), {late.key.clone(), test::options_for("late"), {}})
          .value();
  const SecretBytes before = club.members[1].serialize();
  for (std::size_t i = 0; i < pending.commit.size(); ++i) {
    Bytes changed = pending.commit;
    changed[i] = static_cast<std::uint8_t>(changed[i] ^ (1u << club.rng.below(8)));
    EXPECT_FALSE(club.members[1].handle_commit(changed, no_psks()).ok()) << i;
  }
  EXPECT_EQ(before, club.members[1].serialize());
  EXPECT_TRUE(club.members[1].handle_commit(pending.commit, no_psks()).ok());
}

// ---- Proposals from outside (sections 12.1.8.1 and 12.1.8.2)

TEST(ExternalProposals, OnlyFromThoseTheContextNamesAndOnlyWhatTheyMay) {
  SeededRng keys(99);
  const SigningKey beheer = SigningKey::generate(keys);
  const ExternalSender sender{to_bytes(beheer.verify_key().bytes()), Credential::basic(as_bytes("beheer"))};
  Forger f(40, 3, {external_senders_extension({sender})});
  const Device newcomer(f.rng, "new");
  const auto verdict = [&](Proposal proposal, std::uint32_t index = 0) {
    return f.verdict(std::move(proposal), {SenderType::external, index}, beheer);
  };
  EXPECT_EQ(verdict({Remove{{2}}}), Error{});
  EXPECT_EQ(verdict({Add{newcomer.key_package()}}), Error{});
  EXPECT_EQ(verdict({ReInit{to_bytes("next"), kMls10, kSuite3, {}}}), Error{});
  EXPECT_EQ(verdict({GroupContextExtensions{}}), Error{});
  EXPECT_EQ(verdict(propose_psk(f.rng, as_bytes("id"))), Error{});
  EXPECT_EQ(verdict({Update{f.update_leaf(1).leaf}}), kUnsupportedProposal);
  EXPECT_EQ(verdict({ExternalInit{}}), kUnsupportedProposal);
  EXPECT_EQ(verdict({Remove{{2}}}, 1), kUnsupportedSender);
  EXPECT_EQ(f.verdict(Proposal{Remove{{2}}}, {SenderType::external, 0}, f.key({0})), kBadMessageSignature);
  EXPECT_EQ(f.verdict(Proposal{Remove{{2}}}, {SenderType::new_member_commit, 0}, beheer), kUnsupportedSender);

  const Bytes message =
      propose_as_external_sender(f.follower.group_id(), f.follower.epoch(), 0, beheer, {Remove{{2}}}, as_bytes("opheffing"));
  const ReceivedProposal received = f.members[0].handle_proposal(message).value();
  EXPECT_EQ(as_text(received.authenticated_data), "opheffing");
  f.members[1].handle_proposal(message).value();
  const PendingCommit pending = f.members[0].commit(f.rng, {.references = {received.proposal.reference}}).value();
  EXPECT_EQ(f.members[1].handle_commit(pending.commit, no_psks()).value().removed[0].proposed_by.type, SenderType::external);
}

TEST(ExternalProposals, ANewcomerMayAskForItselfOnly) {
  Forger f(41, 2);
  const Device newcomer(f.rng, "new");
  const Device other(f.rng, "other");
  const Bytes wish = propose_own_add(f.follower.group_id(), f.follower.epoch(), newcomer.key_package(), newcomer.key);
  const ProposalRef reference = f.members[0].handle_proposal(wish).value().proposal.reference;
  f.members[1].handle_proposal(wish).value();
  const PendingCommit pending = f.members[0].commit(f.rng, {.references = {reference}}).value();
  EXPECT_TRUE(newcomer.join(*pending.welcome).ok());
  EXPECT_TRUE(f.members[1].handle_commit(pending.commit, no_psks()).ok());

  const Sender sender{SenderType::new_member_proposal, 0};
  EXPECT_EQ(f.verdict(Proposal{Add{newcomer.key_package()}}, sender, other.key), kBadMessageSignature);
  EXPECT_EQ(f.verdict(Proposal{Remove{{1}}}, sender, newcomer.key), kUnsupportedProposal);
  KeyPackage spoiled = newcomer.key_package();
  spoiled.signature[0] ^= 1;
  EXPECT_EQ(f.verdict(Proposal{Add{spoiled}}, sender, newcomer.key), kBadKeyPackageSignature);
}

}  // namespace
}  // namespace steiger::mls
