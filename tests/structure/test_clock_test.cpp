// Design section 6, Clock: `--test-clock` exists only in programs built for it. The release programs do not know the option,
// neither as an argument nor as a text inside them; their test-clock twins show that the look finds it.
#include <gtest/gtest.h>

#include "tests/structure/program.h"
#include "tests/structure/source_tree.h"

namespace steiger::structure {
namespace {

constexpr const char* kMarks[] = {"test-clock", "TEST CLOCK"};

bool mentions_test_clock(const std::string& program) {
  const auto content = read_file(program);
  EXPECT_GT(content.size(), 1000U) << program;
  for (const char* mark : kMarks) {
    if (content.find(mark) != std::string::npos) return true;
  }
  return false;
}

TEST(TestClock, ReleaseProgramsDoNotKnowIt) {
  for (const char* program : {STEIGER_GATEWAY, STEIGER_CLI}) {
    EXPECT_FALSE(mentions_test_clock(program)) << program;
    EXPECT_NE(run(std::string("'") + program + "' --test-clock /nowhere </dev/null").exit_code, 0) << program;
  }
}

TEST(TestClock, TheTwinsDo) {
  for (const char* program : {STEIGER_GATEWAY_TESTCLOCK, STEIGER_CLI_TESTCLOCK}) {
    EXPECT_TRUE(mentions_test_clock(program)) << program;
  }
}

}  // namespace
}  // namespace steiger::structure
