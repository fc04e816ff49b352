// Where a native client takes its time from.
#pragma once

#include <functional>

#include "crypto/base/clock.h"

namespace steiger::sdk {

// The operating system's clock. Thread-safe.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override {
    return {std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()};
  }
};

struct NativeTime {
  const Clock* clock = nullptr;  // must outlive the client
  // Set only for a clock that moves by command (test clock): calls the given function after each change, from any thread, until an
  // empty function replaces it; no call is under way when the replacing returns. Timers then follow that clock instead of real time.
  std::function<void(std::function<void()>)> on_change;
};

}  // namespace steiger::sdk
