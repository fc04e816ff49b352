#include "gateway/app/clock_source.h"
#include "gateway/app/system_clock.h"

namespace steiger::gateway {
namespace {

class SystemClockSource final : public ClockSource {
 public:
  void add_options(CLI::App&) override {}
  std::unique_ptr<Clock> open(bool, std::string&) override { return std::make_unique<SystemClock>(); }
};

}  // namespace

std::unique_ptr<ClockSource> make_clock_source() {
  return std::make_unique<SystemClockSource>();
}

}  // namespace steiger::gateway
