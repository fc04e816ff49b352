// Real sockets on loopback; client and server share one loop, so each test is one thread unless it says otherwise.
#include "gateway/transport/testing/transport_fixture.h"

namespace steiger::transport::testing {
namespace {

TEST_F(TransportTest, FramesOfEverySizeComeBackWholeAndInOrder) {
  start();
  const auto peer = connect();
  std::vector<Bytes> sent;
  for (const std::size_t size : {0u, 1u, 125u, 126u, 4095u, 4096u, 4097u, 65535u, 65536u, 300'000u, 1u << 20}) {
    sent.push_back(pattern(size));
    peer->client.send(sent.back());
  }
  ASSERT_TRUE(pump.until([&] { return peer->frames.size() == sent.size(); }))
      << peer->frames.size() << " of " << recorder.frames.begin()->second.size();
  EXPECT_EQ(peer->frames, sent);
  EXPECT_EQ(peer->client.queued_bytes(), 0u);
}

TEST_F(TransportTest, AFrameBeyondTheBoundIsNamedAndEndsThatConnectionOnly) {
  ServerOptions options;
  options.max_frame_bytes = 10'000;
  start(options);
  const auto good = connect();
  const auto bad = connect();
  bad->client.send(pattern(10'000));
  bad->client.send(pattern(10'001));
  ASSERT_TRUE(pump.until([&] { return !bad->lost.empty(); }));
  EXPECT_EQ(recorder.bad, std::vector<std::string>{"frame_too_long"});
  EXPECT_EQ(bad->frames.size(), 1u);
  good->client.send(pattern(5));
  ASSERT_TRUE(pump.until([&] { return good->frames.size() == 1; }));
  EXPECT_TRUE(good->lost.empty());
  EXPECT_EQ(recorder.closed.size(), 1u);
}

TEST_F(TransportTest, APeerThatDoesNotReadIsBoundedAndGivenUp) {
  ServerOptions options;
  options.max_queued_bytes = 3'000'000;
  start(options);
  recorder.echo = false;
  const auto good = connect();
  // This peer shakes hands and never reads again.
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int small = 4096;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string hello =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: steiger.v1\r\n\r\n";
  ASSERT_EQ(::send(fd, hello.data(), hello.size(), 0), static_cast<ssize_t>(hello.size()));
  ASSERT_TRUE(pump.until([&] { return recorder.open.size() == 2; }));
  const ConnectionId slow = recorder.open.back();
  std::size_t most = 0;
  for (int i = 0; i < 100'000 && recorder.closed.empty(); ++i) {
    server->send(slow, pattern(1000));
    most = std::max(most, server->queued_bytes(slow));
    if (i % 100 == 0) {
      pump.loop->post([this] { pump.loop->stop(); });
      pump.loop->run();
    }
  }
  EXPECT_LE(most, options.max_queued_bytes);
  // On a busy machine the sends above may all fit into the time that a given-up connection gets to close.
  ASSERT_TRUE(pump.until([&] { return !recorder.closed.empty(); }));
  EXPECT_EQ(recorder.closed, std::vector<ConnectionId>{slow});
  EXPECT_EQ(recorder.bad, std::vector<std::string>{"queue_full"});
  EXPECT_TRUE(good->lost.empty());
  ::close(fd);
}

// The same with a peer that wakes up in time: it learns why, and nothing in its stream is torn.
TEST_F(TransportTest, APeerThatReadsTooLateIsToldWhy) {
  ServerOptions options;
  options.max_queued_bytes = 1'000'000;
  start(options);
  recorder.echo = false;
  recorder.last_words = to_bytes("too slow");
  Pump own;  // turned only when the peer reads
  Peer peer(own);
  ASSERT_TRUE(peer.client.connect(url).ok());
  while (!peer.client.connected()) own.turn(), pump.turn();
  while (recorder.bad.empty()) {
    for (int i = 0; i < 100; ++i) server->send(recorder.open.front(), pattern(10'000));
    pump.turn();
  }
  EXPECT_EQ(recorder.bad, std::vector<std::string>{"queue_full"});
  while (peer.lost.empty()) own.turn(), pump.turn();
  ASSERT_FALSE(peer.frames.empty());
  EXPECT_EQ(peer.frames.back(), recorder.last_words);
  peer.frames.pop_back();
  for (const Bytes& frame : peer.frames) EXPECT_EQ(frame, pattern(10'000));
  EXPECT_EQ(recorder.bad.size(), 1u) << "told once";
}

TEST_F(TransportTest, DrainedIsToldOnceTheQueueFalls) {
  start();
  recorder.echo = false;
  const auto peer = connect();
  server->send(recorder.open.front(), pattern(900'000));
  server->send(recorder.open.front(), pattern(900'000));
  EXPECT_EQ(server->queued_bytes(recorder.open.front()), 1'800'000u);
  ASSERT_TRUE(pump.until([&] { return peer->frames.size() == 2; }));
  EXPECT_EQ(recorder.drained, 1);
}

TEST_F(TransportTest, WhatWasQueuedBeforeCloseStillArrives) {
  start();
  recorder.echo = false;
  const auto peer = connect();
  for (int i = 0; i < 10; ++i) server->send(recorder.open.front(), pattern(100'000));
  server->close(recorder.open.front(), CloseCode::policy, "because");
  server->send(recorder.open.front(), pattern(1));  // after close: dropped
  ASSERT_TRUE(pump.until([&] { return !peer->lost.empty() && !recorder.closed.empty(); }));
  EXPECT_EQ(peer->frames.size(), 10u);
  EXPECT_EQ(peer->lost, std::vector<std::string>{"connection_lost"});
}

TEST_F(TransportTest, AThrowingHandlerCostsOneConnection) {
  start();
  const auto good = connect();
  const auto bad = connect();
  recorder.throws = true;
  bad->client.send(pattern(5));
  ASSERT_TRUE(pump.until([&] { return !bad->lost.empty(); }));
  recorder.throws = false;
  good->client.send(pattern(5));
  EXPECT_TRUE(pump.until([&] { return good->frames.size() == 1; }));
}

TEST_F(TransportTest, TheEndIsReportedOnBothSidesAndAReconnectWorks) {
  start();
  const auto peer = connect();
  peer->client.disconnect();
  ASSERT_TRUE(pump.until([&] { return recorder.closed.size() == 1; }));
  EXPECT_TRUE(peer->lost.empty());  // asked for: not reported
  ASSERT_TRUE(peer->client.connect(url).ok());
  ASSERT_TRUE(pump.until([&] { return peer->client.connected(); }));
  server.reset();
  ASSERT_TRUE(pump.until([&] { return !peer->lost.empty(); }));
  EXPECT_EQ(recorder.closed.size(), 2u);
  ASSERT_TRUE(peer->client.connect(url).ok());
  ASSERT_TRUE(pump.until([&] { return peer->lost.size() == 2; }));
  EXPECT_EQ(peer->lost.back(), "connect_failed");
}

TEST_F(TransportTest, AClientMayDisappearAtAnyMoment) {
  start();
  auto connecting = std::make_unique<Peer>(pump);
  ASSERT_TRUE(connecting->client.connect(url).ok());
  connecting.reset();
  auto established = connect();
  established->client.send(pattern(100'000));
  established.reset();
  EXPECT_TRUE(pump.until([&] { return !recorder.open.empty() && recorder.closed.size() == recorder.open.size(); }));
}

TEST_F(TransportTest, ConnectionsAboveTheBoundAreTurnedAway) {
  ServerOptions options;
  options.max_connections = 2;
  start(options);
  const auto first = connect();
  const auto second = connect();
  recorder.last_words = to_bytes("full");
  Peer third(pump);
  ASSERT_TRUE(third.client.connect(url).ok());
  ASSERT_TRUE(pump.until([&] { return !third.lost.empty(); }));
  EXPECT_EQ(recorder.bad, std::vector<std::string>{"server_full"});
  EXPECT_EQ(third.frames, std::vector<Bytes>{recorder.last_words});
  first->client.send(pattern(5));
  EXPECT_TRUE(pump.until([&] { return first->frames.size() == 1; }));
}

// Those who are turned away do not pile up either, and they make room for others.
TEST_F(TransportTest, TheSurplusIsBoundedToo) {
  ServerOptions options;
  options.max_connections = 2;
  start(options);
  auto first = connect();
  const auto second = connect();
  std::vector<int> silent;  // connections that never say which page or protocol they want
  const auto closed_at_once = [&] {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    silent.push_back(fd);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const std::size_t before = server->connections();
    for (int turn = 0; turn < 1000; ++turn) {
      pump.turn();
      if (server->connections() != before) return false;
      char byte = 0;
      if (::recv(fd, &byte, 1, MSG_DONTWAIT) == 0) return true;
    }
    return false;
  };
  for (std::size_t i = 0; i < kMaxSurplusConnections; ++i) EXPECT_FALSE(closed_at_once()) << i;
  EXPECT_EQ(server->connections(), options.max_connections + kMaxSurplusConnections);
  EXPECT_TRUE(closed_at_once());
  for (const int fd : silent) ::close(fd);
  while (server->connections() > 2) pump.turn();
  first.reset();
  ASSERT_TRUE(pump.until([&] { return recorder.closed.size() == 1; }));
  while (server->connections() > 1) pump.turn();
  EXPECT_TRUE(connect()->lost.empty());
}

TEST_F(TransportTest, TextFramesAndForeignSubprotocolsAreRefused) {
  start();
  const std::string head =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  const std::string text_frame("\x81\x82\0\0\0\0hi", 8);
  EXPECT_NE(raw(head + "Sec-WebSocket-Protocol: steiger.v1\r\n\r\n" + text_frame).find("not_binary"), std::string::npos);
  EXPECT_EQ(recorder.bad, std::vector<std::string>{"not_binary"});
  EXPECT_EQ(recorder.open.size(), 1u);
  EXPECT_EQ(raw(head + "Sec-WebSocket-Protocol: other\r\n\r\n").find("101 "), std::string::npos);
  EXPECT_EQ(raw(head + "\r\n").find("101 "), std::string::npos);
  EXPECT_EQ(recorder.open.size(), 1u);
}

TEST_F(TransportTest, HttpAnswersWithHeadersAndWholeBodies) {
  start();
  const std::string big = raw("GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(big.find("200 OK"), std::string::npos);
  EXPECT_NE(big.find("x-test: yes"), std::string::npos);
  EXPECT_EQ(big.size() - big.find("\r\n\r\n") - 4, 300'000u);
  EXPECT_NE(raw("GET /x%20y?secret=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").find("404 "), std::string::npos);
  const std::string head = raw("HEAD /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(head.find("200 OK"), std::string::npos);
  EXPECT_EQ(head.size(), head.find("\r\n\r\n") + 4);
  EXPECT_NE(raw("POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").find("405 "),
            std::string::npos);
  raw("\x16\x03\x01 garbage\r\n\r\n");
  const auto peer = connect();
  EXPECT_TRUE(peer->lost.empty());
}

TEST_F(TransportTest, ATakenPortAndAForeignAddressAreNamed) {
  start();
  ServerOptions options;
  options.port = server->port();
  Recorder other(pump);
  EXPECT_EQ(Server::create(*pump.loop, options, other).error(), kPortTaken);
  options.port = 0;
  options.host = "203.0.113.7";  // TEST-NET-3: not of this machine
  EXPECT_EQ(Server::create(*pump.loop, options, other).error(), kCannotListen);
  options.host = "localhost";  // names are not looked up
  EXPECT_EQ(Server::create(*pump.loop, options, other).error(), kCannotListen);
}

TEST(GatewayUrlTest, TakesWebSocketAddressesOnly) {
  const auto plain = parse_gateway_url("ws://127.0.0.1:8443").value();
  EXPECT_EQ(plain.host, "127.0.0.1");
  EXPECT_EQ(plain.port, 8443);
  EXPECT_EQ(plain.path, "/");
  EXPECT_FALSE(plain.tls);
  const auto tls = parse_gateway_url("wss://chat.example.nl/gateway").value();
  EXPECT_EQ(tls.port, 443);
  EXPECT_EQ(tls.path, "/gateway");
  EXPECT_TRUE(tls.tls);
  EXPECT_EQ(parse_gateway_url("ws://[::1]:9").value().host, "::1");
  for (const char* bad : {"", "http://a", "ws://", "ws://:1", "ws://a:", "ws://a:0", "ws://a:70000", "ws://a:1x", "ws://a b",
                          "ws://[::1", "ws://[::1]x", "ws://u@a", "ws://a/b c", "ws://a/\r\nx: y", "ws://a/\x7f"}) {
    EXPECT_EQ(parse_gateway_url(bad).error(), kBadUrl) << bad;
  }
}

TEST(EventLoopTest, PostedWorkRunsInOrderFromAnyThread) {
  Pump pump;
  std::vector<int> seen;
  std::thread thread([&] {
    for (int i = 0; i < 1000; ++i) pump.loop->post([&, i] { seen.push_back(i), pump.changed(); });
  });
  EXPECT_TRUE(pump.until([&] { return seen.size() == 1000; }));
  thread.join();
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

}  // namespace
}  // namespace steiger::transport::testing
