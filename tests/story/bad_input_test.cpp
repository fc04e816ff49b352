// What people and scripts do wrong, at the real `steiger`: one clear line that says what to do, the documented exit code, nothing
// damaged. Every command is here with its arguments wrong or missing.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <thread>

#include "client-sdk/src/native/temporary_directory.h"
#include "tests/story/world.h"

namespace steiger::story {
namespace {

constexpr int kUsage = 2;
constexpr int kEnvironment = 3;
constexpr int kRefused = 1;

struct Case {
  Arguments arguments;
  std::string says;  // a regular expression that the English line matches
};

std::string joined(const Arguments& arguments) {
  std::string out = "steiger";
  for (const auto& argument : arguments) out += " '" + argument + "'";
  return out;
}

class BadInput : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* bin = std::getenv("STEIGER_BIN");
    ASSERT_NE(bin, nullptr);
    directory_ = std::make_unique<sdk::TemporaryDirectory>();
    world_ = std::make_unique<World>(bin, directory_->path() / "world", Binaries::shipped);
    ASSERT_TRUE(world_->make_organisation("Test"));
    ASSERT_TRUE(world_->init_gateway());
    ASSERT_TRUE(world_->start_gateway());
    ASSERT_TRUE(world_->make_coach("coach", "Noor"));
    ASSERT_TRUE(world_->introduce("coach", "jongere", "Sam"));
  }
  static void TearDownTestSuite() {
    world_.reset();
    directory_.reset();
  }

  // As a person runs it: no JSON.
  static Finished steiger(Arguments arguments, const std::string& language = "en") {
    arguments.insert(arguments.begin(),
                     {(std::filesystem::path(std::getenv("STEIGER_BIN")) / "steiger").string(), "--language", language});
    return run(arguments, world_->error_file("person"));
  }
  static std::string data(const std::string& device) { return world_->device_dir(device).string(); }
  static std::string file(const std::string& name, const std::string& content) {
    const auto path = directory_->path() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }

  static void expect(const Case& wrong, int exit) {
    SCOPED_TRACE(joined(wrong.arguments));
    const Finished english = steiger(wrong.arguments);
    EXPECT_EQ(english.exit, exit);
    EXPECT_EQ(std::count(english.errors.begin(), english.errors.end(), '\n'), 1) << english.errors;
    EXPECT_TRUE(std::regex_search(english.errors, std::regex("^steiger: .*" + wrong.says))) << english.errors;
  }

  static inline std::unique_ptr<sdk::TemporaryDirectory> directory_;
  static inline std::unique_ptr<World> world_;
};

