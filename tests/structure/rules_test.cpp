// The rules of the encryption profile that this version keeps (S1-S17, S21, S23, S26) are cited where they are enforced and where they are
// tested, so that whoever changes such a place knows what hangs on it.
#include <gtest/gtest.h>

#include <regex>

#include "tests/structure/source_tree.h"

namespace steiger::structure {
namespace {

bool is_test(const std::string& path) {
  return path.find("_test.") != std::string::npos || path.find(".test.") != std::string::npos;
}

struct Cited {
  std::set<int> enforced, tested;
};

void read_citations(const std::string& path, const std::string& text, Cited& out) {
  static const std::regex rule(R"(\bS([1-9][0-9]?)\b)");
  static const std::regex range(R"(\bS([1-9][0-9]?)(?:-| to )S([1-9][0-9]?)\b)");
  std::set<int>& into = is_test(path) ? out.tested : out.enforced;
  for (std::sregex_iterator at(text.begin(), text.end(), rule), end; at != end; ++at) into.insert(std::stoi((*at)[1]));
  for (std::sregex_iterator at(text.begin(), text.end(), range), end; at != end; ++at) {
    for (int number = std::stoi((*at)[1]); number <= std::stoi((*at)[2]); ++number) into.insert(number);
  }
}

Cited citations(const std::string& root) {
  Cited out;
  for (const SourceFile& file : read_tree(root)) {
    if (file.path == "tests/structure/rules_test.cpp") continue;  // names all of them
    read_citations(file.path, read_file(root + "/" + file.path), out);
  }
  return out;
}

TEST(Rules, EveryRuleIsCitedWhereItIsEnforcedAndWhereItIsTested) {
  const Cited cited = citations(STEIGER_ROOT);
  for (int rule = 1; rule <= 17; ++rule) {
    EXPECT_EQ(cited.enforced.count(rule), 1u) << "S" << rule << " is enforced nowhere";
    EXPECT_EQ(cited.tested.count(rule), 1u) << "S" << rule << " is tested nowhere";
  }
  EXPECT_EQ(cited.enforced.count(21), 1u);
  for (const int rule : {21, 23, 26}) EXPECT_EQ(cited.tested.count(rule), 1u) << "S" << rule;
}

TEST(Rules, ACitationIsFoundAndALookalikeIsNot) {
  Cited cited;
  read_citations("a/b.cpp", "// S3, (S15: why); SHA256, S100, S0, AS4", cited);
  EXPECT_EQ(cited.enforced, (std::set<int>{3, 15}));
  read_citations("a/b_test.cpp", "// S8-S10", cited);
  EXPECT_EQ(cited.tested, (std::set<int>{8, 9, 10}));
}

}  // namespace
}  // namespace steiger::structure
