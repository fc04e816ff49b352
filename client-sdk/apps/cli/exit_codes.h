// What the shell sees. Documented in `steiger --help`; scripts may rely on it.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "crypto/base/error.h"

namespace steiger::cli {

enum class ExitCode : int {
  ok = 0,
  refused = 1,      // understood, but the other side or a rule said no
  usage = 2,        // the command line is wrong; nothing was done
  environment = 3,  // disk, network, missing file, wrong key, data directory in use; also: nothing happened within --timeout
};

// Refused by the SDK because of the very words that were typed: the same as a wrong option.
inline constexpr std::array<std::string_view, 7> kWrongWords = {
    "bad_url",           "text_empty",         "text_too_long",        "name_too_long",
    "bad_text_encoding", "invite_text_length", "invite_text_character"};

inline ExitCode exit_code_of(std::string_view name, ErrorFamily family) {
  if (std::find(kWrongWords.begin(), kWrongWords.end(), name) != kWrongWords.end()) return ExitCode::usage;
  return family == ErrorFamily::environment ? ExitCode::environment : ExitCode::refused;
}
inline ExitCode exit_code_of(const Error& error) {
  return exit_code_of(error.name, error.family);
}

}  // namespace steiger::cli
