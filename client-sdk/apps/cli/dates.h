// Days and times as people type and read them, in the computer's own time zone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/base/clock.h"

namespace steiger::cli {

// "2026-11-22 14:05".
std::string date_time_text(Timestamp when);

// "2026-11-22" (its first minute), "2026-11-22 14:05" or "2026-11-22T14:05". Nothing for anything else, a day that does not exist
// included.
std::optional<Timestamp> parse_date_time(std::string_view text);

}  // namespace steiger::cli
