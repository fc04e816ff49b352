// Errors of franking (51x).
#pragma once

#include "crypto/base/error.h"

namespace steiger::franking {

inline constexpr Error kBadFrankingTag{510, "bad_franking_tag", ErrorFamily::peer};  // show nothing and report (S16)
inline constexpr Error kFrankedElsewhere{511, "franked_for_other_message",
                                         ErrorFamily::peer};  // other channel, sender or message id
inline constexpr Error kContentTooLarge{512, "content_too_large", ErrorFamily::caller};

}  // namespace steiger::franking
