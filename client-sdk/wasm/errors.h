// Errors of the browser adapter (215x). Their names are keys of the page's message catalogue.
#pragma once

#include "crypto/base/error.h"

namespace steiger::sdk::wasm {

inline constexpr Error kSocketClosed{2150, "disconnected", ErrorFamily::environment, true};   // closed, or never opened
inline constexpr Error kSocketFrame{2151, "text_frame", ErrorFamily::peer};                   // a frame that is not binary
inline constexpr Error kWriteFailed{2152, "local_storage", ErrorFamily::environment, true};   // the store could not write
inline constexpr Error kBatchMalformed{2153, "store_corrupt", ErrorFamily::environment};      // a decrypted batch makes no sense
inline constexpr Error kBatchUnknownVersion{2154, "store_format", ErrorFamily::environment};  // written by a newer version

}  // namespace steiger::sdk::wasm
