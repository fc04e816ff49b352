// Groups as the gateway follows them (S7): registration by the epoch-0 GroupInfo, and one winner per epoch (law 4).
#include <algorithm>

#include "crypto/identity/chain.h"
#include "crypto/identity/channel.h"
#include "crypto/log/chain.h"
#include "crypto/membership/rules.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {
namespace {

// A commit that follows the RFC but uses what this version does not process is told apart from one that is wrong.
Error commit_error(const Error& error) {
  const Error unsupported[] = {mls::kUnsupportedProposal, mls::kProposalByReference, mls::kUnknownReference,
                               mls::kUnsupportedPsk,      mls::kUnsupportedSuite,    mls::kUnknownProposal};
  const bool is_unsupported =
      std::any_of(std::begin(unsupported), std::end(unsupported), [&](const Error& each) { return each == error; });
  return is_unsupported ? kUnsupportedCommit : kBadBundle;
}

template <class Rows>
std::string accounts_in(const Rows& rows) {
  std::string out;
  for (const auto& row : rows) {
    if (!out.empty()) out.push_back(' ');
    out += row.account.text();
  }
  return out;
}

}  // namespace

Result<MemberRow> Ledger::member_of_leaf(const mls::LeafNode& leaf) {
  const Bytes* extension = mls::find_extension(leaf.extensions, identity::kIdentityExtension);
  if (extension == nullptr || leaf.credential.type != mls::CredentialType::basic) return kBadBundle;
  const auto chain = identity::decode_chain(*extension);
  const auto leaf_key = leaf.verify_key();
  if (!chain.ok() || !leaf_key.ok() || !identity::verify_uncertified_chain(*chain).ok()) return kBadBundle;
  const auto who = identity::check_leaf(chain->device_list, leaf.credential.identity, *leaf_key);
  if (!who.ok()) return kBadBundle;
  STEIGER_TRY(const auto account, store_.account(who->account));
  STEIGER_TRY(const Device* known, device(who->device));
  if (!account || known == nullptr || known->row.revoked) return kUnknownMember;
  // The keys this gateway verified against the organisation's root are the ones in the leaf (S1).
  STEIGER_TRY(const bool known_key, had_key(*account, chain->account_key));
  if (!known_key || known->row.account != who->account || known->row.key != *leaf_key) return kBadBundle;
  return MemberRow{who->device, who->account, 0, 0};
}

std::optional<identity::ChannelBinding> Ledger::binding_of(const mls::PublicGroup& group, const ChannelId& channel) const {
  const Bytes* extension = mls::find_extension(group.context().extensions, identity::kChannelExtension);
  if (extension == nullptr) return std::nullopt;
  auto binding = identity::decode_channel_binding(*extension);
  if (!binding.ok() || binding->channel != channel || binding->organisation != options_.organisation ||
      binding->head_key != identity_.head_key.verify_key() || equal(group.group_id(), channel.bytes())) {
    return std::nullopt;
  }
  return std::move(*binding);
}

Result<Ledger::Opening> Ledger::check_opening(const Stream& stream, const RegisterCommand& body) {
  auto group = mls::PublicGroup::register_from(body.group_info);
  if (!group.ok()) return Opening{Verdict::refuse(commit_error(group.error()))};
  const auto binding = binding_of(*group, body.channel);
  if (!binding) return Opening{Verdict::refuse(kBadBundle)};
  // S8: nobody outside the room may propose.
  if (mls::find_extension(group->context().extensions, mls::ExtensionType::external_senders) != nullptr) {
    return Opening{Verdict::forbid(membership::kContextChange)};
  }
  const auto leaves = group->tree().members();
  if (leaves.size() != 1) return Opening{Verdict::refuse(kBadBundle)};
  auto creator = member_of_leaf(*group->tree().leaf(leaves.front()));
  if (!creator.ok()) {
    if (is_store_error(creator.error())) return creator.error();
    return Opening{Verdict::refuse(creator.error())};
  }
  if (creator->device != stream.device) return Opening{Verdict::refuse(kBadBundle)};
  // S1: under this organisation's roots, and for this channel.
  STEIGER_TRY(const membership::Trust* trusted, trust());
  STEIGER_TRY(const auto certificates, known_certificates(group->tree(), {}, {}));
  const auto roster = membership::read_roster(group->tree(), certificates, *trusted, membership::certified_for(*binding));
  if (!roster.ok()) return Opening{Verdict::forbid(roster.error())};
  return Opening{Verdict::accept(), std::move(*group), *creator, encode_certificates(certificates)};
}

