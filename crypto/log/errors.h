// Errors of the message chain and of franking (5xx).
#pragma once

#include "crypto/base/error.h"

namespace steiger::log {

inline constexpr Error kChainGap{501, "chain_gap", ErrorFamily::peer};  // not the next sequence number, or another channel
inline constexpr Error kChainMismatch{502, "chain_mismatch",
                                      ErrorFamily::peer};  // another order or content than we processed: alarm
inline constexpr Error kBadHeadSignature{503, "bad_head_signature", ErrorFamily::peer};

}  // namespace steiger::log

namespace steiger::franking {

inline constexpr Error kBadFrankingTag{510, "bad_franking_tag", ErrorFamily::peer};  // show nothing and report (S16)
inline constexpr Error kFrankedElsewhere{511, "franked_for_other_message",
                                         ErrorFamily::peer};  // other channel, sender or message id
inline constexpr Error kContentTooLarge{512, "content_too_large", ErrorFamily::caller};

}  // namespace steiger::franking
