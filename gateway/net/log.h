// JSON log lines on stderr, one event each. By construction they hold no personal data: a field is a number or the name of an
// Error, never text that came from anywhere else. Quiet on success; "error" means somebody has to look.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "crypto/base/clock.h"
#include "crypto/base/error.h"

namespace steiger::gateway {

class LogField {
 public:
  template <std::size_t N>
  LogField(const char (&key)[N], std::int64_t number) : key_(key), number_(number) {}
  template <std::size_t N>
  LogField(const char (&key)[N], const Error& error) : key_(key), name_(error.name) {}

  [[nodiscard]] std::string text() const;  // "key":value

 private:
  const char* key_;
  const char* name_ = nullptr;
  std::int64_t number_ = 0;
};

enum class LogLevel : std::uint8_t { info, warning, error };

// One line without its newline; what log_event() writes.
std::string log_line(Timestamp at, LogLevel level, const char* event, std::initializer_list<LogField> fields);

// Thread-safe. `event`: a literal in snake_case.
template <std::size_t N>
void log_event(const Clock& clock, LogLevel level, const char (&event)[N], std::initializer_list<LogField> fields = {});

void write_log_line(const std::string& line);

template <std::size_t N>
void log_event(const Clock& clock, LogLevel level, const char (&event)[N], std::initializer_list<LogField> fields) {
  write_log_line(log_line(clock.now(), level, event, fields));
}

// Keeps peers from filling the disk: at most kMaxPeerLinesPerSecond lines about them, and a count of what was left out.
inline constexpr int kMaxPeerLinesPerSecond = 20;

class PeerLog {
 public:
  explicit PeerLog(const Clock& clock) : clock_(clock) {}
  template <std::size_t N>
  void add(const char (&event)[N], std::initializer_list<LogField> fields) {
    if (admit()) log_event(clock_, LogLevel::info, event, fields);
  }
  // True when a line may be written now. Writes the count of lines left out when a new second begins.
  bool admit();

 private:
  const Clock& clock_;
  std::int64_t second_ = 0;
  int lines_ = 0;
  std::int64_t left_out_ = 0;
};

}  // namespace steiger::gateway
