// Errors of the native adapters (21xx). Each has a sentence in the CLI's message catalogue under "error.<name>".
#pragma once

#include "crypto/base/error.h"

namespace steiger::sdk {

// Another process has this data directory open; two devices with the same keys would fork the message chain.
inline constexpr Error kDataInUse{2101, "data_in_use", ErrorFamily::environment, true};
inline constexpr Error kDataDirUnusable{2102, "data_dir_unusable", ErrorFamily::environment};  // cannot create, read or write
// Others than the owner may read store.key: refused, because whoever copies it reads everything.
inline constexpr Error kKeyFileOpen{2103, "key_file_open", ErrorFamily::environment};
inline constexpr Error kKeyFileBad{2104, "key_file_bad", ErrorFamily::environment};          // not exactly 32 bytes
inline constexpr Error kKeyFileMissing{2105, "key_file_missing", ErrorFamily::environment};  // store.db without store.key
inline constexpr Error kNoDataHere{2106, "no_data_here", ErrorFamily::environment};          // nothing to open, and not asked to create
inline constexpr Error kBadUrl{2107, "bad_url", ErrorFamily::caller};
inline constexpr Error kClosed{2108, "closed", ErrorFamily::caller};
inline constexpr Error kDisconnected{2109, "disconnected", ErrorFamily::environment, true};
inline constexpr Error kConnectFailed{2110, "connect_failed", ErrorFamily::environment, true};

}  // namespace steiger::sdk
