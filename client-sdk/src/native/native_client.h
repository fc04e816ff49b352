// The SDK core as a running client: the core on a thread of its own, a WebSocket to the gateway, an encrypted store on disk.
//
//   auto client = NativeClient::open({.data_dir = dir}, time, rng);
//   client->request(bytes);                                   // steiger.api.Request of client-sdk/schema/client_api.fbs
//   while (auto event = client->next_event(timeout)) ...      // steiger.api.Event
//
// `kill -9` at any instant is safe: everything an app was told is on disk, everything it asked for is either on disk or was not answered.
#pragma once

#include <memory>
#include <optional>

#include "client-sdk/src/native/data_dir.h"
#include "client-sdk/src/native/native_time.h"
#include "crypto/base/bytes.h"

namespace steiger::sdk {

// Requests that wait for the core's thread. Above it request() says kTooManyRequests.
inline constexpr std::size_t kMaxQueuedRequests = 4096;
// Events that wait for the app. At this bound the core's thread waits until the app reads: nothing is lost, and the gateway's
// delivery window stops it from sending more.
inline constexpr std::size_t kMaxQueuedEvents = 16 * 1024;
// How long closing waits for frames under way, so that acknowledgements usually arrive; what does not is repeated later.
inline constexpr Duration kCloseLinger = std::chrono::milliseconds(300);

struct NativeClientOptions {
  std::filesystem::path data_dir;
  OpenMode mode = OpenMode::existing;
  // wss://: PEM file of the certificate authorities to trust instead of the system's, for a gateway with a private one. Empty: the system's.
  std::filesystem::path certificate_file = {};
};

// All members are thread-safe, except that next_event() is for one thread at a time.
class NativeClient {
 public:
  // Opens the directory and the store, and starts the core. Errors: DataDir::open, LocalStore::open, Core::open,
  // transport::EventLoop::create.
  // `rng` must be thread-safe or left to the client, and outlive it.
  static Result<std::unique_ptr<NativeClient>> open(const NativeClientOptions& options, NativeTime time, Rng& rng);
  // Stops the thread; waits at most about kCloseLinger.
  ~NativeClient();
  NativeClient(const NativeClient&) = delete;
  NativeClient& operator=(const NativeClient&) = delete;

  // Never blocks. The answer comes as an event with the request's id.
  Result<void> request(Bytes request);

  // The next event, in order; nothing when none came within `timeout` (0: do not wait, negative: wait forever).
  std::optional<Bytes> next_event(Duration timeout);

  // Readable for poll() while events wait: for apps that also watch a terminal or a socket. Do not read from it.
  [[nodiscard]] int event_descriptor() const;

 private:
  class Driver;
  explicit NativeClient(std::unique_ptr<Driver> driver);
  std::unique_ptr<Driver> driver_;
};

}  // namespace steiger::sdk
