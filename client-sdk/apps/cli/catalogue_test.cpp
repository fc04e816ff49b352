#include "client-sdk/apps/cli/catalogue.h"

#include <gmock/gmock.h>

#include <set>

namespace steiger::cli {
namespace {

std::set<std::string> placeholders(std::string_view text) {
  std::set<std::string> out;
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] == '{' && text[i + 2] == '}') out.emplace(text.substr(i, 3));
  }
  return out;
}

TEST(Catalogue, EveryTextExistsInEveryLanguageWithTheSamePlaceholders) {
  for (const auto& entry : catalogue_entries()) {
    EXPECT_FALSE(entry.dutch.empty()) << entry.key;
    EXPECT_FALSE(entry.english.empty()) << entry.key;
    EXPECT_EQ(placeholders(entry.dutch), placeholders(entry.english)) << entry.key;
  }
}

TEST(Catalogue, KeysAreUnique) {
  std::set<std::string_view> seen;
  for (const auto& entry : catalogue_entries()) EXPECT_TRUE(seen.insert(entry.key).second) << entry.key;
}

TEST(Catalogue, FillsArgumentsInAnyOrderAndOnlyOnce) {
  const Catalogue dutch(Language::dutch);
  EXPECT_EQ(dutch.text("invite.accepted", {"Sam"}), "Sam doet mee.");
  // An argument that looks like a placeholder stays what it is.
  EXPECT_EQ(dutch.text("invite.accepted", {"{0}"}), "{0} doet mee.");
}

TEST(Catalogue, AnUnknownErrorShowsItsName) {
  EXPECT_THAT(Catalogue(Language::english).error("never_heard_of"), testing::HasSubstr("never_heard_of"));
}

TEST(Catalogue, TheOptionWinsOverTheEnvironment) {
  ::setenv("STEIGER_LANGUAGE", "en", 1);
  EXPECT_EQ(Catalogue::language_of("nl"), Language::dutch);
  EXPECT_EQ(Catalogue::language_of(""), Language::english);
  ::unsetenv("STEIGER_LANGUAGE");
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::setenv("LANG", "C.UTF-8", 1);
  EXPECT_EQ(Catalogue::language_of(""), Language::dutch);
}

}  // namespace
}  // namespace steiger::cli
