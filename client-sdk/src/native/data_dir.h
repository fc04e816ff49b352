// The directory of one device: store.db (encrypted), store.key (32 bytes, 0600), lock.
#pragma once

#include <filesystem>

#include "client-sdk/src/native/file_descriptor.h"
#include "crypto/base/rng.h"
#include "gateway/sqlcipher/database.h"

namespace steiger::sdk {

using StoreKey = sqlcipher::DatabaseKey;

enum class OpenMode {
  existing,          // kNoDataHere when there is nothing yet
  create_if_absent,  // the first run of a device
};

// Holds the lock for as long as it lives; the kernel drops it when the process dies, however it dies.
class DataDir {
 public:
  // Creates the directory (0700) and the key where `mode` allows. Errors: kDataInUse, kDataDirUnusable, kKeyFileOpen, kKeyFileBad,
  // kKeyFileMissing (a store without its key is never given a new one: what it holds would be lost for good), kNoDataHere.
  static Result<DataDir> open(const std::filesystem::path& path, OpenMode mode, Rng& rng);

  [[nodiscard]] std::filesystem::path store_file() const { return path_ / kStoreFile; }
  [[nodiscard]] const StoreKey& key() const { return key_; }

  static constexpr const char* kStoreFile = "store.db";
  static constexpr const char* kKeyFile = "store.key";
  static constexpr const char* kLockFile = "lock";

 private:
  DataDir(std::filesystem::path path, FileDescriptor lock, StoreKey key)
      : path_(std::move(path)), lock_(std::move(lock)), key_(std::move(key)) {}
  std::filesystem::path path_;
  FileDescriptor lock_;
  StoreKey key_;
};

}  // namespace steiger::sdk
