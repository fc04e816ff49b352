// What a commit may not do, rule by rule: RFC 9420 sections 7.3, 12.1, 12.2, 12.3 and 12.4.2. Every refused commit is signed by its
// member and right in everything but the one rule.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/forger.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::Forger;
using test::required;

constexpr std::uint16_t kUnknownExtension = 0xf0aa;
const Error kAccepted{};

Proposal psk(Forger& forger, std::string_view id) {
  return propose_psk(forger.rng, as_bytes(id));
}

Proposal resumption(Forger& forger, ResumptionUsage usage) {
  PreSharedKey out;
  out.id.type = PskType::resumption;
  out.id.usage = usage;
  out.id.psk_group_id = to_bytes("group");
  out.id.psk_nonce = forger.rng.bytes(kHashSize);
  return {out};
}

// ---- Section 12.2: lists of proposals

TEST(CommitRules, ControlsAreAccepted) {
  Forger f(1, 4);
  const Device newcomer(f.rng, "new");
  EXPECT_EQ(f.verdict(Forger::of({{Add{newcomer.key_package()}}, psk(f, "a")})), kAccepted);
  EXPECT_EQ(f.verdict(f.with_path(Forger::of({{Remove{{2}}}, {Add{newcomer.key_package()}}}), 0)), kAccepted);
  EXPECT_EQ(f.verdict(f.with_path(Commit{}, 3), 3), kAccepted);
  const ProposalRef update = f.remember({Update{f.update_leaf(1).leaf}}, 1);
  const ProposalRef leave = f.remember({Remove{{3}}}, 3);
  EXPECT_EQ(f.verdict(f.with_path(Forger::referring({update, leave}), 0)), kAccepted);
  EXPECT_EQ(f.verdict(Forger::of({{ReInit{to_bytes("next"), kMls10, kSuite3, {}}}})), kAccepted);
}

TEST(CommitRules, ACommitterChangesItsOwnLeafOnlyByThePath) {
  Forger f(2, 3);
  const ProposalRef own_update = f.remember({Update{f.update_leaf(0).leaf}}, 0);
  EXPECT_EQ(f.verdict(Forger::referring({own_update})), kProposalByCommitter);
  EXPECT_EQ(f.verdict(Forger::of({{Update{f.update_leaf(0).leaf}}})), kProposalByCommitter);
  EXPECT_EQ(f.verdict(Forger::of({{Remove{{0}}}})), kProposalByCommitter);
  const ProposalRef thrown_out = f.remember({Remove{{0}}}, 1);
  EXPECT_EQ(f.verdict(Forger::referring({thrown_out})), kProposalByCommitter);
}

TEST(CommitRules, ALeafIsTouchedOnce) {
  Forger f(3, 4);
  const ProposalRef first = f.remember({Update{f.update_leaf(1).leaf}}, 1);
  const ProposalRef second = f.remember({Update{f.update_leaf(1).leaf}}, 1);
  const ProposalRef remove = f.remember({Remove{{1}}}, 2);
  EXPECT_EQ(f.verdict(Forger::referring({first, second})), kConflictingProposals);
  EXPECT_EQ(f.verdict(Forger::referring({first, remove})), kConflictingProposals);
  EXPECT_EQ(f.verdict(Forger::of({{Remove{{2}}}, {Remove{{2}}}})), kConflictingProposals);
}

TEST(CommitRules, AMemberIsAddedOnce) {
  Forger f(4, 3);
  const Device newcomer(f.rng, "new");
  const Proposal add{Add{newcomer.key_package()}};
  EXPECT_EQ(f.verdict(Forger::of({add, add})), kDuplicateMember);
  EXPECT_EQ(f.verdict(Forger::of({{Add{f.devices[2].key_package()}}})), kDuplicateMember);
  // Section 12.2 allows it together with the Remove, with fresh keys.
  const KeyPackage again = make_key_package(f.rng, f.key({2}), test::options_for("device 2")).key_package;
  EXPECT_EQ(f.verdict(f.with_path(Forger::of({{Remove{{2}}}, {Add{again}}}), 0)), kAccepted);
}

