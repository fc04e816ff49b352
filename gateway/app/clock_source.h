// Where the gateway's time comes from, chosen at link time: clock_source_system.cpp in what ships, clock_source_test.cpp in
// steiger-gateway-testclock. The shipped binary thus does not even know the option (design section 6).
#pragma once

#include <memory>
#include <string>

#include "crypto/base/clock.h"

namespace CLI {
class App;
}

namespace steiger::gateway {

class ClockSource {
 public:
  virtual ~ClockSource() = default;
  virtual void add_options(CLI::App& app) = 0;
  // nullptr and a sentence in `problem` when there is no such clock here.
  virtual std::unique_ptr<Clock> open(bool loopback_only, std::string& problem) = 0;
};

std::unique_ptr<ClockSource> make_clock_source();

}  // namespace steiger::gateway
