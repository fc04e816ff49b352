// Who may be added and by whose word: earlier account keys, key packages, standing and handover offers.
#include "gateway/store/sql_store_parts.h"

namespace steiger::gateway::sql {
namespace {

constexpr char kOfferColumns[] = "channel, leaving, successor, issued, expires, offer, chain";

}  // namespace

Result<std::vector<EarlierKeyRow>> SqlStore::earlier_keys(const AccountId& account) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT key, until FROM earlier_key WHERE account = ? ORDER BY until DESC, key LIMIT ?"));
  statement->bind(1, account.bytes()).bind(2, static_cast<std::int64_t>(kMaxEarlierKeys));
  return all<EarlierKeyRow>(*statement, [](const Statement& each) -> Result<EarlierKeyRow> {
    EarlierKeyRow out;
    Row row(each);
    row.key(out.key);
    row.time(out.until);
    STEIGER_CHECK(row.done());
    return out;
  });
}

Result<KeyPackageStock> SqlStore::key_package_stock(const DeviceId& device, Timestamp now) {
  STEIGER_TRY(Statement * statement,
              prepared("SELECT last_resort, count(*) FROM key_package WHERE device = ? AND claimed = 0 AND "
                       "expires > ? GROUP BY last_resort"));
  statement->bind(1, device.bytes()).bind(2, now.ms);
  KeyPackageStock out;
  while (true) {
    STEIGER_TRY(const bool row, statement->step());
    if (!row) return out;
    if (statement->integer(0) != 0) {
      out.last_resort = true;
    } else {
      out.available = static_cast<std::size_t>(statement->integer(1));
    }
  }
}

Result<bool> SqlStore::had_key_package(const DeviceId& device, const Hash& hash) {
  STEIGER_TRY(Statement * statement, prepared("SELECT 1 FROM key_package WHERE device = ? AND hash = ?"));
  statement->bind(1, device.bytes()).bind(2, hash);
  STEIGER_TRY(const bool there, statement->step());
  statement->reset();
  return there;
}

Result<void> SqlStore::put_key_packages(std::span<const KeyPackageRow> rows, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Statement * replaced, prepared("DELETE FROM key_package WHERE device = ? AND last_resort = 1"));
  STEIGER_TRY(Statement * insert, prepared("INSERT INTO key_package(device, hash, expires, last_resort, claimed, key_package) "
                                           "VALUES(?, ?, ?, ?, ?, ?)"));
  for (const KeyPackageRow& row : rows) {
    STEIGER_TRY(const bool there, had_key_package(row.device, row.hash));
    if (there) continue;
    if (row.last_resort) STEIGER_CHECK(replaced->bind(1, row.device.bytes()).run());
    STEIGER_CHECK(insert->bind(1, row.device.bytes())
                      .bind(2, row.hash)
                      .bind(3, row.expires.ms)
                      .bind(4, row.last_resort ? 1 : 0)
                      .bind(5, row.claimed ? 1 : 0)
                      .bind(6, row.key_package)
                      .run());
  }
  return {};
}

Result<std::optional<KeyPackageRow>> SqlStore::next_key_package(const DeviceId& device, Timestamp now) {
  STEIGER_TRY(
      Statement * statement,
      prepared("SELECT device, hash, expires, last_resort, claimed, key_package FROM key_package WHERE device = ? AND expires > "
               "? AND (claimed = 0 OR last_resort = 1) ORDER BY last_resort, expires, hash LIMIT 1"));
  statement->bind(1, device.bytes()).bind(2, now.ms);
  return one<KeyPackageRow>(*statement, read_key_package);
}

Result<void> SqlStore::claim_key_packages(std::span<const KeyPackageRow> rows, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(
      Statement * claim,
      prepared("UPDATE key_package SET claimed = 1, key_package = CASE last_resort WHEN 1 THEN key_package ELSE x'' END WHERE "
               "device = ? AND hash = ? AND (claimed = 0 OR last_resort = 1)"));
  for (const KeyPackageRow& row : rows) {
    STEIGER_CHECK(claim->bind(1, row.device.bytes()).bind(2, row.hash).run());
    if (database_.changes() != 1) return kStoreMisuse;
  }
  return {};
}