TEST(CommitRules, PsksAreNamedOnceWithAFullNonceAndAUsageThatFits) {
  Forger f(5, 2);
  EXPECT_EQ(f.verdict(Forger::of({psk(f, "a"), psk(f, "b")})), kAccepted);
  const Proposal one = psk(f, "a");
  EXPECT_EQ(f.verdict(Forger::of({one, one})), kDuplicatePsk);
  // Under another nonce it is another PreSharedKeyID (section 8.4).
  EXPECT_EQ(f.verdict(Forger::of({one, psk(f, "a")})), kAccepted);
  const ProposalRef kept = f.remember(one, 1);
  Commit both = Forger::referring({kept});
  both.proposals.push_back({one});
  EXPECT_EQ(f.verdict(std::move(both)), kDuplicatePsk);
  Proposal short_nonce = psk(f, "a");
  std::get_if<PreSharedKey>(&short_nonce.body)->id.psk_nonce.pop_back();
  EXPECT_EQ(f.verdict(Forger::of({short_nonce})), kBadPskNonce);
  EXPECT_EQ(f.verdict(Forger::of({resumption(f, ResumptionUsage::application)})), kAccepted);
  EXPECT_EQ(f.verdict(Forger::of({resumption(f, ResumptionUsage::reinit)})), kUnsupportedPsk);
  EXPECT_EQ(f.verdict(Forger::of({resumption(f, ResumptionUsage::branch)})), kUnsupportedPsk);
  std::vector<Proposal> many;
  for (std::size_t i = 0; i <= kMaxPsksPerCommit; ++i) many.push_back(psk(f, "id " + std::to_string(i)));
  EXPECT_EQ(f.verdict(Forger::of(many)), kTooLarge);
}

TEST(CommitRules, AReinitStandsAloneAndTheContextChangesOnce) {
  Forger f(6, 2);
  const Proposal reinit{ReInit{to_bytes("next"), kMls10, kSuite3, {}}};
  EXPECT_EQ(f.verdict(Forger::of({reinit, psk(f, "a")})), kConflictingProposals);
  EXPECT_EQ(f.verdict(Forger::of({reinit, reinit})), kConflictingProposals);
  EXPECT_EQ(f.verdict(Forger::of({{ReInit{to_bytes("next"), 0, kSuite3, {}}}})), kUnknownVersion);
  const Proposal extensions{GroupContextExtensions{}};
  EXPECT_EQ(f.verdict(Forger::of({extensions, extensions})), kConflictingProposals);
}

TEST(CommitRules, OnlyAnExternalCommitHasAnExternalInit) {
  Forger f(7, 2);
  EXPECT_EQ(f.verdict(Forger::of({{ExternalInit{Bytes(32)}}})), kUnsupportedProposal);
}

TEST(CommitRules, APathIsThereWhereItMustBe) {
  Forger f(8, 3);
  EXPECT_EQ(f.verdict(Commit{}), kMissingPath);
  EXPECT_EQ(f.verdict(Forger::of({{Remove{{1}}}})), kMissingPath);
  EXPECT_EQ(f.verdict(Forger::of({{GroupContextExtensions{}}})), kMissingPath);
  const ProposalRef update = f.remember({Update{f.update_leaf(1).leaf}}, 1);
  EXPECT_EQ(f.verdict(Forger::referring({update})), kMissingPath);
}

// Each kind of handshake goes through its own door.
TEST(CommitRules, ACommitIsNoProposalAndAProposalIsNoCommit) {
  Forger f(24, 2);
  EXPECT_EQ(f.follower.verify_proposal(f.by_member(Commit{})).error(), kUnexpectedMessage);
  EXPECT_EQ(f.follower.verify_proposal(f.by_member(to_bytes("hoi"))).error(), kUnexpectedMessage);
  EXPECT_EQ(f.follower.stage(f.by_member(Proposal{Remove{{1}}})).error(), kUnexpectedMessage);
  EXPECT_EQ(f.follower.stage(f.by_member(to_bytes("hoi"))).error(), kUnexpectedMessage);
}

