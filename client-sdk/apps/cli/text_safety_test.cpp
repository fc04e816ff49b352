#include "client-sdk/apps/cli/text_safety.h"

#include <gtest/gtest.h>

namespace steiger::cli {
namespace {

TEST(TextSafety, KeepsOrdinaryTextOfAnyLanguage) {
  const std::string text = "Hoi Sam, caf\xc3\xa9 \xe2\x82\xac 5 \xf0\x9f\x99\x82 \xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7";
  EXPECT_EQ(terminal_safe(text), text);
  EXPECT_EQ(valid_utf8(text), text);
}

TEST(TextSafety, NoControlSequenceSurvives) {
  EXPECT_EQ(terminal_safe("a\x1b[2Jb\x07"
                          "c\rd"),
            "a[2Jbcd");
  EXPECT_EQ(terminal_safe("\xc2\x9b"
                          "31mred"),
            "31mred");  // CSI as one C1 character
  // NOLINTNEXTLINE(misc-misleading-bidirectional): such text is what is tested.
  EXPECT_EQ(terminal_safe("abc\xe2\x80\xae"
                          "def"),
            "abcdef");  // right-to-left override
  EXPECT_EQ(terminal_safe("een\ntwee", " / "), "een / twee");
}

TEST(TextSafety, ReplacesWhatIsNotUtf8) {
  constexpr char kReplacement[] = "\xef\xbf\xbd";
  EXPECT_EQ(valid_utf8("\xff"), kReplacement);
  EXPECT_EQ(valid_utf8("\xc0\x80"), std::string(kReplacement) + kReplacement);  // overlong NUL
  EXPECT_EQ(valid_utf8("\xed\xa0\x80").substr(0, 3), kReplacement);             // surrogate
  EXPECT_EQ(valid_utf8("x\xe2\x82"), std::string("x") + kReplacement + kReplacement);
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80").substr(0, 3), kReplacement);  // above U+10FFFF
}

TEST(TextSafety, CountsCodePoints) {
  EXPECT_EQ(code_points("caf\xc3\xa9"), 4u);
  EXPECT_EQ(code_points(""), 0u);
}

}  // namespace
}  // namespace steiger::cli
