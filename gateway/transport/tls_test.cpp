// wss:// on loopback: a real TLS handshake, and every certificate that must be refused is, with the name of what is wrong.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gateway/transport/testing/tls_front.h"
#include "gateway/transport/testing/transport_fixture.h"

namespace steiger::transport::testing {
namespace {

constexpr long kDay = 24L * 3600;

std::string trusted_file() {
  return ::testing::TempDir() + "steiger-tls-" + std::to_string(::getpid()) + ".pem";
}

EventLoop::Options tls_options(const std::string& certificate_file) {
  EventLoop::Options out;
  out.tls_client = true;
  out.certificate_file = certificate_file;
  out.lookup = [](const std::string&) { return std::vector<std::string>{"127.0.0.1"}; };
  return out;
}

// The client trusts `ours` and nobody else.
struct TlsTest : ::testing::Test {
  TlsTest() : ours("Our authority") {
    ours.write(file);
    restart(file);
  }
  void restart(const std::string& certificate_file) {
    server.reset();
    recorder.reset();
    pump.reset();
    pump = std::make_unique<Pump>(tls_options(certificate_file));
    recorder = std::make_unique<Recorder>(*pump);
    server = std::move(Server::create(*pump->loop, {}, *recorder)).value();
    recorder->server = server.get();
  }
  ~TlsTest() override {
    server.reset();
    std::filesystem::remove(file);
  }
  // What becomes of a connection to such a server: "connected", or the name of the refusal.
  std::string outcome(const Authority::Identity& identity, const std::string& host = "chat.example") {
    const TlsFront front(identity, server->port());
    Peer peer(*pump);
    EXPECT_TRUE(peer.client.connect("wss://" + host + ":" + std::to_string(front.port()) + "/gateway").ok());
    EXPECT_TRUE(pump->until([&] { return peer.client.connected() || !peer.lost.empty(); }));
    if (!peer.lost.empty()) {
      EXPECT_EQ(peer.lost.size(), 1u);
      EXPECT_EQ(peer.connected, 0);
      return peer.lost.front();
    }
    peer.client.send(pattern(100'000));
    EXPECT_TRUE(pump->until([&] { return !peer.frames.empty(); }));
    EXPECT_EQ(peer.frames, std::vector<Bytes>{pattern(100'000)});
    return "connected";
  }

  const std::string file = trusted_file();
  Authority ours;
  std::unique_ptr<Pump> pump;
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<Server> server;
};

TEST_F(TlsTest, ARightCertificateConnectsAndFramesTravel) {
  EXPECT_EQ(outcome(ours.issue({})), "connected");
  EXPECT_EQ(outcome(ours.issue({"IP:127.0.0.1"}), "127.0.0.1"), "connected");
}

TEST_F(TlsTest, AnotherHostsCertificateIsRefused) {
  EXPECT_EQ(outcome(ours.issue({"DNS:other.example"})), "server_certificate_name");
  EXPECT_EQ(outcome(ours.issue({"DNS:chat.example"}), "127.0.0.1"), "server_certificate_name");
  EXPECT_TRUE(recorder->open.empty());  // nothing was said to them
}

TEST_F(TlsTest, AnUnknownIssuersCertificateIsRefused) {
  EXPECT_EQ(outcome(Authority("Somebody").issue({})), "server_certificate_untrusted");
  // Under the same name, too: the key counts.
  EXPECT_EQ(outcome(Authority("Our authority").issue({})), "server_certificate_untrusted");
  EXPECT_TRUE(recorder->open.empty());
}

TEST_F(TlsTest, ACertificateOutOfItsTimeIsRefused) {
  EXPECT_EQ(outcome(ours.issue({"DNS:chat.example", -2 * kDay, -kDay})), "server_certificate_time");
  EXPECT_EQ(outcome(ours.issue({"DNS:chat.example", kDay, 2 * kDay})), "server_certificate_time");
  EXPECT_TRUE(recorder->open.empty());
}

// The file says who is trusted, instead of the system; without one the system does.
TEST_F(TlsTest, TheFileReplacesTheSystemsAuthorities) {
  const Authority foreign("The system's");
  const std::string system = file + ".system";
  foreign.write(system);
  ASSERT_EQ(::setenv("SSL_CERT_FILE", system.c_str(), 1), 0);  // where OpenSSL looks for the system's
  restart(file);
  EXPECT_EQ(outcome(foreign.issue({})), "server_certificate_untrusted");
  EXPECT_EQ(outcome(ours.issue({})), "connected");
  restart("");
  EXPECT_EQ(outcome(foreign.issue({})), "connected");
  EXPECT_EQ(outcome(ours.issue({})), "server_certificate_untrusted");
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::remove(system);
}

TEST_F(TlsTest, AFileThatHoldsNoCertificateIsNamed) {
  EXPECT_EQ(EventLoop::create(tls_options(file + ".absent")).error(), kCertificateFile);
  std::ofstream(file) << "no certificate";
  EXPECT_EQ(EventLoop::create(tls_options(file)).error(), kCertificateFile);
}

TEST_F(TlsTest, AServerWithoutTlsIsRefused) {
  Peer peer(*pump);
  ASSERT_TRUE(peer.client.connect("wss://chat.example:" + std::to_string(server->port())).ok());
  ASSERT_TRUE(pump->until([&] { return !peer.lost.empty(); }));
  EXPECT_EQ(peer.lost, std::vector<std::string>{"connect_failed"});
}

}  // namespace
}  // namespace steiger::transport::testing
