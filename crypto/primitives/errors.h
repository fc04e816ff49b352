// Errors of primitives and HPKE (2xx).
#pragma once

#include "crypto/base/error.h"

namespace steiger {

inline constexpr Error kBadSignature{201, "bad_signature", ErrorFamily::peer};
inline constexpr Error kDecryptionFailed{202, "decryption_failed", ErrorFamily::peer};
inline constexpr Error kBadPublicKey{203, "bad_public_key", ErrorFamily::peer};  // RFC 9180 section 7.1.4: all-zero result
inline constexpr Error kMessageLimit{204, "message_limit_reached", ErrorFamily::caller};
inline constexpr Error kOutputTooLong{205, "output_too_long", ErrorFamily::caller};

}  // namespace steiger
