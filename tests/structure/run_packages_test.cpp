// `deploy/install-deps run` must be what the release programs load, no less and (apart from the named exceptions) no more.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/structure/program.h"

namespace steiger::structure {
namespace {

// Not among the NEEDED libraries, and still needed: loaded by name at run time, or files instead of code.
const std::set<std::string> kLoadedOtherwise = {"libwebsockets-evlib-ev", "ca-certificates"};
// Part of every Debian system, so that install-deps need not name them.
const std::set<std::string> kEssential = {"libc6", "libgcc-s1"};

std::set<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::set<std::string> result;
  for (std::string word; in >> word;) result.insert(word);
  return result;
}

// The Debian packages of the libraries that the program itself asks for (indirect ones are Debian's business).
std::set<std::string> packages_of(const std::string& program) {
  const auto sonames = words(run("objdump -p '" + program + "' | sed -n 's/^ *NEEDED *//p'").output);
  EXPECT_FALSE(sonames.empty()) << program;
  std::set<std::string> packages;
  for (const auto& soname : sonames) {
    // The file that the loader takes, by its last folder: /lib and /usr/lib are one, but other architectures have their own.
    const auto file =
        run("ldd '" + program + "' | sed -n 's|^.*" + soname + " => .*/\\([^/]*/[^/ ]*\\) .*$|\\1|p' | tr -d '\\n'").output;
    const auto found = words(run("dpkg-query -S '*/" + (file.empty() ? soname : file) + "' | sed 's/:.*//' | sort -u").output);
    EXPECT_FALSE(found.empty()) << "no package owns " << soname;
    packages.insert(found.begin(), found.end());
  }
  return packages;
}

TEST(RunPackages, AreWhatTheProgramsLoad) {
  const auto declared = words(run(std::string("'") + STEIGER_ROOT + "/deploy/install-deps' --list run").output);
  std::set<std::string> needed;
  for (const char* program : {STEIGER_GATEWAY, STEIGER_CLI}) {
    for (const auto& package : packages_of(program)) {
      EXPECT_TRUE(declared.count(package) || kEssential.count(package)) << program << " loads a library of " << package;
      needed.insert(package);
    }
  }
  for (const auto& package : declared) {
    EXPECT_TRUE(needed.count(package) || kLoadedOtherwise.count(package)) << "no program loads " << package;
  }
}

}  // namespace
}  // namespace steiger::structure
