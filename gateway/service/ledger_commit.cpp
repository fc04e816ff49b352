// Groups as the gateway follows them (S7): registration by the epoch-0 GroupInfo, and one winner per epoch (law 4).
#include <algorithm>

#include "crypto/identity/chain.h"
#include "crypto/identity/channel.h"
#include "crypto/log/chain.h"
#include "crypto/mls/public_group.h"
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

Result<Ledger::Verdict> Ledger::check_binding(const mls::PublicGroup& group, const ChannelId& channel) const {
  const Bytes* extension = mls::find_extension(group.context().extensions, identity::kChannelExtension);
  if (extension == nullptr) return Verdict::refuse(kBadBundle);
  const auto binding = identity::decode_channel_binding(*extension);
  if (!binding.ok() || binding->channel != channel || binding->organisation != options_.organisation ||
      binding->head_key != identity_.head_key.verify_key() || equal(group.group_id(), channel.bytes())) {
    return Verdict::refuse(kBadBundle);
  }
  return Verdict::accept();
}

Result<Ledger::Verdict> Ledger::open_channel(const Stream& stream, const RegisterCommand& body) {
  STEIGER_TRY(const Channel* existing, channel(body.channel));
  if (existing != nullptr) return Verdict::refuse(kChannelExists);
  STEIGER_TRY(const auto channels, store_.channels_of(stream.device));
  if (channels.size() >= kMaxChannelsPerDevice) return Verdict::refuse(kTooManyChannels);
  const auto group = mls::PublicGroup::register_from(body.group_info);
  if (!group.ok()) return Verdict::refuse(commit_error(group.error()));
  STEIGER_TRY(const Verdict bound, check_binding(*group, body.channel));
  if (bound.kind != Verdict::Kind::accepted) return bound;
  const auto leaves = group->tree().members();
  if (leaves.size() != 1) return Verdict::refuse(kBadBundle);
  const auto creator = member_of_leaf(*group->tree().leaf(leaves.front()));
  if (!creator.ok()) {
    if (is_store_error(creator.error())) return creator.error();
    return Verdict::refuse(creator.error());
  }
  if (creator->device != stream.device) return Verdict::refuse(kBadBundle);

  Channel opened;
  opened.row.channel = body.channel;
  opened.row.group_id = to_bytes(group->group_id());
  opened.row.epoch = group->epoch();
  opened.row.head = log::chain_start(body.channel);
  STEIGER_TRY(
      opened.row.number,
      store_.open_channel(opened.row, {*creator}, group->serialize(),
                          event("channel.opened", {{"channel", body.channel.text()}, {"account", stream.account.text()}})));
  opened.members.push_back({*creator, false});
  channels_.emplace(body.channel, std::move(opened));
  result_.joined.push_back({body.channel, stream.device, 1, false});
  return Verdict::accept();
}

Result<Ledger::Verdict> Ledger::commit(const Stream& stream, CommitCommand& body) {
  STEIGER_TRY(Channel * found, channel(body.channel));
  if (found == nullptr) return Verdict::refuse(kUnknownChannel);
  if (found->find(stream.device) == nullptr) return Verdict::refuse(kNotAMember);
  // The compare-and-swap of law 4: one writer, one transaction, first come.
  if (body.epoch != found->row.epoch) return stale(*found, body.epoch);
  if (found->row.head_seq + body.before.size() + 1 > kMaxSeq) return Verdict::refuse(kChannelFull);
  for (const SubmittedMessage& message : body.before) {
    if (const Verdict checked = check_message(*found, message); checked.kind != Verdict::Kind::accepted) return checked;
  }
  STEIGER_TRY(const Bytes stored, store_.public_group(found->row.number));
  const auto group = mls::PublicGroup::deserialize(stored);
  if (!group.ok()) return kStoreCorrupt;
  const auto bundle = group->check_bundle(body.commit, body.welcome, body.group_info);
  if (!bundle.ok()) return Verdict::refuse(commit_error(bundle.error()));
  const mls::RatchetTree& tree = bundle->next.tree();
  // Removals, resyncs and changes of the context wait for their rules (S8 to S13); what the channel is bound to never changes.
  if (!bundle->only_adds()) return Verdict::refuse(kUnsupportedCommit);
  if (!identity::decode_handshake_header(bundle->authenticated_data).ok()) return Verdict::refuse(kBadBundle);

  const auto committer = member_of_leaf(*tree.leaf(bundle->committer));
  if (!committer.ok()) {
    if (is_store_error(committer.error())) return committer.error();
    return Verdict::refuse(committer.error());
  }
  if (committer->device != stream.device) return Verdict::refuse(kBadBundle);

  // The roster is the leaves of the tree.
  const std::uint64_t commit_seq = found->row.head_seq + body.before.size() + 1;
  std::vector<MemberRow> added;
  std::string added_accounts;
  for (const mls::AddedMember& each : bundle->added) {
    auto member = member_of_leaf(*tree.leaf(each.leaf));
    if (!member.ok()) {
      if (is_store_error(member.error())) return member.error();
      return Verdict::refuse(member.error());
    }
    const bool twice =
        std::any_of(added.begin(), added.end(), [&](const MemberRow& row) { return row.device == member->device; });
    if (twice || found->find(member->device) != nullptr) return Verdict::refuse(kBadBundle);
    STEIGER_TRY(const auto channels, store_.channels_of(member->device));
    if (channels.size() >= kMaxChannelsPerDevice) return Verdict::refuse(kTooManyChannels);
    member->joined_seq = commit_seq;
    member->acknowledged_seq = commit_seq - 1;
    if (!added_accounts.empty()) added_accounts.push_back(' ');
    added_accounts += member->account.text();
    added.push_back(*member);
  }
  if (tree.member_count() != found->members.size() + added.size()) return Verdict::refuse(kUnsupportedCommit);
  std::optional<WelcomeRow> welcome;
  if (body.welcome) {
    if (body.links_from > found->row.head_seq || commit_seq - body.links_from > kMaxWelcomeLinks) {
      return Verdict::refuse(kBadBundle);
    }
    welcome = WelcomeRow{commit_seq, bundle->next.epoch(), body.links_from + 1, *body.welcome};
  }

  STEIGER_CHECK(store_.advance_group(found->row.number, bundle->next.serialize(), added, welcome,
                                     event("group.advanced", {{"channel", body.channel.text()},
                                                              {"epoch", std::to_string(bundle->next.epoch())},
                                                              {"account", stream.account.text()},
                                                              {"added", added_accounts}})));
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
  for (const MemberRow& member : added) {
    found->members.push_back({member, false});
    result_.joined.push_back({body.channel, member.device, commit_seq, true});
  }
  return Verdict::accept();
}

}  // namespace steiger::gateway
