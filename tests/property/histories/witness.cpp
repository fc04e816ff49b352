#include "tests/property/histories/witness.h"

#include <algorithm>

namespace steiger::sdk::histories {

using gateway::ChannelNumber;
using gateway::GroupChange;

namespace {

void apply(RoomTruth& room, const GroupChange& change, Witnessed& happened) {
  for (const gateway::MemberRow& row : change.changed) {
    const auto stay = std::find_if(room.stays.begin(), room.stays.end(),
                                   [&](const Stay& s) { return s.device == row.device && s.joined == row.joined_seq; });
    if (stay == room.stays.end()) continue;
    if (stay->left == 0 && row.removed_seq != 0) ++happened.removals;
    stay->left = row.removed_seq;
    if (stay->left != 0 && change.generation) ++stay->left;  // of the group, by its last link: what that link carries was theirs
  }
  for (const gateway::MemberRow& row : change.added) {
    room.stays.push_back({row.account, row.device, row.joined_seq, row.removed_seq});
    ++happened.adds;
  }
  if (change.generation) ++happened.generations;
}

}  // namespace

Result<void> WitnessStore::begin() {
  notes_.clear();
  return MemoryStore::begin();
}

Result<void> WitnessStore::commit() {
  STEIGER_CHECK(MemoryStore::commit());
  for (const auto& each : notes_) each(kept_);
  notes_.clear();
  return {};
}

void WitnessStore::rollback() noexcept {
  notes_.clear();
  MemoryStore::rollback();
}

Result<ChannelNumber> WitnessStore::open_channel(const gateway::ChannelRow& row, const GroupChange& first,
                                                 const gateway::AuditEvent& event) {
  STEIGER_TRY(const ChannelNumber number, MemoryStore::open_channel(row, first, event));
  note([number, channel = row.channel, first](Seen& seen) {
    RoomTruth& room = seen.rooms[number];
    room.channel = channel;
    apply(room, first, seen.happened);
  });
  return number;
}

Result<void> WitnessStore::change_group(const GroupChange& change, const gateway::AuditEvent& event) {
  STEIGER_CHECK(MemoryStore::change_group(change, event));
  const bool resync = std::string_view(event.name) == "group.resynced";
  note([change, resync](Seen& seen) {
    apply(seen.rooms[change.channel], change, seen.happened);
    if (resync) ++seen.happened.resyncs;
  });
  return {};
}

Result<void> WitnessStore::append(const gateway::RelayBatch& batch, const gateway::AuditEvent& event) {
  STEIGER_CHECK(MemoryStore::append(batch, event));
  for (const auto& appended : batch.appended) {
    for (const gateway::MessageRow* row : appended.messages) {
      const bool commit = row->kind == gateway::MessageKind::commit;
      note([number = appended.channel, id = row->id, seq = row->seq, commit](Seen& seen) {
        if (commit) {
          ++seen.happened.commits;
        } else {
          seen.rooms[number].places[id] = seq;
        }
      });
    }
  }
  return {};
}

Result<void> WitnessStore::put_nack(ChannelNumber channel, const gateway::NackRow& nack, const gateway::MemberRow& stay,
                                    const gateway::AuditEvent& event) {
  STEIGER_CHECK(MemoryStore::put_nack(channel, nack, stay, event));
  note([](Seen& seen) { ++seen.happened.nacks; });
  return {};
}

Result<void> WitnessStore::expire(ChannelNumber channel, std::uint64_t up_to_seq,
                                  const std::vector<gateway::UndeliveredRow>& undelivered, const gateway::AuditEvent& event) {
  STEIGER_CHECK(MemoryStore::expire(channel, up_to_seq, undelivered, event));
  note([count = undelivered.size()](Seen& seen) { seen.happened.expired += count; });
  return {};
}

const RoomTruth* WitnessStore::room(const ChannelId& channel) const {
  for (const auto& [number, room] : kept_.rooms) {
    if (room.channel == channel) return &room;
  }
  return nullptr;
}

}  // namespace steiger::sdk::histories
