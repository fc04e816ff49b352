#include "gateway/app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace steiger::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kMinimal[] = R"(
listen = "127.0.0.1:0"
organisation = "o.pub"
[store]
path = "g.db"
key = "file:s.key"
audit_key = "environment:AUDIT"
)";

std::string with(const std::string& extra) {
  return extra + "\n" + kMinimal;
}

TEST(ConfigTest, ReadsWhatIsThereAndPutsPathsBesideTheFile) {
  const ConfigResult result =
      parse_config(with("web = \"/srv/web\"\npublic_origin = \"https://chat.example.nl:444\""), "/etc/steiger");
  ASSERT_THAT(result.problems, IsEmpty());
  const Config& config = *result.config;
  EXPECT_EQ(config.listen_host, "127.0.0.1");
  EXPECT_EQ(config.listen_port, 0);
  EXPECT_EQ(config.organisation_file, "/etc/steiger/o.pub");
  EXPECT_EQ(config.store_path, "/etc/steiger/g.db");
  EXPECT_EQ(config.web_directory, "/srv/web");
  EXPECT_EQ(config.store_key.name, "/etc/steiger/s.key");
  EXPECT_EQ(config.audit_key.kind, KeySource::Kind::environment);
  EXPECT_EQ(config.audit_key.name, "AUDIT");
  EXPECT_EQ(config.max_connections, 10'000u);
  EXPECT_FALSE(config.health_counts);
}

TEST(ConfigTest, AnUnknownKeyIsNamedWithItsSection) {
  EXPECT_THAT(parse_config(with("lisen = 1"), ".").problems, ElementsAre(HasSubstr("Unknown key \"lisen\"")));
  EXPECT_THAT(parse_config(std::string(kMinimal) + "colour = 1", ".").problems,
              ElementsAre(HasSubstr("Unknown key \"store.colour\"")));
  EXPECT_THAT(parse_config(std::string(kMinimal) + "[limits]\nmax = 1", ".").problems, ElementsAre(HasSubstr("\"limits.max\"")));
}

TEST(ConfigTest, EveryProblemIsToldAtOnce) {
  const ConfigResult result = parse_config("listen = 5\nweb = \"\"\n[store]\npath = \"x\"", ".");
  EXPECT_FALSE(result.config.has_value());
  EXPECT_THAT(result.problems,
              testing::IsSupersetOf({HasSubstr("\"listen\""), HasSubstr("\"organisation\" is missing"), HasSubstr("\"web\""),
                                     HasSubstr("\"store.key\" is missing"), HasSubstr("\"store.audit_key\" is missing")}));
}

TEST(ConfigTest, BadValuesAreRefused) {
  for (const char* line : {"public_origin = \"chat.example.nl\"", "public_origin = \"https://a/b\"",
                           "public_origin = \"https://\"", "public_origin = \"https://a;script-src *\"", "store = 1"}) {
    EXPECT_FALSE(parse_config(with(line), ".").config.has_value()) << line;
  }
  for (const char* listen : {"localhost:1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:1x", ":1", "1.2.3.4.5:1"}) {
    std::string text = kMinimal;
    text.replace(text.find("127.0.0.1:0"), 11, listen);
    EXPECT_THAT(parse_config(text, ".").problems, ElementsAre(HasSubstr("\"listen\" must be"))) << listen;
  }
  EXPECT_THAT(parse_config(std::string(kMinimal) + "[limits]\nmax_connections = 0", ".").problems,
              ElementsAre(HasSubstr("limits.max_connections")));
  EXPECT_THAT(parse_config("listen = ", ".").problems, ElementsAre(HasSubstr("Line 1 is not TOML")));
}

// Found by fuzzing: toml++ runs into undefined behaviour on these, so that it never sees them.
TEST(ConfigTest, OnlyLinesOfCommentGoBeyondAscii) {
  for (const char* line : {"-\xEF\xBB\xBF", "web = \u00e9", "\u00e9 = 1", "web = \"x\"\u00e9", "web = \"x\\\\\" \u00e9 \"",
                           "web = \"\"\"x\\\u00e9\"\"\"", "web = '''\n# \u00e9'''", "web = 'x\\' \u00e9", "a = 1:0\"\u00e9",
                           "web =\"c \"\u00e9\"", "web = \"/srv/caf\u00e9\"", "a = 1 # \u00e9", "\xFF"}) {
    EXPECT_THAT(parse_config("# one\n" + with(line), ".").problems, ElementsAre(HasSubstr("beyond ASCII"))) << line;
  }
  EXPECT_THAT(parse_config(with("\xEF\xBB\xBF# \u00e9\u00e9n\n  # co\u00f6rdinator"), ".").problems, IsEmpty());
}

TEST(ConfigTest, BeyondLoopbackThePublicOriginIsNeeded) {
  std::string text = kMinimal;
  text.replace(text.find("127.0.0.1:0"), 11, "0.0.0.0:80");
  EXPECT_THAT(parse_config(text, ".").problems, ElementsAre(HasSubstr("public_origin")));
  EXPECT_TRUE(parse_config("public_origin = \"https://a.nl\"\n" + text, ".").config.has_value());
  EXPECT_TRUE(is_loopback("127.0.0.1") && is_loopback("::1") && !is_loopback("0.0.0.0") && !is_loopback("::"));
}

TEST(ConfigTest, AKeyInTheConfigurationIsNotQuotedBack) {
  const std::string key(64, 'a');
  std::string text = kMinimal;
  text.replace(text.find("file:s.key"), 10, key);
  const ConfigResult result = parse_config(text, ".");
  ASSERT_EQ(result.problems.size(), 1u);
  EXPECT_EQ(result.problems.front().find(key), std::string::npos);
}

struct KeyTest : testing::Test {
  std::string path = testing::TempDir() + "steiger-key-" + std::to_string(::getpid());
  std::string problem;
  ~KeyTest() override { ::unlink(path.c_str()); }
  void write(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
  }
};

TEST_F(KeyTest, ComesFromAFileThatOnlyItsOwnerReads) {
  write(std::string(62, '0') + "1F\n");
  const auto key = read_key({KeySource::Kind::file, path}, problem);
  ASSERT_TRUE(key.has_value()) << problem;
  EXPECT_EQ(key->bytes()[31], 0x1f);
  ::chmod(path.c_str(), 0640);
  EXPECT_FALSE(read_key({KeySource::Kind::file, path}, problem).has_value());
  EXPECT_THAT(problem, HasSubstr("chmod 600"));
}

TEST_F(KeyTest, TheWrongLengthOrAlphabetIsRefusedWithoutShowingIt) {
  for (const std::string& text :
       {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'), std::string(), std::string(4000, 'a')}) {
    write(text);
    EXPECT_FALSE(read_key({KeySource::Kind::file, path}, problem).has_value());
    EXPECT_THAT(problem, HasSubstr("64 hexadecimal characters"));
    EXPECT_EQ(problem.find("aaaa"), std::string::npos);
  }
  EXPECT_FALSE(read_key({KeySource::Kind::file, path + ".none"}, problem).has_value());
  EXPECT_THAT(problem, HasSubstr("Cannot read the key file"));
}

TEST_F(KeyTest, ComesFromTheEnvironmentOrASystemdCredential) {
  ::setenv("STEIGER_TEST_KEY", std::string(64, '7').c_str(), 1);
  EXPECT_TRUE(read_key({KeySource::Kind::environment, "STEIGER_TEST_KEY"}, problem).has_value());
  ::unsetenv("STEIGER_TEST_KEY");
  EXPECT_FALSE(read_key({KeySource::Kind::environment, "STEIGER_TEST_KEY"}, problem).has_value());
  EXPECT_THAT(problem, HasSubstr("is not set"));
  write(std::string(64, '7'), 0440);
  ::setenv("CREDENTIALS_DIRECTORY", testing::TempDir().c_str(), 1);
  EXPECT_TRUE(read_key({KeySource::Kind::credential, path.substr(testing::TempDir().size())}, problem).has_value()) << problem;
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_FALSE(read_key({KeySource::Kind::credential, "x"}, problem).has_value());
}

}  // namespace
}  // namespace steiger::gateway
