// Looking up host names without holding up the loop: the system's resolver blocks, so it runs on a thread of its own. For this folder.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/transport/event_loop.h"

namespace steiger::transport {

// Whether `host` needs no looking up: a numeric IPv4 or IPv6 address.
bool is_numeric_address(const std::string& host);

// getaddrinfo: at most kMaxAddresses numeric addresses in the system's order of preference. Blocks, for as long as the system likes.
Result<std::vector<std::string>> system_lookup(const std::string& host);

// Belongs to one loop. Threads of lookups may outlive both: they are detached, because nothing can interrupt the system's resolver, and what
// they find then goes nowhere.
class Resolver {
 public:
  using Lookup = std::function<Result<std::vector<std::string>>(const std::string& host)>;
  // On the loop's thread; not after the resolver is gone.
  using Done = std::function<void(const Result<std::vector<std::string>>& addresses)>;

  Resolver(EventLoop& loop, Lookup lookup);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // On the loop's thread. `done` may be destroyed on another thread: it must own nothing that belongs to the loop. kLookupFailed at once (not
  // through `done`) while kMaxLookups earlier ones still hang.
  Result<void> start(const std::string& host, Done done);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace steiger::transport
