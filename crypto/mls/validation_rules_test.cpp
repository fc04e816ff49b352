// Rules of RFC 9420 that concern more than one commit's list: section 7.3 about credentials, section 11 about new groups, and the
// frame and the ends of epochs (sections 6, 8 and 12.1).
#include <gtest/gtest.h>

#include <limits>

#include "crypto/mls/forger.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::Forger;
using test::required;

constexpr std::uint16_t kBasic = 1;
constexpr std::uint16_t kX509 = 2;
constexpr std::uint16_t kUnknownExtension = 0xf0aa;
const Error kAccepted{};

// ---- Section 7.3: each member understands the credentials of all others

void give_certificate(LeafNode& leaf, std::vector<std::uint16_t> understood = {kBasic, kX509}) {
  leaf.credential = {CredentialType::x509, {}, {to_bytes("certificate")}};
  leaf.capabilities.credentials = std::move(understood);
}

struct Newcomer {
  SigningKey key;
  KeyPackage package;
};
// Somebody with a certificate, who understands what is given.
Newcomer with_certificate(Forger& forger, std::vector<std::uint16_t> understood) {
  Newcomer out{SigningKey::generate(forger.rng), {}};
  out.package = make_key_package(forger.rng, out.key, test::options_for("certified")).key_package;
  give_certificate(out.package.leaf, std::move(understood));
  out.package.leaf.sign(out.key, {});
  out.package.sign(out.key);
  return out;
}

TEST(CredentialRules, WhoIsAddedUnderstandsTheMembersAndTheyIt) {
  const auto add_to = [](const std::vector<std::uint16_t>& members_understand, std::vector<std::uint16_t> newcomer_understands) {
    Forger f(61, 3, {}, members_understand);
    const Newcomer newcomer = with_certificate(f, std::move(newcomer_understands));
    const Commit commit = Forger::of({{Add{newcomer.package}}});
    const Error verdict = f.verdict(commit);
    // Nor do we make what others would refuse, with a path or without.
    for (const bool with_path : {true, false}) {
      const auto made = f.members[0].commit(
          f.rng, {.adds = {VerifiedKeyPackage::verify(newcomer.package).value()}, .with_path = with_path, .now = test::kNow});
      EXPECT_EQ(made.ok() ? Error{} : made.error(), verdict);
    }
    return verdict;
  };
  EXPECT_EQ(add_to({kBasic, kX509}, {kBasic, kX509}), kAccepted);
  EXPECT_EQ(add_to({kBasic}, {kBasic, kX509}), kUnsupportedCapability);
  EXPECT_EQ(add_to({kBasic, kX509}, {kX509}), kUnsupportedCapability);
}

TEST(CredentialRules, AnUpdateKeepsToThem) {
  const auto update_in = [](const std::vector<std::uint16_t>& members_understand, std::vector<std::uint16_t> understood) {
    Forger f(62, 3, {}, members_understand);
    Forger::NewLeaf changed = f.update_leaf(1);
    give_certificate(changed.leaf, std::move(understood));
    changed.leaf.sign(f.key({1}), {f.follower.group_id(), {1}});
    const Commit commit = Forger::referring({f.remember_unchecked({Update{changed.leaf}}, {SenderType::member, 1})});
    return f.verdict(f.with_path(commit, 0));  // where the path is merged: that leaf counts too
  };
  EXPECT_EQ(update_in({kBasic, kX509}, {kBasic, kX509}), kAccepted);
  EXPECT_EQ(update_in({kBasic}, {kBasic, kX509}), kUnsupportedCapability);
  EXPECT_EQ(update_in({kBasic, kX509}, {kX509}), kUnsupportedCapability);
}

TEST(CredentialRules, ThePathOfACommitKeepsToThem) {
  const auto commit_in = [](const std::vector<std::uint16_t>& members_understand, const std::vector<std::uint16_t>& understood) {
    Forger f(63, 3, {}, members_understand);
    return f.verdict(f.with_path(Commit{}, 0, [&](LeafNode& leaf) { give_certificate(leaf, understood); }));
  };
  EXPECT_EQ(commit_in({kBasic, kX509}, {kBasic, kX509}), kAccepted);
  EXPECT_EQ(commit_in({kBasic}, {kBasic, kX509}), kUnsupportedCapability);
  EXPECT_EQ(commit_in({kBasic, kX509}, {kX509}), kUnsupportedCapability);
}

