// crypto/THREATS.md promises what adversaries cannot do; each promise names the tests that would fail if they could. Here: those tests
// exist, and no promise goes without one.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/structure/source_tree.h"

namespace steiger::structure {
namespace {

// "Suite.Name" of every TEST, TEST_F and TEST_P below `root`.
std::set<std::string> tests_below(const std::string& root) {
  static const std::regex test(R"(\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\))");
  std::set<std::string> names;
  for (const SourceFile& file : read_tree(root)) {
    if (file.path.find("_test.cpp") == std::string::npos) continue;
    const std::string text = read_file(root + "/" + file.path);
    for (std::sregex_iterator at(text.begin(), text.end(), test), end; at != end; ++at) {
      names.insert((*at)[1].str() + "." + (*at)[2].str());
    }
  }
  return names;
}

struct Promise {
  std::string line;
  std::vector<std::string> tests;
};

// The rows of every table whose head is "cannot | because | test".
std::vector<Promise> promises(const std::string& text) {
  static const std::regex name(R"(`(\w+\.\w+)`)");
  std::vector<Promise> found;
  bool inside = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| cannot | because | test |", 0) == 0) {
      inside = true;
    } else if (line.rfind("|", 0) != 0) {
      inside = false;
    } else if (inside && line.rfind("| ---", 0) != 0) {
      Promise promise{line, {}};
      const std::string tests = line.substr(line.rfind('|', line.size() - 2));
      for (std::sregex_iterator at(tests.begin(), tests.end(), name), end; at != end; ++at) {
        promise.tests.push_back((*at)[1].str());
      }
      found.push_back(std::move(promise));
    }
  }
  return found;
}

std::vector<std::string> broken(const std::string& text, const std::set<std::string>& tests) {
  std::vector<std::string> out;
  for (const Promise& promise : promises(text)) {
    if (promise.tests.empty()) out.push_back("no test: " + promise.line);
    for (const std::string& test : promise.tests) {
      if (tests.count(test) == 0) out.push_back("no such test: " + test);
    }
  }
  return out;
}

TEST(Threats, EveryPromiseNamesTestsThatExist) {
  const std::string text = read_file(std::string(STEIGER_ROOT) + "/crypto/THREATS.md");
  ASSERT_GT(promises(text).size(), 30U);
  EXPECT_EQ(broken(text, tests_below(STEIGER_ROOT)), std::vector<std::string>{});
}

TEST(Threats, PlantedEmptyPromisesAreCaught) {
  const std::string head = "| cannot | because | test |\n| --- | --- | --- |\n";
  const std::set<std::string> tests{"Suite.Known"};
  EXPECT_TRUE(broken(head + "| read | no key | `Suite.Known` |\n", tests).empty());
  EXPECT_EQ(broken(head + "| read | `Suite.Known` | we say so |\n", tests).size(), 1U);
  EXPECT_EQ(broken(head + "| read | no key | `Suite.Known`, `Suite.Invented` |\n", tests).size(), 1U);
}

}  // namespace
}  // namespace steiger::structure
