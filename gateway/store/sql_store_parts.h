// The SQLCipher store's class, over some files: sql_store.cpp (identity, transactions, accounts, audit), sql_channels.cpp (groups and
// rosters), sql_relay.cpp (messages and what becomes of them), sql_invites.cpp,
// sql_membership.cpp. Internal to this folder.
#pragma once

#include <unordered_map>

#include "gateway/sqlcipher/database.h"
#include "gateway/store/sql_rows.h"
#include "gateway/store/store.h"

namespace steiger::gateway::sql {

using sqlcipher::Database;

inline std::int64_t to_sql(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

class SqlStore final : public Store {
 public:
  SqlStore(Database database, SecretboxKey audit_key, Rng& rng)
      : database_(std::move(database)), rng_(rng), sealer_(std::move(audit_key), rng) {}

  Result<void> load();

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
  // One prepared statement per SQL text, found by the text's address (literals and statics only).
  Result<Statement*> prepared(const char* sql);
  template <class T, class Read>
  Result<std::optional<T>> one(Statement& statement, Read&& read) {
    STEIGER_TRY(const bool row, statement.step());
    if (!row) return std::optional<T>();
    auto value = read(statement);
    statement.reset();
    if (!value.ok()) return kStoreCorrupt;
    return std::optional<T>(std::move(*value));
  }
  template <class T, class Read>
  Result<std::vector<T>> all(Statement& statement, Read&& read) {
    std::vector<T> out;
    while (true) {
      STEIGER_TRY(const bool row, statement.step());
      if (!row) return out;
      auto value = read(statement);
      if (!value.ok()) {
        statement.reset();
        return kStoreCorrupt;
      }
      out.push_back(std::move(*value));
    }
  }

  Result<std::optional<Bytes>> meta(const char* name);
  Result<void> put_meta(const char* name, ByteView value);
  Result<void> create_identity(const OrganisationId& organisation, const VerifyKey& root, const ByteArray<kIdSize>& incarnation,
                               const SigningKey& head_key, Timestamp now);

  // Everything of `change` but the group's own row.
  Result<void> put_roster(ChannelNumber channel, const GroupChange& change);
  Result<void> add_stays(ChannelNumber channel, const std::vector<MemberRow>& stays);
  Result<void> change_stay(ChannelNumber channel, const MemberRow& stay);
  Result<void> begin_generation(ChannelNumber channel, const GroupChange::Generation& generation);
  Result<Bytes> group_part(const char* sql, ChannelNumber channel);

  // Law 5: the leaf is written with the change or the change is not made.
  Result<void> record(const AuditEvent& event);

  Database database_;
  std::unordered_map<const char*, Statement> statements_;  // finalised before the database closes
  Rng& rng_;
  AuditSealer sealer_;
  std::uint64_t audit_next_ = 0;
  std::uint64_t audit_before_ = 0;
};

}  // namespace steiger::gateway::sql
