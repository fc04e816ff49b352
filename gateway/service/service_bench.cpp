// How fast the service is without sockets: pairs of devices in a closed loop over a real SQLCipher file with the writer on its own
// thread. Prints one JSON line; never a test. Payloads are prepared PrivateMessages, so that no client encryption is measured.
//   service_bench [pairs] [outstanding] [bytes] [seconds]
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "gateway/service/testing/world.h"
#include "gateway/store/sql_store.h"

namespace steiger::gateway::testing {
namespace {

// The lean half of a device: submits prepared messages, acknowledges what comes.
class Load final : public SessionSink {
 public:
  Load(World& world, SessionId session, ChannelId channel, Bytes group_id, std::uint64_t epoch, std::uint64_t counter,
       std::size_t bytes)
      : world_(world), session_(session), channel_(channel), epoch_(epoch), counter_(counter) {
    mls::PrivateMessage message;
    message.group_id = std::move(group_id);
    message.epoch = epoch;
    message.authenticated_data = identity::encode_message_header({tag_, {}});
    message.encrypted_sender_data = Bytes(28, 1);
    message.ciphertext = Bytes(bytes, 2);
    payload_ = mls::encode_message(std::move(message));
  }

  void submit(std::size_t count) {
    items_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const auto payload = builder_.CreateVector(payload_.data(), payload_.size());
      const auto id = wire_value(MessageId::random(world_.rng));
      const auto channel = wire_value(channel_);
      const auto tag = wire_value(tag_);
      items_.push_back(wire::CreateSubmission(builder_, counter_++, &id, &channel, epoch_, &tag, payload));
    }
    const auto body = wire::CreateSubmit(builder_, builder_.CreateVector(items_));
    const Bytes frame = finish_frame(builder_, 1, wire::Body::Submit, body.Union());
    world_.service->handle(session_, **verify_frame(frame));
  }

  void send(Bytes frame) override { inbox_.push_back(std::move(frame)); }
  void close(const Error& why) override {
    std::fprintf(stderr, "closed: %s\n", why.name);
    std::exit(1);
  }
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }

  // Returns how many own submissions were accepted.
  std::size_t read() {
    std::size_t accepted = 0;
    std::uint64_t last = 0;
    for (; !inbox_.empty(); inbox_.pop_front()) {
      const auto frame = verify_frame(inbox_.front());
      if (const auto* body = (*frame)->body_as_Accepted(); body != nullptr) {
        accepted += static_cast<std::size_t>(body->counter() - accepted_);
        accepted_ = body->counter();
      } else if (const auto* deliver = (*frame)->body_as_Deliver(); deliver != nullptr) {
        for (const auto* batch : *deliver->batches()) {
          last = batch->first_seq() + batch->envelopes()->size() - 1;
          delivered += batch->envelopes()->size();
        }
      } else {
        std::fprintf(stderr, "unexpected frame\n");
        std::exit(1);
      }
    }
    if (last != 0) {
      wire::AcknowledgeT body;
      body.positions.emplace_back(wire_value(channel_), last);
      const Bytes frame = encode_frame(0, std::move(body));
      world_.service->handle(session_, **verify_frame(frame));
    }
    return accepted;
  }
  void start_from(std::uint64_t accepted) { accepted_ = accepted; }
  std::uint64_t delivered = 0;

 private:
  World& world_;
  SessionId session_;
  ChannelId channel_;
  std::uint64_t epoch_;
  std::uint64_t counter_;
  std::uint64_t accepted_ = 0;
  ByteArray<32> tag_{7};
  Bytes payload_;
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<wire::Submission>> items_;
  std::deque<Bytes> inbox_;
};

