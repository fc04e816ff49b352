// Chance that can be repeated: the seed is printed, and STEIGER_KILL_SEED repeats a run.
#pragma once

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace steiger::story {

inline int number_from(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::atoi(value) : otherwise;
}

class Dice {
 public:
  Dice() : seed_(number_from("STEIGER_KILL_SEED", static_cast<int>(std::random_device()() & 0x7fffffff))) {
    random_.seed(static_cast<unsigned>(seed_));
    std::cout << named_seed() << std::endl;
  }
  int up_to(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most + 1)); }
  [[nodiscard]] std::string named_seed() const { return "STEIGER_KILL_SEED=" + std::to_string(seed_); }

 private:
  int seed_;
  std::mt19937 random_;
};

}  // namespace steiger::story
