// The real gateway Service over an in-memory store, as the far end of the SDK's simulated network: virtual time, one thread, and a
// restart that keeps only what was committed.
#pragma once

#include <deque>

#include "client-sdk/src/testing/network.h"
#include "crypto/identity/chain.h"
#include "gateway/service/service.h"
#include "gateway/store/memory_store.h"

namespace steiger::sdk::testing {

class ServiceGateway final : public GatewayEnd {
 public:
  // Makes the store: a test may look over its shoulder.
  using MakeStore = std::function<std::unique_ptr<gateway::MemoryStore>(Rng&)>;
  ServiceGateway(
      Scheduler& scheduler, const identity::OrganisationPublic& organisation, std::string origin, std::uint64_t seed,
      const MakeStore& make_store = [](Rng& rng) { return std::make_unique<gateway::MemoryStore>(rng); });
  ~ServiceGateway() override;

  void opened(std::uint64_t connection, std::function<void(Bytes)> send, std::function<void()> close) override;
  void received(std::uint64_t connection, const Bytes& frame) override;
  void closed(std::uint64_t connection) override;

  // kill -9 and start again on the same store. The caller cuts the connections.
  void restart();
  // What only the gateway has: with it, a lying one signs what it likes (S16).
  [[nodiscard]] SigningKey head_key();

  // Hears by which rule a commit was refused, which devices are not told.
  std::function<void(const Error& rule)> forbidden;

 private:
  // What the edge does: one connection, hello, then the service.
  struct Line final : gateway::SessionSink {
    std::function<void(Bytes)> out;
    std::function<void()> shut;
    std::optional<gateway::SessionId> session;
    bool ended = false;
    void send(Bytes frame) override { out(std::move(frame)); }
    void close(const Error&) override {
      ended = true;
      shut();
    }
    void forbidden(const Error& rule) override {
      if (tell_forbidden) tell_forbidden(rule);
    }
    [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
    std::function<void(const Error&)> tell_forbidden;
  };
  struct VirtualClock final : Clock {
    explicit VirtualClock(const Scheduler& s) : scheduler(s) {}
    [[nodiscard]] Timestamp now() const override { return scheduler.now; }
    const Scheduler& scheduler;
  };
  // Runs posted work a little later, in order; forgets it when the service is killed.
  struct Later final : gateway::Executor {
    explicit Later(Scheduler& s) : scheduler(s) {}
    void post(std::function<void()> task) override;
    Scheduler& scheduler;
    std::deque<std::function<void()>> queue;
  };
  void start();
  void tick();  // again and again, as the program does (there every second)

  Scheduler& scheduler_;
  SeededRng rng_;
  VirtualClock clock_;
  Later executor_;
  gateway::ServiceOptions options_;
  std::unique_ptr<gateway::MemoryStore> store_;
  std::unique_ptr<gateway::Service> service_;
  std::map<std::uint64_t, std::unique_ptr<Line>> lines_;
};

}  // namespace steiger::sdk::testing
