#include "gateway/transport/event_loop.h"

#include <ev.h>
#include <libwebsockets.h>
#include <openssl/ssl.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <list>

#include "gateway/transport/resolver.h"

namespace steiger::transport {

struct EventLoop::Parts {
  struct ev_loop* events = nullptr;
  lws_context* websockets = nullptr;
  lws_vhost* clients = nullptr;
  Options options;
  std::unique_ptr<Resolver> resolver;
  ev_async wake{};
  boost::asio::io_context work;  // posted from any thread, run by this loop only
  std::atomic<bool> stop = false;
  bool closing = false;  // the loop is being destroyed: what handlers and posted work point at may be gone
  struct SignalWatch {
    Parts* parts = nullptr;
    ev_signal watcher{};
    std::function<void()> handler;
  };
  std::list<SignalWatch> signals;  // a list: watchers must not move

  // An Asio context cannot wake libev: post() rings `wake`, and its watcher runs what is ready, once per turn of the loop so that
  // sockets get theirs.
  void run_ready_work() {
    if (closing) return;
    work.restart();
    work.poll();
    if (stop.exchange(false)) ev_break(events, EVBREAK_ALL);
  }
};

namespace {

// The libev plug-in logs every event at NOTICE; errors of single peers are no news either. What matters comes back as a Result.
void quiet_libwebsockets() {
  static const bool done = [] {
    lws_set_log_level(0, nullptr);
    return true;
  }();
  (void)done;
}

// libwebsockets would go on without the authorities and refuse every server later.
bool holds_certificates(const std::string& file) {
  SSL_CTX* scratch = SSL_CTX_new(TLS_client_method());
  const bool good = scratch != nullptr && SSL_CTX_load_verify_file(scratch, file.c_str()) == 1;
  SSL_CTX_free(scratch);
  return good;
}

// Settling after lws_context_destroy on a foreign loop needs a few turns of it.
constexpr int kShutdownTurns = 16;

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  return create(Options{});
}

Result<std::unique_ptr<EventLoop>> EventLoop::create(const Options& options) {
  quiet_libwebsockets();
  if (!options.certificate_file.empty() && !holds_certificates(options.certificate_file)) return kCertificateFile;
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  parts->events = ev_loop_new(EVFLAG_AUTO);
  if (parts->events == nullptr) return kLoopUnavailable;

  lws_context_creation_info info{};
  void* foreign[1] = {parts->events};
  info.foreign_loops = foreign;
  info.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  if (options.tls_client) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  info.pt_serv_buf_size = kThreadBufferBytes;
  info.server_string = "steiger";
  info.gid = -1;
  info.uid = -1;
  parts->websockets = lws_create_context(&info);
  if (parts->websockets == nullptr) {
    ev_loop_destroy(parts->events);
    return kLoopUnavailable;
  }

  ev_async_init(&parts->wake,
                [](struct ev_loop*, ev_async* watcher, int) { static_cast<Parts*>(watcher->data)->run_ready_work(); });
  parts->wake.data = parts.get();
  ev_async_start(parts->events, &parts->wake);
  auto loop = std::unique_ptr<EventLoop>(new EventLoop(std::move(parts)));
  loop->parts_->resolver = std::make_unique<Resolver>(*loop, options.lookup ? options.lookup : system_lookup);
  return loop;
}

EventLoop::EventLoop(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

EventLoop::~EventLoop() {
  parts_->resolver.reset();
  parts_->closing = true;  // a second signal is still taken, so that it does not end the process with another exit code
  lws_context_destroy(parts_->websockets);
  for (int turn = 0; turn < kShutdownTurns; ++turn) ev_run(parts_->events, EVRUN_NOWAIT);
  for (auto& signal : parts_->signals) ev_signal_stop(parts_->events, &signal.watcher);
  ev_async_stop(parts_->events, &parts_->wake);
  ev_loop_destroy(parts_->events);
}

void EventLoop::run() {
  ev_run(parts_->events, 0);
}

void EventLoop::stop() {
  parts_->stop = true;
  ev_async_send(parts_->events, &parts_->wake);
}

void EventLoop::post(std::function<void()> task) {
  boost::asio::post(parts_->work, std::move(task));
  ev_async_send(parts_->events, &parts_->wake);
}

void EventLoop::on_signal(int signal, std::function<void()> handler) {
  auto& watch = parts_->signals.emplace_back();
  watch.parts = parts_.get();
  watch.handler = std::move(handler);
  ev_signal_init(
      &watch.watcher,
      [](struct ev_loop*, ev_signal* watcher, int) {
        const auto& fired = *static_cast<Parts::SignalWatch*>(watcher->data);
        if (!fired.parts->closing) fired.handler();
      },
      signal);
  watch.watcher.data = &watch;
  ev_signal_start(parts_->events, &watch.watcher);
}

lws_context* EventLoop::websockets() const {
  return parts_->websockets;
}
struct ev_loop* EventLoop::events() const {
  return parts_->events;
}

lws_vhost* EventLoop::client_vhost(const lws_protocols* protocols) {
  if (parts_->clients != nullptr) return parts_->clients;
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = protocols;
  info.timeout_secs = static_cast<unsigned>(kOpeningTimeout.count());
  info.connect_timeout_secs = static_cast<unsigned>(kOpeningTimeout.count());
  info.vhost_name = "steiger-client";
  if (parts_->options.tls_client) {
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    if (!parts_->options.certificate_file.empty()) {
      info.client_ssl_ca_filepath = parts_->options.certificate_file.c_str();
      info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    }
  }
  parts_->clients = lws_create_vhost(parts_->websockets, &info);
  return parts_->clients;
}

Resolver& EventLoop::resolver() const {
  return *parts_->resolver;
}
Duration EventLoop::lookup_timeout() const {
  return parts_->options.lookup_timeout;
}

struct Timer::Parts {
  struct ev_loop* events = nullptr;
  ev_timer watcher{};
  std::function<void()> handler;
};

Timer::Timer(EventLoop& loop, std::function<void()> handler) : parts_(std::make_unique<Parts>()) {
  parts_->events = loop.events();
  parts_->handler = std::move(handler);
  ev_timer_init(
      &parts_->watcher, [](struct ev_loop*, ev_timer* watcher, int) { static_cast<Parts*>(watcher->data)->handler(); }, 0., 0.);
  parts_->watcher.data = parts_.get();
}

Timer::~Timer() {
  stop();
}

void Timer::start(Duration after) {
  stop();
  // libev measures from its cached time of the last wake-up, which a long callback leaves behind.
  ev_now_update(parts_->events);
  const double seconds = static_cast<double>(after.count()) / 1000.;
  ev_timer_set(&parts_->watcher, seconds > 0. ? seconds : 0., 0.);
  ev_timer_start(parts_->events, &parts_->watcher);
}

void Timer::stop() {
  ev_timer_stop(parts_->events, &parts_->watcher);
}

}  // namespace steiger::transport
