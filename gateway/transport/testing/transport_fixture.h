// A server that records what it hears, and clients on the same loop. For tests only.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "gateway/transport/client.h"
#include "gateway/transport/server.h"
#include "tests/support/pump.h"

namespace steiger::transport::testing {

using test::Pump;

struct Recorder : ServerHandler {
  explicit Recorder(Pump& p) : pump(p) {}
  void on_open(ConnectionId id) override { open.push_back(id), pump.changed(); }
  void on_frame(ConnectionId id, ByteView frame) override {
    frames[id].push_back(to_bytes(frame));
    if (echo) server->send(id, to_bytes(frame));
    if (throws) throw std::runtime_error("handler");
    pump.changed();
  }
  void on_refused(ConnectionId id, const Error& why) override {
    bad.emplace_back(why.name);
    if (!last_words.empty()) server->send(id, last_words);
    server->close(id, CloseCode::policy, why.name);
    pump.changed();
  }
  void on_drained(ConnectionId) override { ++drained, pump.changed(); }
  void on_close(ConnectionId id) override { closed.push_back(id), pump.changed(); }
  HttpResponse on_http(const HttpRequest& request) override {
    HttpResponse response;
    response.status = request.path == "/big" ? 200 : 404;
    response.headers.emplace_back("x-test", "yes");
    response.body = std::make_shared<const Bytes>(request.path == "/big" ? Bytes(300'000, 'x') : to_bytes("none"));
    return response;
  }
  Pump& pump;
  Server* server = nullptr;
  bool echo = true;
  bool throws = false;
  int drained = 0;
  std::vector<ConnectionId> open, closed;
  std::map<ConnectionId, std::vector<Bytes>> frames;
  std::vector<std::string> bad;
  Bytes last_words;  // sent to a refused peer
};

struct Peer : ClientHandler {
  explicit Peer(Pump& p, ClientOptions options = {}) : pump(p), client(*p.loop, *this, options) {}
  void on_connected() override { ++connected, pump.changed(); }
  void on_frame(ByteView frame) override { frames.push_back(to_bytes(frame)), pump.changed(); }
  void on_disconnected(const Error& why) override { lost.emplace_back(why.name), pump.changed(); }
  Pump& pump;
  Client client;
  int connected = 0;
  std::vector<Bytes> frames;
  std::vector<std::string> lost;
};

struct TransportTest : ::testing::Test {
  explicit TransportTest(const EventLoop::Options& options = {}) : pump(options) {}
  void start(const ServerOptions& options = {}) {
    server = std::move(Server::create(*pump.loop, options, recorder)).value();
    recorder.server = server.get();
    url = "ws://127.0.0.1:" + std::to_string(server->port());
  }
  std::unique_ptr<Peer> connect(ClientOptions options = {}) {
    auto peer = std::make_unique<Peer>(pump, options);
    EXPECT_TRUE(peer->client.connect(url).ok());
    EXPECT_TRUE(pump.until([&] { return peer->client.connected(); }));
    return peer;
  }
  // A peer that is no WebSocket library: writes `bytes`, then reads until the server closes. On its own thread.
  std::string raw(const std::string& bytes) {
    std::string answer;
    bool done = false;
    std::thread thread([&, port = server->port()] {
      const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(port);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
      EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
      char buffer[4096];
      for (ssize_t n = ::recv(fd, buffer, sizeof buffer, 0); n > 0; n = ::recv(fd, buffer, sizeof buffer, 0)) {
        answer.append(buffer, static_cast<std::size_t>(n));
      }
      ::close(fd);
      pump.loop->post([&] { done = true, pump.changed(); });
    });
    EXPECT_TRUE(pump.until([&] { return done; }));
    thread.join();
    return answer;
  }
  Pump pump;
  Recorder recorder{pump};
  std::unique_ptr<Server> server;
  std::string url;
};

inline Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
  return out;
}

}  // namespace steiger::transport::testing
