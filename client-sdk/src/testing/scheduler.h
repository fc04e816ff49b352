// Virtual time for the SDK's tests: things happen in the order of their times, ties in random order. A run is its seed.
#pragma once

#include <functional>
#include <map>
#include <random>

#include "crypto/base/clock.h"
#include "crypto/base/rng.h"

namespace steiger::sdk::testing {

// Deterministic; for tests only.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_());
  }
  // Uniform in [0, bound).
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : engine_() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::mt19937_64 engine_;
};

class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed) : random(seed) {}

  void after(Duration delay, std::function<void()> task) { at(now + delay, std::move(task)); }
  void at(Timestamp when, std::function<void()> task) {
    if (when < now) when = now;
    tasks_.emplace(std::pair(when, random.below(1u << 20)), std::move(task));
  }
  // Runs the next task; false when none is left.
  bool step() {
    if (tasks_.empty()) return false;
    auto node = tasks_.extract(tasks_.begin());
    now = node.key().first;
    node.mapped()();
    return true;
  }
  void run_for(Duration time) {
    const Timestamp end = now + time;
    while (!tasks_.empty() && tasks_.begin()->first.first <= end) step();
    now = end;
  }
  // Until `condition` holds; false when `at_most` virtual time passed first.
  bool run_until(const std::function<bool()>& condition, Duration at_most) {
    const Timestamp end = now + at_most;
    while (!condition()) {
      if (tasks_.empty() || tasks_.begin()->first.first > end) return false;
      step();
    }
    return true;
  }

  // Time passes and nothing happens in it: everybody was asleep. What was to happen happens that much later.
  void leap(Duration time) {
    std::multimap<std::pair<Timestamp, std::uint64_t>, std::function<void()>> later;
    for (auto& [when, task] : tasks_) later.emplace(std::pair(when.first + time, when.second), std::move(task));
    tasks_ = std::move(later);
    now = now + time;
  }

  Timestamp now{1'790'000'000'000};
  SeededRng random;

 private:
  std::multimap<std::pair<Timestamp, std::uint64_t>, std::function<void()>> tasks_;
};

}  // namespace steiger::sdk::testing
