// A clock that only moves when told to, for the separate test-clock executables (design section 6). Never linked into release
// binaries. Protocol on a Unix socket, one line per request, one per answer:
//   now          -> ok MS
//   set MS       -> ok MS      (never backwards: "error backwards")
//   advance MS   -> ok MS
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "crypto/base/clock.h"
#include "crypto/base/result.h"

namespace steiger::transport {

inline constexpr Error kTestClockSocket{1320, "test_clock_socket", ErrorFamily::environment};

// Thread-safe. Serves the socket on a thread of its own.
class TestClock final : public Clock {
 public:
  // Creates the socket (replacing a stale one) and starts at `start`; kTestClockSocket.
  static Result<std::unique_ptr<TestClock>> listen(const std::string& socket_path, Timestamp start);
  ~TestClock() override;

  [[nodiscard]] Timestamp now() const override;
  // Called on the clock's thread after every change; set it before time moves. Post to your own thread from it.
  void on_change(std::function<void(Timestamp)> handler);

 private:
  struct Parts;
  explicit TestClock(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace steiger::transport
