// deploy/dependencies.md names every package that deploy/install-deps may install and every npm package with its version, and
// nothing else.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "tests/structure/program.h"

namespace steiger::structure {
namespace {

const std::string kRoot = STEIGER_ROOT;

std::string content_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(kRoot + "/" + file).rdbuf();
  EXPECT_FALSE(out.str().empty()) << file;
  return out.str();
}

// What stands in `backquotes` in the table rows; for npm packages with the version behind it.
std::set<std::string> named_in_tables(const std::string& text, bool npm) {
  std::set<std::string> out;
  std::istringstream lines(text);
  const std::regex package("`([^` ]+)`( [0-9.]+)?");
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| ", 0) != 0 || (line.rfind("| npm ", 0) == 0) != npm) continue;
    // The packages of Debian stand in the second column, those of npm in the first.
    const auto first = line.find('|', 1);
    const std::string cell = npm ? line.substr(0, first) : line.substr(first, line.find('|', first + 1) - first);
    for (auto at = std::sregex_iterator(cell.begin(), cell.end(), package); at != std::sregex_iterator(); ++at)
      out.insert(npm ? (*at)[1].str() + (*at)[2].str() : (*at)[1].str());
  }
  return out;
}

TEST(Dependencies, NameWhatInstallDepsInstalls) {
  std::set<std::string> installed = {"nodejs", "npm"};  // by need, node_packages()
  EXPECT_NE(content_of("deploy/install-deps").find("echo nodejs"), std::string::npos);
  for (const char* set : {"run", "build", "test", "web", "bench"}) {
    std::istringstream words(run("'" + kRoot + "/deploy/install-deps' --list " + set).output);
    for (std::string word; words >> word;) installed.insert(word);
  }
  EXPECT_GT(installed.size(), 30u);
  EXPECT_EQ(named_in_tables(content_of("deploy/dependencies.md"), false), installed);
}

TEST(Dependencies, NameTheNpmPackagesWithTheirVersions) {
  std::set<std::string> declared;
  for (const char* manifest :
       {"client-sdk/wasm/package.json", "tests/browser/package.json", "tests/interop/package.json", "deploy/node/package.json"}) {
    const auto json = nlohmann::json::parse(content_of(manifest));
    for (const char* kind : {"dependencies", "devDependencies", "optionalDependencies"}) {
      if (!json.contains(kind)) continue;
      for (const auto& [name, version] : json[kind].items()) declared.insert(name + " " + version.get<std::string>());
    }
  }
  EXPECT_EQ(named_in_tables(content_of("deploy/dependencies.md"), true), declared);
}

}  // namespace
}  // namespace steiger::structure
