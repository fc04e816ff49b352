#include <CLI/CLI.hpp>
#include <iostream>

#include "gateway/app/clock_source.h"
#include "gateway/app/system_clock.h"
#include "gateway/transport/test_clock.h"

namespace steiger::gateway {
namespace {

class TestClockSource final : public ClockSource {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("--test-clock", socket_, "Unix socket that moves time: now | set MS | advance MS")->type_name("SOCKET");
    app.add_option("--test-clock-start", start_ms_, "Time at the start, milliseconds UTC (default: the system's)")
        ->type_name("MS");
  }
  std::unique_ptr<Clock> open(bool loopback_only, std::string& problem) override {
    if (socket_.empty()) return std::make_unique<SystemClock>();
    std::cerr << "TEST CLOCK\n";
    if (!loopback_only) {
      problem = "The test clock listens on a loopback address only.";
      return nullptr;
    }
    const Timestamp start = start_ms_ > 0 ? Timestamp{start_ms_} : SystemClock().now();
    auto clock = transport::TestClock::listen(socket_, start);
    if (clock.ok()) return std::move(clock).value();
    problem = "Cannot open the test clock's socket " + socket_ + ".";
    return nullptr;
  }

 private:
  std::string socket_;
  std::int64_t start_ms_ = 0;
};

}  // namespace

std::unique_ptr<ClockSource> make_clock_source() {
  return std::make_unique<TestClockSource>();
}

}  // namespace steiger::gateway
