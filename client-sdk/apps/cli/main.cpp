#include "client-sdk/apps/cli/cli.h"

namespace {

class SystemClockSource final : public steiger::cli::ClockSource {
 public:
  void add_options(CLI::App&, const steiger::cli::Catalogue&) override {}
  steiger::Result<steiger::sdk::NativeTime> start() override { return steiger::sdk::NativeTime{&clock_, {}}; }

 private:
  steiger::sdk::SystemClock clock_;
};

}  // namespace

int main(int argc, char** argv) {
  SystemClockSource clock;
  return steiger::cli::run(argc, argv, clock);
}
