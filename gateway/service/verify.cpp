#include "gateway/service/verify.h"

#include <algorithm>
#include <limits>
#include <set>

#include "crypto/log/chain.h"
#include "crypto/mls/public_group.h"

namespace steiger::gateway {
namespace {

std::string verify_channel(Store& store, const ChannelId& id) {
  const auto channel = store.channel(id);
  if (!channel.ok() || !*channel) return "channel cannot be read";
  const ChannelRow& row = **channel;
  const auto members = store.members(row.number);
  const auto messages = store.messages(
      row.number, 1,
      {.max_messages = std::numeric_limits<std::int32_t>::max(), .max_bytes = std::numeric_limits<std::size_t>::max()});
  if (!members.ok() || !messages.ok()) return "rows cannot be read";
  if (messages->size() != row.head_seq) return "head_seq is not the number of messages";
  std::uint64_t everybody = row.head_seq;
  std::set<DeviceId> roster;
  for (const MemberRow& member : *members) {
    everybody = std::min(everybody, member.acknowledged_seq);
    if (member.acknowledged_seq > row.head_seq) return "a device acknowledged more than there is";
    if (member.in_roster() && !roster.insert(member.device).second) return "a device is in the roster twice";
    if (!member.in_roster() && member.acknowledged_seq >= member.removed_seq) return "a stay that is over and fetched was kept";
  }
  const auto stored = store.public_group(row.number);
  if (!stored.ok()) return "the group cannot be read";
  const auto group = mls::PublicGroup::deserialize(*stored);
  if (!group.ok()) return "the group cannot be read";
  if (group->tree().member_count() != roster.size()) return "the roster is not the leaves of the tree";
  if (!equal(group->group_id(), row.group_id) || group->epoch() != row.epoch)
    return "the group is another one, or in another epoch";
  if (row.dropped_seq > everybody) return "ciphertext was dropped before everybody had it";
  Hash head = log::chain_start(id);
  std::uint64_t epoch = 0;
  std::uint32_t generations = 0;
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const MessageRow& message = (*messages)[i];
    if (message.seq != i + 1) return "a sequence number is missing";
    if (message.epoch == 0 && epoch != 0 && generations < row.generation) {  // S11: another group
      epoch = 0;
      ++generations;
    }
    if (message.epoch != epoch) return "a message outside its epoch (S12)";
    if (message.kind == MessageKind::commit) ++epoch;
    head = log::chain_next(head, {id, message.seq, message.payload_hash, message.account, message.device, message.id, message.tag,
                                  message.accepted});
    if (message.chain != head) return "chain value differs (S15)";
    const bool expired = message.kind == MessageKind::application && message.seq <= row.expired_seq;  // S13
    if (message.payload.has_value() != (message.seq > row.dropped_seq && !expired)) return "payload kept or dropped wrongly";
    if (message.payload && sha256(*message.payload) != message.payload_hash) return "payload hash differs";
  }
  if (head != row.head) return "stored head differs";
  if (row.epoch == 0 && generations < row.generation) epoch = 0;
  if (epoch != row.epoch) return "epoch is not the number of commits";
  return "";
}

}  // namespace

std::string verify_channels(Store& store, const std::vector<ChannelId>& channels) {
  for (const ChannelId& channel : channels) {
    if (std::string problem = verify_channel(store, channel); !problem.empty()) return problem;
  }
  return "";
}

std::string verify_audit(Store& store) {
  constexpr std::size_t kPortion = 1000;
  std::uint64_t next = 0;
  while (true) {
    const auto rows = store.audit(next, kPortion);
    if (!rows.ok()) return "audit rows cannot be read";
    for (const AuditRow& row : *rows) {
      if (row.index != next++) return "an audit row is missing";
      if (!store.sealer().open(row).ok()) return "an audit record does not fit its leaf";
    }
    if (rows->size() < kPortion) return "";
  }
}

}  // namespace steiger::gateway
