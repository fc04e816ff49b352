// Law 9: every frame that is malformed, too large, too many, out of order, from the wrong device or version gets its named error
// and ends that connection only. Each case runs beside a logged-in device that must notice nothing.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/gateway/fixture.h"

namespace steiger::test {
namespace {

struct BadFramesTest : GatewayTest {
  BadFramesTest() {
    start();
    witness = log_in(witness_person);
    const auto device = greet();
    device->disconnect();
  }
  ~BadFramesTest() override {
    // The witness still has its session: it opens a channel and writes into it.
    Conversation own(rng, organisation, head_key, witness_person, person(), system_now());
    witness->say(registration_of(own, 1), 7);
    const auto accepted = witness->hear_next<wire::AcceptedT>();
    EXPECT_TRUE(accepted != nullptr && accepted->counter == 1);
  }
  Person witness_person = person();
  std::unique_ptr<WireDevice> witness;
};

TEST_F(BadFramesTest, MalformedBytes) {
  const Bytes good = gateway::encode_frame(1, proper_hello());
  Bytes truncated(good.begin(), good.end() - 8);
  Bytes wrong_identifier = good;
  wrong_identifier[4] = 'X';
  for (const Bytes& bytes : {Bytes(), Bytes{1}, Bytes(64, 0xff), Bytes(64, 0), truncated, wrong_identifier}) {
    const auto device = connect();
    device->send(bytes);
    EXPECT_EQ(device->hear_the_end(), "malformed_frame");
  }
}

// A connection each, so not all of them: a stride without a common divisor with 8 meets every position within a byte.
TEST_F(BadFramesTest, FlippedBitsAllOverAFrameAreSurvived) {
  constexpr std::size_t kStride = 7;
  const Bytes good = gateway::encode_frame(1, proper_hello());
  for (std::size_t bit = 0; bit < good.size() * 8; bit += kStride) {
    Bytes changed = good;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    WireDevice device(pump);
    ASSERT_TRUE(device.connect(gateway.url()));
    device.send(changed);
    EXPECT_TRUE(device.hear().has_value()) << bit;  // a HelloReply or a Problem
  }
}

TEST_F(BadFramesTest, TooLarge) {
  const auto device = greet();
  device->send(Bytes(gateway::kMaxFrameBytes + 1));
  // The client's own bound is the same, so the bytes must have gone out.
  EXPECT_EQ(device->hear_the_end(), "frame_too_large");
}

TEST_F(BadFramesTest, WrongVersion) {
  for (const auto& [low, high, name] : std::vector<std::tuple<std::uint16_t, std::uint16_t, std::string>>{
           {2, 9, "unsupported_version"}, {0, 0, "unsupported_version"}, {3, 2, "malformed_frame"}}) {
    const auto device = connect();
    wire::HelloT hello;
    hello.min_version = low;
    hello.max_version = high;
    device->say(std::move(hello));
    EXPECT_EQ(device->hear_the_end(), name);
  }
  const auto device = connect();
  wire::HelloT hello = proper_hello();
  hello.client = std::string(gateway::kMaxClientNameBytes + 1, 'x');
  device->say(std::move(hello));
  EXPECT_EQ(device->hear_the_end(), "malformed_frame");
}

TEST_F(BadFramesTest, OutOfOrder) {
  const auto early = connect();
  early->say(wire::SubmitT());
  EXPECT_EQ(early->hear_the_end(), "wrong_state");
  const auto twice = greet();
  twice->say(proper_hello());
  EXPECT_EQ(twice->hear_the_end(), "wrong_state");
  const auto unknown = greet();
  unknown->say(wire::SubmitT());
  EXPECT_EQ(unknown->hear_the_end(), "wrong_state");
  const auto gateways_own = log_in(person());
  gateways_own->say(wire::AcceptedT());
  EXPECT_EQ(gateways_own->hear_the_end(), "wrong_state");
}

TEST_F(BadFramesTest, AnUnknownBody) {
  const auto device = greet();
  device->send(gateway::encode_frame(1, wire::HelloT()));  // known shape, then its type byte replaced by one from the future
  EXPECT_EQ(device->hear_the_end(), "wrong_state");
  flatbuffers::FlatBufferBuilder builder;
  const auto hello = wire::CreateHello(builder);
  const auto future = static_cast<wire::Body>(200);
  const auto newer = greet();
  newer->send(gateway::finish_frame(builder, 1, future, hello.Union()));
  EXPECT_EQ(newer->hear_the_end(), "unknown_body");
}

TEST_F(BadFramesTest, WrongLogins) {
  const Person someone = person();
  const auto attempt = [&](const Person& who, const std::string& origin, bool wrong_signature, bool with_chain) {
    const auto device = connect();
    const auto reply = device->hello();
    ByteArray<32> nonce{};
    std::copy_n(reply->nonce->bytes()->data(), nonce.size(), nonce.begin());
    wire::LoginT login = login_of(who, organisation.facts, origin, nonce);
    if (wrong_signature) login.signature = gateway::wire_pointer(Signature{});
    if (!with_chain) login.chain.clear();
    device->say(std::move(login));
    return device->hear_the_end();
  };
  EXPECT_EQ(attempt(someone, gateway.origin(), true, true), "bad_login");
  EXPECT_EQ(attempt(someone, "https://elsewhere.example", false, true), "bad_login");  // S6: bound to the origin
  EXPECT_EQ(attempt(someone, gateway.origin(), false, false), "unknown_device");
  const Organisation other(rng);
  EXPECT_EQ(attempt(Person(rng, other, system_now()), gateway.origin(), false, true), "bad_login");
  log_in(someone);
}

TEST_F(BadFramesTest, ANewerLoginReplacesTheOlder) {
  const Person someone = person();
  const auto older = log_in(someone);
  const auto newer = log_in(someone);
  EXPECT_EQ(older->hear_the_end(), "replaced");
  EXPECT_FALSE(newer->ended());
}

TEST_F(BadFramesTest, TooManyItemsAndTooLargePayloads) {
  const Person someone = person();
  Conversation talk(rng, organisation, head_key, someone, witness_person, system_now());
  const PreparedMessage message = prepare_message(rng, talk.first_group, talk.channel, someone.account, 10);
  const auto many = log_in(someone);
  wire::SubmitT submit;
  for (std::size_t i = 0; i <= gateway::kMaxItemsPerFrame; ++i) {
    submit.items.push_back(std::move(submit_of(talk.channel, 1, i + 1, message).items.front()));
  }
  many->say(std::move(submit));
  EXPECT_EQ(many->hear_the_end(), "too_many_items");
  const auto large = log_in(someone);
  wire::SubmitT too_large = submit_of(talk.channel, 1, 1, message);
  too_large.items.front()->payload.resize(gateway::kMaxPayloadBytes + 1);
  large->say(std::move(too_large));
  EXPECT_EQ(large->hear_the_end(), "payload_too_large");
  const auto incomplete = log_in(someone);
  wire::SubmitT without_id = submit_of(talk.channel, 1, 1, message);
  without_id.items.front()->id.reset();
  incomplete->say(std::move(without_id));
  EXPECT_EQ(incomplete->hear_the_end(), "malformed_frame");
}

TEST_F(BadFramesTest, ACounterGap) {
  const Person someone = person();
  Conversation talk(rng, organisation, head_key, someone, witness_person, system_now());
  const auto device = log_in(someone);
  device->say(registration_of(talk, 2));
  EXPECT_EQ(device->hear_the_end(), "counter_gap");
}

// The rest of a frame never comes: the connection costs at most one frame of memory, and others go on.
TEST_F(BadFramesTest, HalfWrittenFrames) {
  std::vector<int> sockets;
  for (int i = 0; i < 20; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(gateway.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    std::string bytes =
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: steiger.v1\r\n\r\n";
    bytes += std::string("\x82\xfe\x10\x00\0\0\0\0half", 12);  // a masked binary frame of 4,096 bytes, four of which come
    bytes.resize(bytes.size() - static_cast<std::size_t>(i % 12));
    ASSERT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    sockets.push_back(fd);
  }
  log_in(person());
  for (const int fd : sockets) ::close(fd);
}

}  // namespace
}  // namespace steiger::test