// ---- Section 12.4: references

TEST(CommitRules, ReferencesAreKnownAndNamedOnce) {
  Forger f(9, 3);
  EXPECT_EQ(f.verdict(Forger::referring({ProposalRef{}})), kUnknownReference);
  const ProposalRef add = f.remember({Add{Device(f.rng, "new").key_package()}}, 1);
  EXPECT_EQ(f.verdict(Forger::referring({add})), kAccepted);
  EXPECT_EQ(f.verdict(Forger::referring({add, add})), kConflictingProposals);
  Commit short_reference = Forger::referring({add});
  std::get_if<Bytes>(&short_reference.proposals[0].body)->pop_back();
  EXPECT_EQ(f.verdict(std::move(short_reference)), kUnknownReference);
}

TEST(CommitRules, WaitingProposalsAreBoundedAndLapseWithTheEpoch) {
  Forger f(10, 2);
  for (std::size_t i = 0; i < kMaxStoredProposals; ++i) f.remember(psk(f, "id " + std::to_string(i)), 1);
  StoredProposal more = f.follower.verify_proposal(f.by_member(psk(f, "more"), 1)).value();
  EXPECT_EQ(f.follower.remember(more).error(), kTooManyProposals);
  EXPECT_TRUE(f.follower.remember(f.follower.proposals().all()[3]).ok());  // twice is once
  EXPECT_EQ(f.follower.proposals().all().size(), kMaxStoredProposals);
  const StagedCommit staged = f.follower.stage(f.by_member(f.with_path(Commit{}, 0))).value();
  EXPECT_TRUE(staged.next.proposals().all().empty());
}

TEST(CommitRules, TooManyProposalsAreRefused) {
  Forger f(11, 1);
  Commit commit;
  commit.proposals.resize(kMaxProposalsPerCommit + 1, ProposalOrRef{psk(f, "a")});
  EXPECT_EQ(f.verdict(std::move(commit)), kTooLarge);
}

// ---- Sections 7.3 and 12.1.2: leaves of Updates, also when a careless follower kept the proposal

TEST(CommitRules, ALeafInAnUpdateIsFreshSignedAndCapable) {
  Forger f(12, 3);
  const auto with = [&](const std::function<void(LeafNode&)>& change, bool resign = true) {
    LeafNode leaf = f.update_leaf(1).leaf;
    change(leaf);
    if (resign) leaf.sign(f.key({1}), {f.follower.group_id(), {1}});
    const Proposal proposal{Update{leaf}};
    Forger g = Forger(12, 3);
    const ProposalRef reference = g.remember_unchecked(proposal, {SenderType::member, 1});
    Commit commit = Forger::referring({reference});
    commit.path.emplace();  // never looked at: the proposal comes first
    const Error in_commit = g.verdict(std::move(commit));
    const Error alone = g.verdict(proposal, {SenderType::member, 1}, g.key({1}));
    EXPECT_EQ(in_commit, alone);
    return alone;
  };
  EXPECT_EQ(f.verdict(Proposal{Update{f.update_leaf(1).leaf}}, {SenderType::member, 1}, f.key({1})), kAccepted);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.source = LeafNodeSource::key_package; }), kBadLeafSource);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.source = LeafNodeSource::commit; }), kBadLeafSource);
  EXPECT_EQ(with([&](LeafNode& leaf) { leaf.encryption_key = f.leaf(1).encryption_key; }), kDuplicateKey);
  EXPECT_EQ(with([&](LeafNode& leaf) { leaf.encryption_key = f.leaf(2).encryption_key; }), kDuplicateKey);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.encryption_key.pop_back(); }), kBadKey);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.signature_key.pop_back(); }, false), kBadKey);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.extensions.push_back({kUnknownExtension, {}}); }), kUnsupportedCapability);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.capabilities.extensions.clear(); }), kUnsupportedCapability);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.capabilities.versions.clear(); }), kUnsupportedCapability);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.capabilities.cipher_suites = {1}; }), kUnsupportedCapability);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.capabilities.credentials = {2}; }), kUnsupportedCapability);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.credential.identity.push_back(1); }, false), kBadLeafSignature);
}

