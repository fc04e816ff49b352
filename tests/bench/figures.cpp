#include "tests/bench/figures.h"

#include <algorithm>
#include <cmath>

namespace steiger::bench {

double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(std::lround(part * last))];
}

double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

double rounded(double value) {
  if (value == 0) return 0;
  const double scale = std::pow(10., 2 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

Json over_rounds(const std::vector<double>& values) {
  Json all = Json::array();
  for (const double value : values) all.push_back(rounded(value));
  return {{"median", rounded(median(values))}, {"all", std::move(all)}};
}

}  // namespace steiger::bench
