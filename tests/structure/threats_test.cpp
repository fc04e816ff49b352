// crypto/THREATS.md promises what adversaries cannot do; each promise names the tests that would fail if they could. LIES.md does the same
// for every lie of a gateway. Here: those tests exist, are compiled into a test program, and no promise or lie goes without one.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/structure/source_tree.h"

namespace steiger::structure {
namespace {

// "Suite.Name" of every TEST, TEST_F and TEST_P, with the file that holds it.
using Tests = std::map<std::string, std::string>;
Tests tests_below(const std::string& root) {
  static const std::regex test(R"(\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\))");
  Tests found;
  for (const SourceFile& file : read_tree(root)) {
    if (file.path.find("_test.cpp") == std::string::npos) continue;
    const std::string text = read_file(root + "/" + file.path);
    for (std::sregex_iterator at(text.begin(), text.end(), test), end; at != end; ++at) {
      found[(*at)[1].str() + "." + (*at)[2].str()] = file.path;
    }
  }
  return found;
}

// A file that no program has in it tests nothing. What looks at the programs that ship is built in the release build only, of which this
// build knows the names alone.
class Compiled {
 public:
  explicit Compiled(LinkGraph graph, std::string release_tests = {})
      : graph_(std::move(graph)), release_tests_(std::move(release_tests)) {}
  // `program` empty: in any.
  [[nodiscard]] bool has(const std::string& file, const std::string& program) const {
    for (const auto& [target, sources] : graph_.sources) {
      if ((program.empty() || target == program) && sources.count(file) != 0) return true;
    }
    return program.empty() && release_tests_.find(file) != std::string::npos;
  }

