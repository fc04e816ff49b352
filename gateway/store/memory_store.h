// A Store without a disk, for tests and the SDK's simulated network: same contract, nothing survives the object.
#pragma once

#include <map>

#include "gateway/store/store.h"

namespace steiger::gateway {

class MemoryStore : public Store {
 public:
  // `rng` must outlive the store.
  explicit MemoryStore(Rng& rng) : rng_(rng), sealer_(SecretboxKey::random(rng), rng) {}

  // Test seam: the next commit() fails with `error`, as a full disk would.
  void fail_next_commit(const Error& error) { failure_ = error; }

  Result<StoreIdentity> bind(const OrganisationId& organisation, const VerifyKey& root, Timestamp now) override;
  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() noexcept override;
  Result<std::optional<AccountRow>> account(const AccountId& account) override;
  Result<std::optional<DeviceRow>> device(const DeviceId& device) override;
  Result<std::vector<DeviceRow>> devices_of(const AccountId& account) override;
  Result<void> put_account(const AccountRow& account, std::span<const DeviceRow> devices, const AuditEvent& event) override;
  Result<std::vector<EarlierKeyRow>> earlier_keys(const AccountId& account) override;
  Result<KeyPackageStock> key_package_stock(const DeviceId& device, Timestamp now) override;
  Result<bool> had_key_package(const DeviceId& device, const Hash& hash) override;
  Result<void> put_key_packages(std::span<const KeyPackageRow> rows, const AuditEvent& event) override;
  Result<std::optional<KeyPackageRow>> next_key_package(const DeviceId& device, Timestamp now) override;
  Result<void> claim_key_packages(std::span<const KeyPackageRow> rows, const AuditEvent& event) override;
  Result<void> drop_key_packages(const DeviceId& device, const AuditEvent& event) override;
  Result<std::vector<DeviceId>> devices_with_key_packages() override;
  Result<void> sweep_key_packages(Timestamp now, const AuditEvent& event) override;
  Result<std::optional<StandingRow>> standing() override;
  Result<void> put_standing(const StandingRow& row, const AuditEvent& event) override;
  Result<std::vector<OfferRow>> offers() override;
  Result<std::vector<OfferRow>> offers_of(const ChannelId& channel) override;
  Result<std::vector<OfferRow>> offers_naming(const AccountId& successor) override;
  Result<void> put_offer(const OfferRow& row, const AuditEvent& event) override;
  Result<void> remove_offer(const ChannelId& channel, const AccountId& leaving, const AuditEvent& event) override;
  Result<std::optional<ChannelRow>> channel(const ChannelId& channel) override;
  Result<std::vector<MemberRow>> members(ChannelNumber channel) override;
  Result<std::vector<ChannelId>> channels_of(const DeviceId& device) override;
  Result<Bytes> public_group(ChannelNumber channel) override;
  Result<Bytes> group_info(ChannelNumber channel) override;
  Result<Bytes> certificates(ChannelNumber channel) override;
  Result<std::vector<FormerRow>> former(ChannelNumber channel) override;
  Result<std::vector<AccountId>> carried_over(ChannelNumber channel) override;
  Result<ChannelNumber> open_channel(const ChannelRow& row, const GroupChange& first, const AuditEvent& event) override;
  Result<void> change_group(const GroupChange& change, const AuditEvent& event) override;
  Result<std::vector<NackRow>> nacks(ChannelNumber channel) override;
  Result<void> put_nack(ChannelNumber channel, const NackRow& nack, const MemberRow& stay, const AuditEvent& event) override;
  Result<std::optional<DayNumber>> last_seen(const DeviceId& device) override;
  Result<void> watch_unseen(DayNumber today) override;
  Result<std::vector<RosterTaskRow>> roster_tasks(const DeviceId& device, DayNumber silent_before) override;
  Result<std::vector<ChannelId>> channels_with_tasks(DayNumber silent_before) override;
  Result<void> append(const RelayBatch& batch, const AuditEvent& event) override;
  Result<void> acknowledge(const AcknowledgeBatch& batch) override;
  Result<std::vector<MessageRow>> messages(ChannelNumber channel, std::uint64_t from, const ReadLimit& limit) override;
  Result<std::optional<WelcomeRow>> welcome(ChannelNumber channel, std::uint64_t seq) override;
  Result<std::optional<MessageRow>> commit_of(ChannelNumber channel, std::uint64_t epoch) override;
  Result<std::vector<ChannelId>> channels_overdue(Timestamp before) override;
  Result<std::vector<std::pair<ChannelId, MemberRow>>> stays_overdue(Timestamp before) override;
  Result<void> expire(ChannelNumber channel, std::uint64_t up_to_seq, const std::vector<UndeliveredRow>& undelivered,
                      const AuditEvent& event) override;
  Result<std::vector<UndeliveredRow>> undelivered(const DeviceId& device) override;
  Result<void> told_undelivered(const DeviceId& device, Timestamp now, Timestamp forget_before) override;
  Result<std::optional<InviteRow>> invite(const InviteId& invite) override;
  Result<std::optional<InviteRow>> invite_by_lookup(const Hash& lookup) override;
  Result<std::vector<InviteRow>> open_invites_of(const AccountId& coach) override;
  Result<std::vector<UnansweredProof>> unanswered_proofs(const AccountId& coach, const ProofPlace& after, Timestamp ends_after,
                                                         const ReadLimit& limit) override;
  Result<std::vector<ProofRow>> proofs(const InviteId& invite) override;
  Result<void> put_invite(const InviteRow& row, const AuditEvent& event) override;
  Result<void> put_proof(const InviteId& invite, const ProofRow& row, const AuditEvent& event) override;
  Result<std::vector<AuditRow>> audit(std::uint64_t from, std::size_t max) override;
  [[nodiscard]] const AuditSealer& sealer() const override { return sealer_; }

