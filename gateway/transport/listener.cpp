#include "gateway/transport/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace steiger::transport {
namespace {

constexpr int kBacklog = 512;
constexpr int kAcceptsPerTurn = 64;  // then other connections have their turn
constexpr Duration kRetryAfter{200};

int open_socket(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // restart while old connections are in TIME_WAIT
  if (::bind(fd, address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd, kBacklog) == 0) return fd;
  const int why = errno;
  ::close(fd);
  errno = why;
  return -1;
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(EventLoop& loop, const std::string& host, std::uint16_t port,
                                                 std::function<void(int)> accepted) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return kCannotListen;
  const int fd = open_socket(*found);
  const int why = errno;
  ::freeaddrinfo(found);
  if (fd < 0) return why == EADDRINUSE ? kPortTaken : kCannotListen;
  return std::unique_ptr<Listener>(new Listener(loop, fd, std::move(accepted)));
}

Listener::Listener(EventLoop& loop, int socket, std::function<void(int)> accepted)
    : loop_(loop),
      socket_(socket),
      accepted_(std::move(accepted)),
      retry_(loop, [this] { ev_io_start(loop_.events(), &readable_); }) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port_ = ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                                : reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  ev_io_init(
      &readable_, [](struct ev_loop*, ev_io* watcher, int) { static_cast<Listener*>(watcher->data)->accept_waiting(); }, socket_,
      EV_READ);
  readable_.data = this;
  ev_io_start(loop_.events(), &readable_);
}

Listener::~Listener() {
  ev_io_stop(loop_.events(), &readable_);
  ::close(socket_);
}

void Listener::accept_waiting() {
  for (int n = 0; n < kAcceptsPerTurn; ++n) {
    const int fd = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      accepted_(fd);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      // Out of descriptors or memory: the socket stays readable, so look away for a moment instead of spinning.
      ev_io_stop(loop_.events(), &readable_);
      retry_.start(kRetryAfter);
    }
    return;
  }
}

}  // namespace steiger::transport