TEST_F(BadInput, AWrongCommandLineIsOneLineAndExitCode2) {
  const Case cases[] = {
      {{}, "Say what you want"},
      {{"fly"}, "fly.*steiger --help"},
      {{"--fly"}, "--fly"},
      {{"organisation"}, "Say what you want.*steiger organisation --help"},
      {{"organisation", "fly"}, "fly.*steiger organisation --help"},
      {{"organisation", "create"}, "dir is missing.*steiger organisation create --help"},
      {{"organisation", "create", "x"}, "--name is missing"},
      {{"organisation", "create", "x", "--name", " "}, "--name is not right"},
      {{"organisation", "certify"}, "dir is missing"},
      {{"organisation", "certify", "x"}, "request is missing"},
      {{"staff"}, "Say what you want"},
      {{"staff", "prepare"}, "--name is missing"},
      {{"staff", "prepare", "--name", "N"}, "--gateway is missing"},
      {{"staff", "prepare", "--name", "N", "--gateway", "ws://h"}, "--organisation is missing"},
      {{"staff", "install"}, "certificate is missing"},
      {{"coach"}, "Say what you want"},
      {{"coach", "create"}, "--name is missing"},
      {{"coach", "create", "--name", "", "--gateway", "ws://h", "--organisation", "x"}, "--name is not right"},
      {{"invite", "--qr", "--link"}, "--qr and --link|--link and --qr"},
      {{"invite", "--timeout", "soon"}, "--timeout is not right"},
      {{"invite", "Sam"}, "Sam.*steiger invite --help"},
      {{"invites", "all"}, "all"},
      {{"confirm"}, "id is missing"},
      {{"confirm", "a", "b"}, "b"},
      {{"refuse"}, "id is missing"},
      {{"cancel"}, "id is missing"},
      {{"join"}, "invite is missing"},
      {{"join", "x"}, "--name is missing"},
      {{"join", "x", "--name", "Sam"}, "--gateway ws://"},
      {{"chat", "a", "b"}, "b.*steiger chat --help"},
      {{"send"}, "text is missing"},
      {{"send", "a", "b"}, "b.*steiger send --help"},
      {{"send", "a", "--until", "later"}, "--until is not right"},
      {{"send", "a", "--timeout", "-1"}, "--timeout is not right"},
      {{"send", "a", "--data"}, "--data takes exactly one value"},
      {{"receive", "--count", "-1"}, "--count is not right"},
      {{"receive", "--count", "three"}, "--count is not right"},
      {{"receive", "--count", "3", "--follow"}, "--follow and --count|--count and --follow"},
      {{"history", "a", "b"}, "b"},
      {{"channels", "a"}, "a"},
      {{"status", "--timeout", "x"}, "--timeout is not right"},
      {{"status", "--language", "fr"}, "--language is not right"},
      {{"status", "publish"}, "file is missing"},
      {{"members", "a", "b"}, "b"},
      {{"member"}, "Say what you want"},
      {{"member", "remove"}, "account is missing"},
      {{"questions", "a"}, "a"},
      {{"answer"}, "question is missing"},
      {{"answer", "5f3a"}, "answer is missing"},
      {{"answer", "5f3a", "maybe"}, "Answer with yes or no"},
      {{"notices", "a", "b"}, "b"},
      {{"devices", "a"}, "a"},
      {{"device"}, "Say what you want"},
      {{"device", "link", "a"}, "a"},
      {{"device", "remove"}, "device is missing"},
      {{"invite", "--until", "2027-01-01"}, "--until belongs to --reading-along"},
      {{"invite", "--lost"}, "--lost belongs to --comeback"},
      {{"invite", "--reading-along", "--comeback", "5f3a"}, "--comeback and --reading-along|--reading-along and --comeback"},
      {{"handover"}, "Say what you want"},
      {{"handover", "offer"}, "--channel is missing"},
      {{"demo"}, "Say what you want"},
      {{"demo", "fly"}, "fly"},
      {{"demo", "link", "--demo"}, "--demo takes exactly one value"},
  };
  for (const Case& wrong : cases) expect(wrong, kUsage);
}

// CLI11's own sentences are English; none of them may come through.
TEST_F(BadInput, AWrongCommandLineIsToldInDutch) {
  const Case cases[] = {
      {{}, "Zeg wat je wilt doen. Uitleg: steiger --help"},
      {{"fly"}, "Dit ken ik hier niet: fly. Uitleg: steiger --help"},
      {{"send"}, "text ontbreekt. Uitleg: steiger send --help"},
      {{"send", "a", "b"}, "Dit ken ik hier niet: b. Uitleg: steiger send --help"},
      {{"send", "a", "--until", "later"}, "De waarde van --until klopt niet. Uitleg: steiger send --help"},
      {{"send", "a", "--timeout", "x"}, "De waarde van --timeout klopt niet. Uitleg: steiger send --help"},
      {{"send", "a", "--data"}, "Bij --data hoort precies een waarde. Uitleg: steiger send --help"},
      {{"receive", "--count", "3", "--follow"}, "gaan niet samen. Uitleg: steiger receive --help"},
      {{"invite", "--lost"}, "--lost hoort bij --comeback. Uitleg: steiger invite --help"},
  };
  for (const Case& wrong : cases) {
    const Finished dutch = steiger(wrong.arguments, "nl");
    EXPECT_EQ(dutch.exit, kUsage);
    EXPECT_NE(dutch.errors.find(wrong.says), std::string::npos) << dutch.errors;
  }
}

