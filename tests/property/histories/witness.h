// What the gateway's store holds for true, seen as it is written: who was in which room from where to where, and what has which place.
// The checks of a history compare the devices with this, not with each other only.
#pragma once

#include <map>
#include <vector>

#include "crypto/base/ids.h"
#include "gateway/store/memory_store.h"

namespace steiger::sdk::histories {

// One stay of a device in a room: it reads what has a place behind `joined` and, when it has left, before `left`.
struct Stay {
  AccountId account;
  DeviceId device;
  std::uint64_t joined = 0;
  std::uint64_t left = 0;  // 0: it is still there
  [[nodiscard]] bool covers(std::uint64_t seq) const { return seq > joined && (left == 0 || seq < left); }
};

struct RoomTruth {
  ChannelId channel;
  std::vector<Stay> stays;
  std::map<MessageId, std::uint64_t> places;  // of application messages
};

// What happened, to be counted.
struct Witnessed {
  std::uint64_t commits = 0;
  std::uint64_t adds = 0;      // leaves
  std::uint64_t removals = 0;  // leaves
  std::uint64_t nacks = 0;
  std::uint64_t resyncs = 0;
  std::uint64_t generations = 0;
  std::uint64_t expired = 0;  // messages whose ciphertext waited too long for somebody (S13)
};

class WitnessStore final : public gateway::MemoryStore {
 public:
  explicit WitnessStore(Rng& rng) : MemoryStore(rng) {}

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() noexcept override;
  Result<gateway::ChannelNumber> open_channel(const gateway::ChannelRow& row, const gateway::GroupChange& first,
                                              const gateway::AuditEvent& event) override;
  Result<void> change_group(const gateway::GroupChange& change, const gateway::AuditEvent& event) override;
  Result<void> append(const gateway::RelayBatch& batch, const gateway::AuditEvent& event) override;
  Result<void> put_nack(gateway::ChannelNumber channel, const gateway::NackRow& nack, const gateway::MemberRow& stay,
                        const gateway::AuditEvent& event) override;
  Result<void> expire(gateway::ChannelNumber channel, std::uint64_t up_to_seq,
                      const std::vector<gateway::UndeliveredRow>& undelivered, const gateway::AuditEvent& event) override;

  // Of what was committed.
  [[nodiscard]] const std::map<gateway::ChannelNumber, RoomTruth>& rooms() const { return kept_.rooms; }
  [[nodiscard]] const RoomTruth* room(const ChannelId& channel) const;
  [[nodiscard]] const Witnessed& happened() const { return kept_.happened; }

 private:
  struct Seen {
    std::map<gateway::ChannelNumber, RoomTruth> rooms;
    Witnessed happened;
  };
  // The note that a transaction makes; it is true once the transaction is.
  void note(std::function<void(Seen&)> what) { notes_.push_back(std::move(what)); }

  Seen kept_;
  std::vector<std::function<void(Seen&)>> notes_;
};

}  // namespace steiger::sdk::histories
