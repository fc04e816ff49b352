#include "gateway/store/memory_store.h"

#include <algorithm>

namespace steiger::gateway {

Result<void> MemoryStore::record(const AuditEvent& event) {
  if (!open_) return kStoreMisuse;
  put(audit_, audit_.size(), sealer_.seal(audit_.size(), event));
  return {};
}

Result<MemoryStore::Channel*> MemoryStore::find(ChannelNumber number) {
  const auto found = channels_.find(number);
  if (found == channels_.end()) return kStoreMisuse;
  return &found->second;
}

Result<StoreIdentity> MemoryStore::bind(const OrganisationId& organisation, const VerifyKey& root, Timestamp now) {
  if (!bound_) {
    bound_ = Bound{organisation, root, {}, SigningKey::generate(rng_)};
    rng_.fill(bound_->incarnation);
    STEIGER_CHECK(begin());
    STEIGER_CHECK(record({"store.created", now, {{"organisation", organisation.text()}}}));
    STEIGER_CHECK(commit());
  }
  if (bound_->organisation != organisation || bound_->root != root) return kStoreOtherOrganisation;
  return StoreIdentity{bound_->organisation, bound_->root, bound_->incarnation, bound_->head_key.clone()};
}

Result<void> MemoryStore::begin() {
  if (open_) return kStoreMisuse;
  open_ = true;
  return {};
}
Result<void> MemoryStore::commit() {
  if (!open_) return kStoreMisuse;
  if (failure_) {
    const Error error = *failure_;
    failure_.reset();
    rollback();
    return error;
  }
  open_ = false;
  undo_.clear();
  return {};
}
void MemoryStore::rollback() noexcept {
  for (; !undo_.empty(); undo_.pop_back()) undo_.back()();
  open_ = false;
}

Result<std::optional<AccountRow>> MemoryStore::account(const AccountId& account) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return std::optional<AccountRow>();
  return std::optional(found->second);
}
Result<std::optional<DeviceRow>> MemoryStore::device(const DeviceId& device) {
  const auto found = devices_.find(device);
  if (found == devices_.end()) return std::optional<DeviceRow>();
  return std::optional(found->second);
}
Result<std::vector<DeviceRow>> MemoryStore::devices_of(const AccountId& account) {
  std::vector<DeviceRow> out;
  for (const auto& [id, row] : devices_) {
    if (row.account == account) out.push_back(row);
  }
  return out;
}
Result<void> MemoryStore::put_account(const AccountRow& account, std::span<const DeviceRow> devices, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  auto& earlier = earlier_keys_[account.account];
  if (const auto known = accounts_.find(account.account); known != accounts_.end() && known->second.key != account.key) {
    std::vector<EarlierKeyRow> keys{{known->second.key, event.at}};
    for (const EarlierKeyRow& row : earlier) {
      if (row.key != known->second.key && row.key != account.key) keys.push_back(row);
    }
    assign(earlier, std::move(keys));
  }
  put(accounts_, account.account, account);
  for (DeviceRow row : devices) {
    if (const auto known = devices_.find(row.device); known != devices_.end()) {
      if (known->second.account != row.account) return kStoreConstraint;
      row.accepted_counter = known->second.accepted_counter;
    }
    put(devices_, row.device, row);
  }
  return {};
}

