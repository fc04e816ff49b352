#include "client-sdk/src/native/native_client.h"

#include <atomic>
#include <deque>
#include <thread>

#include "client-sdk/src/core.h"
#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/event_queue.h"
#include "client-sdk/src/native/local_store.h"
#include "gateway/transport/client.h"
#include "gateway/transport/event_loop.h"

namespace steiger::sdk {
namespace {

// While closing: how often to look whether everything queued has left.
constexpr Duration kLingerStep = std::chrono::milliseconds(5);

}  // namespace

// Everything but the queues belongs to the loop's thread once it runs.
class NativeClient::Driver final : public transport::ClientHandler {
 public:
  Driver(NativeTime time, DataDir directory, LocalStore store, Core core, std::unique_ptr<transport::EventLoop> loop)
      : time_(std::move(time)),
        directory_(std::move(directory)),
        store_(std::move(store)),
        core_(std::move(core)),
        loop_(std::move(loop)),
        connection_(*loop_, *this),
        timer_(*loop_, [this] { timer_due(); }),
        linger_(*loop_, [this] { finish_closing(); }),
        events_(kMaxQueuedEvents) {}

  ~Driver() override {
    if (time_.on_change) time_.on_change({});
    events_.close();
    loop_->post([this] { begin_closing(); });
    if (thread_.joinable()) thread_.join();
  }

  void start() {
    if (time_.on_change) {
      time_.on_change([this] { loop_->post([this] { timer_due(); }); });
    }
    loop_->post([this] {
      carry_out(core_.start(time_.clock->now()));
      work_off();
    });
    thread_ = std::thread([this] { loop_->run(); });
  }

  Result<void> request(Bytes request) {
    if (waiting_requests_.fetch_add(1) >= kMaxQueuedRequests) {
      --waiting_requests_;
      return kTooManyRequests;
    }
    loop_->post([this, bytes = std::move(request)]() mutable {
      --waiting_requests_;
      handle(ApiRequest{std::move(bytes)});
    });
    return {};
  }

  EventQueue& events() { return events_; }

  void on_connected() override { handle(Connected{}); }
  void on_frame(ByteView frame) override { handle(FrameReceived{to_bytes(frame)}); }
  void on_disconnected(const Error& why) override { handle(Disconnected{why}); }

 private:
  // Effects may report back at once (a commit does); such events wait here, so that the core is never entered twice.
  void handle(Event event) {
    waiting_.push_back(std::move(event));
    work_off();
  }
  void work_off() {
    if (working_) return;
    working_ = true;
    while (!waiting_.empty()) {
      Event event = std::move(waiting_.front());
      waiting_.pop_front();
      carry_out(core_.handle(time_.clock->now(), std::move(event)));
    }
    working_ = false;
  }

  void carry_out(Effects effects) {
    for (Effect& effect : effects) {
      std::visit([this](auto& what) { carry_out(what); }, effect);
    }
  }
  void carry_out(Connect& connect) {
    if (const auto started = connection_.connect(connect.url); !started.ok())
      waiting_.emplace_back(Disconnected{started.error()});
  }
  void carry_out(Disconnect&) { connection_.disconnect(); }
  void carry_out(SendFrame& send) { connection_.send(std::move(send.frame)); }
  // On this thread: an fsync takes about a millisecond, and the core waits for it anyway before anything leaves (S21).
  void carry_out(CommitBatch& batch) {
    if (const auto done = store_.commit(batch.changes); done.ok()) {
      waiting_.emplace_back(Committed{batch.token});
    } else {
      waiting_.emplace_back(CommitFailed{batch.token, done.error()});
    }
  }
  void carry_out(SetTimer& timer) {
    timer_at_ = timer.at;
    arm_timer();
  }
  void carry_out(ApiEvent& event) { events_.push(std::move(event.event)); }

  void arm_timer() {
    if (time_.on_change) {
      timer_.start(Duration::zero());  // it may be due already; if not, the next change of the clock looks again
    } else {
      timer_.start(std::max(Duration::zero(), *timer_at_ - time_.clock->now()));
    }
  }
  void timer_due() {
    if (!timer_at_) return;
    if (time_.clock->now() < *timer_at_) {  // the system's clock was set back, or a test clock has not got there yet
      if (!time_.on_change) arm_timer();
      return;
    }
    timer_at_.reset();
    handle(TimerFired{});
  }

  void begin_closing() {
    timer_at_.reset();
    closing_left_ = kCloseLinger;
    finish_closing();
  }
  void finish_closing() {
    if (connection_.queued_bytes() != 0 && closing_left_.count() > 0) {
      closing_left_ -= kLingerStep;
      linger_.start(kLingerStep);
      return;
    }
    loop_->stop();
  }

  NativeTime time_;
  DataDir directory_;  // before the store: its lock is released last
  LocalStore store_;
  Core core_;
  std::unique_ptr<transport::EventLoop> loop_;
  transport::Client connection_;
  transport::Timer timer_;
  transport::Timer linger_;
  EventQueue events_;
  std::deque<Event> waiting_;
  bool working_ = false;
  std::optional<Timestamp> timer_at_;
  Duration closing_left_{};
  std::atomic<std::size_t> waiting_requests_{0};
  std::thread thread_;
};

Result<std::unique_ptr<NativeClient>> NativeClient::open(const NativeClientOptions& options, NativeTime time, Rng& rng) {
  STEIGER_TRY(auto directory, DataDir::open(options.data_dir, options.mode, rng));
  STEIGER_TRY(auto store, LocalStore::open(directory));
  STEIGER_TRY(auto snapshot, store.load());
  STEIGER_TRY(auto core, Core::open(CoreOptions{}, std::move(snapshot), rng));
  transport::EventLoop::Options loop_options;
  loop_options.tls_client = true;
  loop_options.certificate_file = options.certificate_file.string();
  STEIGER_TRY(auto loop, transport::EventLoop::create(loop_options));
  auto driver =
      std::make_unique<Driver>(std::move(time), std::move(directory), std::move(store), std::move(core), std::move(loop));
  driver->start();
  return std::unique_ptr<NativeClient>(new NativeClient(std::move(driver)));
}

NativeClient::NativeClient(std::unique_ptr<Driver> driver) : driver_(std::move(driver)) {}
NativeClient::~NativeClient() = default;

Result<void> NativeClient::request(Bytes request) {
  return driver_->request(std::move(request));
}
std::optional<Bytes> NativeClient::next_event(Duration timeout) {
  return driver_->events().pop(timeout);
}
int NativeClient::event_descriptor() const {
  return driver_->events().descriptor();
}

}  // namespace steiger::sdk
