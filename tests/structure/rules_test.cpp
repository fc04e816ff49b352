// The rules of the encryption profile that this version keeps (S1-S17, S21, S23, S26) are cited where they are enforced and where they are
// tested, so that whoever changes such a place knows what hangs on it. A citation is a comment: in code, schema or build file that ships,
// and at a test that is about it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/structure/source_tree.h"

namespace steiger::structure {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

enum class Kind { product, test, helper };
// What only tests and fuzzers use enforces nothing.
Kind kind_of(const std::string& path) {
  if (contains(path, "_test.") || contains(path, ".test.")) return Kind::test;
  const std::string name = path.substr(path.rfind('/') + 1);
  const bool helps = path.rfind("tests/", 0) == 0 || contains(path, "/testing/") || contains(path, "/test/") ||
                     contains(name, "_fuzz.") || name == "test_support.h" || name == "forger.h" || name == "club.h";
  return helps ? Kind::helper : Kind::product;
}

struct Cited {
  std::set<int> enforced, tested;
};

void add_rules(const std::string& comment, std::set<int>& into) {
  static const std::regex rule(R"(\bS([1-9][0-9]?)\b)");
  static const std::regex range(R"(\bS([1-9][0-9]?)(?:-| to )S([1-9][0-9]?)\b)");
  for (std::sregex_iterator at(comment.begin(), comment.end(), rule), end; at != end; ++at) into.insert(std::stoi((*at)[1]));
  for (std::sregex_iterator at(comment.begin(), comment.end(), range), end; at != end; ++at) {
    for (int number = std::stoi((*at)[1]); number <= std::stoi((*at)[2]); ++number) into.insert(number);
  }
}

// The comment of one line; what stands in a string is none.
std::string comment_in(const std::string& line, const char* mark) {
  const auto at = line.find(mark);
  if (at == std::string::npos || std::count(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(at), '"') % 2 != 0)
    return {};
  return line.substr(at);
}

void read_citations(const std::string& path, const std::string& text, Cited& out) {
  const Kind kind = kind_of(path);
  if (kind == Kind::helper) return;
  const char* mark = contains(path, "CMakeLists.txt") || contains(path, ".cmake") ? "#" : "//";
  std::istringstream lines(text);
  // The head of a test file says what all of it is about; a citation of a test stands at that test.
  bool in_head = kind == Kind::test;
  for (std::string line; std::getline(lines, line);) {
    in_head = in_head && line.rfind("//", 0) == 0;
    if (!in_head) add_rules(comment_in(line, mark), kind == Kind::test ? out.tested : out.enforced);
  }
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Cited citations(const std::string& root) {
  namespace fs = std::filesystem;
  Cited out;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name == "build" || name == "node_modules" || name.front() == '.')) {
      it.disable_recursion_pending();
      continue;
    }
    const std::string path = fs::relative(it->path(), root).generic_string();
    if (!it->is_regular_file() || path == "tests/structure/rules_test.cpp") continue;  // names all of them
    for (const char* ending : {".h", ".cpp", ".ts", ".mjs", ".fbs", ".cmake", "CMakeLists.txt"}) {
      if (ends_with(path, ending)) read_citations(path, read_file(std::string(root).append("/").append(path)), out);
    }
  }
  return out;
}

TEST(Rules, EveryRuleIsCitedWhereItIsEnforcedAndWhereItIsTested) {
  const Cited cited = citations(STEIGER_ROOT);
  std::vector<int> rules{21, 23, 26};
  for (int rule = 1; rule <= 17; ++rule) rules.push_back(rule);
  for (const int rule : rules) {
    EXPECT_EQ(cited.enforced.count(rule), 1u) << "S" << rule << " is enforced nowhere";
    EXPECT_EQ(cited.tested.count(rule), 1u) << "S" << rule << " is tested nowhere";
  }
}

TEST(Rules, ACitationIsFoundAndALookalikeIsNot) {
  Cited cited;
  read_citations("a/b.cpp", "int a; // S3, (S15: why); SHA256, S100, S0, AS4\nconst char* text = \"// S9\"; int S8;", cited);
  read_citations("a/wire.fbs", "// S11\n", cited);
  read_citations("a/CMakeLists.txt", "# S26\n", cited);
  EXPECT_EQ(cited.enforced, (std::set<int>{3, 11, 15, 26}));
  read_citations("a/b_test.cpp", "// S1: the head\n#include <a>\n// S8-S10\nTEST(A, B)\n", cited);
  EXPECT_EQ(cited.tested, (std::set<int>{8, 9, 10}));
}

TEST(Rules, WhatOnlyTestsUseEnforcesNothing) {
  Cited cited;
  for (const char* path :
       {"tests/property/lying_gateway.cpp", "client-sdk/src/testing/world.h", "crypto/mls/forger.h", "a/b_fuzz.cpp"}) {
    read_citations(path, "int x;\n// S3\n", cited);
  }
  EXPECT_TRUE(cited.enforced.empty());
  EXPECT_TRUE(cited.tested.empty());
}

}  // namespace
}  // namespace steiger::structure
