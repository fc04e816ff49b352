// Times and medians.
#pragma once

#include <chrono>
#include <vector>

#include "nlohmann/json.hpp"

namespace steiger::bench {

using Json = nlohmann::ordered_json;
using Instant = std::chrono::steady_clock::time_point;

inline Instant instant() {
  return std::chrono::steady_clock::now();
}
inline double seconds_since(Instant start) {
  return std::chrono::duration<double>(instant() - start).count();
}
inline double microseconds_between(Instant from, Instant to) {
  return std::chrono::duration<double, std::micro>(to - from).count();
}

// 0 for none.
double median(std::vector<double> values);
// `part` from 0 to 1.
double quantile(std::vector<double> values, double part);
double rounded(double value);  // to three significant digits: the rest is noise

// {"median": ..., "all": [...]} over rounds.
Json over_rounds(const std::vector<double>& values);

}  // namespace steiger::bench
