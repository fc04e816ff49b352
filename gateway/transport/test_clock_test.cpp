#include "gateway/transport/test_clock.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace steiger::transport {
namespace {

std::string socket_path() {
  return testing::TempDir() + "steiger-clock-" + std::to_string(::getpid());
}

// One request, one answer.
std::string ask(const std::string& path, const std::string& line) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  std::string answer;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size())) {
    char buffer[64];
    const ssize_t size = ::recv(fd, buffer, sizeof buffer, 0);
    if (size > 0) answer.assign(buffer, static_cast<std::size_t>(size));
  }
  ::close(fd);
  return answer;
}

TEST(TestClockTest, MovesForwardOnlyAndTellsWhoListens) {
  const std::string path = socket_path();
  auto clock = std::move(TestClock::listen(path, Timestamp{1000})).value();
  std::atomic<std::int64_t> told{0};
  clock->on_change([&](Timestamp now) { told = now.ms; });
  EXPECT_EQ(ask(path, "now\n"), "ok 1000\n");
  EXPECT_EQ(ask(path, "advance 500\n"), "ok 1500\n");
  EXPECT_EQ(clock->now().ms, 1500);
  EXPECT_EQ(told, 1500);
  EXPECT_EQ(ask(path, "set 900000\n"), "ok 900000\n");
  EXPECT_EQ(ask(path, "set 5\n"), "error backwards\n");
  EXPECT_EQ(ask(path, "advance -1\n"), "error backwards\n");
  EXPECT_EQ(ask(path, "advance 9223372036854775807\n"), "error number\n");
  EXPECT_EQ(ask(path, "set 1x\n"), "error number\n");
  EXPECT_EQ(ask(path, "stop\n"), "error unknown\n");
  EXPECT_EQ(clock->now().ms, 900000);
}

TEST(TestClockTest, ReplacesAStaleSocketButNoFile) {
  const std::string path = socket_path();
  { auto clock = std::move(TestClock::listen(path, Timestamp{1})).value(); }
  EXPECT_TRUE(TestClock::listen(path, Timestamp{1}).ok());
  EXPECT_EQ(TestClock::listen("/dev/null", Timestamp{1}).error(), kTestClockSocket);
  EXPECT_EQ(TestClock::listen(std::string(200, 'a'), Timestamp{1}).error(), kTestClockSocket);
}

}  // namespace
}  // namespace steiger::transport