 private:
  LinkGraph graph_;
  std::string release_tests_;
};

std::string release_tests(const std::string& cmake) {
  static const std::regex test(R"(steiger_test\(\w+ RELEASE[^)]*\))");
  std::string out;
  for (std::sregex_iterator at(cmake.begin(), cmake.end(), test), end; at != end; ++at) out.append(at->str());
  return out;
}

Compiled compiled_here() {
  return Compiled(parse_link_graph(read_file(STEIGER_LINK_GRAPH)),
                  release_tests(read_file(std::string(STEIGER_ROOT) + "/tests/structure/CMakeLists.txt")));
}

// "" when the test is there and runs; else what is wrong. A name may end in * : any.
std::string wrong_with(const std::string& name, const std::string& program, const Tests& tests, const Compiled& compiled) {
  const bool any = name.back() == '*';
  const std::string begin = any ? name.substr(0, name.size() - 1) : name;
  bool exists = false;
  for (auto at = tests.lower_bound(begin); at != tests.end() && at->first.compare(0, begin.size(), begin) == 0; ++at) {
    if (!any && at->first != name) break;
    if (compiled.has(at->second, program)) return {};
    exists = true;
  }
  return (exists ? "in no program: " : "no such test: ") + name;
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
    } else if (line.rfind('|', 0) != 0) {
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

std::vector<std::string> broken(const std::string& text, const Tests& tests, const Compiled& compiled) {
  std::vector<std::string> out;
  for (const Promise& promise : promises(text)) {
    if (promise.tests.empty()) out.push_back("no test: " + promise.line);
    for (const std::string& test : promise.tests) {
      if (const std::string wrong = wrong_with(test, {}, tests, compiled); !wrong.empty()) out.push_back(wrong);
    }
  }
  return out;
}

// The rows of the tables whose head is "lie | rule | test | ...". In the third cell: "program Suite.Name, OtherName; Suite.*"; a name
// without a suite is of the suite before it.
std::vector<std::string> broken_lies(const std::string& text, const Tests& tests, const Compiled& compiled, std::size_t* lies) {
  static const std::regex row(R"(\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|)");
  static const std::regex name(R"((?:(\w+_test) )?(?:(\w+)\.)?(\w*\*?))");
  std::vector<std::string> out;
  *lies = 0;
  bool inside = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| lie | rule | test |", 0) == 0) {
      inside = true;
    } else if (line.rfind('|', 0) != 0) {
      inside = false;
    } else if (std::smatch cells; inside && line.rfind("|---", 0) != 0) {
      ++*lies;
      if (!std::regex_match(line, cells, row) || !std::regex_search(cells[2].str(), std::regex(R"(S\d|law \d)"))) {
        out.push_back("no lie, rule, test and end: " + line);
        continue;
      }
      std::string program;
      std::string suite;
      static const std::regex between("\\s*[,;]\\s*");
      const std::string named = cells[3];
      for (std::sregex_token_iterator at(named.begin(), named.end(), between, -1), end; at != end; ++at) {
        const std::string words = *at;
        std::smatch parts;
        const bool understood = std::regex_match(words, parts, name) && !(parts[2].str() + suite).empty();
        if (!understood) {
          out.push_back("no test: " + words);
          continue;
        }
        if (parts[1].matched || parts[2].matched) program = parts[1];
        if (parts[2].matched) suite = parts[2];
        const std::string wrong = wrong_with(suite + "." + parts[3].str(), program, tests, compiled);
        if (!wrong.empty()) out.push_back(wrong);
      }
    }
  }
  return out;
}

TEST(Threats, EveryPromiseNamesTestsThatExistAndRun) {
  const std::string text = read_file(std::string(STEIGER_ROOT) + "/crypto/THREATS.md");
  ASSERT_GT(promises(text).size(), 30U);
  EXPECT_EQ(broken(text, tests_below(STEIGER_ROOT), compiled_here()), std::vector<std::string>{});
}

TEST(Threats, EveryLieNamesItsRuleAndTestsThatExistAndRun) {
  const std::string text = read_file(std::string(STEIGER_ROOT) + "/tests/property/LIES.md");
  std::size_t lies = 0;
  EXPECT_EQ(broken_lies(text, tests_below(STEIGER_ROOT), compiled_here(), &lies), std::vector<std::string>{});
  EXPECT_GT(lies, 60U);
}

TEST(Threats, PlantedEmptyPromisesAreCaught) {
  const std::string head = "| cannot | because | test |\n| --- | --- | --- |\n";
  const Tests tests{{"Suite.Known", "a/known_test.cpp"}, {"Suite.Forgotten", "a/forgotten_test.cpp"}};
  const Compiled compiled(parse_link_graph("sources a_test: a/known_test.cpp\n"));
  EXPECT_TRUE(broken(head + "| read | no key | `Suite.Known` |\n", tests, compiled).empty());
  EXPECT_EQ(broken(head + "| read | `Suite.Known` | we say so |\n", tests, compiled).size(), 1U);
  EXPECT_EQ(broken(head + "| read | no key | `Suite.Known`, `Suite.Invented` |\n", tests, compiled).size(), 1U);
  EXPECT_EQ(broken(head + "| read | no key | `Suite.Forgotten` |\n", tests, compiled),
            std::vector<std::string>{"in no program: Suite.Forgotten"});
}

TEST(Threats, PlantedLiesWithoutATestAreCaught) {
  const Tests tests{
      {"Suite.Known", "a/known_test.cpp"}, {"Suite.Knows", "a/known_test.cpp"}, {"Other.Known", "b/other_test.cpp"}};
  const Compiled compiled(parse_link_graph("sources a_test: a/known_test.cpp\nsources b_test: b/other_test.cpp\n"));
  std::size_t lies = 0;
  const auto wrong = [&](const std::string& cell, const std::string& rule = "S1") {
    const std::string head = "| lie | rule | test | who notices, how |\n|---|---|---|---|\n| ";
    return broken_lies(head + "a lie | " + rule + " | " + cell + " | everybody |\n", tests, compiled, &lies).size();
  };
  EXPECT_EQ(wrong("a_test Suite.Known, Knows; b_test Other.Known"), 0U);
  EXPECT_EQ(wrong("Suite.Know*, *"), 0U);
  EXPECT_EQ(lies, 1U);
  EXPECT_EQ(wrong("a_test Suite.Known, Invented"), 1U);
  EXPECT_EQ(wrong("a_test Other.Known"), 1U);  // of another program
  EXPECT_EQ(wrong("Suite.Else*"), 1U);
  EXPECT_EQ(wrong("none yet"), 1U);
  EXPECT_EQ(wrong("Suite.Known", "?"), 1U);
}

}  // namespace
}  // namespace steiger::structure
