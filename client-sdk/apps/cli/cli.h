// The command line of `steiger`: what there is, how it is explained, which function runs.
#pragma once

#include "client-sdk/src/native/native_time.h"
#include "crypto/base/result.h"

namespace CLI {
class App;
}

namespace steiger::cli {

class Catalogue;

// Where time comes from. `steiger` links the system's clock, `steiger-testclock` one that moves by command, with an option of its
// own; so the released binary does not know that option.
class ClockSource {
 public:
  virtual ~ClockSource() = default;
  virtual void add_options(CLI::App& command_line, const Catalogue& texts) = 0;
  // After the command line was read.
  virtual Result<sdk::NativeTime> start() = 0;
};

// Returns the exit code (exit_codes.h).
int run(int argc, const char* const* argv, ClockSource& clock_source);

}  // namespace steiger::cli
