#include "client-sdk/apps/cli/catalogue.h"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "client-sdk/schema/client_api_generated.h"

namespace steiger::cli {
namespace {

std::set<std::string> placeholders(std::string_view text) {
  std::set<std::string> out;
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] == '{' && text[i + 2] == '}') out.emplace(text.substr(i, 3));
  }
  return out;
}

std::string content_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream(std::string(STEIGER_ROOT) + "/" + file).rdbuf();
  EXPECT_FALSE(out.str().empty()) << file;
  return out.str();
}

// The names in a list of errors, read from the header itself, so that a new one cannot be forgotten here.
std::set<std::string> names_in(const std::string& header) {
  const std::string text = content_of(header);
  const std::regex declaration(R"re(constexpr\s+Error\s+k\w+\{\s*\d+,\s*"(\w+)")re");
  std::set<std::string> out;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), declaration); at != std::sregex_iterator(); ++at)
    out.insert((*at)[1]);
  EXPECT_GT(out.size(), 5u) << header;
  return out;
}

// What a person would do differently for none of these: our own program or the gateway broke the rules of the wire, or the error
// only exists inside the gateway. They get the general sentence, which shows the name.
const std::set<std::string> kGeneral = {
    // the frame or the session broke a rule (10xx fatal)
    "malformed_frame", "frame_too_large", "too_many_items", "unknown_body", "wrong_state", "text_frame", "counter_gap",
    "outstanding_limit", "payload_too_large", "bad_message", "bad_acknowledgement",
    // a submission broke a rule, or lost a race that the core repeats by itself (10xx refusals)
    "not_a_member", "unknown_channel", "stale_epoch", "epoch_ahead", "bad_bundle", "unsupported_commit", "channel_exists",
    "unknown_member",
    // programming errors of the store, and what only a gateway meets
    "store_constraint", "store_misuse", "store_other_organisation", "port_taken", "cannot_listen", "server_full", "queue_full",
    "not_binary", "frame_too_long"};

TEST(Catalogue, EveryTextExistsInEveryLanguageWithTheSamePlaceholders) {
  for (const auto part : catalogue_parts()) {
    for (const auto& entry : part) {
      EXPECT_FALSE(entry.dutch.empty()) << entry.key;
      EXPECT_FALSE(entry.english.empty()) << entry.key;
      EXPECT_EQ(placeholders(entry.dutch), placeholders(entry.english)) << entry.key;
    }
  }
}

TEST(Catalogue, KeysAreUnique) {
  std::set<std::string_view> seen;
  for (const auto part : catalogue_parts()) {
    for (const auto& entry : part) EXPECT_TRUE(seen.insert(entry.key).second) << entry.key;
  }
}

TEST(Catalogue, EveryErrorThatCanReachAPersonHasItsOwnText) {
  for (const char* header : {"client-sdk/src/errors.h", "client-sdk/src/native/errors.h", "gateway/protocol/errors.h",
                             "gateway/transport/errors.h", "gateway/sqlcipher/errors.h", "crypto/disclosure/errors.h"}) {
    for (const auto& name : names_in(header)) {
      const bool text = Catalogue::has("error." + name) || Catalogue::has("alarm." + name);
      EXPECT_NE(text, kGeneral.count(name) == 1) << header << ": " << name;
    }
  }
}

TEST(Catalogue, EveryKindOfAlarmHasATextOfItsOwn) {
  for (const Language language : {Language::dutch, Language::english}) {
    std::set<std::string> texts;
    for (const api::AlarmKind kind : api::EnumValuesAlarmKind()) {
      const std::string name = api::EnumNameAlarmKind(kind);
      EXPECT_EQ(Catalogue::has("alarm." + name), kind != api::AlarmKind::none) << name;
      EXPECT_TRUE(texts.insert(Catalogue(language).alarm(name)).second) << name << " says what another one says";
    }
  }
}

TEST(Catalogue, AnAlarmSaysWhatYouCanDoOrWhomToAsk) {
  const std::regex dutch("[Bb]el |[Vv]raag |[Vv]ertel |Maak ");
  const std::regex english("[Cc]all |[Aa]sk |[Tt]ell |Make ");
  for (const auto& entry : alarm_texts()) {
    if (entry.key == "alarm.cause") continue;
    EXPECT_TRUE(std::regex_search(std::string(entry.dutch), dutch)) << entry.key;
    EXPECT_TRUE(std::regex_search(std::string(entry.english), english)) << entry.key;
  }
}

TEST(Catalogue, AnUnknownAlarmShowsItsName) {
  EXPECT_THAT(Catalogue(Language::dutch).alarm("never_heard_of"), testing::HasSubstr("never_heard_of"));
}

// S16: people are told plainly that messages can be proven later.
TEST(Catalogue, PeopleAreToldThatMessagesCanBeProvenLater) {
  for (const char* key : {"proof.jongere", "proof.coach", "chat.help"}) {
    EXPECT_THAT(Catalogue(Language::dutch).text(key), testing::HasSubstr("later bewijzen")) << key;
    EXPECT_THAT(Catalogue(Language::english).text(key), testing::HasSubstr("later prove")) << key;
  }
}

// S8: somebody else may read along, with the jongere's yes; a promise that only two people read would be false.
TEST(Catalogue, NothingPromisesThatOnlyTwoPeopleRead) {
  const std::regex dutch("[Aa]lleen (jij|jullie)\\b|jullie twee|jij en (je coach|de jongere) kunnen");
  const std::regex english("[Oo]nly you\\b|two of you|you and (your coach|the young person) can\\b");
  for (const auto part : {help_texts(), said_texts(), member_texts(), organisation_texts(), disclose_texts()}) {
    for (const auto& entry : part) {
      EXPECT_FALSE(std::regex_search(std::string(entry.dutch), dutch)) << entry.key;
      EXPECT_FALSE(std::regex_search(std::string(entry.english), english)) << entry.key;
    }
  }
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
