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
inline constexpr Error kNoDataHere{2106, "no_data_here", ErrorFamily::environment};  // nothing to open, and not asked to create
// The app asks faster than requests are handled; nothing was queued.
inline constexpr Error kTooManyRequests{2107, "too_many_requests", ErrorFamily::caller, true, 100};
// A call of the C interface with a null pointer or an unknown structure size.
inline constexpr Error kBadCall{2108, "bad_call", ErrorFamily::caller};

}  // namespace steiger::sdk
