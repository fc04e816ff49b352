// The road in, with everybody killed (SIGKILL) at random instants: the jongere's `join`, the coach's `receive --follow` that lets
// people in, the gateway. Whoever is killed is started again with the same command; at the end there is exactly one conversation,
// the invite is accepted, nobody was taken for a second person, and both can talk. Runs as kill_loop_test.
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>

#include "client-sdk/src/native/temporary_directory.h"
#include "tests/story/dice.h"
#include "tests/story/world.h"

namespace steiger::story {
namespace {

constexpr int kDefaultRounds = 3;
constexpr int kMostMillisecondsBeforeKill = 250;  // a whole join takes about that long here
constexpr int kMostTries = 20;

class KillJoin : public testing::Test {
 protected:
  void let_in() { coach_.emplace(world_->start_steiger("coach", {"receive", "--follow"})); }
  bool ready(const std::string& device) {
    const json status = body_of(world_->steiger(device, {"status", "--timeout", "0"}).lines, "Status");
    return status.is_object() && status["membership"] == "ready";
  }
  json invite_of(const std::string& id) {
    const json list = body_of(world_->steiger("coach", {"invites"}).lines, "InviteList");
    if (!list.is_object()) return nullptr;
    for (const auto& invite : list["invites"]) {
      if (invite["id"] == id) return invite;
    }
    return nullptr;
  }

  sdk::TemporaryDirectory directory_;
  std::optional<World> world_;
  std::optional<Process> coach_;
};

TEST_F(KillJoin, EndsInExactlyOneConversation) {
  const char* bin = std::getenv("STEIGER_BIN");
  ASSERT_NE(bin, nullptr);
  Dice dice;
  SCOPED_TRACE(dice.named_seed());
  world_.emplace(bin, directory_.path() / "world", Binaries::shipped);
  ASSERT_TRUE(world_->make_organisation("Test"));
  ASSERT_TRUE(world_->init_gateway());
  ASSERT_TRUE(world_->start_gateway());
  ASSERT_TRUE(world_->make_coach("coach", "Noor"));

  const int rounds = number_from("STEIGER_KILL_ROUNDS", kDefaultRounds);
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::string device = "jongere" + std::to_string(round);
    coach_.reset();
    const json invite =
        body_of(world_->steiger("coach", {"invite", "--qr", "--label", device, "--page", world_->page_url(), "--no-wait"}).lines,
                "Invite");
    ASSERT_TRUE(invite.is_object());
    const std::string link = invite["url"].get<std::string>() + "\n";
    let_in();
    bool in = false;
    for (int tries = 0; tries < kMostTries && !in; ++tries) {
      Process joining = world_->start_steiger(device, {"join", "-", "--name", "Sam"});
      joining.write(link);
      joining.close_input();
      ::poll(nullptr, 0, dice.up_to(kMostMillisecondsBeforeKill));
      switch (dice.up_to(3)) {
        case 0:
          joining.kill_now();
          break;
        case 1:
          coach_->kill_now();
          let_in();
          break;
        case 2:
          world_->kill_gateway();
          ASSERT_TRUE(world_->start_gateway());
          break;
        case 3:  // nobody, this time
          break;
      }
      if (dice.up_to(1) == 0) joining.kill_now();
      joining.wait();
      in = ready(device);
    }
    ASSERT_TRUE(in);
    // Both talk: the coach's listener delivers, the other side stores.
    ASSERT_EQ(world_->steiger(device, {"send", "from " + device, "--until", "stored", "--timeout", "60"}).exit, 0);
    coach_.reset();
    const json channels = body_of(world_->steiger("coach", {"channels"}).lines, "ChannelList");
    ASSERT_TRUE(channels.is_object());
    EXPECT_EQ(channels["channels"].size(), static_cast<std::size_t>(round + 1));
    EXPECT_EQ(body_of(world_->steiger(device, {"channels"}).lines, "ChannelList")["channels"].size(), 1u);
    const json decided = invite_of(invite["id"]);
    ASSERT_TRUE(decided.is_object());
    EXPECT_EQ(decided["state"], "accepted");
    EXPECT_EQ(decided["second_proof"], false);
    const auto history = world_->history(device);
    ASSERT_TRUE(history);
    EXPECT_EQ(history->size(), 1u);
  }
}

}  // namespace
}  // namespace steiger::story
