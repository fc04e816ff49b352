#include "client-sdk/src/native/files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/file_descriptor.h"

namespace steiger::sdk {
namespace {

constexpr std::size_t kReadPiece = 4096;  // larger than any key: a key is never moved to another buffer while reading

Result<void> write_all(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return kDataDirUnusable;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// A rename is durable only when its directory is.
Result<void> sync_directory_of(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const FileDescriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0) return kDataDirUnusable;
  return {};
}

// A temporary sibling of `path`, complete and on disk.
Result<std::filesystem::path> write_temporary(const std::filesystem::path& path, ByteView content, FileMode mode) {
  std::string name = path.string() + ".XXXXXX";
  const FileDescriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid()) return kDataDirUnusable;
  const bool written =
      ::fchmod(file.get(), static_cast<mode_t>(mode)) == 0 && write_all(file.get(), content).ok() && ::fsync(file.get()) == 0;
  if (!written) {
    ::unlink(name.c_str());
    return kDataDirUnusable;
  }
  return std::filesystem::path(name);
}

}  // namespace

Result<SecretBytes> read_secret(int descriptor, std::size_t most) {
  SecretBytes buffer(most + 1);  // never grows, so that no copy stays behind
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = ::read(descriptor, buffer.writable().data() + filled, buffer.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return kDataDirUnusable;
    if (count == 0) return SecretBytes::copy_of(buffer.bytes().first(filled));
    filled += static_cast<std::size_t>(count);
  }
  return kTooLarge;
}

Result<Bytes> read_small_file(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return kDataDirUnusable;
  Bytes out(kReadPiece);
  std::size_t filled = 0;
  for (;;) {
    const ssize_t count = ::read(file.get(), out.data() + filled, out.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return kDataDirUnusable;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
    if (filled > kMaxSmallFile) return kTooLarge;
    if (filled == out.size()) out.resize(out.size() * 2);
  }
  out.resize(filled);
  return out;
}

Result<void> write_small_file(const std::filesystem::path& path, ByteView content, FileMode mode) {
  STEIGER_TRY(const auto temporary, write_temporary(path, content, mode));
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    ::unlink(temporary.c_str());
    return kDataDirUnusable;
  }
  return sync_directory_of(path);
}

Result<void> create_small_file(const std::filesystem::path& path, ByteView content, FileMode mode) {
  STEIGER_TRY(const auto temporary, write_temporary(path, content, mode));
  // link() fails when the name exists, which rename() does not.
  const bool linked = ::link(temporary.c_str(), path.c_str()) == 0;
  const int why = errno;
  ::unlink(temporary.c_str());
  if (!linked) return why == EEXIST ? kDataInUse : kDataDirUnusable;
  return sync_directory_of(path);
}

}  // namespace steiger::sdk
