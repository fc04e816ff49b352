// The MemoryStore's channels: groups, rosters and messages.
#include <algorithm>

#include "gateway/store/memory_store.h"

namespace steiger::gateway {

Result<MemoryStore::Channel*> MemoryStore::find(ChannelNumber number) {
  const auto found = channels_.find(number);
  if (found == channels_.end()) return kStoreMisuse;
  return &found->second;
}

Result<std::optional<ChannelRow>> MemoryStore::channel(const ChannelId& channel) {
  const auto found = numbers_.find(channel);
  if (found == numbers_.end()) return std::optional<ChannelRow>();
  return std::optional(channels_.at(found->second).row);
}
Result<std::vector<MemberRow>> MemoryStore::members(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  std::vector<MemberRow> out;
  for (const auto& [key, row] : channel->stays) out.push_back(row);
  return out;
}
Result<std::vector<ChannelId>> MemoryStore::channels_of(const DeviceId& device) {
  std::vector<ChannelId> out;
  for (const auto& [number, channel] : channels_) {
    const auto first = channel.stays.lower_bound({device, 0});
    if (first != channel.stays.end() && first->first.first == device) out.push_back(channel.row.channel);
  }
  return out;
}
Result<Bytes> MemoryStore::public_group(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  return channel->public_group;
}
Result<Bytes> MemoryStore::group_info(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  return channel->group_info;
}
Result<Bytes> MemoryStore::certificates(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  return channel->certificates;
}
Result<std::vector<FormerRow>> MemoryStore::former(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  std::vector<FormerRow> out;
  for (const auto& [device, row] : channel->former) out.push_back(row);
  return out;
}
Result<std::vector<AccountId>> MemoryStore::carried_over(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  return channel->carried_over;
}
Result<ChannelNumber> MemoryStore::open_channel(const ChannelRow& row, const GroupChange& first, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  if (numbers_.count(row.channel) != 0) return kStoreConstraint;
  Channel channel;
  channel.row = row;
  channel.row.number = static_cast<ChannelNumber>(channels_.size() + 1);
  const ChannelNumber number = channel.row.number;
  put(numbers_, row.channel, number);
  put(channels_, number, std::move(channel));
  STEIGER_CHECK(put_roster(channels_.at(number), first));
  return number;
}
Result<void> MemoryStore::change_group(const GroupChange& change, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Channel * channel, find(change.channel));
  return put_roster(*channel, change);
}
Result<void> MemoryStore::put_roster(Channel& channel, const GroupChange& change) {
  assign(channel.public_group, change.public_group);
  assign(channel.group_info, change.group_info);
  assign(channel.certificates, change.certificates);
  if (change.generation) {
    ChannelRow row = channel.row;
    row.generation = change.generation->number;
    row.group_id = change.generation->group_id;
    assign(channel.row, row);
    auto carried_over = change.generation->carried_over;
    std::sort(carried_over.begin(), carried_over.end());
    assign(channel.carried_over, carried_over);
  }
  for (const MemberRow& stay : change.changed) {
    const auto known = channel.stays.find({stay.device, stay.joined_seq});
    if (known == channel.stays.end()) return kStoreMisuse;
    MemberRow row = stay;
    row.acknowledged_seq = known->second.acknowledged_seq;
    put(channel.stays, known->first, row);
  }
  for (const MemberRow& stay : change.added) {
    if (channel.stays.count({stay.device, stay.joined_seq}) != 0) return kStoreConstraint;
    put(channel.stays, {stay.device, stay.joined_seq}, stay);
    auto carried_over = channel.carried_over;
    std::erase(carried_over, stay.account);
    if (carried_over != channel.carried_over) assign(channel.carried_over, carried_over);
  }
  for (const DeviceId& device : change.back) erase(channel.former, device);
  for (const FormerRow& row : change.removed) put(channel.former, row.device, row);
  for (const DeviceId& device : change.freed) erase(channel.nacks, device);
  if (change.welcome) put(channel.welcomes, change.welcome->seq, *change.welcome);
  return {};
}
Result<std::vector<NackRow>> MemoryStore::nacks(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  std::vector<NackRow> out;
  for (const auto& [device, row] : channel->nacks) out.push_back(row);
  return out;
}
Result<void> MemoryStore::put_nack(ChannelNumber number, const NackRow& nack, const MemberRow& stay, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Channel * channel, find(number));
  const auto known = channel->stays.find({stay.device, stay.joined_seq});
  if (known == channel->stays.end()) return kStoreMisuse;
  MemberRow row = stay;
  row.acknowledged_seq = known->second.acknowledged_seq;
  put(channel->stays, known->first, row);
  put(channel->nacks, nack.device, nack);
  return {};
}

