// The native local store: one encrypted table of keys and values, one transaction per batch. Belongs to one thread.
#pragma once

#include "client-sdk/src/native/data_dir.h"
#include "client-sdk/src/ports.h"
#include "gateway/sqlcipher/database.h"

namespace steiger::sdk {

class LocalStore {
 public:
  // Errors of gateway/sqlcipher: kStoreKeyWrong, kStoreCannotOpen, kStoreCorrupt, kStoreTooNew, kStoreNotEncrypted.
  static Result<LocalStore> open(const DataDir& directory);

  Result<Snapshot> load();

  // All or nothing, and on disk when it returns (S21, design law 2). On an error nothing was changed: kStoreDiskFull, kStoreInputOutput.
  Result<void> commit(const std::vector<Change>& changes);

 private:
  LocalStore(sqlcipher::Database database, sqlcipher::Statement put, sqlcipher::Statement remove)
      : database_(std::move(database)), put_(std::move(put)), remove_(std::move(remove)) {}
  Result<void> apply(const std::vector<Change>& changes);

  sqlcipher::Database database_;  // first: statements must not outlive it
  sqlcipher::Statement put_;
  sqlcipher::Statement remove_;
};

}  // namespace steiger::sdk
