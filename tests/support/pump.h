// Runs an event loop on the test's own thread until a condition holds; whoever changes something calls changed().
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "gateway/transport/event_loop.h"

namespace steiger::test {

// Only ends a test that hangs; nothing is measured by it.
inline constexpr Duration kHangGuard{60'000};

class Pump {
 public:
  explicit Pump(const transport::EventLoop::Options& options = {})
      : loop(std::move(transport::EventLoop::create(options)).value()), guard_(*loop, [this] { hung_ = true, loop->stop(); }) {}

  [[nodiscard]] bool until(std::function<bool()> done) {
    done_ = std::move(done);
    hung_ = false;
    guard_.start(kHangGuard);
    while (!done_() && !hung_) loop->run();
    guard_.stop();
    return std::exchange(done_, nullptr)();
  }
  void changed() {
    if (done_ && done_()) loop->stop();
  }
  // One turn: what is ready now.
  void turn() {
    loop->post([this] { loop->stop(); });
    loop->run();
  }

  std::unique_ptr<transport::EventLoop> loop;

 private:
  transport::Timer guard_;
  bool hung_ = false;
  std::function<bool()> done_;
};

}  // namespace steiger::test