TEST(CommitRules, TheLeafOfAnUpdateIsBoundToItsPlace) {
  Forger f(13, 3);
  LeafNode elsewhere = f.update_leaf(1).leaf;
  elsewhere.sign(f.key({1}), {f.follower.group_id(), {2}});
  EXPECT_EQ(f.verdict(Proposal{Update{elsewhere}}, {SenderType::member, 1}, f.key({1})), kBadLeafSignature);
  LeafNode other_group = f.update_leaf(1).leaf;
  other_group.sign(f.key({1}), {as_bytes("another"), {1}});
  EXPECT_EQ(f.verdict(Proposal{Update{other_group}}, {SenderType::member, 1}, f.key({1})), kBadLeafSignature);
}

TEST(CommitRules, TwoUpdatesMayNotShareAKey) {
  Forger f(14, 3);
  Forger::NewLeaf first = f.update_leaf(1);
  LeafNode second = f.update_leaf(2).leaf;
  second.encryption_key = first.leaf.encryption_key;
  second.sign(f.key({2}), {f.follower.group_id(), {2}});
  const ProposalRef a = f.remember({Update{first.leaf}}, 1);
  const ProposalRef b = f.remember({Update{second}}, 2);
  Commit commit = Forger::referring({a, b});
  commit.path.emplace();
  EXPECT_EQ(f.verdict(std::move(commit)), kDuplicateKey);
}

// ---- Section 12.1.7: the context's extensions

TEST(CommitRules, EveryMemberSupportsTheNewContext) {
  Forger f(15, 3);
  const auto with = [&](Extensions extensions) {
    Commit commit = Forger::of({{GroupContextExtensions{std::move(extensions)}}});
    commit.path.emplace();
    const auto applied = f.follower.apply_proposals(commit, {0});
    return applied.ok() ? Error{} : applied.error();
  };
  const Extension channel{test::kChannelType, to_bytes("other")};
  EXPECT_EQ(with({channel}), kAccepted);
  EXPECT_EQ(with({channel, required({test::kChannelType, test::kIdentityType}, {}, {1})}), kAccepted);
  EXPECT_EQ(with({{kUnknownExtension, {}}}), kUnsupportedCapability);
  EXPECT_EQ(with({required({kUnknownExtension})}), kUnsupportedCapability);
  EXPECT_EQ(with({required({}, {0xf00d})}), kUnsupportedCapability);
  EXPECT_EQ(with({required({}, {}, {2})}), kUnsupportedCapability);
  EXPECT_EQ(with({{static_cast<std::uint16_t>(ExtensionType::required_capabilities), {1}}}), kTruncated);
  EXPECT_EQ(with({external_senders_extension({{Bytes(31), Credential::basic(as_bytes("x"))}})}), kBadKey);
  EXPECT_EQ(with({{static_cast<std::uint16_t>(ExtensionType::external_senders), {9}}}), kTruncated);
  Extension longer = external_senders_extension({});
  longer.data.push_back(0);
  EXPECT_EQ(with({longer}), kTrailingBytes);
}

TEST(CommitRules, TheCommittersNewLeafSupportsTheNewContextToo) {
  Forger f(16, 2);
  const Commit change = Forger::of({{GroupContextExtensions{{{test::kChannelType, {}}}}}});
  EXPECT_EQ(f.verdict(f.with_path(change, 0)), kAccepted);
  EXPECT_EQ(f.verdict(f.with_path(change, 0, [](LeafNode& leaf) { leaf.capabilities.extensions = {test::kIdentityType}; })),
            kUnsupportedCapability);
}

