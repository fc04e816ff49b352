// What the shell sees. Documented in `steiger --help`; scripts may rely on it.
#pragma once

#include "crypto/base/error.h"

namespace steiger::cli {

enum class ExitCode : int {
  ok = 0,
  refused = 1,      // understood, but the other side or a rule said no
  usage = 2,        // the command line is wrong; nothing was done
  environment = 3,  // disk, network, missing file, wrong key, data directory in use; also: nothing happened within --timeout
};

// environment errors are 3, all others 1: a wrong call never gets past the command line.
inline ExitCode exit_code_of(const Error& error) {
  return error.family == ErrorFamily::environment ? ExitCode::environment : ExitCode::refused;
}

}  // namespace steiger::cli
