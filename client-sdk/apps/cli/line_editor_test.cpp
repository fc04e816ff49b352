#include "client-sdk/apps/cli/line_editor.h"

#include <gtest/gtest.h>

namespace steiger::cli {
namespace {

TEST(LineEditor, CompletesLinesAndKeepsTheRest) {
  LineEditor editor;
  const auto result = editor.take("een\ntwee\r\ndr");
  EXPECT_EQ(result.lines, (std::vector<std::string>{"een", "twee", ""}));
  EXPECT_EQ(editor.text(), "dr");
  EXPECT_EQ(editor.take("ie\n").lines, std::vector<std::string>{"drie"});
}

TEST(LineEditor, ErasesWholeCharactersWordsAndLines) {
  LineEditor editor;
  editor.take("caf\xc3\xa9\x7f");
  EXPECT_EQ(editor.text(), "caf");
  editor.take(" au lait \x17");
  EXPECT_EQ(editor.text(), "caf au ");
  editor.take("\x15\x7f");
  EXPECT_EQ(editor.text(), "");
}

TEST(LineEditor, IgnoresArrowKeysEvenWhenTheyArriveInPieces) {
  LineEditor editor;
  editor.take("a\x1b[");
  editor.take("1;5Db\x1bOPc");
  EXPECT_EQ(editor.text(), "abc");
}

TEST(LineEditor, EndsOnCtrlCAndOnCtrlDOfAnEmptyLine) {
  LineEditor editor;
  EXPECT_FALSE(editor.take("x\x04").end);
  EXPECT_TRUE(editor.take("\x15\x04").end);
  EXPECT_TRUE(editor.take("x\x03").end);
}

TEST(LineEditor, IsBounded) {
  LineEditor editor;
  editor.take(std::string(LineEditor::kMaxLineBytes + 100, 'x'));
  EXPECT_EQ(editor.text().size(), LineEditor::kMaxLineBytes);
}

}  // namespace
}  // namespace steiger::cli
