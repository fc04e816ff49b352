#include "gateway/transport/server.h"

#include <libwebsockets.h>
#include <unistd.h>

#include <unordered_map>

#include "gateway/transport/frame_pipe.h"
#include "gateway/transport/listener.h"

namespace steiger::transport {
namespace {

constexpr std::size_t kHttpHeaderBytes = 4096;
constexpr std::size_t kHttpChunkBytes = 32 * 1024;
constexpr std::size_t kMaxPathBytes = 1024;
constexpr unsigned kHttpMethodNotAllowed = 405;
constexpr unsigned kHttpUriTooLong = 414;

int seconds(std::chrono::seconds value) {
  return static_cast<int>(value.count());
}

}  // namespace

// One accepted socket, from before its first HTTP header to its end. Belongs to libwebsockets: freed when its socket is.
struct Connection {
  Connection(ServerParts* server, lws* socket, ConnectionId number, const ServerOptions& options)
      : parts(server), wsi(socket), id(number), in(options.max_frame_bytes), out(options.max_queued_bytes) {}
  ServerParts* parts;  // nullptr: the server is gone
  lws* wsi;
  ConnectionId id;
  FrameAssembler in;
  SendQueue out;
  bool open = false;     // between on_open and on_close
  bool deaf = false;     // nothing is read any more
  bool heard = false;    // the first frame came
  bool above = false;    // the queue has been above the low-water mark
  bool closing = false;  // close as soon as the queue is empty
  bool surplus = false;  // above max_connections: turned away as soon as it can be told
  bool full = false;     // its queue overflowed and the handler has not been told yet: frames are dropped
  CloseCode close_code = CloseCode::normal;
  std::string close_reason;
  HttpResponse response;  // of the HTTP request under way
  std::size_t written = 0;
};

struct ServerParts {
  ServerParts(EventLoop& event_loop, ServerOptions server_options, ServerHandler& server_handler)
      : loop(event_loop), options(std::move(server_options)), handler(server_handler) {}

  EventLoop& loop;
  ServerOptions options;
  ServerHandler& handler;
  lws_vhost* vhost = nullptr;
  std::unique_ptr<Listener> listener;
  ConnectionId last_id = 0;
  std::unordered_map<ConnectionId, Connection*> connections;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);  // for posted work

  void accept(int fd);
  int event(Connection& connection, lws_callback_reasons reason, void* in, std::size_t size);
  int opened(Connection& connection);
  int received(Connection& connection, const void* in, std::size_t size);
  int writeable(Connection& connection);
  void refuse(Connection& connection, const Error& why);
  void overflowed(Connection& connection);
  int request(Connection& connection, const void* in, std::size_t size);
  int write_headers(Connection& connection, bool head_only);
  int write_body(Connection& connection);
  void ended(Connection& connection);
  Connection* find(ConnectionId id) const {
    const auto found = connections.find(id);
    return found == connections.end() || !found->second->open ? nullptr : found->second;
  }
};

namespace {

// No exception may pass through libwebsockets' C frames: whatever a handler throws ends this connection only (design law 9).
int on_event(lws* wsi, lws_callback_reasons reason, void*, void* in, size_t size) noexcept {
  Connection* connection = wsi == nullptr ? nullptr : static_cast<Connection*>(lws_get_opaque_user_data(wsi));
  if (connection == nullptr) return 0;
  int answer = 0;
  try {
    if (connection->parts != nullptr) answer = connection->parts->event(*connection, reason, in, size);
  } catch (...) {
    answer = -1;
  }
  if (reason == LWS_CALLBACK_WSI_DESTROY) delete connection;
  return answer;
}

// Large writes go to the kernel in one piece, or libwebsockets would cut them to the size of the receive buffer.
constexpr std::size_t kWriteBytes = kMaxFrameBytes;

const lws_protocols kProtocols[] = {
    {"http", on_event, 0, 0, 0, nullptr, 0},
    {kSubprotocol, on_event, 0, kReceiveBufferBytes, 0, nullptr, kWriteBytes},
    {},
};

const lws_retry_bo_t kIdlePolicy{
    nullptr, 0, 0, static_cast<std::uint16_t>(kPingAfter.count()), static_cast<std::uint16_t>(kHangUpAfter.count()), 0};

}  // namespace

void ServerParts::accept(int fd) {
  if (connections.size() >= options.max_connections + kMaxSurplusConnections) {
    ::close(fd);
    return;
  }
  lws* wsi = lws_adopt_socket_vhost(vhost, fd);  // closes fd itself when it cannot
  if (wsi == nullptr) return;
  auto connection = std::make_unique<Connection>(this, wsi, ++last_id, options);
  connection->surplus = connections.size() >= options.max_connections;
  connections.emplace(connection->id, connection.get());
  lws_set_opaque_user_data(wsi, connection.release());
}

