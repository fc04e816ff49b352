#include "gateway/transport/client.h"

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "gateway/transport/frame_pipe.h"
#include "gateway/transport/resolver.h"

namespace steiger::transport {
namespace {

constexpr std::uint16_t kPlainPort = 80;
constexpr std::uint16_t kTlsPort = 443;

}  // namespace

Result<GatewayUrl> parse_gateway_url(std::string_view url) {
  GatewayUrl out;
  // A line break in host or path would write headers of its own into the request.
  const auto forbidden = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  if (std::any_of(url.begin(), url.end(), forbidden)) return kBadUrl;
  constexpr std::string_view kPlain = "ws://";
  constexpr std::string_view kTls = "wss://";
  if (url.substr(0, kTls.size()) == kTls) {
    out.tls = true;
    url.remove_prefix(kTls.size());
  } else if (url.substr(0, kPlain.size()) == kPlain) {
    url.remove_prefix(kPlain.size());
  } else {
    return kBadUrl;
  }
  const std::size_t slash = url.find('/');
  out.path = slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
  std::string_view authority = url.substr(0, slash);
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {  // IPv6
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return kBadUrl;
    out.host = std::string(authority.substr(1, bracket - 1));
    authority.remove_prefix(bracket + 1);
    if (!authority.empty() && authority.front() != ':') return kBadUrl;
    if (!authority.empty()) port = authority.substr(1);
    if (!authority.empty() && port.empty()) return kBadUrl;
  } else {
    const std::size_t colon = authority.find(':');
    out.host = std::string(authority.substr(0, colon));
    if (colon != std::string_view::npos) {
      port = authority.substr(colon + 1);
      if (port.empty()) return kBadUrl;
    }
  }
  if (out.host.empty() || out.host.find_first_of(" @\r\n\t") != std::string::npos) return kBadUrl;
  out.port = out.tls ? kTlsPort : kPlainPort;
  if (!port.empty()) {
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (problem != std::errc() || end != port.data() + port.size() || out.port == 0) return kBadUrl;
  }
  return out;
}

// One attempt and the connection that came of it. Shared by its Client and by libwebsockets, whichever lets go last.
struct Line {
  Line(EventLoop& event_loop, ClientHandler& client_handler, const ClientOptions& options)
      : loop(event_loop), handler(&client_handler), in(options.max_frame_bytes), out(options.max_queued_bytes) {}
  EventLoop& loop;
  ClientHandler* handler;  // nullptr: nobody listens any more
  lws* wsi = nullptr;      // nullptr: not yet, or no longer
  FrameAssembler in;
  SendQueue out;
  bool in_connect = false;
  bool established = false;
  bool closing = false;
  bool released = false;  // libwebsockets let go
  Error why = kConnectionLost;
  // Where to.
  GatewayUrl gateway;
  lws_vhost* vhost = nullptr;
  std::vector<std::string> addresses;
  std::size_t next_address = 0;
  Error refusal = kConnectFailed;          // of the attempts so far; a refused certificate says more than a closed port
  std::unique_ptr<Timer> lookup_patience;  // while the host name is looked up