Result<std::optional<DayNumber>> MemoryStore::last_seen(const DeviceId& device) {
  const auto found = seen_.find(device);
  if (found == seen_.end()) return std::optional<DayNumber>();
  return std::optional(found->second);
}
Result<void> MemoryStore::watch_unseen(DayNumber today) {
  for (const auto& [device, row] : devices_) {
    if (seen_.count(device) == 0) put(seen_, device, today);
  }
  return {};
}
bool MemoryStore::in_roster(const Channel& channel, const DeviceId& device) {
  return std::any_of(channel.stays.begin(), channel.stays.end(),
                     [&](const auto& stay) { return stay.second.device == device && stay.second.in_roster(); });
}
std::vector<RosterTaskRow> MemoryStore::tasks_in(const Channel& channel, DayNumber silent_before) const {
  std::vector<RosterTaskRow> out;
  const auto day_of = [&](const DeviceId& device) {
    const auto found = seen_.find(device);
    return found == seen_.end() ? std::nullopt : std::optional(found->second);
  };
  const auto revoked = [&](const DeviceId& device) {
    const auto found = devices_.find(device);
    return found == devices_.end() ? std::nullopt : std::optional(found->second.revoked);
  };
  for (const auto& [key, stay] : channel.stays) {
    const auto is_revoked = revoked(stay.device);
    if (!stay.in_roster() || !is_revoked) continue;
    const auto day = day_of(stay.device);
    if (*is_revoked) {
      out.push_back({RosterTaskKind::remove_revoked, channel.row.channel, stay.account, stay.device});
    } else if (day && *day < silent_before) {
      out.push_back({RosterTaskKind::remove_silent, channel.row.channel, stay.account, stay.device});
    }
  }
  for (const auto& [device, row] : channel.former) {
    const auto day = day_of(device);
    if (!row.silent || revoked(device) != false || !day || *day < silent_before) continue;
    out.push_back({RosterTaskKind::add_back, channel.row.channel, row.account, device});
  }
  return out;
}
Result<std::vector<RosterTaskRow>> MemoryStore::roster_tasks(const DeviceId& device, DayNumber silent_before) {
  std::vector<RosterTaskRow> out;
  for (const auto& [number, channel] : channels_) {
    if (!in_roster(channel, device)) continue;
    for (const RosterTaskRow& task : tasks_in(channel, silent_before)) {
      if (task.device != device) out.push_back(task);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}
Result<std::vector<ChannelId>> MemoryStore::channels_with_tasks(DayNumber silent_before) {
  std::vector<ChannelId> out;
  for (const auto& [number, channel] : channels_) {
    if (!tasks_in(channel, silent_before).empty()) out.push_back(channel.row.channel);
  }
  return out;
}

Result<void> MemoryStore::append(const RelayBatch& batch, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  for (const auto& appended : batch.appended) {
    STEIGER_TRY(Channel * channel, find(appended.channel));
    for (const MessageRow* message : appended.messages) {
      if (channel->messages.count(message->seq) != 0) return kStoreConstraint;
      put(channel->messages, message->seq, *message);
    }
  }
  for (const ChannelRow* head : batch.heads) {
    STEIGER_TRY(Channel * channel, find(head->number));
    ChannelRow row = channel->row;
    row.epoch = head->epoch;
    row.head_seq = head->head_seq;
    row.head = head->head;
    assign(channel->row, row);
  }
  for (const auto& counter : batch.counters) {
    const auto device = devices_.find(counter.device);
    if (device == devices_.end()) return kStoreMisuse;
    assign(device->second.accepted_counter, counter.accepted_counter);
  }
  return {};
}
Result<void> MemoryStore::acknowledge(const AcknowledgeBatch& batch) {
  if (!open_) return kStoreMisuse;
  for (const auto& position : batch.positions) {
    STEIGER_TRY(Channel * channel, find(position.channel));
    const auto stay = channel->stays.find({position.device, position.joined_seq});
    if (stay == channel->stays.end()) return kStoreMisuse;
    MemberRow row = stay->second;
    row.acknowledged_seq = position.acknowledged_seq;
    put(channel->stays, stay->first, row);
  }
  for (const auto& gone : batch.gone) {
    STEIGER_TRY(Channel * channel, find(gone.channel));
    erase(channel->stays, {gone.device, gone.joined_seq});
  }
  for (const auto& seen : batch.seen) put(seen_, seen.device, seen.day);
  for (const auto& drop : batch.drops) {
    STEIGER_TRY(Channel * channel, find(drop.channel));
    for (std::uint64_t seq = drop.after_seq + 1; seq <= drop.up_to_seq; ++seq) {
      erase(channel->welcomes, seq);
      const auto message = channel->messages.find(seq);
      if (message != channel->messages.end()) assign(message->second.payload, std::optional<Bytes>());
    }
    assign(channel->row.dropped_seq, drop.up_to_seq);
  }
  return {};
}
Result<std::vector<MessageRow>> MemoryStore::messages(ChannelNumber number, std::uint64_t from, const ReadLimit& limit) {
  STEIGER_TRY(const Channel* channel, find(number));
  std::vector<MessageRow> out;
  std::size_t bytes = 0;
  for (auto at = channel->messages.lower_bound(from); at != channel->messages.end(); ++at) {
    bytes += limit.with_payload && at->second.payload ? at->second.payload->size() : 0;
    if (out.size() == limit.max_messages || (!out.empty() && bytes > limit.max_bytes)) break;
    out.push_back(at->second);
    if (!limit.with_payload) out.back().payload.reset();
  }
  return out;
}
Result<std::optional<WelcomeRow>> MemoryStore::welcome(ChannelNumber number, std::uint64_t seq) {
  STEIGER_TRY(const Channel* channel, find(number));
  const auto found = channel->welcomes.find(seq);
  if (found == channel->welcomes.end()) return std::optional<WelcomeRow>();
  return std::optional(found->second);
}

Result<std::optional<MessageRow>> MemoryStore::commit_of(ChannelNumber number, std::uint64_t epoch) {
  STEIGER_TRY(const Channel* channel, find(number));
  for (auto at = channel->messages.rbegin(); at != channel->messages.rend(); ++at) {
    if (at->second.kind != MessageKind::commit || at->second.epoch != epoch) continue;
    MessageRow out = at->second;
    out.payload.reset();
    return std::optional(std::move(out));
  }
  return std::optional<MessageRow>();
}
Result<std::vector<ChannelId>> MemoryStore::channels_overdue(Timestamp before) {
  std::vector<ChannelId> out;
  for (const auto& [number, channel] : channels_) {
    const auto oldest = channel.messages.find(std::max(channel.row.dropped_seq, channel.row.expired_seq) + 1);
    if (oldest != channel.messages.end() && oldest->second.accepted <= before) out.push_back(channel.row.channel);
  }
  return out;
}
Result<std::vector<std::pair<ChannelId, MemberRow>>> MemoryStore::stays_overdue(Timestamp before) {
  std::vector<std::pair<ChannelId, MemberRow>> out;
  for (const auto& [number, channel] : channels_) {
    for (const auto& [key, stay] : channel.stays) {
      if (stay.in_roster()) continue;
      const auto removal = channel.messages.find(stay.removed_seq);
      const auto device = devices_.find(stay.device);
      const bool old = removal != channel.messages.end() && removal->second.accepted <= before;
      if (old || (device != devices_.end() && device->second.revoked)) out.emplace_back(channel.row.channel, stay);
    }
  }
  return out;
}
Result<void> MemoryStore::expire(ChannelNumber number, std::uint64_t up_to_seq, const std::vector<UndeliveredRow>& undelivered,
                                 const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Channel * channel, find(number));
  for (std::uint64_t seq = std::max(channel->row.dropped_seq, channel->row.expired_seq) + 1; seq <= up_to_seq; ++seq) {
    const auto message = channel->messages.find(seq);
    if (message == channel->messages.end() || message->second.kind != MessageKind::application) continue;
    assign(message->second.payload, std::optional<Bytes>());
  }
  assign(channel->row.expired_seq, up_to_seq);
  for (const UndeliveredRow& row : undelivered) put(undelivered_, {number, row.seq}, row);
  return {};
}
Result<std::vector<UndeliveredRow>> MemoryStore::undelivered(const DeviceId& device) {
  std::vector<UndeliveredRow> out;
  for (const auto& [key, row] : undelivered_) {
    if (row.device == device) out.push_back(row);
  }
  return out;
}
Result<void> MemoryStore::told_undelivered(const DeviceId& device, Timestamp now, Timestamp forget_before) {
  const auto rows = undelivered_;
  for (const auto& [key, row] : rows) {
    if (row.device != device) continue;
    if (row.told.ms != 0 && row.told <= forget_before) {
      erase(undelivered_, key);
    } else if (row.told.ms == 0) {
      UndeliveredRow told = row;
      told.told = now;
      put(undelivered_, key, told);
    }
  }
  return {};
}

}  // namespace steiger::gateway