Result<Ledger::Verdict> Ledger::open_channel(const Stream& stream, const RegisterCommand& body) {
  STEIGER_TRY(Channel * existing, channel(body.channel));
  if (existing != nullptr) {
    if (body.generation == 0) return Verdict::refuse(kChannelExists);
    return open_generation(stream, body, *existing);
  }
  if (body.generation != 0) return Verdict::refuse(kUnknownChannel);
  STEIGER_TRY(const auto channels, store_.channels_of(stream.device));
  if (channels.size() >= kMaxChannelsPerDevice) return Verdict::refuse(kTooManyChannels);
  STEIGER_TRY(const Opening opening, check_opening(stream, body));
  if (opening.verdict.kind != Verdict::Kind::accepted) return opening.verdict;

  Channel opened;
  opened.row.channel = body.channel;
  opened.row.group_id = to_bytes(opening.group->group_id());
  opened.row.epoch = opening.group->epoch();
  opened.row.head = log::chain_start(body.channel);
  GroupChange first;
  first.public_group = opening.group->serialize();
  first.group_info = body.group_info;
  first.certificates = opening.certificates;
  first.added = {opening.creator};
  STEIGER_TRY(
      opened.row.number,
      store_.open_channel(opened.row, first,
                          event("channel.opened", {{"channel", body.channel.text()}, {"account", stream.account.text()}})));
  opened.add(opening.creator);
  channels_.emplace(body.channel, std::move(opened));
  result_.lanes.push_back({LaneNews::Kind::opened, body.channel, stream.device, 1});
  return Verdict::accept();
}

// The roster is the leaves of the tree: who is new in it.
Result<Ledger::Verdict> Ledger::let_in(Channel& channel, const mls::CheckedBundle& bundle, std::uint64_t commit_seq,
                                       GroupChange& change) {
  for (const mls::AddedMember& each : bundle.added) {
    auto member = member_of_leaf(*bundle.next.tree().leaf(each.leaf));
    if (!member.ok()) {
      if (is_store_error(member.error())) return member.error();
      return Verdict::refuse(member.error());
    }
    // Also one that this commit removes: the Welcome would come to a device that has not heard of its removal.
    if (channel.find(member->device) != nullptr) return Verdict::refuse(kBadBundle);
    STEIGER_TRY(const auto channels, store_.channels_of(member->device));
    if (channels.size() >= kMaxChannelsPerDevice) return Verdict::refuse(kTooManyChannels);
    member->joined_seq = commit_seq;
    member->acknowledged_seq = commit_seq - 1;
    change.added.push_back(*member);
    change.back.push_back(member->device);
  }
  return Verdict::accept();
}

