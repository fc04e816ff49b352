// Falling out of step: coming in again by oneself (S9), saying that a commit cannot be followed, and the next group generation (S11).
#include <algorithm>

#include "crypto/identity/nack.h"
#include "crypto/mls/public_group.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {

// S9: the roster's devices only, and the same bytes for all.
Result<void> Ledger::on(const Command& command, FetchGroupInfoCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  STEIGER_TRY(Channel * found, channel(body.channel));
  if (found == nullptr) {
    answer(command, Refused{kUnknownChannel});
    return {};
  }
  if (found->find(stream->device) == nullptr) {
    STEIGER_TRY(const Verdict outside, not_a_member(*found, stream->device));
    answer(command, Refused{outside.why});
    return {};
  }
  STEIGER_TRY(Bytes group_info, store_.group_info(found->row.number));
  if (group_info.empty()) {  // of before these were kept: there is one with the next commit
    answer(command, Refused{kUnknownChannel});
    return {};
  }
  answer(command, GroupInfoFound{body.channel, found->row.generation, found->row.epoch, std::move(group_info)});
  return {};
}

Ledger::Verdict Ledger::let_back(Channel& channel, const DeviceId& device, GroupChange& change) {
  MemberRow row = channel.find(device)->row;
  if (row.resync_day != today()) row.resyncs = 0;
  if (row.resyncs >= kMaxResyncsPerDay) return Verdict::refuse(kResyncLimit);
  row.resync_day = today();
  ++row.resyncs;
  row.nacked_seq = 0;
  change.changed.push_back(row);
  change.freed.push_back(device);
  return Verdict::accept();
}

// S11: holds this device's queue and nobody else's; an accepted epoch is never rolled back.
Result<void> Ledger::on(const Command& command, NackCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  const auto refuse = [&](const Error& why) -> Result<void> {
    answer(command, Refused{why});
    return {};
  };
  const auto nack = identity::decode_nack(body.nack);
  if (!nack.ok() || nack->organisation != options_.organisation || nack->device != stream->device ||
      nack->account != stream->account) {
    return refuse(kBadNack);
  }
  STEIGER_TRY(const Device* known, device(stream->device));
  if (known == nullptr) return kStoreCorrupt;
  if (!identity::verify_nack(*nack, known->row.key).ok()) return refuse(kBadNack);
  STEIGER_TRY(Channel * found, channel(nack->channel));
  if (found == nullptr) return refuse(kUnknownChannel);
  Member* stay = found->find(stream->device);
  if (stay == nullptr) return refuse(kNotAMember);
  if (nack->group_id != found->row.group_id || nack->epoch >= found->row.epoch) return refuse(kBadNack);
  // Of another batch or of this one, which is not in the store yet.
  STEIGER_TRY(auto commit, store_.commit_of(found->row.number, nack->epoch));
  for (const MessageRow& message : found->pending) {
    if (message.kind == MessageKind::commit && message.epoch == nack->epoch) commit = message;
  }
  // Its own it can follow, and what came before it joined does not concern it.
  if (!commit || commit->payload_hash != nack->commit || commit->device == stream->device ||
      commit->seq <= stay->row.joined_seq) {
    return refuse(kBadNack);
  }
  if (stay->row.nacked_seq != 0 && stay->row.nacked_seq <= commit->seq) {  // said already
    answer(command, CarriedOut{});
    return {};
  }
  MemberRow held = stay->row;
  held.nacked_seq = commit->seq;
  STEIGER_CHECK(store_.put_nack(
      found->row.number, {held.device, commit->seq, body.nack}, held,
      event("commit.nacked",
            {{"channel", nack->channel.text()}, {"account", stream->account.text()}, {"epoch", std::to_string(nack->epoch)}})));
  stay->row = held;
  result_.lanes.push_back({LaneNews::Kind::limited, nack->channel, held.device, commit->seq});
  result_.nacks.push_back({nack->channel, held.device, std::move(body.nack)});
  answer(command, CarriedOut{});
  return {};
}

Result<std::vector<Bytes>> Ledger::nacks_for(Channel& channel, const DeviceId& device) {
  std::vector<Bytes> out;
  const bool any = std::any_of(channel.members.begin(), channel.members.end(),
                               [&](const Member& member) { return !member.gone && member.row.nacked_seq != 0; });
  if (!any || channel.find(device) == nullptr) return out;
  STEIGER_TRY(auto nacks, store_.nacks(channel.row.number));
  for (NackRow& row : nacks) {
    if (row.device != device) out.push_back(std::move(row.nack));
  }
  return out;
}