void ServerParts::ended(Connection& connection) {
  if (!connection.open) return;
  connection.open = false;
  handler.on_close(connection.id);
}

int ServerParts::event(Connection& connection, lws_callback_reasons reason, void* in, std::size_t size) {
  switch (reason) {
    case LWS_CALLBACK_HTTP:
      return request(connection, in, size);
    case LWS_CALLBACK_HTTP_WRITEABLE:
      return write_body(connection);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      // Without our subprotocol libwebsockets would bind the upgrade to protocol 0, which is for HTTP.
      return lws_hdr_total_length(connection.wsi, WSI_TOKEN_PROTOCOL) > 0 ? 0 : -1;
    case LWS_CALLBACK_ESTABLISHED:
      return opened(connection);
    case LWS_CALLBACK_RECEIVE:
      return received(connection, in, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return writeable(connection);
    case LWS_CALLBACK_CLOSED:
      ended(connection);
      return 0;
    case LWS_CALLBACK_WSI_DESTROY:
      ended(connection);
      connections.erase(connection.id);
      return 0;
    default:
      return 0;
  }
}

int ServerParts::opened(Connection& connection) {
  connection.open = true;
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_USER_OK, seconds(kOpeningTimeout));
  handler.on_open(connection.id);
  if (connection.surplus) refuse(connection, kServerFull);
  return 0;
}

void ServerParts::refuse(Connection& connection, const Error& why) {
  connection.deaf = true;
  handler.on_refused(connection.id, why);
}

// The peer does not read. What waits for it makes room for the reason, which it gets if it reads on within kLinger. Posted: the handler
// is in the middle of something when it sends.
void ServerParts::overflowed(Connection& connection) {
  connection.out.clear();
  connection.deaf = true;
  connection.full = true;
  set_deadline(loop, connection.wsi, seconds(kLinger));
  loop.post([this, watch = std::weak_ptr<bool>(alive), id = connection.id] {
    if (watch.expired()) return;
    Connection* gone_full = find(id);
    if (gone_full == nullptr) return;
    gone_full->full = false;
    refuse(*gone_full, kQueueFull);
  });
}

int ServerParts::received(Connection& connection, const void* in, std::size_t size) {
  if (connection.deaf) return 0;
  ByteView frame;
  const Result<bool> whole = connection.in.take(connection.wsi, in, size, frame);
  if (!whole) {
    refuse(connection, whole.error());
    return 0;
  }
  if (!*whole) return 0;
  if (!connection.heard) {
    connection.heard = true;
    lws_set_timeout(connection.wsi, NO_PENDING_TIMEOUT, 0);
  }
  handler.on_frame(connection.id, frame);
  return 0;
}

int ServerParts::writeable(Connection& connection) {
  if (!connection.out.flush(connection.wsi)) return -1;
  if (connection.above && connection.out.bytes() <= kLowWaterBytes) {
    connection.above = false;
    if (connection.open && !connection.closing) handler.on_drained(connection.id);
  }
  if (!connection.closing || !connection.out.empty()) return 0;
  lws_close_reason(connection.wsi, static_cast<lws_close_status>(connection.close_code),
                   reinterpret_cast<unsigned char*>(connection.close_reason.data()), connection.close_reason.size());
  return -1;
}

int ServerParts::request(Connection& connection, const void* in, std::size_t size) {
  const bool head = lws_hdr_total_length(connection.wsi, WSI_TOKEN_HEAD_URI) > 0;
  const bool get = lws_hdr_total_length(connection.wsi, WSI_TOKEN_GET_URI) > 0;
  if (!get && !head) {
    lws_return_http_status(connection.wsi, kHttpMethodNotAllowed, nullptr);
    return -1;
  }
  if (size > kMaxPathBytes) {
    lws_return_http_status(connection.wsi, kHttpUriTooLong, nullptr);
    return -1;
  }
  connection.response = handler.on_http(HttpRequest{std::string(static_cast<const char*>(in), size)});
  connection.written = 0;
  return write_headers(connection, head);
}

