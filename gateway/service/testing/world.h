// A small organisation around a real Service, and devices that speak real frames to it with real certificates and MLS groups.
// For tests only: links the secret half of crypto/mls, which the gateway never does.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "crypto/identity/chain.h"
#include "crypto/identity/channel.h"
#include "crypto/identity/login.h"
#include "crypto/log/chain.h"
#include "crypto/mls/group.h"
#include "crypto/primitives/system_rng.h"
#include "gateway/service/service.h"

namespace steiger::gateway::testing {

inline constexpr char kOrigin[] = "http://127.0.0.1:8443";

class FakeClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ = now_ + by;
  }

 private:
  mutable std::mutex mutex_;
  Timestamp now_{1'800'000'000'000};
};

// Runs posted work when the test says so.
class QueueExecutor final : public Executor {
 public:
  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
  bool run_one() {
    std::function<void()> task;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  void run_all() {
    while (run_one()) {
    }
  }
  // For a threaded service: waits for work and runs it; false when none came in `patience` (the test has failed then).
  bool wait_and_run(std::chrono::milliseconds patience) { return wait(patience) && run_one(); }
  // As above, and leaves the work in the queue.
  bool wait(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, patience, [this] { return !tasks_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
};

// An account with one device.
struct Person {
  AccountId account;
  SigningKey account_key;
  DeviceId device;
  SigningKey leaf_key;
  identity::Role role = identity::Role::jongere;
  identity::IdentityChain chain;

  [[nodiscard]] identity::DeviceIdentity device_identity() const { return {account, device}; }
};

struct World {
  // In memory unless a store is given.
  explicit World(bool threaded = false, std::unique_ptr<Store> store = nullptr);
  // A new service over the same store: the gateway restarted.
  void restart();
  Person make_staff(identity::Role role = identity::Role::coach);
  // Certified by `coach` but not known to the gateway yet.
  Person make_jongere(const Person& coach);
  // One more device of the same account. `person`'s list names both now; the gateway learns it at the next login.
  Person make_device(Person& person);
  // The PSK of every invite of these tests (S5), and who has it.
  static mls::ExternalPsk invite_psk();
  // One that not everybody has.
  static mls::ExternalPsk secret_psk();
  static mls::PskSources psks(bool with_secret = false);
  [[nodiscard]] ServiceOptions options() const;

  SystemRng rng;
  SigningKey root = SigningKey::generate(rng);
  OrganisationId organisation = OrganisationId::random(rng);
  FakeClock clock;
  QueueExecutor executor;
  bool threaded;
  WireLimits limits;
  std::unique_ptr<Store> store;
  std::unique_ptr<Service> service;  // before the store goes
};

// One device: its connection, its durable state, and how it behaves when it is well.
class Client final : public SessionSink {
 public:
  Client(World& world, Person& person) : world_(world), person_(person) {}
  ~Client() override { disconnect(); }

  // ---- the connection
  void connect(SessionSink* through = nullptr);  // a fresh session; drops an earlier one
  void disconnect();
  void login(bool with_chain = true);
  void log_in();  // connect, login, run, read
  void transmit(const Bytes& frame, bool expect_valid = true);
  template <class BodyT>
  void request(BodyT body) {
    transmit(encode_frame(++last_request_, std::move(body)));
  }
  // Handles what arrived; acknowledges when `acknowledging`.
  void read();

  // ---- what a well-behaved device does
  ChannelId open_channel();                           // registers a group; the caller runs the world
  void add(const ChannelId& channel, Client& other);  // commit with a `before` message and a Welcome
  void remove(const ChannelId& channel, Client& other, identity::HandshakeHeader header = {});
  void commit(const ChannelId& channel, mls::CommitOptions options, identity::HandshakeHeader header = {});
  void fetch_group_info(const ChannelId& channel);
  void resync(const ChannelId& channel);                                     // S9, with the CurrentGroupInfo that came last
  void open_generation(const ChannelId& channel, std::uint32_t generation);  // S11: a new group of its own
  void nack(const ChannelId& channel, std::uint64_t epoch, const Hash& commit);
  void renew_package() { package_.reset(); }  // a fresh KeyPackage, as after an Add
  MessageId say(const ChannelId& channel, std::string_view text);
  void resend();  // everything not accepted, from the first on

  // ---- what came
  struct Seen {
    std::uint64_t seq;
    MessageId id;
    AccountId account;
    std::string text;  // empty: own message or commit
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  struct Room {
    std::optional<mls::Group> group;
    std::optional<log::MessageChain> chain;
    std::vector<Seen> seen;
    std::set<MessageId> ids;
    std::uint64_t acknowledged = 0;
    bool stuck = false;       // S11: a commit could not be processed; nothing behind it may come
    bool removed = false;     // S12: nothing behind that may come either
    std::size_t expired = 0;  // S13: envelopes whose payload nobody has any more
    std::size_t welcomes = 0;
    std::uint32_t generation = 0;
    Bytes last_commit;                     // of somebody else, as it came
    std::optional<mls::Group> next_group;  // of a generation that is not accepted yet
  };
  Room& room(const ChannelId& channel) { return rooms_.at(channel); }
  bool has_room(const ChannelId& channel) const { return rooms_.count(channel) != 0 && rooms_.at(channel).chain.has_value(); }
  // Name of the last Problem, Rejected or closing error; empty: none.
  [[nodiscard]] std::string last_problem() const { return last_problem_; }
  [[nodiscard]] bool is_closed() const { return closed_.has_value(); }
  // The newest frame of this type, or nullptr.
  template <class BodyT>
  std::unique_ptr<BodyT> last(wire::Body type) const {
    const auto found = last_bodies_.find(type);
    if (found == last_bodies_.end()) return nullptr;
    const auto verified = verify_frame(found->second);
    const std::unique_ptr<wire::FrameT> frame(verified.value()->UnPack());
    return std::make_unique<BodyT>(std::move(*static_cast<BodyT*>(frame->body.value)));
  }
  void forget_bodies() { last_bodies_.clear(); }

  // SessionSink
  void send(Bytes frame) override { inbox_.push_back(std::move(frame)); }
  void close(const Error& why) override {
    closed_ = why;
    session_.reset();
  }
  [[nodiscard]] std::size_t queued_bytes() const override { return pretended_queue; }
  void forbidden(const Error& rule) override { forbidden_rule = rule.name; }

  // ---- to misbehave with
  std::size_t pretended_queue = 0;
  bool acknowledging = true;
  bool resending = true;  // react to a refusal as the protocol says
  bool has_secret_psk = false;
  bool nacking = true;     // S11: says so when it cannot process a commit
  bool resyncing = false;  // the pending commit is an external one
  std::uint64_t accepted = 0;
  std::uint64_t delivered_unacknowledged = 0;
  std::size_t problems = 0;
  std::string forbidden_rule;       // of the newest commit_not_allowed
  std::vector<std::string> errors;  // what this device found wrong with the gateway: must stay empty
  std::optional<SessionId> session_;
  struct Outgoing {
    std::uint64_t counter = 0;
    MessageId id;
    ChannelId channel;
    std::string text;
    Bytes frame;  // register and commit: as sent
  };
  std::deque<Outgoing> outbox;
  std::uint64_t next_counter = 1;
  Bytes encrypt_item(const ChannelId& channel, const MessageId& id, std::string_view text, std::uint64_t counter);
  std::unique_ptr<wire::SubmissionT> make_item(const ChannelId& channel, const MessageId& id, std::string_view text,
                                               std::uint64_t counter);
  mls::KeyPackage key_package();
  mls::KeyPackageOptions leaf_options() const;
  World& world() { return world_; }
  Person& person() { return person_; }
  struct Bundle {
    ChannelId channel;
    mls::PendingCommit pending;
    wire::SubmitCommitT body;
  };
  Bundle make_bundle(const ChannelId& channel, Client* other, std::uint64_t counter);
  Bundle make_bundle(const ChannelId& channel, mls::CommitOptions options, identity::HandshakeHeader header,
                     std::uint64_t counter);
  void send_bundle(Bundle bundle);
  std::optional<mls::PendingCommit> pending_commit;

 private:
  void on_deliver(const wire::Deliver& body);
  void on_welcome(const wire::DeliverWelcome& body);
  void on_rejected(const wire::Rejected& body);
  void on_accepted(std::uint64_t counter);
  // S11: of the group before this generation, whose end nobody could follow.
  static bool of_earlier_group(const Room& mine, ByteView payload);
  void on_commit(Room& mine, const ChannelId& channel, ByteView payload, bool own);
  void wrong(const std::string& what) { errors.push_back(what); }
  void acknowledge();

  World& world_;
  Person& person_;
  ByteArray<32> nonce_{};
  std::deque<Bytes> inbox_;
  std::optional<Error> closed_;
  std::uint64_t last_request_ = 0;
  std::string last_problem_;
  std::map<ChannelId, Room> rooms_;
  std::map<wire::Body, Bytes> last_bodies_;
  std::optional<mls::NewKeyPackage> package_;
  std::set<ChannelId> to_acknowledge_;
};

// Registers `jongere` through a real invite of `coach`, both connected.
void accept_by_invite(World& world, Client& coach, const Person& jongere);

}  // namespace steiger::gateway::testing