  // Tells the handler once. `this` may be gone afterwards, unless the caller holds a share.
  void report(const Error& error) {
    if (ClientHandler* listener = std::exchange(handler, nullptr)) listener->on_disconnected(error);
  }
  void give_up(const Error& error) {
    why = error;
    closing = true;
    out.clear();
    if (wsi != nullptr) set_deadline(loop, wsi, LWS_TO_KILL_ASYNC);
  }
};

namespace {

using Share = std::shared_ptr<Line>;  // on the heap, as the socket's user data

void try_next_address(const Share& line);

// An attempt is over without a connection: the next address, or the end.
void attempt_failed(const Share& line) {
  if (line->handler == nullptr || line->next_address == line->addresses.size()) return line->report(line->refusal);
  line->loop.post([line] { try_next_address(line); });
}

// What OpenSSL had against the server's certificate; nothing when it did not get there, or had nothing.
std::optional<Error> certificate_problem(lws* wsi) {
  const SSL* tls = lws_get_ssl(wsi);
  if (tls == nullptr) return std::nullopt;
  switch (SSL_get_verify_result(tls)) {
    case X509_V_OK:
      return std::nullopt;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return kCertificateName;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return kCertificateTime;
    default:
      return kCertificateUntrusted;
  }
}

int received(Line& line, const void* in, std::size_t size) {
  if (line.closing || line.handler == nullptr) return 0;
  ByteView frame;
  const Result<bool> whole = line.in.take(line.wsi, in, size, frame);
  if (!whole) {
    line.why = whole.error();
    return -1;
  }
  if (*whole) line.handler->on_frame(frame);
  return 0;
}

int writeable(Line& line) {
  if (!line.out.flush(line.wsi)) return -1;
  if (!line.closing || !line.out.empty()) return 0;
  lws_close_reason(line.wsi, LWS_CLOSE_STATUS_NORMAL, nullptr, 0);
  return -1;
}

int event(const Share& line, lws* wsi, lws_callback_reasons reason, const void* in, std::size_t size) {
  switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      line->wsi = wsi;
      line->established = true;
      if (line->handler == nullptr) return -1;
      line->handler->on_connected();
      return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
      return received(*line, in, size);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return writeable(*line);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:  // the socket's end follows
      if (const auto problem = certificate_problem(wsi)) line->refusal = *problem;
      line->wsi = nullptr;
      return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
      line->wsi = nullptr;
      line->report(line->why);
      return 0;
    default:
      return 0;
  }
}

// No exception may pass through libwebsockets' C frames.
int on_event(lws* wsi, lws_callback_reasons reason, void*, void* in, size_t size) noexcept {
  auto* user = wsi == nullptr ? nullptr : static_cast<Share*>(lws_get_opaque_user_data(wsi));
  if (user == nullptr) return 0;
  try {
    const Share line = *user;
    if (reason != LWS_CALLBACK_WSI_DESTROY) return event(line, wsi, reason, in, size);
    lws_set_opaque_user_data(wsi, nullptr);
    delete user;
    line->wsi = nullptr;
    line->released = true;
    if (line->established) {
      line->report(line->why);
    } else if (!line->in_connect) {
      attempt_failed(line);
    }
    return 0;
  } catch (...) {
    return -1;
  }
}

const lws_protocols kProtocols[] = {{kSubprotocol, on_event, 0, kReceiveBufferBytes, 0, nullptr, kMaxFrameBytes}, {}};

const lws_retry_bo_t kIdlePolicy{
    nullptr, 0, 0, static_cast<std::uint16_t>(kPingAfter.count()), static_cast<std::uint16_t>(kHangUpAfter.count()), 0};

void try_next_address(const Share& line) {
  if (line->handler == nullptr) return;  // nobody wants it any more
  const GatewayUrl& gateway = line->gateway;
  const std::string address = line->addresses[line->next_address++];
  const bool default_port = gateway.port == (gateway.tls ? kTlsPort : kPlainPort);
  // The name stays the name: for the server's certificate and in the Host header.
  const std::string name = gateway.host.find(':') == std::string::npos ? gateway.host : "[" + gateway.host + "]";
  const std::string host_header = default_port ? name : name + ":" + std::to_string(gateway.port);
  lws_client_connect_info info{};
  info.context = line->loop.websockets();
  info.vhost = line->vhost;
  info.address = address.c_str();
  info.port = gateway.port;
  info.path = gateway.path.c_str();
  info.host = host_header.c_str();
  info.ssl_connection = gateway.tls ? LCCSCF_USE_SSL : 0;
  info.protocol = kSubprotocol;
  info.local_protocol_name = kSubprotocol;
  info.retry_and_idle_policy = &kIdlePolicy;
  info.pwsi = &line->wsi;
  auto* user = new Share(line);
  info.opaque_user_data = user;
  line->released = false;
  line->in_connect = true;
  const bool started = lws_client_connect_via_info(&info) != nullptr;
  line->in_connect = false;
  if (started) return;
  line->wsi = nullptr;
  if (!line->released) delete user;
  line->loop.post([line] { attempt_failed(line); });
}

// Answers through the loop, never from inside.
void look_up(const Share& line) {
  const std::weak_ptr<Line> weak = line;
  const auto started = line->loop.resolver().start(line->gateway.host, [weak](const Result<std::vector<std::string>>& found) {
    const Share waiting = weak.lock();
    if (waiting == nullptr || waiting->handler == nullptr) return;  // given up meanwhile
    waiting->lookup_patience->stop();
    if (!found.ok()) return waiting->report(kLookupFailed);
    waiting->addresses = *found;
    try_next_address(waiting);
  });
  // Posted: whoever hears it may let go of the line, and with it of the timer.
  const auto fail = [weak] {
    const Share waiting = weak.lock();
    if (waiting != nullptr) waiting->loop.post([waiting] { waiting->report(kLookupFailed); });
  };
  line->lookup_patience = std::make_unique<Timer>(line->loop, fail);
  started.ok() ? line->lookup_patience->start(line->loop.lookup_timeout()) : fail();
}

}  // namespace

struct Client::Parts {
  Parts(EventLoop& event_loop, ClientHandler& client_handler, ClientOptions client_options)
      : loop(event_loop), handler(client_handler), options(client_options) {}
  EventLoop& loop;
  ClientHandler& handler;
  ClientOptions options;
  Share line;  // the present one, or nullptr

  // Nobody listens to the present line any more.
  void let_go(bool politely) {
    if (line == nullptr) return;
    line->handler = nullptr;
    if (line->wsi != nullptr && line->established && politely) {
      line->closing = true;
      set_deadline(loop, line->wsi, static_cast<int>(kLinger.count()));
      lws_callback_on_writable(line->wsi);
    } else {
      line->give_up(kConnectionLost);
    }
    line.reset();
  }
};

Client::Client(EventLoop& loop, ClientHandler& handler, ClientOptions options)
    : parts_(std::make_unique<Parts>(loop, handler, options)) {}

Client::~Client() {
  parts_->let_go(false);
}

Result<void> Client::connect(std::string_view url) {
  STEIGER_TRY(const GatewayUrl gateway, parse_gateway_url(url));
  parts_->let_go(false);
  lws_vhost* vhost = parts_->loop.client_vhost(kProtocols);
  if (vhost == nullptr) return kLoopUnavailable;
  auto line = std::make_shared<Line>(parts_->loop, parts_->handler, parts_->options);
  parts_->line = line;
  line->gateway = gateway;
  line->vhost = vhost;
  if (is_numeric_address(gateway.host)) {
    line->addresses = {gateway.host};
    try_next_address(line);
  } else {
    look_up(line);
  }
  return {};
}

bool Client::connected() const {
  return parts_->line != nullptr && parts_->line->established && parts_->line->wsi != nullptr;
}

void Client::send(Bytes frame) {
  if (!connected() || parts_->line->closing) return;
  Line& line = *parts_->line;
  if (!line.out.push(frame)) {
    line.give_up(kQueueFull);
    return;
  }
  lws_callback_on_writable(line.wsi);
}

std::size_t Client::queued_bytes() const {
  return parts_->line == nullptr ? 0 : parts_->line->out.bytes();
}

void Client::disconnect() {
  parts_->let_go(true);
}

}  // namespace steiger::transport
