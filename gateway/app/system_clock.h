// The system's clock. Thread-safe.
#pragma once

#include "crypto/base/clock.h"

namespace steiger::gateway {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
  }
};

}  // namespace steiger::gateway