// What counts of the committer is the leaf that its path brings, not the one it had.
TEST(CredentialRules, TheCommittersOldLeafDoesNotCount) {
  Forger f(64, 1);
  const Newcomer newcomer = with_certificate(f, {kBasic, kX509});
  const auto learns = [](LeafNode& leaf) { leaf.capabilities.credentials = {kBasic, kX509}; };
  const Commit commit = Forger::of({{Add{newcomer.package}}});
  EXPECT_EQ(f.verdict(f.with_path(commit, 0, learns)), kAccepted);
  EXPECT_EQ(f.verdict(f.with_path(commit, 0)), kUnsupportedCapability);
  EXPECT_EQ(f.verdict(commit), kUnsupportedCapability);
}

TEST(CredentialRules, WhoEntersByAnExternalCommitKeepsToThem) {
  const auto enter = [](const std::vector<std::uint16_t>& members_understand, std::vector<std::uint16_t> understood) {
    Forger f(65, 2, {}, members_understand);
    const Newcomer newcomer = with_certificate(f, std::move(understood));
    Commit commit = Forger::of({{ExternalInit{Bytes(kPublicKeySize)}}});
    commit.path.emplace();
    PublicGroup::Applied applied = f.follower.apply_external(commit, newcomer.package.leaf).value();
    const LeafIndex place = applied.facts.committer;
    const NewPath path = make_path(f.rng, applied.tree, place, newcomer.package.leaf, newcomer.key, f.follower.group_id());
    const GroupContext context = f.follower.provisional_context(applied.tree, applied.extensions);
    commit.path = seal_path(f.rng, applied.tree, path, {}, encode(context)).value();
    const auto staged = f.follower.stage(f.signed_content(std::move(commit), {SenderType::new_member_commit, 0}, newcomer.key));
    return staged.ok() ? Error{} : staged.error();
  };
  EXPECT_EQ(enter({kBasic, kX509}, {kBasic, kX509}), kAccepted);
  EXPECT_EQ(enter({kBasic}, {kBasic, kX509}), kUnsupportedCapability);
  EXPECT_EQ(enter({kBasic, kX509}, {kX509}), kUnsupportedCapability);
}

// Section 12.4.3.1: the same of a tree that somebody hands to a joiner.
TEST(CredentialRules, ATreeOfMembersWhoDoNotUnderstandEachOtherIsRefused) {
  const auto tree_with = [](const std::vector<std::uint16_t>& members_understand, std::vector<std::uint16_t> understood) {
    Forger f(66, 2, {}, members_understand);
    // Member 0 made the path, so that its leaf is under no parent hash but its own.
    LeafNode leaf = f.leaf(0);
    give_certificate(leaf, std::move(understood));
    leaf.sign(f.key({0}), {f.follower.group_id(), {0}});
    RatchetTree tree = f.follower.tree();
    tree.set_leaf({0}, std::move(leaf));
    GroupInfo info = decode_message<GroupInfo>(f.members[1].group_info({}).value()).value();
    info.context.tree_hash = to_bytes(tree.tree_hash());
    std::erase_if(info.extensions,
                  [](const Extension& e) { return e.type == static_cast<std::uint16_t>(ExtensionType::ratchet_tree); });
    info.sign(f.key({1}));
    const auto taken = PublicGroup::from_group_info(info, tree);
    return taken.ok() ? Error{} : taken.error();
  };
  EXPECT_EQ(tree_with({kBasic, kX509}, {kBasic, kX509}), kAccepted);
  EXPECT_EQ(tree_with({kBasic}, {kBasic, kX509}), kUnsupportedCapability);
  EXPECT_EQ(tree_with({kBasic, kX509}, {kX509}), kUnsupportedCapability);
}

// ---- Sections 11 and 11.1: new groups

CreateOptions new_group(Rng& rng, std::size_t id_size, Extensions extensions) {
  return {Bytes(id_size, 7), SigningKey::generate(rng), test::options_for("first"), std::move(extensions)};
}
Error created(CreateOptions options) {
  test::SeededRng rng(67);
  const auto group = Group::create(rng, std::move(options));
  return group.ok() ? Error{} : group.error();
}

TEST(GroupCreation, StartsAsSection11Says) {
  test::SeededRng rng(68);
  const Extension needs = required({test::kIdentityType}, {}, {kBasic});
  const Group group = Group::create(rng, new_group(rng, 16, {needs})).value();
  EXPECT_EQ(group.epoch(), 0u);
  EXPECT_EQ(group.own_leaf(), LeafIndex{0});
  EXPECT_EQ(group.tree().leaf_count(), 1u);
  EXPECT_TRUE(group.group_context().confirmed_transcript_hash.empty());
  EXPECT_TRUE(equal(group.group_context().tree_hash, group.tree().tree_hash()));
  EXPECT_EQ(group.group_context().extensions, Extensions{needs});
  // Its secrets are drawn, not derived from what is shown: the same group made again has others.
  const Group again = Group::create(rng, new_group(rng, 16, {needs})).value();
  EXPECT_FALSE(equal(group.epoch_authenticator(), again.epoch_authenticator()));
}

