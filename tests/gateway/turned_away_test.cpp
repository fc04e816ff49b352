// Law 8 from outside: whoever is turned away at a bound is told its name before the connection ends.
#include "tests/gateway/fixture.h"
#include "tests/gateway/raw_socket.h"

namespace steiger::test {
namespace {

// RFC 6455 section 7.4.1 and IANA's registry: what the close frame says beside the Problem.
constexpr unsigned kPolicy = 1008;
constexpr unsigned kTryAgainLater = 1013;

struct TurnedAwayTest : GatewayTest {
  // The name of the fatal Problem that is the last frame before the close frame, and that frame's code and reason; then the end.
  struct End {
    std::string problem;
    bool retryable = false;
    unsigned code = 0;
    std::string reason;
    std::size_t frames_before = 0;
  };
  static End end_of(RawSocket& socket) {
    End out;
    while (const auto frame = socket.read_frame()) {
      if (frame->opcode == RawSocket::kClose && frame->payload.size() >= 2) {
        out.code = frame->payload[0] * 256U + frame->payload[1];
        out.reason = std::string(as_text(frame->payload).substr(2));
      }
      if (frame->opcode != RawSocket::kBinary) continue;
      EXPECT_EQ(out.problem, "") << "something came after the fatal problem";
      const auto verified = gateway::verify_frame(frame->payload);
      EXPECT_TRUE(verified.ok()) << "a torn frame";
      if (!verified.ok()) continue;
      const auto* problem = (*verified)->body_as_Problem();
      if (problem != nullptr && problem->fatal()) {
        out.problem = problem->name()->str();
        out.retryable = problem->retryable();
      } else {
        ++out.frames_before;
      }
    }
    return out;
  }
};

TEST_F(TurnedAwayTest, TooManyConnectionsIsSaid) {
  edit_file(config, "[store]", "[limits]\nmax_connections = 2\n[store]");
  start();
  const auto first = log_in(person());
  auto second = greet();
  RawSocket raw(gateway.port());
  ASSERT_TRUE(raw.upgrade());
  const End end = end_of(raw);
  EXPECT_EQ(end.problem, "too_many_connections");
  EXPECT_TRUE(end.retryable);
  EXPECT_EQ(end.code, kTryAgainLater);
  EXPECT_EQ(end.reason, "too_many_connections");
  EXPECT_EQ(end.frames_before, 0u);

  WireDevice third(pump);
  ASSERT_TRUE(third.client().connect(gateway.url()).ok());
  EXPECT_EQ(third.hear_the_end(), "too_many_connections");
  RawSocket health(gateway.port());
  ASSERT_TRUE(health.write("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(health.read_to_the_end(), testing::HasSubstr("\"status\":\"ok\"")) << "a full gateway is a healthy one";

  EXPECT_FALSE(first->ended());
  second->disconnect();
  bool in = false;
  while (!in) {  // the place is free as soon as the gateway has seen the other go
    WireDevice next(pump);
    if (!next.connect(gateway.url())) continue;
    in = next.hello() != nullptr;
  }
}

// A peer that asks and asks and does not read the answers. The witness's round trips and the proofs it is shown tell how far the gateway
// has come, so that nothing here depends on time.
TEST_F(TurnedAwayTest, TooSlowIsSaid) {
  constexpr std::size_t kInvites = 16;
  constexpr std::size_t kProofsPerInvite = 5;
  constexpr std::size_t kRequestsPerRound = 30;
  constexpr std::size_t kMostTurns = 20'000;  // a round needs some dozens; more means that the slow one was cut without a word
  start();
  const auto witness = log_in(person());
  std::vector<Hash> lookups(kInvites);
  for (Hash& lookup : lookups) {
    rng.fill(lookup);
    wire::CreateInviteT create;
    create.id = gateway::wire_pointer(InviteId::random(rng));
    create.lookup = gateway::wire_pointer(lookup);
    create.expires_ms = (system_now() + std::chrono::hours(24)).ms;
    create.terms = Bytes(gateway::kMaxTermsBytes, 't');
    witness->say(std::move(create), 1);
    ASSERT_NE(witness->hear_next<wire::InviteOutcomeT>(), nullptr);
  }
  RawSocket slow(gateway.port());
  ASSERT_TRUE(slow.upgrade());
  ASSERT_TRUE(slow.write_frame(gateway::encode_frame(1, proper_hello())));
  const auto refused = [&] { return gateway.errors().find("\"error\":\"too_slow\"") != std::string::npos; };
  std::size_t round = 0;
  while (!refused()) {
    ASSERT_LT(round, kInvites * kProofsPerInvite) << "the queue never reached its bound";
    const Hash& lookup = lookups[round / kProofsPerInvite];
    wire::FetchInviteT fetch;
    fetch.lookup = gateway::wire_pointer(lookup);
    const Bytes question = gateway::encode_frame(2, fetch);
    for (std::size_t i = 0; i < kRequestsPerRound; ++i) ASSERT_TRUE(slow.write_frame(question));
    wire::RedeemInviteT mark;
    mark.lookup = gateway::wire_pointer(lookup);
    mark.proof = to_bytes("proof " + std::to_string(round++));
    ASSERT_TRUE(slow.write_frame(gateway::encode_frame(3, std::move(mark))));
    std::size_t turns = 0;
    for (bool seen = false; !seen && !refused();) {
      ASSERT_LT(++turns, kMostTurns);
      wire::FetchInviteT turn;
      turn.lookup = gateway::wire_pointer(Hash{});
      witness->say(std::move(turn), 4);
      while (const auto said = witness->hear()) {
        seen = seen || said->body.type == wire::Body::InviteProof;
        if (said->request == 4) break;
      }
    }
  }
  const End end = end_of(slow);
  EXPECT_EQ(end.problem, "too_slow");
  EXPECT_TRUE(end.retryable);
  EXPECT_EQ(end.code, kPolicy);
  EXPECT_EQ(end.reason, "too_slow");
  EXPECT_GT(end.frames_before, 0u);
  EXPECT_FALSE(witness->ended());
}

}  // namespace
}  // namespace steiger::test