TEST(CommitRules, ANewcomerSupportsWhatTheSameCommitIntroduces) {
  Forger f(17, 2);
  test::SeededRng& rng = f.rng;
  const SigningKey key = SigningKey::generate(rng);
  KeyPackageOptions options = test::options_for("capable");
  const KeyPackage fits = make_key_package(rng, key, options).key_package;
  const Proposal change{GroupContextExtensions{{required({}, {}, {1})}}};
  EXPECT_EQ(f.verdict(f.with_path(Forger::of({{Add{fits}}, change}), 0)), kAccepted);
  options.capabilities.credentials = {1};
  options.capabilities.extensions.clear();
  const KeyPackage unfit = make_key_package(rng, SigningKey::generate(rng), options).key_package;
  Commit commit = Forger::of({{Add{unfit}}, {GroupContextExtensions{{required({test::kChannelType})}}}});
  commit.path.emplace();
  EXPECT_EQ(f.verdict(std::move(commit)), kUnsupportedCapability);
}

// Sections 10.1 and 12.1.1: a committer verified what it adds, and nobody else takes its word for that.
TEST(CommitRules, TheKeyPackageInAnAddIsVerifiedByEverybody) {
  Forger f(23, 2);
  const Device newcomer(f.rng, "new");
  KeyPackage unsigned_package = newcomer.key_package();
  unsigned_package.extensions.push_back({0xf000, {}});
  KeyPackage unsigned_leaf = newcomer.key_package();
  unsigned_leaf.leaf.extensions.clear();
  unsigned_leaf.sign(newcomer.key);
  const auto refused = [&](const KeyPackage& package, const Error& why) {
    EXPECT_EQ(VerifiedKeyPackage::verify(package).error(), why);
    EXPECT_EQ(f.verdict(Forger::of({{Add{package}}})), why);
    EXPECT_EQ(f.verdict(Proposal{Add{package}}, {SenderType::member, 1}, f.key({1})), why);
    // Nor does a committer who was handed the proposal of another.
    const Commit referring = Forger::referring({f.remember_unchecked({Add{package}}, {SenderType::member, 1})});
    EXPECT_EQ(f.follower.apply_proposals(referring, {0}, PublicGroup::KeyPackages::verified).error(), why);
  };
  EXPECT_EQ(f.verdict(Forger::of({{Add{newcomer.key_package()}}})), kAccepted);
  refused(unsigned_package, kBadKeyPackageSignature);
  refused(unsigned_leaf, kBadLeafSignature);
}

// Section 13.5: what nobody knows is kept and ignored, in what we read and in what we make.
TEST(CommitRules, GreaseIsMadeAndIgnored) {
  Forger f(22, 2);
  const auto is_grease = [](std::uint16_t value) { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); };
  const Capabilities& made = f.leaf(1).capabilities;
  for (const auto* list : {&made.cipher_suites, &made.extensions, &made.proposals, &made.credentials}) {
    EXPECT_EQ(std::count_if(list->begin(), list->end(), is_grease), 1);
  }
  KeyPackageOptions options = test::options_for("greasy");
  options.capabilities.versions.push_back(0x7a7a);
  options.leaf_extensions.push_back({0x3a3a, to_bytes("grease")});
  options.extensions.push_back({0x4a4a, to_bytes("grease")});
  const SigningKey key = SigningKey::generate(f.rng);
  const KeyPackage greasy = make_key_package(f.rng, key, options).key_package;
  EXPECT_EQ(decode<KeyPackage>(encode(greasy)).value(), greasy);
  const CommitOptions add{
      .adds = {VerifiedKeyPackage::verify(greasy).value()}, .group_info_extensions = {{0x5a5a, {}}}, .now = test::kNow};
  EXPECT_TRUE(f.members[0].commit(f.rng, add).ok());
}

// ---- Sections 7.5 and 12.4.2: the path