Result<void> SqlStore::drop_key_packages(const DeviceId& device, const AuditEvent& event) {
  STEIGER_TRY(Statement * drop, prepared("DELETE FROM key_package WHERE device = ?"));
  STEIGER_CHECK(drop->bind(1, device.bytes()).run());
  if (database_.changes() == 0) return {};
  return record(event);
}

Result<std::vector<DeviceId>> SqlStore::devices_with_key_packages() {
  STEIGER_TRY(Statement * statement, prepared("SELECT DISTINCT device FROM key_package ORDER BY device"));
  return all<DeviceId>(*statement, [](const Statement& row) { return DeviceId::from_bytes(row.blob(0)); });
}

Result<void> SqlStore::sweep_key_packages(Timestamp now, const AuditEvent& event) {
  STEIGER_TRY(Statement * sweep, prepared("DELETE FROM key_package WHERE expires <= ?"));
  STEIGER_CHECK(sweep->bind(1, now.ms).run());
  if (database_.changes() == 0) return {};
  return record(event);
}

Result<std::optional<StandingRow>> SqlStore::standing() {
  STEIGER_TRY(Statement * statement, prepared("SELECT status_list, root_successions FROM standing"));
  return one<StandingRow>(*statement, [](const Statement& row) {
    return Result<StandingRow>({to_bytes(row.blob(0)), to_bytes(row.blob(1))});
  });
}

Result<void> SqlStore::put_standing(const StandingRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Statement * put, prepared("INSERT OR REPLACE INTO standing(one, status_list, root_successions) VALUES(1, ?, ?)"));
  return put->bind(1, row.status_list).bind(2, row.root_successions).run();
}

Result<std::vector<OfferRow>> SqlStore::offers() {
  static const std::string sql = std::string("SELECT ") + kOfferColumns + " FROM offer ORDER BY channel, leaving";
  STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
  return all<OfferRow>(*statement, read_offer);
}

Result<std::vector<OfferRow>> SqlStore::offers_of(const ChannelId& channel) {
  static const std::string sql = std::string("SELECT ") + kOfferColumns + " FROM offer WHERE channel = ? ORDER BY leaving";
  STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
  statement->bind(1, channel.bytes());
  return all<OfferRow>(*statement, read_offer);
}

Result<std::vector<OfferRow>> SqlStore::offers_naming(const AccountId& successor) {
  static const std::string sql =
      std::string("SELECT ") + kOfferColumns + " FROM offer WHERE successor = ? ORDER BY channel, leaving";
  STEIGER_TRY(Statement * statement, prepared(sql.c_str()));
  statement->bind(1, successor.bytes());
  return all<OfferRow>(*statement, read_offer);
}

Result<void> SqlStore::put_offer(const OfferRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  static const std::string sql = std::string("INSERT OR REPLACE INTO offer(") + kOfferColumns + ") VALUES(?, ?, ?, ?, ?, ?, ?)";
  STEIGER_TRY(Statement * put, prepared(sql.c_str()));
  return put->bind(1, row.channel.bytes())
      .bind(2, row.leaving.bytes())
      .bind(3, row.successor.bytes())
      .bind(4, row.issued.ms)
      .bind(5, row.expires.ms)
      .bind(6, row.offer)
      .bind(7, row.chain)
      .run();
}

Result<void> SqlStore::remove_offer(const ChannelId& channel, const AccountId& leaving, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  STEIGER_TRY(Statement * remove, prepared("DELETE FROM offer WHERE channel = ? AND leaving = ?"));
  return remove->bind(1, channel.bytes()).bind(2, leaving.bytes()).run();
}

}  // namespace steiger::gateway::sql