// The devices of the accounts that did not make the newest commit, as far as they were heard of in the last days.
Result<bool> Ledger::nobody_can_follow(Channel& channel, const DeviceId& asker) {
  if (channel.row.epoch == 0) return false;
  STEIGER_TRY(auto newest, store_.commit_of(channel.row.number, channel.row.epoch - 1));
  for (const MessageRow& message : channel.pending) {
    if (message.kind == MessageKind::commit) newest = message;
  }
  if (!newest) return kStoreCorrupt;
  const Member* opener = channel.find(asker);
  if (opener == nullptr || opener->row.account == newest->account || opener->row.nacked_seq == 0) return false;
  for (const Member& member : channel.members) {
    if (member.gone || !member.row.in_roster() || member.row.account == newest->account || member.row.nacked_seq != 0) continue;
    STEIGER_TRY(const Device* other, device(member.row.device));
    if (other == nullptr) return kStoreCorrupt;
    if (other->row.revoked) continue;
    const bool connected = live_.count(member.row.device) != 0;
    STEIGER_TRY(const auto day, store_.last_seen(member.row.device));
    if (connected || (day && *day >= today() - kReachableDays)) return false;
  }
  return true;
}

// S11: compare-and-swap on (channel, generation). The chain and its numbers go on; the group begins anew with one leaf, and the accounts
// that were there may come back without asking anybody again.
Result<Ledger::Verdict> Ledger::open_generation(const Stream& stream, const RegisterCommand& body, Channel& channel) {
  Member* opener = channel.find(stream.device);
  if (opener == nullptr) {
    // Overtaken: the other one's generation does not have it yet.
    if (body.generation <= channel.row.generation) return Verdict::refuse(kGenerationTaken);
    return not_a_member(channel, stream.device);
  }
  if (body.generation <= channel.row.generation) return Verdict::refuse(kGenerationTaken);
  STEIGER_TRY(const bool founded, nobody_can_follow(channel, stream.device));
  if (!founded || body.generation != channel.row.generation + 1) return Verdict::refuse(kGenerationUnfounded);
  STEIGER_TRY(const Opening opening, check_opening(stream, body));
  if (opening.verdict.kind != Verdict::Kind::accepted) return opening.verdict;
  STEIGER_TRY(const Bytes stored, store_.public_group(channel.row.number));
  const auto earlier = mls::PublicGroup::deserialize(stored);
  if (!earlier.ok()) return kStoreCorrupt;
  // Another group under the same policy.
  if (opening.group->group_id().empty() || equal(opening.group->group_id(), channel.row.group_id) ||
      opening.group->context().extensions != earlier->context().extensions) {
    return Verdict::refuse(kBadBundle);
  }
  const Bytes group_id = to_bytes(opening.group->group_id());
  GroupChange change;
  change.channel = channel.row.number;
  change.public_group = opening.group->serialize();
  change.group_info = body.group_info;
  change.certificates = opening.certificates;
  change.generation = GroupChange::Generation{body.generation, group_id, {}};
  auto& carried = change.generation->carried_over;
  for (const Member& member : channel.members) {
    if (member.gone || !member.row.in_roster()) continue;
    MemberRow row = member.row;
    if (row.nacked_seq != 0) change.freed.push_back(row.device);
    row.nacked_seq = 0;
    const bool known = row.account == stream.account || std::find(carried.begin(), carried.end(), row.account) != carried.end();
    if (!known) carried.push_back(row.account);
    if (row.device != stream.device) row.removed_seq = channel.row.head_seq;
    change.changed.push_back(row);
  }
  // Epochs begin again at 0: what a removal in an earlier group ended says nothing about grants in this one.
  STEIGER_TRY(auto former, store_.former(channel.row.number));
  for (FormerRow& row : former) {
    row.removed_in = 0;
    change.removed.push_back(std::move(row));
  }
  STEIGER_CHECK(store_.change_group(change, event("generation.opened", {{"channel", body.channel.text()},
                                                                        {"generation", std::to_string(body.generation)},
                                                                        {"account", stream.account.text()}})));
  channel.row.generation = body.generation;
  channel.row.group_id = group_id;
  channel.row.epoch = opening.group->epoch();
  channel.head_dirty = true;
  touch(channel);
  apply(channel, change);
  return Verdict::accept();
}

}  // namespace steiger::gateway