int ServerParts::write_headers(Connection& connection, bool head_only) {
  Bytes buffer(LWS_PRE + kHttpHeaderBytes);
  unsigned char* const start = buffer.data() + LWS_PRE;
  unsigned char* const end = buffer.data() + buffer.size();
  unsigned char* at = start;
  HttpResponse& response = connection.response;
  const std::size_t size = response.body == nullptr ? 0 : response.body->size();
  if (lws_add_http_common_headers(connection.wsi, response.status, response.content_type.c_str(), size, &at, end) != 0) return -1;
  for (const auto& [name, value] : response.headers) {
    const std::string field = name + ":";
    if (lws_add_http_header_by_name(connection.wsi, reinterpret_cast<const unsigned char*>(field.c_str()),
                                    reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()), &at,
                                    end) != 0) {
      return -1;
    }
  }
  if (lws_finalize_write_http_header(connection.wsi, start, &at, end) != 0) return -1;
  if (head_only || size == 0) {
    connection.response = {};
    return lws_http_transaction_completed(connection.wsi) != 0 ? -1 : 0;
  }
  lws_callback_on_writable(connection.wsi);
  return 0;
}

int ServerParts::write_body(Connection& connection) {
  const auto body = connection.response.body;
  if (body == nullptr) return 0;
  Bytes buffer(LWS_PRE + kHttpChunkBytes);
  while (connection.written < body->size()) {
    if (lws_send_pipe_choked(connection.wsi) != 0) {
      lws_callback_on_writable(connection.wsi);
      return 0;
    }
    const std::size_t size = std::min(kHttpChunkBytes, body->size() - connection.written);
    std::copy_n(body->begin() + static_cast<std::ptrdiff_t>(connection.written), size, buffer.begin() + LWS_PRE);
    const bool last = connection.written + size == body->size();
    if (lws_write(connection.wsi, buffer.data() + LWS_PRE, size, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
        static_cast<int>(size)) {
      return -1;
    }
    connection.written += size;
    lws_set_timeout(connection.wsi, PENDING_TIMEOUT_HTTP_CONTENT, seconds(kOpeningTimeout));
  }
  connection.response = {};
  return lws_http_transaction_completed(connection.wsi) != 0 ? -1 : 0;
}

Result<std::unique_ptr<Server>> Server::create(EventLoop& loop, ServerOptions options, ServerHandler& handler) {
  auto parts = std::make_unique<ServerParts>(loop, std::move(options), handler);

  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = kProtocols;
  info.timeout_secs = static_cast<unsigned>(kOpeningTimeout.count());
  info.keepalive_timeout = seconds(kOpeningTimeout);
  info.retry_and_idle_policy = &kIdlePolicy;
  info.vhost_name = "steiger-server";
  parts->vhost = lws_create_vhost(loop.websockets(), &info);
  if (parts->vhost == nullptr) return kLoopUnavailable;
  auto* raw = parts.get();
  auto server = std::unique_ptr<Server>(new Server(std::move(parts)));
  STEIGER_TRY(raw->listener, Listener::open(loop, raw->options.host, raw->options.port, [raw](int fd) { raw->accept(fd); }));
  return server;
}

Server::Server(std::unique_ptr<ServerParts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  parts_->listener.reset();
  const auto connections = parts_->connections;
  for (const auto& [id, connection] : connections) {
    parts_->ended(*connection);
    connection->parts = nullptr;
    set_deadline(parts_->loop, connection->wsi, LWS_TO_KILL_ASYNC);
  }
  lws_vhost_destroy(parts_->vhost);
}

std::uint16_t Server::port() const {
  return parts_->listener == nullptr ? std::uint16_t{0} : parts_->listener->port();
}
std::size_t Server::connections() const {
  return parts_->connections.size();
}

void Server::send(ConnectionId id, Bytes frame) {
  Connection* connection = parts_->find(id);
  if (connection == nullptr || connection->closing || connection->full) return;
  if (!connection->out.push(frame)) return parts_->overflowed(*connection);
  connection->above = connection->above || connection->out.bytes() > kLowWaterBytes;
  lws_callback_on_writable(connection->wsi);
}

std::size_t Server::queued_bytes(ConnectionId id) const {
  const Connection* connection = parts_->find(id);
  return connection == nullptr ? 0 : connection->out.bytes();
}

void Server::close(ConnectionId id, CloseCode code, std::string_view reason) {
  Connection* connection = parts_->find(id);
  if (connection == nullptr || connection->closing) return;
  constexpr std::size_t kMaxReasonBytes = 123;  // RFC 6455 section 5.5
  connection->deaf = true;
  connection->closing = true;
  connection->close_code = code;
  connection->close_reason = reason.substr(0, kMaxReasonBytes);
  set_deadline(parts_->loop, connection->wsi, seconds(kLinger));
  lws_callback_on_writable(connection->wsi);
}

void Server::stop_listening() {
  parts_->listener.reset();
}

}  // namespace steiger::transport
