#include "gateway/transport/test_clock.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>

namespace steiger::transport {
namespace {

constexpr int kMaxPeers = 16;
constexpr std::size_t kMaxLineBytes = 64;

struct Peer {
  int fd;
  std::string line;
};

}  // namespace

struct TestClock::Parts {
  std::atomic<std::int64_t> now{0};
  std::mutex mutex;
  std::function<void(Timestamp)> handler;  // guarded by mutex
  std::string path;
  int listener = -1;
  int stop_pipe[2] = {-1, -1};
  std::list<Peer> peers;  // of the thread
  std::thread thread;

  std::string answer(std::string_view line);
  bool read(Peer& peer);
  void serve();
};

std::string TestClock::Parts::answer(std::string_view line) {
  const std::size_t space = line.find(' ');
  const std::string_view verb = line.substr(0, space);
  std::int64_t time = now.load();
  if (verb != "now") {
    if (space == std::string_view::npos || (verb != "set" && verb != "advance")) return "error unknown\n";
    const std::string_view number = line.substr(space + 1);
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (problem != std::errc() || end != number.data() + number.size()) return "error number\n";
    if (verb == "advance" && __builtin_add_overflow(value, time, &value)) return "error number\n";
    if (value < time) return "error backwards\n";
    time = value;
    now.store(time);
    std::function<void(Timestamp)> changed;
    {
      const std::lock_guard lock(mutex);
      changed = handler;
    }
    if (changed) changed(Timestamp{time});
  }
  return "ok " + std::to_string(time) + "\n";
}

// False when the peer is gone or talks nonsense.
bool TestClock::Parts::read(Peer& peer) {
  char buffer[kMaxLineBytes];
  const ssize_t size = ::recv(peer.fd, buffer, sizeof buffer, 0);
  if (size <= 0) return false;
  peer.line.append(buffer, static_cast<std::size_t>(size));
  for (std::size_t end = peer.line.find('\n'); end != std::string::npos; end = peer.line.find('\n')) {
    const std::string reply = answer(std::string_view(peer.line).substr(0, end));
    peer.line.erase(0, end + 1);
    if (::send(peer.fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) return false;
  }
  return peer.line.size() < kMaxLineBytes;
}

void TestClock::Parts::serve() {
  for (;;) {
    std::vector<pollfd> watched{{stop_pipe[0], POLLIN, 0}, {listener, POLLIN, 0}};
    for (const Peer& peer : peers) watched.push_back({peer.fd, POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) break;
    std::size_t index = 2;
    for (auto peer = peers.begin(); peer != peers.end(); ++index) {
      if (watched[index].revents != 0 && !read(*peer)) {
        ::close(peer->fd);
        peer = peers.erase(peer);
      } else {
        ++peer;
      }
    }
    if (watched[1].revents != 0) {
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0 && peers.size() >= kMaxPeers) ::close(fd);
      if (fd >= 0 && peers.size() < kMaxPeers) peers.push_back({fd, {}});
    }
  }
  for (const Peer& peer : peers) ::close(peer.fd);
  peers.clear();
}

Result<std::unique_ptr<TestClock>> TestClock::listen(const std::string& socket_path, Timestamp start) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) return kTestClockSocket;
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  auto clock = std::unique_ptr<TestClock>(new TestClock(std::make_unique<Parts>()));
  Parts& parts = *clock->parts_;
  parts.now.store(start.ms);
  struct stat existing {};
  if (::lstat(socket_path.c_str(), &existing) == 0) {
    if (!S_ISSOCK(existing.st_mode)) return kTestClockSocket;
    ::unlink(socket_path.c_str());
  }
  parts.listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (parts.listener < 0 || ::pipe(parts.stop_pipe) != 0) return kTestClockSocket;
  if (::bind(parts.listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return kTestClockSocket;
  parts.path = socket_path;
  if (::listen(parts.listener, kMaxPeers) != 0) return kTestClockSocket;
  parts.thread = std::thread([&parts] { parts.serve(); });
  return clock;
}

TestClock::TestClock(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

TestClock::~TestClock() {
  if (parts_->thread.joinable()) {
    (void)!::write(parts_->stop_pipe[1], "", 1);
    parts_->thread.join();
  }
  for (const int fd : {parts_->listener, parts_->stop_pipe[0], parts_->stop_pipe[1]}) {
    if (fd >= 0) ::close(fd);
  }
  if (!parts_->path.empty()) ::unlink(parts_->path.c_str());
}

Timestamp TestClock::now() const {
  return Timestamp{parts_->now.load()};
}

void TestClock::on_change(std::function<void(Timestamp)> handler) {
  const std::lock_guard lock(parts_->mutex);
  parts_->handler = std::move(handler);
}

}  // namespace steiger::transport