TEST(GroupCreation, TheCreatorMeetsItsOwnDemands) {
  test::SeededRng rng(69);
  EXPECT_EQ(created(new_group(rng, 16, {required({test::kIdentityType, test::kChannelType}, {}, {kBasic})})), kAccepted);
  EXPECT_EQ(created(new_group(rng, 16, {required({kUnknownExtension})})), kUnsupportedCapability);
  EXPECT_EQ(created(new_group(rng, 16, {required({}, {0xf00d})})), kUnsupportedCapability);
  EXPECT_EQ(created(new_group(rng, 16, {required({}, {}, {kX509})})), kUnsupportedCapability);
  EXPECT_EQ(created(new_group(rng, 16, {{static_cast<std::uint16_t>(ExtensionType::required_capabilities), {1}}})), kTruncated);
}

TEST(GroupCreation, IdsAndExtensionsAreOfAFormThatOthersCanRead) {
  test::SeededRng rng(70);
  EXPECT_EQ(created(new_group(rng, kMaxGroupIdSize, {})), kAccepted);
  EXPECT_EQ(created(new_group(rng, kMaxGroupIdSize + 1, {})), kBadLength);
  EXPECT_EQ(created(new_group(rng, 0, {})), kBadLength);
  const Extension channel{test::kChannelType, {}};
  EXPECT_EQ(created(new_group(rng, 16, {channel, channel})), kDuplicateExtension);
  Forger f(70, 1);
  EXPECT_EQ(f.members[0].commit(f.rng, {.context_extensions = Extensions{channel, channel}}).error(), kDuplicateExtension);
}

// ---- Section 12.1.7: what a commit says of the context holds from the next epoch on

TEST(ContextExtensions, ReplaceThoseThatThereWere) {
  Forger f(74, 2);
  const Extensions changed{{test::kChannelType, to_bytes("another")}, required({test::kIdentityType})};
  const PendingCommit pending = f.members[0].commit(f.rng, {.context_extensions = changed}).value();
  const Group followed = f.members[1].handle_commit(pending.commit, no_psks()).value().next;
  EXPECT_EQ(pending.next.group_context().extensions, changed);
  EXPECT_EQ(followed.group_context().extensions, changed);
  EXPECT_TRUE(equal(followed.epoch_authenticator(), pending.next.epoch_authenticator()));
  const PendingCommit after = followed.commit(f.rng, {}).value();
  EXPECT_EQ(after.next.group_context().extensions, changed) << "and stay";
}

// ---- Sections 6 and 12.1: the frame of a proposal

TEST(ProposalFrame, IsOfThisGroupAndEpoch) {
  const SigningKey beheer = [] {
    test::SeededRng keys(99);
    return SigningKey::generate(keys);
  }();
  const ExternalSender sender{to_bytes(beheer.verify_key().bytes()), Credential::basic(as_bytes("beheer"))};
  Forger f(71, 3, {external_senders_extension({sender})});
  // From outside the signature covers no GroupContext: there the frame alone says where the proposal belongs.
  const auto with = [&](const std::function<void(FramedContent&)>& change, const Sender& from, const SigningKey& by) {
    AuthenticatedContent message = f.signed_content(Proposal{Remove{{2}}}, from, by);
    change(message.content);
    message.sign(by, f.follower.context_bytes());
    const auto taken = f.follower.verify_proposal(message);
    return taken.ok() ? Error{} : taken.error();
  };
  const std::vector<std::pair<Sender, const SigningKey*>> senders{{{SenderType::external, 0}, &beheer},
                                                                  {{SenderType::member, 1}, &f.key({1})}};
  for (const auto& [from, by] : senders) {
    EXPECT_EQ(with([](FramedContent&) {}, from, *by), kAccepted);
    EXPECT_EQ(with([](FramedContent& content) { content.group_id.push_back(1); }, from, *by), kWrongGroup);
    EXPECT_EQ(with([](FramedContent& content) { ++content.epoch; }, from, *by), kWrongEpoch);
    EXPECT_EQ(with([](FramedContent& content) { --content.epoch; }, from, *by), kWrongEpoch);
  }
}

