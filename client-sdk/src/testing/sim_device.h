// One device of the simulation: a Core, a local store that delays, fails and forgets, and an app that looks at what it hears.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client-sdk/schema/client_api_generated.h"
#include "client-sdk/src/core.h"
#include "client-sdk/src/testing/network.h"

namespace steiger::sdk::testing {

struct StoreOptions {
  std::int64_t max_delay_ms = 10;
  unsigned fail_percent = 0;          // reported as failed, nothing written
  unsigned fail_applied_percent = 0;  // written, but reported as failed
};

class SimDevice {
 public:
  SimDevice(std::string name, Scheduler& scheduler, Network& network, std::uint64_t seed);
  ~SimDevice();
  SimDevice(const SimDevice&) = delete;
  SimDevice& operator=(const SimDevice&) = delete;

  // ---- life
  void boot();   // opens the core on what the store holds
  void crash();  // kill -9: all that was not completed is gone
  [[nodiscard]] bool running() const { return core_.has_value(); }
  // Dies right after carrying out its `count`-th effect from now, and comes back after a second.
  void crash_after_effects(std::uint64_t count) { crash_in_ = count; }
  [[nodiscard]] std::uint64_t effects() const { return effects_; }

  // ---- the app
  template <class Body>
  std::uint64_t ask(Body body) {
    const std::uint64_t id = next_request_++;
    api::RequestT request;
    request.id = id;
    request.body.Set(std::move(body));
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(api::Request::Pack(builder, &request), api::EventIdentifier());
    feed(ApiRequest{Bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize())});
    return id;
  }
  // The answer to `request`, or nullptr.
  [[nodiscard]] const api::EventT* answer(std::uint64_t request) const;
  // Every event that was let out, oldest first, over all lives.
  [[nodiscard]] const std::vector<std::unique_ptr<api::EventT>>& events() const { return events_; }
  [[nodiscard]] std::vector<std::string> alarms() const;  // names
  [[nodiscard]] api::StatusT status();
  [[nodiscard]] std::vector<api::ChannelT> channels();
  // Oldest first: accepted messages with a place, then what waits.
  [[nodiscard]] std::vector<api::MessageT> messages(const std::vector<std::uint8_t>& channel);
  // "seq sender: text" of every placed message: equal on all devices when nothing is lost, doubled or swapped.
  [[nodiscard]] std::vector<std::string> transcript();

  void feed(Event event);

  std::string name;
  Duration clock_error{0};  // this device's clock minus the true time
  StoreOptions store_options;
  Snapshot disk;  // what survives

 private:
  [[nodiscard]] Timestamp clock() const { return scheduler_.now + clock_error; }
  void run(Effects effects);
  void carry_out(Effect effect);
  void commit(CommitBatch batch);
  template <class Body>
  const api::EventT& query(Body body);

  Scheduler& scheduler_;
  Network& network_;
  SeededRng rng_;
  std::optional<Core> core_;
  std::uint64_t life_ = 0;  // tells this life's callbacks from those of lives that ended
  std::optional<std::uint64_t> connection_;
  std::uint64_t timer_ = 0;
  std::uint64_t effects_ = 0;
  std::optional<std::uint64_t> crash_in_;
  std::uint64_t next_request_ = 1;
  std::vector<std::unique_ptr<api::EventT>> events_;
};

}  // namespace steiger::sdk::testing