 private:
  struct Channel {
    ChannelRow row;
    Bytes public_group;
    Bytes group_info;
    Bytes certificates;
    std::map<std::pair<DeviceId, std::uint64_t>, MemberRow> stays;  // by joined_seq
    std::map<DeviceId, FormerRow> former;
    std::vector<AccountId> carried_over;
    std::map<DeviceId, NackRow> nacks;
    std::map<std::uint64_t, MessageRow> messages;
    std::map<std::uint64_t, WelcomeRow> welcomes;
  };
  // Writes `value` under `key` and remembers how to undo it.
  template <class Map>
  void put(Map& map, const typename Map::key_type& key, typename Map::mapped_type value);
  template <class Map>
  void erase(Map& map, const typename Map::key_type& key);
  template <class T>
  void assign(T& target, T value);
  Result<void> record(const AuditEvent& event);
  Result<Channel*> find(ChannelNumber number);
  Result<void> put_roster(Channel& channel, const GroupChange& change);
  static bool in_roster(const Channel& channel, const DeviceId& device);
  [[nodiscard]] std::vector<RosterTaskRow> tasks_in(const Channel& channel, DayNumber silent_before) const;

  Rng& rng_;
  AuditSealer sealer_;
  std::optional<Error> failure_;
  bool open_ = false;
  std::vector<std::function<void()>> undo_;

  struct Bound {
    OrganisationId organisation;
    VerifyKey root;
    ByteArray<kIdSize> incarnation{};
    SigningKey head_key;
  };
  std::optional<Bound> bound_;
  std::map<AccountId, AccountRow> accounts_;
  std::map<AccountId, std::vector<EarlierKeyRow>> earlier_keys_;  // newest first
  std::map<std::pair<DeviceId, Hash>, KeyPackageRow> key_packages_;
  std::optional<StandingRow> standing_;
  std::map<std::pair<ChannelId, AccountId>, OfferRow> offers_;
  std::map<DeviceId, DeviceRow> devices_;
  std::map<ChannelId, ChannelNumber> numbers_;
  std::map<ChannelNumber, Channel> channels_;
  std::map<InviteId, InviteRow> invites_;
  std::map<std::pair<InviteId, std::uint32_t>, ProofRow> proofs_;
  std::map<DeviceId, DayNumber> seen_;
  std::map<std::pair<ChannelNumber, std::uint64_t>, UndeliveredRow> undelivered_;
  std::map<std::uint64_t, AuditRow> audit_;
};

// Undo steps hold references: std::map never moves its values, and a transaction undoes in reverse order.
template <class Map>
void MemoryStore::put(Map& map, const typename Map::key_type& key, typename Map::mapped_type value) {
  const auto found = map.find(key);
  if (found == map.end()) {
    undo_.push_back([&map, key] { map.erase(key); });
    map.emplace(key, std::move(value));
  } else {
    undo_.push_back([&map, key, old = found->second] { map.find(key)->second = old; });
    found->second = std::move(value);
  }
}
template <class Map>
void MemoryStore::erase(Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  if (found == map.end()) return;
  undo_.push_back([&map, key, old = found->second] { map.emplace(key, old); });
  map.erase(found);
}
template <class T>
void MemoryStore::assign(T& target, T value) {
  undo_.push_back([&target, old = target] { target = old; });
  target = std::move(value);
}

}  // namespace steiger::gateway
