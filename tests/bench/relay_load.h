// The load on the gateway: pairs of logged-in devices on one event loop, each pair in its own channel. Messages are real
// PrivateMessages of real groups, encrypted beforehand and sent again under new ids and counters: the gateway looks at nothing
// that tells them apart, and encryption is not what is measured here (`steiger-bench mls` measures it).
#pragma once

#include <deque>
#include <memory>

#include "gateway/protocol/frames.h"
#include "gateway/transport/client.h"
#include "tests/bench/figures.h"
#include "tests/support/people.h"
#include "tests/support/pump.h"

namespace steiger::bench {

namespace wire = gateway::wire;

class Load;

// One device: logs in, acknowledges what is delivered, and tells the load about arrivals.
class LoadDevice final : public transport::ClientHandler {
 public:
  LoadDevice(Load& load, const test::Person& person) : load_(load), person_(person) {}
  bool log_in(test::Pump& pump, const std::string& url, const identity::OrganisationPublic& organisation,
              const std::string& origin);
  void send(Bytes frame) { client_->send(std::move(frame)); }

  void on_connected() override;
  void on_frame(ByteView frame) override;
  void on_disconnected(const Error& why) override;

  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  [[nodiscard]] std::uint64_t processed() const { return processed_; }  // highest seq delivered in its channel
  std::function<void(std::size_t)> on_arrivals;                         // of messages of others

 private:
  void on_hello(const wire::HelloReply& reply);
  void on_deliver(const wire::Deliver& deliver);
  void acknowledge(const wire::Id16& channel, std::uint64_t seq);

  Load& load_;
  const test::Person& person_;
  std::unique_ptr<transport::Client> client_;
  identity::OrganisationPublic organisation_;
  std::string origin_;
  flatbuffers::FlatBufferBuilder builder_;
  bool ready_ = false;
  std::uint64_t accepted_ = 0;
  std::uint64_t processed_ = 0;
};

// A sender, a receiver and their channel.
class Pair {
 public:
  Pair(Load& load, Rng& rng, const test::Organisation& organisation, const VerifyKey& head_key, Timestamp now);
  // Logs both in, opens the channel, and waits until both are in epoch 1.
  bool open(test::Pump& pump, const std::string& url, const identity::OrganisationPublic& organisation,
            const std::string& origin);
  // Submits `count` messages in one frame; each is under way from `queued` on.
  void submit(std::size_t count, Instant queued);
  [[nodiscard]] std::size_t under_way() const { return queued_.size(); }

 private:
  void arrived(std::size_t count);

  Load& load_;
  test::Person sender_person_;
  test::Person receiver_person_;
  test::Conversation talk_;
  std::vector<test::PreparedMessage> prepared_;
  LoadDevice sender_;
  LoadDevice receiver_;
  flatbuffers::FlatBufferBuilder builder_;
  std::uint64_t counter_ = 0;
  std::deque<Instant> queued_;
};

// What all pairs of a run share.
class Load {
 public:
  explicit Load(test::Pump& pump) : pump_(pump) {}
  [[nodiscard]] test::Pump& pump() { return pump_; }
  void fail(const std::string& why);
  [[nodiscard]] const std::string& failure() const { return failure_; }
  void arrived(Pair& pair, double microseconds);

  std::function<void(Pair&)> next;  // a message of this pair arrived
  bool measuring = false;
  std::size_t arrivals = 0;  // while measuring
  std::vector<double> latencies_us;

 private:
  test::Pump& pump_;
  std::string failure_;
};

}  // namespace steiger::bench
