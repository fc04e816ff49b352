// Handshakes among real groups: proposals by reference, Update and Remove, external commits and proposals, ReInit and branch
// (RFC 9420 sections 8.3, 8.6, 11 and 12). Random scripts keep all members and the follower together.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/mls/external_proposals.h"
#include "crypto/mls/forger.h"

namespace steiger::mls {
namespace {

using test::Device;
using test::Forger;
using test::kNow;
using test::SeededRng;

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
    options.adds.push_back(newcomers.back().key_package());
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
  club.commit(club.members[0], {.adds = {newcomers[0].key_package(), newcomers[1].key_package()}}, newcomers);
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
  club.commit(club.members[0], {.adds = {newcomers[0].key_package(), newcomers[1].key_package()}}, newcomers);
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
  club.commit(club.members[0], {.adds = {newcomers[0].key_package(), newcomers[1].key_package()}}, newcomers);
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
  club.commit(club.members[0], {.adds = {newcomers[0].key_package(), newcomers[1].key_package()}}, newcomers);
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
  club.commit(club.members[0], {.adds = {newcomers[0].key_package()}}, newcomers);
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
  club.commit(club.members[0], {.adds = {newcomers[0].key_package(), newcomers[1].key_package()}}, newcomers);
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

// ---- External commits (section 12.4.3.2)

TEST(ExternalCommit, EntersAndMayReplaceTheOldLeafOfTheSameDevice) {
  Club club(30);
  const std::vector<Device> newcomers = club.crowd(2);
  club.commit(club.members[0], {.adds = {newcomers[0].key_package(), newcomers[1].key_package()}}, newcomers);
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
  club.commit(club.members[0], {.adds = {newcomers[0].key_package()}}, newcomers);
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

// ---- Groups that go on as others (sections 8.6, 11.2 and 11.3)

struct Successor {
  Forger old;
  std::vector<Device> fresh;  // the same people with new packages
  explicit Successor(std::uint64_t seed) : old(seed, 3) {
    for (const Device& device : old.devices) fresh.emplace_back(old.rng, device.name);
  }
  Result<JoinResult> join(const Group& predecessor, const Group& first, CommitOptions options) {
    options.adds = {fresh[1].key_package()};
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
