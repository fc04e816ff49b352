#include "gateway/net/log.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace steiger::gateway {
namespace {

struct FixedClock : Clock {
  [[nodiscard]] Timestamp now() const override { return at; }
  Timestamp at{1'700'000'000'000};
};

constexpr Error kSome{1, "some_error", ErrorFamily::peer};

TEST(LogTest, OneJsonObjectPerLine) {
  EXPECT_EQ(log_line(Timestamp{5}, LogLevel::warning, "thing", {{"count", 3}, {"error", kSome}}),
            R"({"time_ms":5,"level":"warning","event":"thing","count":3,"error":"some_error"})");
}

// Law 10, habit 15: text from anywhere else does not fit into a field at all.
static_assert(!std::is_constructible_v<LogField, const char (&)[4], std::string>);
static_assert(!std::is_constructible_v<LogField, const char (&)[4], const char*>);
static_assert(!std::is_constructible_v<LogField, std::string, std::int64_t>);

TEST(LogTest, PeersCannotFloodIt) {
  FixedClock clock;
  PeerLog log(clock);
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += log.admit() ? 1 : 0;
  EXPECT_EQ(admitted, kMaxPeerLinesPerSecond);
  clock.at = clock.at + Duration(1000);
  testing::internal::CaptureStderr();
  EXPECT_TRUE(log.admit());
  EXPECT_NE(testing::internal::GetCapturedStderr().find("\"event\":\"lines_left_out\",\"count\":980"), std::string::npos);
}

}  // namespace
}  // namespace steiger::gateway
