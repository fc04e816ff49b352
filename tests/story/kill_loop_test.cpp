// Design laws 2, 3 and 12 from outside: the real gateway and two real clients under load, SIGKILL at random instants of each in
// turn. Afterwards both devices hold the same messages in the same order exactly once, and everything that a client ever reported
// as kept is there. STEIGER_KILL_ROUNDS sets the number of kills, STEIGER_KILL_SEED repeats a run.
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <fstream>
#include <map>
#include <set>

#include "client-sdk/src/native/temporary_directory.h"
#include "tests/story/dice.h"
#include "tests/story/world.h"

namespace steiger::story {
namespace {

constexpr int kDefaultRounds = 6;  // two kills of each kind
constexpr int kLinesPerBurst = 40;
constexpr int kMostLinesBeforeKill = 60;
constexpr int kMostMillisecondsBeforeKill = 25;

// One device that keeps sending numbered lines through `steiger send -`, and remembers what it was told is kept.
class Sender {
 public:
  Sender(World& world, std::string device) : world_(world), device_(std::move(device)) {}

  void start() {
    process_.emplace(world_.start_steiger(device_, {"send", "-", "--timeout", "600"}));
    feed();
  }
  void feed() {
    std::string lines;
    for (int i = 0; i < kLinesPerBurst; ++i) lines += device_ + " " + std::to_string(next_++) + "\n";
    process_->write(lines);
  }
  // Reads one line of output. A Message is on the device's disk: from now on it must never be missing.
  bool read_one() {
    const auto line = process_->read_line();
    if (!line) return false;
    take(*line);
    return true;
  }
  void kill() {
    process_->signal(SIGKILL);
    while (const auto line = process_->read_line()) take(*line);  // what it had said before it died
    process_->wait();
    process_.reset();
  }
  // Everything fed is at the gateway; the process ends by itself.
  std::optional<int> finish() {
    process_->close_input();
    while (const auto line = process_->read_line()) take(*line);
    const auto status = process_->wait();
    process_.reset();
    return status;
  }
  [[nodiscard]] const std::map<std::string, std::string>& kept() const { return kept_; }
  [[nodiscard]] const std::string& device() const { return device_; }

 private:
  void take(const std::string& line) {
    const json parsed = json::parse(line, nullptr, false);
    if (parsed.is_object() && parsed.value("body_type", "") == "Message") kept_[parsed["body"]["id"]] = parsed["body"]["text"];
  }

  World& world_;
  std::string device_;
  std::optional<Process> process_;
  int next_ = 0;
  std::map<std::string, std::string> kept_;  // id to text
};

// `from` says one more thing, and it arrives on the disk of `to`: with it everything before, because a channel has one order.
testing::AssertionResult flush(World& world, const std::string& from, const std::string& to) {
  Process listening = world.start_steiger(to, {"receive", "--follow"});
  const Finished sent = world.steiger(from, {"send", "end of " + from, "--until", "stored", "--timeout", "60"});
  listening.kill_now();
  if (sent.exit == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "exit " << sent.exit << ": " << sent.errors;
}

// What the gateway found wrong with a client since the world began. `replaced` is no complaint: a client that was killed comes back
// before its old connection has ended.
std::vector<std::string> complaints(const World& world) {
  std::vector<std::string> out;
  std::ifstream log(world.error_file("gateway"));
  for (std::string line; std::getline(log, line);) {
    if (line.find("connection_refused") != std::string::npos && line.find("\"replaced\"") == std::string::npos)
      out.push_back(line);
  }
  return out;
}

TEST(KillLoop, NothingIsLostDoubledOrReordered) {
  const char* bin = std::getenv("STEIGER_BIN");
  ASSERT_NE(bin, nullptr);
  const int rounds = number_from("STEIGER_KILL_ROUNDS", kDefaultRounds);
  Dice dice;
  const auto up_to = [&](int most) { return dice.up_to(most); };
  SCOPED_TRACE(dice.named_seed());

  const sdk::TemporaryDirectory directory;
  World world(bin, directory.path() / "world", Binaries::shipped);
  ASSERT_TRUE(world.make_organisation("Test"));
  ASSERT_TRUE(world.init_gateway());
  ASSERT_TRUE(world.start_gateway());
  ASSERT_TRUE(world.make_coach("coach", "Noor"));
  ASSERT_TRUE(world.introduce("coach", "jongere", "Sam"));

  Sender coach(world, "coach");
  Sender jongere(world, "jongere");
  coach.start();
  jongere.start();
  for (int round = 0; round < rounds; ++round) {
    coach.feed();
    jongere.feed();
    for (int lines = up_to(kMostLinesBeforeKill); lines > 0; --lines) {
      ASSERT_TRUE((up_to(1) == 0 ? coach : jongere).read_one()) << "round " << round;
    }
    ::poll(nullptr, 0, up_to(kMostMillisecondsBeforeKill));  // any instant, not only those after a line
    switch (round % 3) {
      case 0:
        world.kill_gateway();
        ASSERT_TRUE(world.start_gateway()) << "round " << round;
        break;
      case 1:
        coach.kill();
        coach.start();
        break;
      case 2:
        jongere.kill();
        jongere.start();
        break;
    }
  }
  EXPECT_EQ(coach.finish(), 0);
  EXPECT_EQ(jongere.finish(), 0);
  ASSERT_TRUE(flush(world, "coach", "jongere"));
  ASSERT_TRUE(flush(world, "jongere", "coach"));
  ASSERT_TRUE(flush(world, "coach", "jongere"));  // so that the coach's own end is not the last thing nobody looked at

  EXPECT_EQ(complaints(world), std::vector<std::string>()) << "a client broke the protocol on its way back";

  const auto seen_by_coach = world.history("coach");
  const auto seen_by_jongere = world.history("jongere");
  ASSERT_TRUE(seen_by_coach && seen_by_jongere);
  EXPECT_EQ(*seen_by_coach, *seen_by_jongere);
  std::set<std::string> ids;
  std::uint64_t last = 0;
  for (const auto& message : *seen_by_coach) {
    EXPECT_TRUE(ids.insert(message.id).second) << "twice: " << message.text;
    EXPECT_GT(message.seq, last);
    last = message.seq;
  }
  for (const Sender* sender : {&coach, &jongere}) {
    EXPECT_GT(sender->kept().size(), 0u);
    for (const auto& [id, text] : sender->kept()) EXPECT_EQ(ids.count(id), 1u) << "lost: " << text;
  }
  // A client that was killed before it answered may or may not have kept a line, but never twice.
  std::set<std::string> texts;
  for (const auto& message : *seen_by_coach) {
    if (message.text.rfind("end of", 0) == 0) continue;
    EXPECT_TRUE(texts.insert(message.text).second) << "twice: " << message.text;
  }
  RecordProperty("messages", static_cast<int>(ids.size()));
}

}  // namespace
}  // namespace steiger::story
