// The benchmarks. They print figures and judge nothing.
#pragma once

#include "tests/bench/figures.h"

namespace steiger::bench {

struct BenchOptions {
  int rounds = 3;
  double seconds = 5;  // per round and measurement
};

// Through the real gateway: login, durable accept, SQLCipher, chain, signed heads. Throws std::runtime_error when it cannot run.
Json relay_bench(const BenchOptions& options);
Json mls_bench(const BenchOptions& options);

}  // namespace steiger::bench
