// A coach's chat window, killed (SIGKILL) at random instants while lines are typed and messages come in: every line that it showed
// as kept or sent is on both devices exactly once, and the next window opens. STEIGER_KILL_ROUNDS and STEIGER_KILL_SEED as in
// kill_loop_test.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "client-sdk/src/native/temporary_directory.h"
#include "tests/story/dice.h"
#include "tests/story/world.h"

namespace steiger::story {
namespace {

constexpr int kDefaultRounds = 5;
constexpr int kLinesPerRound = 25;
constexpr int kMostShownBeforeKill = 30;
constexpr int kMostMillisecondsBeforeKill = 40;
constexpr const char* kWaiting = "◷";
constexpr const char* kAccepted = "✓";
constexpr const char* kSaid = " me: ";

struct ShownLines {
  std::set<std::string> kept, sent;

  // "◷  09:15 me: text", and the same line again with its new mark.
  void take(const std::string& line) {
    const auto said = line.find(kSaid);
    if (said == std::string::npos) return;
    const std::string text = line.substr(said + std::string(kSaid).size());
    if (line.rfind(kWaiting, 0) == 0) kept.insert(text);
    if (line.rfind(kAccepted, 0) == 0) sent.insert(text);
  }
};

std::size_t count(const std::vector<Shown>& messages, const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(messages.begin(), messages.end(), [&](const Shown& message) { return message.text == text; }));
}

TEST(KillChat, WhatAWindowShowedAsSentArrivesExactlyOnce) {
  const char* bin = std::getenv("STEIGER_BIN");
  ASSERT_NE(bin, nullptr);
  Dice dice;
  SCOPED_TRACE(dice.named_seed());
  const sdk::TemporaryDirectory directory;
  World world(bin, directory.path() / "world", Binaries::shipped);
  ASSERT_TRUE(world.make_organisation("Test"));
  ASSERT_TRUE(world.init_gateway());
  ASSERT_TRUE(world.start_gateway());
  ASSERT_TRUE(world.make_coach("coach", "Noor"));
  ASSERT_TRUE(world.introduce("coach", "jongere", "Sam"));

  ShownLines shown;
  const int rounds = number_from("STEIGER_KILL_ROUNDS", kDefaultRounds);
  for (int round = 0; round < rounds; ++round) {
    Process jongere = world.start_steiger("jongere", {"send", "-", "--timeout", "600"});
    Process chat = world.start_steiger("coach", {"chat"});
    for (int i = 0; i < kLinesPerRound; ++i) {
      const std::string line = std::to_string(round) + "/" + std::to_string(i) + "\n";
      chat.write("coach " + line);
      jongere.write("jongere " + line);
    }
    for (int lines = dice.up_to(kMostShownBeforeKill); lines > 0; --lines) {
      const auto line = chat.read_line();
      ASSERT_TRUE(line) << "round " << round;
      shown.take(*line);
    }
    ::poll(nullptr, 0, dice.up_to(kMostMillisecondsBeforeKill));
    chat.signal(SIGKILL);
    while (const auto line = chat.read_line()) shown.take(*line);  // what it had shown before it died
    chat.wait();
    jongere.close_input();
    while (jongere.read_line()) {
    }
    EXPECT_EQ(jongere.wait(), 0) << "round " << round;
  }
  // What is still kept goes along with an empty input; both hear everything.
  ASSERT_EQ(world.steiger("coach", {"send", "-"}).exit, 0);
  Process listening = world.start_steiger("jongere", {"receive", "--follow"});
  ASSERT_EQ(world.steiger("coach", {"send", "the end", "--until", "stored", "--timeout", "60"}).exit, 0);
  listening.kill_now();
  const auto at_coach = world.history("coach");
  const auto at_jongere = world.history("jongere");
  ASSERT_TRUE(at_coach && at_jongere);
  EXPECT_EQ(*at_coach, *at_jongere);
  EXPECT_FALSE(shown.kept.empty());
  for (const auto* texts : {&shown.kept, &shown.sent}) {
    for (const auto& text : *texts) EXPECT_EQ(count(*at_jongere, text), 1u) << text;
  }
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < kLinesPerRound; ++i) {
      const std::string line = std::to_string(round) + "/" + std::to_string(i);
      EXPECT_EQ(count(*at_coach, "jongere " + line), 1u) << line;
      EXPECT_LE(count(*at_coach, "coach " + line), 1u) << line;
    }
  }
}

}  // namespace
}  // namespace steiger::story
