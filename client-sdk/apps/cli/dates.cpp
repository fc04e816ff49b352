#include "client-sdk/apps/cli/dates.h"

#include <cstdio>
#include <ctime>

namespace steiger::cli {
namespace {

constexpr int kMsPerSecond = 1000;
constexpr int kFirstYear = 1900;  // of std::tm
constexpr std::size_t kDateLength = 10;
constexpr std::size_t kDateTimeLength = 16;

// Whether `text` has digits where the pattern has '0', and the pattern's own character elsewhere.
bool fits(std::string_view text, std::string_view pattern) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == '0' ? !digit : text[i] != pattern[i]) return false;
  }
  return true;
}

int number(std::string_view digits) {
  int out = 0;
  for (const char c : digits) out = out * 10 + (c - '0');
  return out;
}

}  // namespace

std::string date_time_text(Timestamp when) {
  const auto seconds = static_cast<std::time_t>(when.ms / kMsPerSecond);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local)};
}

std::optional<Timestamp> parse_date_time(std::string_view text) {
  if (text.size() != kDateLength && text.size() != kDateTimeLength) return std::nullopt;
  if (!fits(text, "0000-00-00 00:00") && !fits(text, "0000-00-00T00:00")) return std::nullopt;
  std::tm local{};
  local.tm_year = number(text.substr(0, 4)) - kFirstYear;
  local.tm_mon = number(text.substr(5, 2)) - 1;
  local.tm_mday = number(text.substr(8, 2));
  local.tm_isdst = -1;  // whatever the zone says of that day
  if (text.size() == kDateTimeLength) {
    local.tm_hour = number(text.substr(11, 2));
    local.tm_min = number(text.substr(14, 2));
  }
  const std::tm wanted = local;
  const std::time_t seconds = std::mktime(&local);
  // mktime turns the 31st of February into a day of March, and 25:00 into the next day.
  const bool exists = local.tm_mday == wanted.tm_mday && local.tm_mon == wanted.tm_mon && local.tm_min == wanted.tm_min &&
                      wanted.tm_hour < 24 && wanted.tm_min < 60;
  if (!exists || seconds < 0) return std::nullopt;
  return Timestamp{static_cast<std::int64_t>(seconds) * kMsPerSecond};
}

}  // namespace steiger::cli
