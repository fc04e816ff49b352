// Client API events as JSON, one object per line, straight from the schema's reflection tables: a new event or field needs no code here.
#pragma once

#include <string>

#include "client-sdk/schema/client_api_generated.h"
#include "crypto/base/bytes.h"

namespace steiger::cli {

// {"request":0,"body_type":"Message","body":{"id":"5f..","channel":"..","seq":3,"text":"Hoi"}}
// FlatBuffers' own JSON names, except that [ubyte] is lower-case hexadecimal. Every field is always present: absent text is "",
// an absent table null, enums are their names. No line break inside.
std::string to_json_line(const api::EventT& event);

// `text` as the inside of a JSON string: control characters, quotes and backslashes escaped, invalid UTF-8 replaced by U+FFFD.
std::string json_escaped(std::string_view text);

}  // namespace steiger::cli
