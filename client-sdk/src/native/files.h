// Small files that must be whole or absent, whatever happens: keys, certificates, requests.
#pragma once

#include <filesystem>

#include "crypto/primitives/secret.h"

namespace steiger::sdk {

enum class FileMode : unsigned {
  secret = 0600,     // readable by the owner only
  published = 0644,  // public keys, requests, certificates
};

// Nothing this program reads is larger; a larger file is refused with kTooLarge instead of filling memory.
inline constexpr std::size_t kMaxSmallFile = 1u << 20;

// kDataDirUnusable when it cannot be opened.
Result<Bytes> read_small_file(const std::filesystem::path& path);

// The same of what is piped or typed in: an open file to its end, without a buffer of anybody's in between, at most `most` bytes.
// kTooLarge beyond.
Result<SecretBytes> read_secret(int descriptor, std::size_t most);

// Temporary file, fsync, rename, fsync of the directory: after a crash the old content or the new, never half. Replaces an existing file.
Result<void> write_small_file(const std::filesystem::path& path, ByteView content, FileMode mode);

// The same, but never replaces: kDataInUse when `path` is there already.
Result<void> create_small_file(const std::filesystem::path& path, ByteView content, FileMode mode);

}  // namespace steiger::sdk
