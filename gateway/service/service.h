// The gateway's heart: sessions after hello, login, registration, invites, commit order, durable relay and delivery. Never reads.
//
// Threads: every call runs on one thread, the service thread (in production the transport thread). Behind it one writer thread
// owns the Store and commits what queued during the last fsync as one transaction (group commit); its results come back through
// Executor::post. With ServiceOptions::threaded = false there is no second thread: the batch runs inside a posted function, so
// that a test drives everything in virtual time.
//
// Order of what a session hears (S12): envelopes of a batch first, then answers; a stale_epoch refusal only after the commit that
// made it stale was handed to the sink.
#pragma once

#include <functional>
#include <memory>

#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/sign.h"
#include "gateway/protocol/frames.h"
#include "gateway/store/store.h"

namespace steiger::gateway {

struct SessionId {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const SessionId&, const SessionId&) = default;
};

// One connection's way out. Owned by the edge; must live until Service::closed() or close() was called for its session.
class SessionSink {
 public:
  virtual ~SessionSink() = default;
  // Queues one finished frame. Never calls back into the service.
  virtual void send(Bytes frame) = 0;
  // The service has already sent the fatal Problem: write out what is queued, then close the connection. Afterwards the session
  // does not exist for the service; a later closed() for it is ignored.
  virtual void close(const Error& why) = 0;
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
  // A commit of this session was refused by this rule of membership (commit_not_allowed): for the log.
  virtual void forbidden(const Error& rule) { static_cast<void>(rule); }
};

class Executor {
 public:
  virtual ~Executor() = default;
  // Thread-safe; runs `task` later on the service thread, in the order of posting. Never runs it inside post().
  virtual void post(std::function<void()> task) = 0;
};

struct WireLimits {
  std::uint32_t max_frame_bytes = kMaxFrameBytes;
  std::uint32_t max_payload_bytes = kMaxPayloadBytes;
  std::uint32_t max_outstanding = kMaxOutstanding;
  std::uint32_t delivery_window = kDeliveryWindow;
  std::uint32_t max_items_per_frame = kMaxItemsPerFrame;
};

struct ServiceOptions {
  OrganisationId organisation;
  VerifyKey organisation_root;
  std::string origin;  // public origin that logins sign (S6), e.g. "https://chat.example.nl" or "http://127.0.0.1:8443"
  WireLimits limits;
  bool threaded = true;
};

// What HelloReply says; fixed for the life of the service.
struct HelloFacts {
  OrganisationId organisation;
  ByteArray<kIdSize> incarnation{};
  VerifyKey head_key;
  WireLimits limits;
};

// Totals since the start, for the health endpoint: no ids.
struct ServiceCounts {
  std::uint64_t sessions = 0;  // now open
  std::uint64_t logged_in = 0;
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t rejected = 0;
  std::uint64_t batches = 0;
  std::uint64_t failed_batches = 0;
};

class Service {
 public:
  // `store`, `clock` and `executor` must outlive the service. `clock` is used from both threads. kStoreOtherOrganisation when the store
  // belongs to another organisation or root.
  static Result<std::unique_ptr<Service>> create(ServiceOptions options, Store& store, const Clock& clock, Executor& executor);
  virtual ~Service() = default;  // lets the writer finish what is queued and drops its results

  [[nodiscard]] virtual HelloFacts hello() const = 0;
  // After hello. `nonce` is the one of this connection's HelloReply (S6).
  virtual SessionId open(SessionSink& sink, const ByteArray<32>& nonce) = 0;
  // A verified frame (verify_frame). Answers through the sink; on a fatal error sends Problem and closes it.
  virtual void handle(SessionId session, const wire::Frame& frame) = 0;
  // The sink's queue fell below its low-water mark: more delivery may go. Cheap when nothing waits.
  virtual void drained(SessionId session) = 0;
  // The connection is gone. The sink is not used any more after this call.
  virtual void closed(SessionId session) = 0;
  // Who waits for something whose time is over hears so. Call it about every kTickInterval; cheap.
  virtual void tick() = 0;
  // Fatal kShuttingDown to every session.
  virtual void shut_down() = 0;
  [[nodiscard]] virtual ServiceCounts counts() const = 0;
};

inline constexpr Duration kTickInterval = std::chrono::seconds(1);

// Above this many bytes in the sink's queue the service holds back delivery until drained().
inline constexpr std::size_t kSinkHighWater = 1024 * 1024;
// The edge calls drained() when a queue that was above this falls to it.
inline constexpr std::size_t kSinkLowWater = 256 * 1024;

}  // namespace steiger::gateway