TEST(CommitRules, ThePathFitsTheTree) {
  Forger f(18, 5);
  const auto with = [&](const std::function<void(LeafNode&)>& change, const std::function<void(UpdatePath&)>& spoil) {
    return f.verdict(f.with_path(Commit{}, 0, change, spoil));
  };
  EXPECT_EQ(with(nullptr, [](UpdatePath& path) { path.nodes.pop_back(); }), kBadPath);
  EXPECT_EQ(with(nullptr, [](UpdatePath& path) { path.nodes.push_back(path.nodes.back()); }), kBadPath);
  EXPECT_EQ(with(nullptr, [](UpdatePath& path) { path.nodes[0].encrypted_path_secrets.clear(); }), kBadPath);
  EXPECT_EQ(with(nullptr, [](UpdatePath& path) { path.nodes[1].encrypted_path_secrets.emplace_back(); }), kBadPath);
  EXPECT_EQ(with(nullptr, [](UpdatePath& path) { path.nodes[0].encryption_key.pop_back(); }), kBadKey);
  EXPECT_EQ(with(nullptr, [](UpdatePath& path) { path.nodes[0].encryption_key[0] ^= 1; }), kBadParentHash);
  EXPECT_EQ(with(nullptr, [](UpdatePath& path) { path.leaf.signature[0] ^= 1; }), kBadLeafSignature);
  EXPECT_EQ(with(nullptr,
                 [&](UpdatePath& path) {
                   path.leaf.parent_hash[0] ^= 1;
                   f.sign_path_leaf(path, 0);
                 }),
            kBadParentHash);
  EXPECT_EQ(with(nullptr,
                 [&](UpdatePath& path) {
                   path.leaf.source = LeafNodeSource::update;
                   f.sign_path_leaf(path, 0);
                 }),
            kBadLeafSource);
  EXPECT_EQ(with([](LeafNode& leaf) { leaf.extensions.push_back({kUnknownExtension, {}}); }, nullptr), kUnsupportedCapability);
}

TEST(CommitRules, ThePathBringsOnlyFreshKeys) {
  Forger f(19, 4);
  const auto leaf_key = [&](const Bytes& key) {
    return f.verdict(f.with_path(Commit{}, 0, nullptr, [&](UpdatePath& path) {
      path.leaf.encryption_key = key;
      f.sign_path_leaf(path, 0);
    }));
  };
  EXPECT_EQ(leaf_key(f.leaf(0).encryption_key), kDuplicateKey);
  EXPECT_EQ(leaf_key(f.leaf(2).encryption_key), kDuplicateKey);
  // A node key that is the one this very node had before.
  const Bytes old_root = f.follower.tree().encryption_key(tree_math::root(f.follower.tree().leaf_count()));
  EXPECT_EQ(f.verdict(f.with_path(Commit{}, 0, nullptr, [&](UpdatePath& path) { path.nodes.back().encryption_key = old_root; })),
            kDuplicateKey);
}

TEST(CommitRules, ASignatureKeyIsInTheTreeOnce) {
  Forger f(20, 3);
  // The committer takes over the signature key of another member.
  Commit commit = f.with_path(
      Commit{}, 0, [&](LeafNode& leaf) { leaf.signature_key = f.leaf(2).signature_key; },
      [&](UpdatePath& path) {
        path.leaf.sign(f.key({2}), {f.follower.group_id(), {0}});
      });
  EXPECT_EQ(f.verdict(std::move(commit)), kDuplicateKey);
}

// ---- Section 6 and 12.4.2: frame

TEST(CommitRules, AFrameOfAnotherGroupEpochOrSignerIsRefused) {
  Forger f(21, 2);
  const auto with = [&](const std::function<void(AuthenticatedContent&)>& change, bool resign) {
    AuthenticatedContent content = f.by_member(f.with_path(Commit{}, 0));
    change(content);
    if (resign) content.sign(f.key({0}), f.follower.context_bytes());
    return f.follower.stage(content).error();
  };
  EXPECT_EQ(with([](AuthenticatedContent& c) { c.content.group_id.push_back(1); }, true), kWrongGroup);
  EXPECT_EQ(with([](AuthenticatedContent& c) { ++c.content.epoch; }, true), kWrongEpoch);
  EXPECT_EQ(with([](AuthenticatedContent& c) { c.auth.confirmation_tag.reset(); }, true), kMissingConfirmationTag);
  EXPECT_EQ(with([](AuthenticatedContent& c) { c.auth.signature[0] ^= 1; }, false), kBadMessageSignature);
  EXPECT_EQ(with([](AuthenticatedContent& c) { c.content.sender.index = 7; }, true), kUnknownLeaf);
}

}  // namespace
}  // namespace steiger::mls
