// A chat window is open, and other commands of the same person run: the chat serves them over its door (client-sdk/apps/cli/door.h).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "client-sdk/src/native/temporary_directory.h"
#include "tests/story/world.h"

namespace steiger::story {
namespace {

bool wait_for_text(Process& process, const std::string& text) {
  while (const auto line = process.read_line()) {
    if (line->find(text) != std::string::npos) return true;
  }
  return false;
}

class OpenChat : public testing::Test {
 protected:
  void SetUp() override {
    const char* bin = std::getenv("STEIGER_BIN");
    ASSERT_NE(bin, nullptr);
    // Longer than a socket address may be.
    world_.emplace(bin, directory_.path() / std::string(120, 'w'), Binaries::shipped);
    ASSERT_TRUE(world_->make_organisation("Test"));
    ASSERT_TRUE(world_->init_gateway());
    ASSERT_TRUE(world_->start_gateway());
    ASSERT_TRUE(world_->make_coach("coach", "Noor"));
  }
  Process open_chat() {
    Process chat = world_->start_steiger("coach", {"chat"});
    EXPECT_TRUE(wait_for_text(chat, "[connected]"));
    return chat;
  }
  [[nodiscard]] std::filesystem::path door() const { return world_->device_dir("coach") / "door"; }

  sdk::TemporaryDirectory directory_;
  std::optional<World> world_;
};

TEST_F(OpenChat, InvitesSendsAndShowsForOtherCommands) {
  Process chat = open_chat();
  struct stat info {};
  ASSERT_EQ(::stat(door().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);

  const Finished invited =
      world_->steiger("coach", {"invite", "--qr", "--label", "Sam", "--page", world_->page_url(), "--no-wait"});
  ASSERT_EQ(invited.exit, 0) << invited.errors;
  const json invite = body_of(invited.lines, "Invite");
  ASSERT_EQ(world_->steiger("jongere", {"join", "-", "--name", "Sam"}, invite["url"].get<std::string>() + "\n").exit, 0);
  EXPECT_TRUE(wait_for_text(chat, "Talking with Sam"));

  const Finished sent = world_->steiger("coach", {"send", "from another window"});
  ASSERT_EQ(sent.exit, 0) << sent.errors;
  EXPECT_TRUE(wait_for_text(chat, "from another window"));
  const Finished waited = world_->steiger("coach", {"invite", "--link", "--label", "Mo", "--timeout", "1"});
  EXPECT_EQ(waited.exit, 3) << "waits for news through the door until the time is up";

  const json status = body_of(world_->steiger("coach", {"status"}).lines, "Status");
  ASSERT_TRUE(status.is_object());
  EXPECT_EQ(status["connection"], "online");
  EXPECT_EQ(body_of(world_->steiger("coach", {"channels"}).lines, "ChannelList")["channels"].size(), 1u);
  EXPECT_EQ(body_of(world_->steiger("coach", {"invites"}).lines, "InviteList")["invites"].size(), 2u);

  Process following = world_->start_steiger("coach", {"receive", "--follow"});
  ASSERT_FALSE(wait_for(following, "Status", [](const json&) { return true; }).is_null());
  ASSERT_EQ(world_->steiger("jongere", {"send", "to both windows"}).exit, 0);
  EXPECT_FALSE(wait_for(following, "Message", [](const json& body) { return body["text"] == "to both windows"; }).is_null());
  EXPECT_TRUE(wait_for_text(chat, "to both windows"));

  const Finished second = world_->steiger("coach", {"chat"});
  EXPECT_EQ(second.exit, 3);
  EXPECT_NE(second.errors.find("another Steiger window"), std::string::npos) << second.errors;

  chat.write("/quit\n");
  EXPECT_EQ(chat.wait(), 0);
  EXPECT_EQ(following.wait(), 3) << "whoever was served is told that the window closed";
  EXPECT_FALSE(std::filesystem::exists(door()));
  const auto history = world_->history("coach");
  ASSERT_TRUE(history);
  EXPECT_EQ(history->size(), 2u);
}

// Two people under one label: what is written must not reach the wrong one.
TEST_F(OpenChat, TellsPeopleWithTheSameLabelApart) {
  ASSERT_TRUE(world_->introduce("coach", "sam", "Sam"));
  ASSERT_TRUE(world_->introduce("coach", "other-sam", "Sam"));
  Process chat = open_chat();
  chat.write("/channel Sam\n");
  EXPECT_TRUE(wait_for_text(chat, "several begin like that"));
  EXPECT_TRUE(wait_for_text(chat, "still talking with Sam"));
}

TEST_F(OpenChat, SaysOnceThatTheConnectionIsGone) {
  Process chat = open_chat();
  Process following = world_->start_steiger("coach", {"receive", "--follow"});
  const auto hears = [&](const char* connection) {
    return !wait_for(following, "Status", [&](const json& body) { return body["connection"] == connection; }).is_null();
  };
  ASSERT_TRUE(hears("online"));
  world_->kill_gateway();
  for (int attempts = 0; attempts < 3; ++attempts) ASSERT_TRUE(hears("connecting") && hears("offline"));
  ASSERT_TRUE(world_->start_gateway());
  ASSERT_TRUE(hears("online"));
  ASSERT_TRUE(wait_for_text(chat, "[no connection"));
  const auto next = chat.read_line();
  ASSERT_TRUE(next);
  EXPECT_EQ(*next, "[connected]");
}

TEST_F(OpenChat, AKilledChatLeavesNothingInTheWay) {
  Process killed = open_chat();
  killed.kill_now();
  EXPECT_TRUE(std::filesystem::exists(door()));
  EXPECT_EQ(world_->steiger("coach", {"status"}).exit, 0);
  Process chat = open_chat();
  EXPECT_EQ(world_->steiger("coach", {"status"}).exit, 0);
}

// Only programs of the same person can come here; even so a broken one must not take the chat with it.
TEST_F(OpenChat, NonsenseAtTheDoorClosesThatConnectionOnly) {
  Process chat = open_chat();
  const int directory = ::open(world_->device_dir("coach").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, ("/proc/self/fd/" + std::to_string(directory) + "/door").c_str(), sizeof address.sun_path - 1);
  const std::string pieces[] = {
      std::string("\xff\xff\xff\xff", 4) + "huge",      // a length beyond every bound
      std::string("\x00\x00\x00\x08", 4) + "notaflat",  // no request
      std::string("\x00\x00\x00\x00", 4),               // an empty one
  };
  for (const std::string& piece : pieces) {
    const int line = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(line, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::send(line, piece.data(), piece.size(), MSG_NOSIGNAL), static_cast<ssize_t>(piece.size()));
    bool closed = false;
    pollfd watched{line, POLLIN, 0};
    while (!closed && ::poll(&watched, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) > 0) {
      char buffer[4096];
      closed = ::recv(line, buffer, sizeof buffer, 0) <= 0;
    }
    EXPECT_TRUE(closed);
    ::close(line);
  }
  ::close(directory);
  EXPECT_EQ(world_->steiger("coach", {"status"}).exit, 0);
  chat.write("/status\n");
  EXPECT_TRUE(wait_for_text(chat, "connected"));
}

}  // namespace
}  // namespace steiger::story
