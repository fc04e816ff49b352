#include "gateway/net/log.h"

#include <unistd.h>

namespace steiger::gateway {
namespace {

constexpr std::int64_t kMillisecondsPerSecond = 1000;

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      break;
  }
  return "error";
}

}  // namespace

std::string LogField::text() const {
  const std::string value = name_ == nullptr ? std::to_string(number_) : "\"" + std::string(name_) + "\"";
  return "\"" + std::string(key_) + "\":" + value;
}

std::string log_line(Timestamp at, LogLevel level, const char* event, std::initializer_list<LogField> fields) {
  std::string line =
      "{\"time_ms\":" + std::to_string(at.ms) + ",\"level\":\"" + level_name(level) + "\",\"event\":\"" + event + "\"";
  for (const LogField& field : fields) line += "," + field.text();
  return line + "}";
}

void write_log_line(const std::string& line) {
  // One write: lines of different threads do not mix. A full pipe or a closed stderr must not stop the gateway.
  const std::string whole = line + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, whole.data(), whole.size());
}

bool PeerLog::admit() {
  const std::int64_t second = clock_.now().ms / kMillisecondsPerSecond;
  if (second != second_) {
    if (left_out_ > 0) log_event(clock_, LogLevel::warning, "lines_left_out", {{"count", left_out_}});
    second_ = second;
    lines_ = 0;
    left_out_ = 0;
  }
  if (lines_ == kMaxPeerLinesPerSecond) {
    ++left_out_;
    return false;
  }
  ++lines_;
  return true;
}

}  // namespace steiger::gateway
