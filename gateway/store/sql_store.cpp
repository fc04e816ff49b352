#include "gateway/store/sql_store.h"

#include "gateway/store/sql_schema.h"
#include "gateway/store/sql_store_parts.h"

namespace steiger::gateway::sql {

Result<void> SqlStore::load() {
  STEIGER_TRY(const std::int64_t rows, database_.query_integer("SELECT coalesce(max(number) + 1, 0) FROM audit"));
  audit_next_ = static_cast<std::uint64_t>(rows);
  return {};
}

Result<StoreIdentity> SqlStore::bind(const OrganisationId& organisation, const VerifyKey& root, Timestamp now) {
  STEIGER_TRY(auto known, meta("organisation"));
  if (!known) {
    SigningKey head_key = SigningKey::generate(rng_);
    ByteArray<kIdSize> incarnation{};
    rng_.fill(incarnation);
    STEIGER_CHECK(begin());
    auto done = create_identity(organisation, root, incarnation, head_key, now);
    if (!done.ok()) {
      rollback();
      return done.error();
    }
    STEIGER_CHECK(commit());
    return StoreIdentity{organisation, root, incarnation, std::move(head_key)};
  }
  STEIGER_TRY(const auto known_root, meta("organisation_root"));
  STEIGER_TRY(const auto incarnation, meta("incarnation"));
  STEIGER_TRY(auto seed, meta("head_key_seed"));
  if (!known_root || !incarnation || !seed) return kStoreCorrupt;
  if (!equal(*known, organisation.bytes()) || !equal(*known_root, root.bytes())) return kStoreOtherOrganisation;
  STEIGER_TRY(const auto incarnation_bytes, to_array<kIdSize>(*incarnation));
  const SecretBytes wiped = SecretBytes::adopt(std::move(*seed));
  STEIGER_TRY(auto head_seed, SigningKey::Seed::from_bytes(wiped.bytes()));
  return StoreIdentity{organisation, root, incarnation_bytes, SigningKey(std::move(head_seed))};
}

Result<void> SqlStore::begin() {
  STEIGER_TRY(Statement * statement, prepared("BEGIN IMMEDIATE"));
  audit_before_ = audit_next_;
  return statement->run();
}

Result<void> SqlStore::commit() {
  auto done = database_.commit();
  if (!done.ok()) audit_next_ = audit_before_;
  return done;
}

void SqlStore::rollback() noexcept {
  database_.rollback();
  audit_next_ = audit_before_;
}

Result<std::optional<AccountRow>> SqlStore::account(const AccountId& account) {
  STEIGER_TRY(Statement * statement, prepared("SELECT account, key, role, chain, registered FROM account WHERE account = ?"));
  statement->bind(1, account.bytes());
  return one<AccountRow>(*statement, read_account);
}

Result<std::optional<DeviceRow>> SqlStore::device(const DeviceId& device) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT device, account, key, accepted_counter, revoked, account_key FROM device WHERE device = ?"));
  statement->bind(1, device.bytes());
  return one<DeviceRow>(*statement, read_device);
}

Result<std::vector<DeviceRow>> SqlStore::devices_of(const AccountId& account) {
  STEIGER_TRY(
      Statement * statement,
      prepared(
          "SELECT device, account, key, accepted_counter, revoked, account_key FROM device WHERE account = ? ORDER BY device"));
  statement->bind(1, account.bytes());
  return all<DeviceRow>(*statement, read_device);
}

