// The alarms that an app can hear, as a closed list: for each there is a text. Everything else that goes wrong is the cause of one.
#pragma once

#include "client-sdk/schema/client_api_generated.h"
#include "crypto/base/error.h"

namespace steiger::sdk {

// AlarmKind::none for an error that is no alarm.
api::AlarmKind alarm_kind(const Error& error);

// The kind of a stored stop code (records.h); channel_failed for one that this version does not know, none for 0.
api::AlarmKind stop_kind(std::uint16_t stop_code);

// The alarm with this code, or nullptr.
const Error* find_alarm(std::uint16_t code);

}  // namespace steiger::sdk
