#include "gateway/transport/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "gateway/transport/limits.h"

namespace steiger::transport {

bool is_numeric_address(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

Result<std::vector<std::string>> system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return kLookupFailed;
  std::vector<std::string> out;
  for (const addrinfo* each = found; each != nullptr && out.size() < kMaxAddresses; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      out.emplace_back(text);
  }
  ::freeaddrinfo(found);
  if (out.empty()) return kLookupFailed;
  return out;
}

struct Resolver::Shared {
  Lookup lookup;
  std::mutex mutex;
  EventLoop* loop = nullptr;  // nullptr: the resolver is gone
  std::size_t running = 0;
};

Resolver::Resolver(EventLoop& loop, Lookup lookup) : shared_(std::make_shared<Shared>()) {
  shared_->lookup = std::move(lookup);
  shared_->loop = &loop;
}

Resolver::~Resolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
}

Result<void> Resolver::start(const std::string& host, Done done) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->running >= kMaxLookups) return kLookupFailed;
    ++shared_->running;
  }
  const auto work = [shared = shared_, host, done = std::move(done)] {
    auto addresses = std::make_shared<const Result<std::vector<std::string>>>(shared->lookup(host));
    const std::lock_guard lock(shared->mutex);
    --shared->running;
    if (shared->loop == nullptr) return;
    shared->loop->post([weak = std::weak_ptr<Shared>(shared), addresses, done] {
      if (const auto still = weak.lock(); still != nullptr && still->loop != nullptr) done(*addresses);
    });
  };
  try {
    std::thread(work).detach();
  } catch (const std::system_error&) {  // no more threads on this machine
    const std::lock_guard lock(shared_->mutex);
    --shared_->running;
    return kLookupFailed;
  }
  return {};
}

}  // namespace steiger::transport
