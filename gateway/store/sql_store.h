// The embedded default Store: one SQLCipher file, WAL, full sync (design section 4). The schema is in sql_schema.h.
#pragma once

#include <memory>

#include "gateway/sqlcipher/database.h"
#include "gateway/store/store.h"

namespace steiger::gateway {

struct SqlStoreOptions {
  std::string path;
  sqlcipher::DatabaseKey key;
  SecretboxKey audit_key;  // seals audit records; a key of its own (S24), so that a copy of the database alone does not open them
  bool create = true;      // false: a missing file is kStoreCannotOpen
};

// Opens (or creates) and migrates the file; `rng` must outlive the store. Errors: sqlcipher/errors.h (explain_store_error says them
// in a sentence); the file is unchanged on every error but a failed migration's, which leaves the earlier version.
Result<std::unique_ptr<Store>> open_sql_store(SqlStoreOptions options, Rng& rng);

}  // namespace steiger::gateway
