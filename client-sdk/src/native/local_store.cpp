#include "client-sdk/src/native/local_store.h"

#include <array>

namespace steiger::sdk {
namespace {

// Append-only (sqlcipher::Database::migrate). Keys are text so that their order is the core's order. A plain rowid table:
// values are kilobytes, which WITHOUT ROWID would put into the inner nodes of the tree.
constexpr std::array<const char*, 1> kMigrations = {
    "CREATE TABLE record (key TEXT NOT NULL UNIQUE, value BLOB NOT NULL)",
};

}  // namespace

Result<LocalStore> LocalStore::open(const DataDir& directory) {
  sqlcipher::OpenOptions options;
  options.sole_owner = false;  // DataDir holds the lock of the whole directory already
  STEIGER_TRY(auto database, sqlcipher::Database::open(directory.store_file().string(), directory.key(), options));
  STEIGER_CHECK(database.migrate(kMigrations));
  STEIGER_TRY(auto put, database.prepare("INSERT OR REPLACE INTO record (key, value) VALUES (?1, ?2)"));
  STEIGER_TRY(auto remove, database.prepare("DELETE FROM record WHERE key = ?1"));
  return LocalStore(std::move(database), std::move(put), std::move(remove));
}

Result<Snapshot> LocalStore::load() {
  Snapshot out;
  STEIGER_TRY(auto all, database_.prepare("SELECT key, value FROM record ORDER BY key"));
  for (;;) {
    STEIGER_TRY(const bool row, all.step());
    if (!row) return out;
    out.emplace_hint(out.end(), std::string(all.text(0)), SecretBytes::copy_of(all.blob(1)));
  }
}

Result<void> LocalStore::commit(const std::vector<Change>& changes) {
  STEIGER_CHECK(database_.begin());
  if (auto applied = apply(changes); !applied.ok()) {
    database_.rollback();
    return applied;
  }
  return database_.commit();
}

Result<void> LocalStore::apply(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    if (change.value) {
      put_.bind_text(1, change.key).bind(2, change.value->bytes());
      STEIGER_CHECK(put_.run());
    } else {
      remove_.bind_text(1, change.key);
      STEIGER_CHECK(remove_.run());
    }
  }
  return {};
}

}  // namespace steiger::sdk