TEST(ProposalFrame, AMemberWhoProposesIsInTheTree) {
  Forger f(72, 3);
  const Proposal proposal{Remove{{2}}};
  EXPECT_EQ(f.verdict(proposal, {SenderType::member, 1}, f.key({1})), kAccepted);
  for (const std::uint32_t nobody : {3u, 4u, 9u, 0xffffffffu}) {  // blank, and beyond the tree
    EXPECT_EQ(f.verdict(proposal, {SenderType::member, nobody}, f.key({1})), kUnknownLeaf) << nobody;
    const ProposalRef kept = f.remember_unchecked(propose_psk(f.rng, as_bytes("id")), {SenderType::member, nobody});
    EXPECT_EQ(f.verdict(Forger::referring({kept})), kUnknownLeaf) << nobody;
  }
}

// Section 12.1.3. Also before anybody commits it.
TEST(ProposalFrame, WhoIsToGoIsInTheTree) {
  Forger f(75, 3);
  for (const std::uint32_t nobody : {3u, 4u, 9u, 0xffffffffu}) {
    EXPECT_EQ(f.verdict(Proposal{Remove{{nobody}}}, {SenderType::member, 1}, f.key({1})), kUnknownLeaf) << nobody;
  }
}

// ---- Bounds and places of what we make

TEST(AuthenticatedData, IsBoundedInEverythingThatCarriesIt) {
  test::SeededRng rng(76);
  test::Room room = test::Room::of(rng, 2);
  const Bytes most(kMaxAuthenticatedDataSize);
  const Bytes more(kMaxAuthenticatedDataSize + 1);
  EXPECT_TRUE(room.members[0].encrypt(rng, most, {}).ok());
  EXPECT_TRUE(room.members[0].commit(rng, {.authenticated_data = most}).ok());
  EXPECT_EQ(room.members[0].commit(rng, {.authenticated_data = more}).error(), kTooLarge);
  const auto enter_with = [&](const Bytes& data) {
    ExternalJoinOptions options{SigningKey::generate(rng), test::options_for("late"), std::nullopt};
    options.authenticated_data = data;
    return Group::join_externally(rng, room.members[0].group_info({}).value(), std::move(options));
  };
  EXPECT_TRUE(enter_with(most).ok());
  EXPECT_EQ(enter_with(more).error(), kTooLarge);
  EXPECT_EQ(room.members[0].propose(rng, propose_psk(rng, as_bytes("id")), more).error(), kTooLarge);
  EXPECT_TRUE(room.members[0].propose(rng, propose_psk(rng, as_bytes("id")), most).ok());
}

TEST(Group, ACommitIsMergedIntoTheGroupThatItIsOf) {
  test::SeededRng rng(23);
  test::Room room = test::Room::of(rng, 2);
  const Group elsewhere = Device(rng, "x").create(rng, "elsewhere").commit(rng, {}).value().next.clone();
  ASSERT_EQ(elsewhere.epoch(), room.members[0].epoch());
  EXPECT_EQ(room.members[0].commit(rng, {}).value().merge(elsewhere).error(), kWrongGroup);
  PendingCommit pending = room.members[0].commit(rng, {}).value();
  const Group later = pending.next.clone();
  EXPECT_EQ(std::move(pending).merge(later).error(), kWrongEpoch);
}

// ---- Section 8: an epoch number is used once

TEST(Epochs, EndBeforeTheirNumbersWrapAround) {
  Forger f(73, 2);
  const auto at_epoch = [&](std::uint64_t epoch) {
    GroupContext context = f.follower.context();
    context.epoch = epoch;
    return PublicGroup(context, f.follower.tree(), f.follower.confirmation_tag());
  };
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
  const Commit commit = Forger::of({propose_psk(f.rng, as_bytes("id"))});
  EXPECT_TRUE(at_epoch(kLast - 1).apply_proposals(commit, {0}).ok());
  EXPECT_EQ(at_epoch(kLast).apply_proposals(commit, {0}).error(), kEpochExhausted);
  Commit external = Forger::of({{ExternalInit{Bytes(kPublicKeySize)}}});
  external.path.emplace();
  const LeafNode leaf = Device(f.rng, "new").key_package().leaf;
  EXPECT_TRUE(at_epoch(kLast - 1).apply_external(external, leaf).ok());
  EXPECT_EQ(at_epoch(kLast).apply_external(external, leaf).error(), kEpochExhausted);
}

}  // namespace
}  // namespace steiger::mls
