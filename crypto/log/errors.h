// Errors of the message chain (50x).
#pragma once

#include "crypto/base/error.h"

namespace steiger::log {

inline constexpr Error kChainGap{501, "chain_gap", ErrorFamily::peer};  // not the next sequence number, or another channel
inline constexpr Error kChainMismatch{502, "chain_mismatch",
                                      ErrorFamily::peer};  // another order or content than we processed: alarm
inline constexpr Error kBadHeadSignature{503, "bad_head_signature", ErrorFamily::peer};

}  // namespace steiger::log