TEST_F(BadInput, WordsThatCannotBeAreExitCode2) {
  const std::string organisation = (world_->dir() / "organisation").string();
  expect({{"coach", "create", "--name", "N", "--gateway", "http://h", "--organisation", organisation, "--data", data("w1")},
          "begins with ws://"},
         kUsage);
  expect({{"coach", "create", "--name", std::string(5000, 'N'), "--gateway", "ws://h", "--organisation", organisation, "--data",
           data("w2")},
          "shorter"},
         kUsage);
  expect({{"join", "7Q4K9", "--name", "Sam", "--gateway", world_->gateway_url(), "--data", data("w3")}, "whole invitation"},
         kUsage);
  expect({{"join", world_->page_url() + "#invite=%%%%", "--name", "Sam", "--data", data("w4")}, "character|whole"}, kUsage);
  expect({{"send", "", "--data", data("coach")}, "empty message"}, kUsage);
  expect({{"send", std::string(100'000, 'x'), "--data", data("coach")}, "too long"}, kUsage);
  expect({{"send", "\xff\xfe", "--data", data("coach")}, "UTF-8"}, kUsage);
  expect({{"organisation", "certify", organisation, file("a.request", "x"), "--role", "king"}, "king.*Choose from"}, kUsage);
  const Arguments bea = {"invite",     "--reading-along", "--label", "Bea",    "--until",
                         "2099-01-01", "--reason",        "debts",   "--data", data("coach")};
  const auto with = [&](std::size_t place, const std::string& word) {
    Arguments out = bea;
    out[place] = word;
    return out;
  };
  expect({with(5, "soon"), "no date: soon"}, kUsage);
  expect({with(7, "fun"), "no reason: fun.*Choose from"}, kUsage);
  expect({{"invite", "--reading-along", "--data", data("coach")}, "--label NAME --until DATE"}, kUsage);
  expect({{"handover", "offer", "--channel", "1", "--leaving", "2", "--successor", "3", "--key", "4", "--data", data("coach")},
          "no whole number: 1"},
         kUsage);
}

TEST_F(BadInput, WhatIsNotThereOrNotAllowedIsExitCode1) {
  expect({{"send", "x", "--channel", "nobody", "--data", data("coach")}, "steiger channels"}, kRefused);
  expect({{"history", "nobody", "--data", data("coach")}, "steiger channels"}, kRefused);
  expect({{"confirm", "zz", "--data", data("coach")}, "steiger invites"}, kRefused);
  expect({{"refuse", "zz", "--data", data("coach")}, "steiger invites"}, kRefused);
  expect({{"cancel", "zz", "--data", data("coach")}, "steiger invites"}, kRefused);
  expect({{"invite", "--data", data("jongere")}, "Only a coach"}, kRefused);
  expect({{"invite", "--comeback", "zz", "--data", data("coach")}, "steiger members"}, kRefused);
  expect({{"member", "remove", "zz", "--data", data("coach")}, "steiger members"}, kRefused);
  expect({{"device", "remove", "zz", "--data", data("coach")}, "steiger devices"}, kRefused);
  expect({{"answer", "zz", "yes", "--data", data("jongere")}, "steiger questions"}, kRefused);
  expect({{"members", "--channel", "nobody", "--data", data("coach")}, "steiger channels"}, kRefused);
  expect({{"notices", "--channel", "nobody", "--data", data("coach")}, "steiger channels"}, kRefused);
  expect({{"status", "publish", file("list", "no list"), "--data", data("coach")}, "status list"}, kRefused);
  expect({{"join", "7Q4K9-X2M8T-7Q4K9-X2M8T", "--name", "S", "--gateway", world_->gateway_url(), "--data", data("r1")},
          "not known.*link"},
         kRefused);
  expect({{"join", "7Q4K9-X2M8T-7Q4K9-X2M8T", "--name", "S", "--gateway", world_->gateway_url(), "--data", data("jongere")},
          "--data DIR"},
         kRefused);
  const std::string garbage = file("organisation.pub", "no organisation");
  expect({{"staff", "prepare", "--name", "N", "--gateway", "ws://h", "--organisation", garbage, "--data", data("r2")},
          "administrator.*organisation.pub"},
         kRefused);
  expect({{"organisation", "certify", (world_->dir() / "organisation").string(), garbage}, "steiger staff prepare"}, kRefused);
  expect({{"organisation", "create", (world_->dir() / "organisation").string(), "--name", "Again"}, "never overwritten"},
         kRefused);
  // A member of staff with a certificate of somebody else.
  ASSERT_EQ(steiger({"staff", "prepare", "--name", "N", "--gateway", "ws://h", "--organisation",
                     (world_->dir() / "organisation" / "organisation.pub").string(), "--data", data("r3"), "--output",
                     (directory_->path() / "n.request").string()})
                .exit,
            0);
  expect({{"staff", "install", garbage, "--data", data("r3")}, "certificate.*administrator"}, kRefused);
}

TEST_F(BadInput, FilesDirectoriesAndKeysAreExitCode3) {
  const std::string nowhere = (directory_->path() / "nowhere").string();
  for (const char* command :
       {"chat", "invite", "invites", "receive", "history", "channels", "status", "members", "questions", "notices", "devices"}) {
    expect({{command, "--data", nowhere}, "steiger join.*--data DIR"}, kEnvironment);
  }
  expect({{"send", "x", "--data", nowhere}, "steiger join"}, kEnvironment);
  expect({{"status", "--data", file("a-file", "x")}, "--data DIR"}, kEnvironment);
  expect({{"coach", "create", "--name", "N", "--gateway", "ws://h", "--organisation", nowhere, "--data", data("f1")},
          "Cannot read this file: .*nowhere/organisation.pub"},
         kEnvironment);
  expect({{"staff", "install", nowhere, "--data", data("coach")}, "Cannot read this file"}, kEnvironment);
  expect({{"status", "publish", nowhere, "--data", data("coach")}, "Cannot read this file"}, kEnvironment);
  expect({{"organisation", "create", "/proc/steiger", "--name", "X"}, "Cannot write this file.*permissions"}, kEnvironment);
  expect({{"join", "7Q4K9-X2M8T-7Q4K9-X2M8T", "--name", "S", "--gateway", "ws://h", "--data", "/proc/steiger"},
          "permissions.*free space"},
         kEnvironment);
  expect({{"demo", "link", "--demo", nowhere}, "deploy/quickstart"}, kEnvironment);
  expect({{"demo", "chat", "--demo", nowhere}, "deploy/quickstart"}, kEnvironment);

  ASSERT_EQ(steiger({"coach", "create", "--name", "N", "--gateway", "ws://h", "--organisation",
                     (world_->dir() / "organisation").string(), "--data", data("f2")})
                .exit,
            0);
  const std::filesystem::path key = world_->device_dir("f2") / "store.key";
  std::filesystem::permissions(key, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  expect({{"status", "--data", data("f2")}, "chmod 600 store.key"}, kEnvironment);
  std::filesystem::permissions(key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::ofstream(key, std::ios::binary) << std::string(32, 'x');
  expect({{"status", "--data", data("f2")}, "store.key does not fit"}, kEnvironment);
  std::ofstream(key, std::ios::binary) << "short";
  expect({{"status", "--data", data("f2")}, "exactly 32 bytes"}, kEnvironment);
  std::filesystem::remove(key);
  expect({{"status", "--data", data("f2")}, "store.key is missing"}, kEnvironment);
}

TEST_F(BadInput, AnAbsentGatewayIsNamed) {
  ASSERT_EQ(steiger({"coach", "create", "--name", "N", "--gateway", "ws://127.0.0.1:1", "--organisation",
                     (world_->dir() / "organisation").string(), "--data", data("g1")})
                .exit,
            0);
  expect({{"invite", "--data", data("g1"), "--timeout", "1"}, "No connection to the gateway"}, kEnvironment);
  expect({{"join", "7Q4K9-X2M8T-7Q4K9-X2M8T", "--name", "S", "--gateway", "ws://127.0.0.1:1", "--timeout", "1", "--data",
           data("g2")},
          "No connection to the gateway"},
         kEnvironment);
  // The same again goes on with what was begun.
  const Finished resumed = steiger({"join", "7Q4K9-X2M8T-7Q4K9-X2M8T", "--name", "S", "--gateway", "ws://127.0.0.1:1",
                                    "--timeout", "1", "--data", data("g2")});
  EXPECT_EQ(resumed.exit, kEnvironment) << resumed.errors;
  ASSERT_FALSE(resumed.lines.empty());
  EXPECT_NE(resumed.lines.front().find("goes on"), std::string::npos);
  expect({{"receive", "--data", data("g1"), "--timeout", "1"}, "No connection to the gateway"}, kEnvironment);
  EXPECT_EQ(steiger({"status", "--data", data("g1"), "--timeout", "1"}).exit, 0);  // its answer is "no connection"
}

// A command as in a shell on a full disk. Files may grow to `blocks` of 512 bytes.
Finished on_full_disk(const Arguments& arguments, int blocks, const std::filesystem::path& errors) {
  std::string line = "trap '' XFSZ; ulimit -f " + std::to_string(blocks) + "; exec";
  for (const auto& argument : arguments) line += " '" + argument + "'";
  return run({"/bin/sh", "-c", line}, errors);
}

TEST_F(BadInput, AFullDiskSaysSoAndNothingIsLost) {
  const std::string steiger_program = (std::filesystem::path(std::getenv("STEIGER_BIN")) / "steiger").string();
  // Standard error is a file as well: large enough for the sentence, too small for the store.
  const auto errors = directory_->path() / "full.stderr";
  const Finished sent = on_full_disk(
      {steiger_program, "send", "on a full disk", "--data", data("coach"), "--language", "en", "--timeout", "5"}, 8, errors);
  EXPECT_EQ(sent.exit, kEnvironment) << sent.errors;
  EXPECT_TRUE(std::regex_search(sent.errors, std::regex("[Mm]ake room"))) << sent.errors;
  // With room again the device is as it was, and that message is there at most once.
  EXPECT_EQ(steiger({"send", "with room", "--data", data("coach")}).exit, 0);
  const auto shown = world_->history("coach");
  ASSERT_TRUE(shown);
  EXPECT_LE(std::count_if(shown->begin(), shown->end(), [](const Shown& message) { return message.text == "on a full disk"; }),
            1);
  EXPECT_EQ(std::count_if(shown->begin(), shown->end(), [](const Shown& message) { return message.text == "with room"; }), 1);
}

TEST_F(BadInput, OutputThatCannotBeWrittenIsNoSuccessAndCountsAsUnseen) {
  const std::string steiger_program = (std::filesystem::path(std::getenv("STEIGER_BIN")) / "steiger").string();
  ASSERT_EQ(steiger({"send", "for a full disk", "--data", data("jongere")}).exit, 0);
  const Finished lost =
      run({"/bin/sh", "-c", "exec '" + steiger_program + "' receive --language en --data '" + data("coach") + "' >/dev/full"},
          world_->error_file("person"));
  EXPECT_EQ(lost.exit, kEnvironment);
  EXPECT_TRUE(std::regex_search(lost.errors, std::regex("Cannot write the output"))) << lost.errors;
  const Finished again = steiger({"receive", "--data", data("coach")});
  ASSERT_FALSE(again.lines.empty());
  EXPECT_NE(again.lines.back().find("for a full disk"), std::string::npos);
}

}  // namespace
}  // namespace steiger::story
