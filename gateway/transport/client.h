// One outgoing WebSocket connection on an EventLoop, for the SDK's native adapter, the bench and the behaviour tests.
// It does not reconnect by itself: the SDK core decides when. All calls and all callbacks are on the loop's thread.
#pragma once

#include <memory>
#include <string>

#include "crypto/base/bytes.h"
#include "gateway/transport/event_loop.h"
#include "gateway/transport/limits.h"

namespace steiger::transport {

class ClientHandler {
 public:
  virtual ~ClientHandler() = default;
  virtual void on_connected() = 0;
  // `frame` is valid during the call only.
  virtual void on_frame(ByteView frame) = 0;
  // Once for every successful call of connect() that disconnect() did not end: kLookupFailed, kConnectFailed, kConnectionLost, kCertificateName,
  // kCertificateUntrusted, kCertificateTime, kNotBinary, kFrameTooLong or kQueueFull. connect() may be called from here. Never called from inside connect(), send() or disconnect().
  virtual void on_disconnected(const Error& why) = 0;
};

struct ClientOptions {
  std::size_t max_frame_bytes = kMaxFrameBytes;
  std::size_t max_queued_bytes = kMaxQueuedBytes;
};

// The parts of ws://host[:port][/path] or wss://...; kBadUrl. Default ports 80 and 443.
struct GatewayUrl {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // starts with '/'
};
Result<GatewayUrl> parse_gateway_url(std::string_view url);

class Client {
 public:
  Client(EventLoop& loop, ClientHandler& handler, ClientOptions options = {});
  // Drops the connection; the handler is not called any more.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Starts to connect; a previous connection is dropped first, silently. kBadUrl, kLoopUnavailable.
  // A host name is looked up on another thread, at most kLookupTimeout; its addresses are tried one after the other.
  Result<void> connect(std::string_view url);
  [[nodiscard]] bool connected() const;
  // Queues a frame; dropped unless connected (the SDK resends after a reconnect anyway).
  void send(Bytes frame);
  [[nodiscard]] std::size_t queued_bytes() const;
  // Sends what is queued and the close frame, in the background; the handler is not called for this connection any more.
  void disconnect();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace steiger::transport
