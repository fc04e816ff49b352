#include "client-sdk/src/native/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/files.h"

namespace steiger::sdk {
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

Result<FileDescriptor> take_lock(const std::filesystem::path& file) {
  FileDescriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return kDataDirUnusable;
  // flock, not fcntl: it belongs to the open file and so also keeps two clients of one process apart.
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return errno == EWOULDBLOCK ? kDataInUse : kDataDirUnusable;
  return lock;
}

Result<StoreKey> read_key(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return kDataDirUnusable;
  if ((info.st_mode & kOthers) != 0) return kKeyFileOpen;
  STEIGER_TRY(auto content, read_small_file(file));
  const SecretBytes bytes = SecretBytes::adopt(std::move(content));
  auto key = StoreKey::from_bytes(bytes.bytes());
  if (!key.ok()) return kKeyFileBad;
  return key;
}

}  // namespace

Result<DataDir> DataDir::open(const std::filesystem::path& path, OpenMode mode, Rng& rng) {
  std::error_code ignored;
  const bool has_key = std::filesystem::exists(path / kKeyFile, ignored);
  const bool has_store = std::filesystem::exists(path / kStoreFile, ignored);
  if (has_store && !has_key) return kKeyFileMissing;
  if (!has_key && mode == OpenMode::existing) return kNoDataHere;

  if (!std::filesystem::exists(path, ignored)) {
    std::error_code failed;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failed);
    if (failed || (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)) return kDataDirUnusable;
  }
  STEIGER_TRY(auto lock, take_lock(path / kLockFile));
  if (!std::filesystem::exists(path / kKeyFile, ignored)) {
    const StoreKey fresh = StoreKey::random(rng);
    STEIGER_CHECK(create_small_file(path / kKeyFile, fresh.bytes(), FileMode::secret));
  }
  STEIGER_TRY(auto key, read_key(path / kKeyFile));
  return DataDir(path, std::move(lock), std::move(key));
}

}  // namespace steiger::sdk