// Lets a Load take over the session of a Client that has logged in and joined.
class Switch final : public SessionSink {
 public:
  SessionSink* target = nullptr;
  void send(Bytes frame) override { target->send(std::move(frame)); }
  void close(const Error& why) override { target->close(why); }
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int run(std::size_t pairs, std::size_t outstanding, std::size_t bytes, double duration) {
  namespace fs = std::filesystem;
  std::string pattern = (fs::current_path() / "steiger-bench-XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  SystemRng rng;
  auto store =
      open_sql_store({(folder / "store.db").string(), sqlcipher::DatabaseKey::random(rng), SecretboxKey::random(rng)}, rng);
  if (!store.ok()) return 1;
  World world(true, std::move(*store));
  Person coach = world.make_staff();
  std::deque<Person> people;
  std::deque<Client> clients;
  std::deque<Switch> switches;
  std::deque<Load> loads;
  const auto until = [&](auto condition) {
    while (!condition()) {
      world.executor.wait_and_run(std::chrono::seconds(10));
      for (Client& client : clients) client.read();
    }
  };
  // Every pair is two members of staff, so that no invite is needed; they register the channel and join for real.
  for (std::size_t i = 0; i < 2 * pairs; ++i) clients.emplace_back(world, people.emplace_back(world.make_staff()));
  std::vector<ChannelId> channels;
  for (Client& client : clients) {
    client.connect(&switches.emplace_back());
    switches.back().target = &client;
    client.login();
  }
  until([&] { return world.service->counts().logged_in == 2 * pairs; });
  for (std::size_t i = 0; i < pairs; ++i) channels.push_back(clients[2 * i].open_channel());
  until([&] {
    return world.service->counts().accepted == 0 &&
           std::all_of(clients.begin(), clients.end(), [](auto& c) { return c.outbox.empty(); });
  });
  for (std::size_t i = 0; i < pairs; ++i) clients[2 * i].add(channels[i], clients[2 * i + 1]);
  until([&] {
    for (std::size_t i = 0; i < pairs; ++i) {
      if (!clients[2 * i + 1].has_room(channels[i]) || clients[2 * i].pending_commit) return false;
    }
    return true;
  });
  world.executor.run_all();
  for (std::size_t i = 0; i < 2 * pairs; ++i) {
    Client& client = clients[i];
    const auto& group = *client.room(channels[i / 2]).group;
    Load& load = loads.emplace_back(world, *client.session_, channels[i / 2], to_bytes(group.group_id()), group.epoch(),
                                    client.next_counter, bytes);
    load.start_from(client.next_counter - 1);
    switches[i].target = &load;
  }
  const auto clock = [] { return std::chrono::steady_clock::now(); };
  const auto start = clock();
  const double cpu = cpu_seconds();
  const auto batches = world.service->counts().batches;
  std::size_t accepted = 0;
  // In every pair one sends and one receives, as in the relay benchmark.
  for (std::size_t i = 0; i < pairs; ++i) loads[2 * i].submit(outstanding);
  while (std::chrono::duration<double>(clock() - start).count() < duration) {
    world.executor.wait_and_run(std::chrono::seconds(10));
    for (Load& load : loads) {
      const std::size_t now = load.read();
      accepted += now;
      if (now > 0) load.submit(now);
    }
  }
  const double seconds = std::chrono::duration<double>(clock() - start).count();
  const auto n = static_cast<double>(accepted);
  std::printf(
      "{\"pairs\":%zu,\"outstanding\":%zu,\"bytes\":%zu,\"messages_per_second\":%.0f,\"cpu_us_per_message\":%.1f,"
      "\"messages_per_batch\":%.1f}\n",
      pairs, outstanding, bytes, n / seconds, (cpu_seconds() - cpu) * 1e6 / n,
      n / static_cast<double>(world.service->counts().batches - batches));
  world.service.reset();
  world.store.reset();
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace steiger::gateway::testing

int main(int argc, char** argv) {
  const auto argument = [&](int index, double fallback) { return argc > index ? std::atof(argv[index]) : fallback; };
  return steiger::gateway::testing::run(static_cast<std::size_t>(argument(1, 16)), static_cast<std::size_t>(argument(2, 8)),
                                        static_cast<std::size_t>(argument(3, 256)), argument(4, 5));
}