Result<void> SqlStore::put_account(const AccountRow& account, std::span<const DeviceRow> devices, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Statement * replaced,
              prepared("INSERT OR REPLACE INTO earlier_key(account, key, until) SELECT account, key, ?3 FROM "
                       "account WHERE account = ?1 AND key <> ?2"));
  STEIGER_CHECK(replaced->bind(1, account.account.bytes()).bind(2, account.key.bytes()).bind(3, event.at.ms).run());
  STEIGER_TRY(Statement * present, prepared("DELETE FROM earlier_key WHERE account = ? AND key = ?"));
  STEIGER_CHECK(present->bind(1, account.account.bytes()).bind(2, account.key.bytes()).run());
  STEIGER_TRY(Statement * put,
              prepared("INSERT OR REPLACE INTO account(account, key, role, chain, registered) VALUES(?, ?, ?, ?, ?)"));
  STEIGER_CHECK(put->bind(1, account.account.bytes())
                    .bind(2, account.key.bytes())
                    .bind(3, account.role)
                    .bind(4, account.chain)
                    .bind(5, account.registered.ms)
                    .run());
  STEIGER_TRY(Statement * update,
              prepared("UPDATE device SET key = ?3, revoked = ?4, account_key = ?5 WHERE device = ?1 AND account = ?2"));
  STEIGER_TRY(
      Statement * insert,
      prepared(
          "INSERT INTO device(device, account, key, revoked, account_key, accepted_counter) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"));
  for (const DeviceRow& row : devices) {
    STEIGER_CHECK(update->bind(1, row.device.bytes())
                      .bind(2, row.account.bytes())
                      .bind(3, row.key.bytes())
                      .bind(4, row.revoked ? 1 : 0)
                      .bind(5, row.account_key.bytes())
                      .run());
    if (database_.changes() != 0) continue;
    STEIGER_CHECK(insert->bind(1, row.device.bytes())
                      .bind(2, row.account.bytes())
                      .bind(3, row.key.bytes())
                      .bind(4, row.revoked ? 1 : 0)
                      .bind(5, row.account_key.bytes())
                      .bind(6, to_sql(row.accepted_counter))
                      .run());
  }
  return {};
}

Result<std::vector<AuditRow>> SqlStore::audit(std::uint64_t from, std::size_t max) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT number, leaf, sealed FROM audit WHERE number >= ? ORDER BY number LIMIT ?"));
  statement->bind(1, to_sql(from)).bind(2, static_cast<std::int64_t>(max));
  return all<AuditRow>(*statement, [](const Statement& row) {
    return Result<AuditRow>({static_cast<std::uint64_t>(row.integer(0)), std::string(row.text(1)), to_bytes(row.blob(2))});
  });
}

Result<Statement*> SqlStore::prepared(const char* sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return &found->second;
  STEIGER_TRY(Statement statement, database_.prepare(sql));
  return &statements_.emplace(sql, std::move(statement)).first->second;
}

Result<std::optional<Bytes>> SqlStore::meta(const char* name) {
  STEIGER_TRY(Statement * statement, prepared("SELECT value FROM meta WHERE name = ?"));
  statement->bind_text(1, name);
  return one<Bytes>(*statement, [](const Statement& row) { return Result<Bytes>(to_bytes(row.blob(0))); });
}

Result<void> SqlStore::put_meta(const char* name, ByteView value) {
  STEIGER_TRY(Statement * statement, prepared("INSERT INTO meta(name, value) VALUES(?, ?)"));
  return statement->bind_text(1, name).bind(2, value).run();
}

Result<void> SqlStore::create_identity(const OrganisationId& organisation, const VerifyKey& root,
                                       const ByteArray<kIdSize>& incarnation, const SigningKey& head_key, Timestamp now) {
  STEIGER_CHECK(put_meta("organisation", organisation.bytes()));
  STEIGER_CHECK(put_meta("organisation_root", root.bytes()));
  STEIGER_CHECK(put_meta("incarnation", incarnation));
  STEIGER_CHECK(put_meta("head_key_seed", head_key.seed().bytes()));
  return record({"store.created", now, {{"organisation", organisation.text()}}});
}

Result<void> SqlStore::record(const AuditEvent& event) {
  const AuditRow row = sealer_.seal(audit_next_, event);
  STEIGER_TRY(Statement * insert, prepared("INSERT INTO audit(number, leaf, sealed) VALUES(?, ?, ?)"));
  STEIGER_CHECK(insert->bind(1, to_sql(row.index)).bind_text(2, row.leaf).bind(3, row.sealed).run());
  ++audit_next_;
  return {};
}

}  // namespace steiger::gateway::sql

namespace steiger::gateway {

Result<std::unique_ptr<Store>> open_sql_store(SqlStoreOptions options, Rng& rng) {
  STEIGER_TRY(sqlcipher::Database database, sqlcipher::Database::open(options.path, options.key, {.create = options.create}));
  STEIGER_CHECK(database.migrate(kSqlMigrations));
  auto store = std::make_unique<sql::SqlStore>(std::move(database), std::move(options.audit_key), rng);
  STEIGER_CHECK(store->load());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace steiger::gateway