Result<std::optional<ChannelRow>> MemoryStore::channel(const ChannelId& channel) {
  const auto found = numbers_.find(channel);
  if (found == numbers_.end()) return std::optional<ChannelRow>();
  return std::optional(channels_.at(found->second).row);
}
Result<std::vector<MemberRow>> MemoryStore::members(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  std::vector<MemberRow> out;
  for (const auto& [device, row] : channel->members) out.push_back(row);
  return out;
}
Result<std::vector<ChannelId>> MemoryStore::channels_of(const DeviceId& device) {
  std::vector<ChannelId> out;
  for (const auto& [number, channel] : channels_) {
    if (channel.members.count(device) != 0) out.push_back(channel.row.channel);
  }
  return out;
}
Result<Bytes> MemoryStore::public_group(ChannelNumber number) {
  STEIGER_TRY(const Channel* channel, find(number));
  return channel->public_group;
}
Result<ChannelNumber> MemoryStore::open_channel(const ChannelRow& row, const std::vector<MemberRow>& members,
                                                ByteView public_group, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  if (numbers_.count(row.channel) != 0) return kStoreConstraint;
  Channel channel{row, to_bytes(public_group), {}, {}, {}};
  channel.row.number = static_cast<ChannelNumber>(channels_.size() + 1);
  for (const MemberRow& member : members) channel.members[member.device] = member;
  const ChannelNumber number = channel.row.number;
  put(numbers_, row.channel, number);
  put(channels_, number, std::move(channel));
  return number;
}
Result<void> MemoryStore::advance_group(ChannelNumber number, ByteView public_group, const std::vector<MemberRow>& added,
                                        const std::optional<WelcomeRow>& welcome, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Channel * channel, find(number));
  assign(channel->public_group, to_bytes(public_group));
  for (const MemberRow& member : added) {
    if (channel->members.count(member.device) != 0) return kStoreConstraint;
    put(channel->members, member.device, member);
  }
  if (welcome) put(channel->welcomes, welcome->seq, *welcome);
  return {};
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
    const auto member = channel->members.find(position.device);
    if (member == channel->members.end()) return kStoreMisuse;
    assign(member->second.acknowledged_seq, position.acknowledged_seq);
  }
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

Result<std::optional<InviteRow>> MemoryStore::invite(const InviteId& invite) {
  const auto found = invites_.find(invite);
  if (found == invites_.end()) return std::optional<InviteRow>();
  return std::optional(found->second);
}
Result<std::optional<InviteRow>> MemoryStore::invite_by_lookup(const Hash& lookup) {
  for (const auto& [id, row] : invites_) {
    if (row.lookup == lookup) return std::optional(row);
  }
  return std::optional<InviteRow>();
}
Result<std::vector<InviteRow>> MemoryStore::open_invites_of(const AccountId& coach) {
  std::vector<InviteRow> out;
  for (const auto& [id, row] : invites_) {
    if (row.coach == coach && row.status == InviteStatus::open) out.push_back(row);
  }
  return out;
}
Result<std::vector<UnansweredProof>> MemoryStore::unanswered_proofs(const AccountId& coach, const ProofPlace& after,
                                                                    Timestamp ends_after, const ReadLimit& limit) {
  std::vector<UnansweredProof> out;
  std::size_t bytes = 0;
  for (auto at = proofs_.upper_bound({after.invite, after.ordinal}); at != proofs_.end(); ++at) {
    const auto& [place, proof] = *at;
    const auto invite = invites_.find(place.first);
    if (invite == invites_.end() || invite->second.coach != coach || proof.refused) continue;
    const InviteRow& row = invite->second;
    const bool undecided = row.status == InviteStatus::open && row.expires > ends_after;
    const bool late = row.status == InviteStatus::accepted && proof.hash != row.accepted_proof;
    if (!undecided && !late) continue;
    bytes += proof.proof.size();
    if (out.size() == limit.max_messages || (!out.empty() && bytes > limit.max_bytes)) break;
    out.push_back({place.first, proof});
  }
  return out;
}
Result<std::vector<ProofRow>> MemoryStore::proofs(const InviteId& invite) {
  std::vector<ProofRow> out;
  for (auto at = proofs_.lower_bound({invite, 0}); at != proofs_.end() && at->first.first == invite; ++at) {
    out.push_back(at->second);
  }
  return out;
}
Result<void> MemoryStore::put_invite(const InviteRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(const auto same_lookup, invite_by_lookup(row.lookup));
  if (same_lookup && same_lookup->invite != row.invite) return kStoreConstraint;
  put(invites_, row.invite, row);
  return {};
}
Result<void> MemoryStore::put_proof(const InviteId& invite, const ProofRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  put(proofs_, {invite, row.ordinal}, row);
  return {};
}

Result<std::vector<AuditRow>> MemoryStore::audit(std::uint64_t from, std::size_t max) {
  std::vector<AuditRow> out;
  for (auto at = audit_.lower_bound(from); at != audit_.end() && out.size() < max; ++at) out.push_back(at->second);
  return out;
}

}  // namespace steiger::gateway