Result<Ledger::Verdict> Ledger::commit(const Stream& stream, CommitCommand& body) {
  STEIGER_TRY(Channel * found, channel(body.channel));
  if (found == nullptr) return Verdict::refuse(kUnknownChannel);
  if (found->find(stream.device) == nullptr) return not_a_member(*found, stream.device);
  // The compare-and-swap of law 4: one writer, one transaction, first come.
  if (body.epoch != found->row.epoch) return stale(*found, body.epoch);
  if (found->row.head_seq + body.before.size() + 1 > kMaxSeq) return Verdict::refuse(kChannelFull);
  for (const SubmittedMessage& message : body.before) {
    if (const Verdict checked = check_message(*found, message); checked.kind != Verdict::Kind::accepted) return checked;
  }
  const auto framed = mls::decode_message<mls::PublicMessage>(body.commit);
  if (framed.ok() && of_earlier_generation(*found, framed->content.group_id)) return stale(*found, body.epoch);
  STEIGER_TRY(const Bytes stored, store_.public_group(found->row.number));
  const auto group = mls::PublicGroup::deserialize(stored);
  if (!group.ok()) return kStoreCorrupt;
  const auto bundle = group->check_bundle(body.commit, body.welcome, body.group_info);
  if (!bundle.ok()) return Verdict::refuse(commit_error(bundle.error()));
  const mls::RatchetTree& tree = bundle->next.tree();

  const auto committer = member_of_leaf(*tree.leaf(bundle->committer));
  if (!committer.ok()) {
    if (is_store_error(committer.error())) return committer.error();
    return Verdict::refuse(committer.error());
  }
  if (committer->device != stream.device) return Verdict::refuse(kBadBundle);

  const std::uint64_t commit_seq = found->row.head_seq + body.before.size() + 1;
  GroupChange change;
  change.channel = found->row.number;
  STEIGER_TRY(const Verdict welcome, let_in(*found, *bundle, commit_seq, change));
  if (welcome.kind != Verdict::Kind::accepted) return welcome;
  STEIGER_TRY(const Ruling ruling, rule_on(*found, *group, *bundle));
  if (ruling.verdict.kind != Verdict::Kind::accepted) return ruling.verdict;
  if (ruling.resync) {
    if (const Verdict back = let_back(*found, stream.device, change); back.kind != Verdict::Kind::accepted) return back;
  } else {
    let_out(*found, *bundle, ruling, commit_seq, change);
  }
  if (tree.member_count() + change.removed.size() != found->roster_size() + change.added.size()) {
    return Verdict::refuse(kUnsupportedCommit);
  }
  if (body.welcome) {
    if (body.links_from > found->row.head_seq || commit_seq - body.links_from > kMaxWelcomeLinks) {
      return Verdict::refuse(kBadBundle);
    }
    change.welcome = WelcomeRow{commit_seq, bundle->next.epoch(), body.links_from + 1, *body.welcome, found->row.generation};
  }
  change.public_group = bundle->next.serialize();
  change.group_info = std::move(body.group_info);
  change.certificates = ruling.certificates;
  STEIGER_CHECK(store_.change_group(
      change, event(ruling.resync ? "group.resynced" : "group.advanced", {{"channel", body.channel.text()},
                                                                          {"epoch", std::to_string(bundle->next.epoch())},
                                                                          {"account", stream.account.text()},
                                                                          {"added", accounts_in(change.added)},
                                                                          {"removed", accounts_in(change.removed)}})));
  for (SubmittedMessage& message : body.before) {  // S5: ahead of the commit, in the epoch that it ends
    MessageRow row;
    row.id = message.id;
    row.counter = body.counter;
    row.tag = message.tag;
    append(*found, stream, std::move(row), std::move(message.payload));
  }
  MessageRow row;
  row.id = body.id;
  row.kind = MessageKind::commit;
  row.counter = body.counter;
  append(*found, stream, std::move(row), std::move(body.commit));
  found->row.epoch = bundle->next.epoch();
  apply(*found, change);
  return Verdict::accept();
}

// The store has it; now the cache, and what the sessions are told.
void Ledger::apply(Channel& channel, const GroupChange& change) {
  for (const MemberRow& row : change.changed) {
    const auto stay = std::find_if(channel.members.begin(), channel.members.end(), [&](const Member& member) {
      return member.is(row.device) && member.row.joined_seq == row.joined_seq;
    });
    stay->row = row;
    if (row.in_roster()) {
      result_.lanes.push_back({LaneNews::Kind::freed, channel.row.channel, row.device, channel.row.head_seq});
      continue;
    }
    result_.lanes.push_back({LaneNews::Kind::limited, channel.row.channel, row.device, row.removed_seq});
    stay->gone = row.acknowledged_seq >= row.removed_seq;  // in a new generation it may have had everything
    channel.positions_dirty = true;
    touch(channel);
  }
  for (const MemberRow& row : change.added) {
    channel.add(row);
    result_.lanes.push_back({LaneNews::Kind::welcomed, channel.row.channel, row.device, row.joined_seq});
  }
  if (!change.added.empty() || !change.changed.empty()) result_.with_tasks.push_back(channel.row.channel);
}

}  // namespace steiger::gateway
