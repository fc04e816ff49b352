// `steiger-testclock`: the same client with a clock that moves only by command (gateway/transport/test_clock.h). For tests; never shipped.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <mutex>

#include "client-sdk/apps/cli/catalogue.h"
#include "client-sdk/apps/cli/cli.h"
#include "gateway/transport/test_clock.h"

namespace {

class TestClockSource final : public steiger::cli::ClockSource {
 public:
  void add_options(CLI::App& command_line, const steiger::cli::Catalogue& texts) override {
    command_line.add_option("--test-clock", socket_, texts.text("help.test_clock"))->type_name("SOCKET");
    command_line.add_option("--test-clock-start", start_ms_, texts.text("help.test_clock_start"))->type_name("MS");
  }

  steiger::Result<steiger::sdk::NativeTime> start() override {
    if (socket_.empty()) return steiger::sdk::NativeTime{&system_, {}};
    std::cerr << "TEST CLOCK" << std::endl;
    const steiger::Timestamp start = start_ms_ != 0 ? steiger::Timestamp{start_ms_} : steiger::sdk::SystemClock().now();
    STEIGER_TRY(clock_, steiger::transport::TestClock::listen(socket_, start));
    clock_->on_change([this](steiger::Timestamp) {
      const std::lock_guard lock(mutex_);
      if (changed_) changed_();
    });
    return steiger::sdk::NativeTime{clock_.get(), [this](std::function<void()> changed) {
                                      const std::lock_guard lock(mutex_);
                                      changed_ = std::move(changed);
                                    }};
  }

 private:
  steiger::sdk::SystemClock system_;
  std::string socket_;
  std::int64_t start_ms_ = 0;
  std::mutex mutex_;
  std::function<void()> changed_;                         // guarded by mutex_
  std::unique_ptr<steiger::transport::TestClock> clock_;  // last: its thread stops before the rest goes
};

}  // namespace

int main(int argc, char** argv) {
  TestClockSource clock;
  return steiger::cli::run(argc, argv, clock);
}
