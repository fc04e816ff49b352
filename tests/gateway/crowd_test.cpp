// Many connections, slow readers, and what HTTP says.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/gateway/fixture.h"

namespace steiger::test {
namespace {

using testing::HasSubstr;

constexpr int kCrowd = 300;

std::string http_get(std::uint16_t port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t size = ::recv(fd, buffer, sizeof buffer, 0); size > 0; size = ::recv(fd, buffer, sizeof buffer, 0)) {
      answer.append(buffer, static_cast<std::size_t>(size));
    }
  }
  ::close(fd);
  return answer;
}

TEST_F(GatewayTest, ManyConnectionsAtOnceAllGetTheirHello) {
  start();
  std::vector<std::unique_ptr<WireDevice>> crowd;
  for (int i = 0; i < kCrowd; ++i) {
    crowd.push_back(std::make_unique<WireDevice>(pump));
    ASSERT_TRUE(crowd.back()->client().connect(gateway.url()).ok());
  }
  for (const auto& device : crowd) {
    ASSERT_TRUE(pump.until([&] { return device->client().connected() || device->ended(); }));
    device->say(proper_hello());
  }
  for (const auto& device : crowd) EXPECT_NE(device->hear_next<wire::HelloReplyT>(), nullptr);
}

TEST_F(GatewayTest, HealthSaysLittleAndFilesAreServed) {
  const std::string web = temporary.path() + "/web";
  ::mkdir(web.c_str(), 0700);
  std::ofstream(web + "/index.html") << "<p>hallo";
  edit_file(config, "[store]", "web = \"" + web + "\"\n[store]");
  start();
  const std::string health = http_get(gateway.port(), "/health");
  EXPECT_THAT(health, HasSubstr("200 OK"));
  EXPECT_THAT(health, HasSubstr("\"status\":\"ok\""));
  EXPECT_EQ(health.find("accepted"), std::string::npos);
  const std::string page = http_get(gateway.port(), "/");
  EXPECT_THAT(page, HasSubstr("<p>hallo"));
  EXPECT_THAT(page, HasSubstr("wasm-unsafe-eval"));
  for (const char* path :
       {"/../gateway/store.key", "/..%2fgateway/store.key", "/%2e%2e/gateway/store.key", "/.%2e/x", "//etc/passwd"}) {
    EXPECT_EQ(http_get(gateway.port(), path).find("200 OK"), std::string::npos) << path;
  }
}

TEST_F(GatewayTest, LogsHoldNoIdsAndErrorsAreNamed) {
  start();
  const Person someone = person();
  const auto device = log_in(someone);
  device->say(wire::AcceptedT());
  EXPECT_EQ(device->hear_the_end(), "wrong_state");
  EXPECT_EQ(gateway.stop(SIGTERM), 0);
  const std::string log = gateway.errors();
  EXPECT_THAT(log, HasSubstr("\"event\":\"connection_refused\",\"error\":\"wrong_state\""));
  EXPECT_EQ(log.find(someone.account.text()), std::string::npos);
  EXPECT_EQ(log.find(someone.device.text()), std::string::npos);
  EXPECT_EQ(log.find("127.0.0.1"), std::string::npos);
}

// A reader that does not even empty its socket: the writer is not held up, the backlog waits in the store, and once the reader
// goes on it gets everything, once and in order (laws 3 and 8).
TEST_F(GatewayTest, ASlowReaderHoldsUpNobodyAndLosesNothing) {
  start();
  const auto probe = greet();
  const Person writer_person = person();
  const Person reader_person = person();
  Conversation talk(rng, organisation, head_key, writer_person, reader_person, system_now());
  const auto writer = log_in(writer_person);
  Pump readers_own;  // turned only when the reader reads
  WireDevice reader(readers_own);
  ASSERT_TRUE(reader.connect(gateway.url()));
  ASSERT_NE(reader.login(reader_person, organisation.facts, gateway.origin()), nullptr);
  const auto acknowledge = [&](WireDevice& device, std::uint64_t seq) {
    wire::AcknowledgeT out;
    out.positions.emplace_back(gateway::wire_value(talk.channel), seq);
    device.say(std::move(out));
  };
  writer->say(registration_of(talk, 1));
  writer->say(commit_of(talk, 2));
  constexpr std::uint64_t kMessages = 1200;  // about 20 MB: more than sockets and queues hold
  constexpr std::size_t kSize = 16 * 1024;
  std::uint64_t accepted = 0;
  std::uint64_t sent = 2;
  while (accepted < kMessages + 2) {
    for (; sent < kMessages + 2 && sent - accepted < 64; ++sent) {
      const PreparedMessage message = prepare_message(rng, talk.first_group, talk.channel, writer_person.account, kSize);
      writer->say(submit_of(talk.channel, 1, sent + 1, message));
    }
    const auto said = writer->hear();
    ASSERT_TRUE(said.has_value());
    if (said->body.type == wire::Body::Accepted) accepted = said->body.AsAccepted()->counter;
    if (said->body.type == wire::Body::Deliver) {
      const auto& batch = *said->body.AsDeliver()->batches.front();
      acknowledge(*writer, batch.first_seq + batch.envelopes.size() - 1);
    }
  }
  ASSERT_NE(reader.hear_next<wire::DeliverWelcomeT>(), nullptr);
  acknowledge(reader, 1);
  std::uint64_t seq = 1;
  while (seq < kMessages + 1) {
    const auto delivered = reader.hear_next<wire::DeliverT>();
    ASSERT_NE(delivered, nullptr) << seq;
    for (const auto& batch : delivered->batches) {
      ASSERT_EQ(batch->first_seq, seq + 1);
      seq += batch->envelopes.size();
    }
    acknowledge(reader, seq);
  }
  EXPECT_EQ(seq, kMessages + 1);
}

}  // namespace
}  // namespace steiger::test
