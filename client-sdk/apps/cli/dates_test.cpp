#include "client-sdk/apps/cli/dates.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace steiger::cli {
namespace {

class DatesTest : public ::testing::Test {
 protected:
  DatesTest() { zone("Europe/Amsterdam"); }
  ~DatesTest() override {
    ::unsetenv("TZ");
    ::tzset();
  }
  static void zone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
};

TEST_F(DatesTest, WhatIsTypedIsLocalTimeAndReadsBackTheSame) {
  for (const char* text : {"2026-11-22 14:05", "2026-07-01 00:00", "2024-02-29 23:59"}) {
    const auto when = parse_date_time(text);
    ASSERT_TRUE(when) << text;
    EXPECT_EQ(date_time_text(*when), text);
  }
  EXPECT_EQ(parse_date_time("2026-11-22T14:05"), parse_date_time("2026-11-22 14:05"));
  EXPECT_EQ(parse_date_time("2026-11-22"), parse_date_time("2026-11-22 00:00"));
}

TEST_F(DatesTest, WhatIsNoDayOrTimeIsRefused) {
  for (const char* text :
       {"", "today", "2026-02-30", "2026-13-01", "2026-00-10", "2026-1-1", "2026-11-22 24:00", "2026-11-22 12:60",
        "2026-11-22 1:00", "22-11-2026", "2026-11-22x14:05", "2026-11-22 14:05:00", "1969-12-30", "-026-11-22"}) {
    EXPECT_FALSE(parse_date_time(text)) << text;
  }
}

}  // namespace
}  // namespace steiger::cli
