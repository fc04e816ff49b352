// Who waits for an invite hears its end unasked, and a coach with many unanswered proofs still gets in (S3, law 8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/service/testing/invite_fixture.h"

namespace steiger::gateway::testing {
namespace {

class WaitingTest : public InviteTest {
 protected:
  explicit WaitingTest(bool threaded = false) : InviteTest(nullptr, threaded) {}
  // What the redeemer was told, of several times only the last.
  std::string told(Client& client) {
    client.forget_bodies();
    world.service->tick();
    settle({&client});
    return outcome(client);
  }
};

TEST_F(WaitingTest, ARedeemerHearsUnaskedThatItsTimeIsOver) {
  create();
  const Timestamp end = world.clock.now() + 6 * kDay + identity::kInviteDecisionTime;
  redeem(redeemer, "proof");
  EXPECT_EQ(outcome(redeemer), "pending");
  world.clock.advance(end - world.clock.now() - Duration(1));
  EXPECT_EQ(told(redeemer), "none") << "one millisecond early";
  world.clock.advance(Duration(1));
  EXPECT_EQ(told(redeemer), "expired");
  EXPECT_FALSE(redeemer.is_closed());
  EXPECT_EQ(told(redeemer), "none") << "once";
}

TEST_F(WaitingTest, WhoHasLeftOrWasAnsweredIsNotToldAgain) {
  create();
  redeem(redeemer, "proof");
  redeem(second, "refused proof");
  refuse("refused proof");
  second.read();
  EXPECT_EQ(outcome(second), "refused");
  redeemer.disconnect();
  world.clock.advance(30 * kDay);
  EXPECT_EQ(told(second), "none");
  redeem(redeemer, "proof");  // asks itself
  EXPECT_EQ(outcome(redeemer), "expired");
}

// With the writer's own thread: an acceptance is on disk while its news still waits to be handed out.
struct ThreadedWaitingTest : WaitingTest {
  ThreadedWaitingTest() : WaitingTest(true) {}
};

TEST_F(ThreadedWaitingTest, AnAcceptanceOnDiskWinsOverTheTick) {
  create();
  redeem(redeemer, "proof");
  world.clock.advance(6 * kDay + identity::kInviteDecisionTime - Duration(1));
  wire::AcceptInviteT body;
  body.id = wire_pointer(invite);
  body.proof_hash = wire_pointer(sha256(as_bytes("proof")));
  body.chain = identity::encode_chain(jongere.chain);
  coach.request(std::move(body));
  ASSERT_TRUE(world.executor.wait(std::chrono::seconds(30)));
  world.clock.advance(Duration(1));
  EXPECT_EQ(told(redeemer), "accepted");
  EXPECT_EQ(told(redeemer), "none");
}

// Counts frames as a socket that nobody empties.
class FullSocket final : public SessionSink {
 public:
  void send(Bytes frame) override {
    queued_ += frame.size();
    most_ = std::max(most_, queued_);
    const auto verified = verify_frame(frame);
    const auto* body = verified.value()->body_as_InviteProof();
    if (body == nullptr) return;
    proofs.emplace_back(field<InviteId>(body->id()).value(), body->ordinal());
  }
  void close(const Error& why) override { closed = why.name; }
  [[nodiscard]] std::size_t queued_bytes() const override { return queued_; }
  void empty() { queued_ = 0; }
  [[nodiscard]] std::size_t most() const { return most_; }

  std::vector<std::pair<InviteId, std::uint32_t>> proofs;
  std::string closed;

 private:
  std::size_t queued_ = 0;
  std::size_t most_ = 0;
};

TEST_F(WaitingTest, ManyUnansweredProofsArePacedLikeMessages) {
  constexpr std::size_t kInvites = 60;
  std::vector<std::pair<InviteId, std::uint32_t>> expected;
  for (std::size_t i = 0; i < kInvites; ++i) {
    invite = InviteId::random(world.rng);
    world.rng.fill(lookup);
    create();
    for (std::uint32_t ordinal = 1; ordinal <= kMaxProofsPerInvite; ++ordinal) {
      redeem(redeemer, std::to_string(ordinal) + std::string(kMaxProofBytes - 1, 'p'));
      expected.emplace_back(invite, ordinal);
    }
  }
  std::sort(expected.begin(), expected.end());
  FullSocket socket;
  coach.connect(&socket);
  const SessionId session = *coach.session_;
  coach.login();
  std::size_t rounds = 0;
  while (socket.proofs.size() < expected.size()) {
    const std::size_t before = socket.proofs.size();
    socket.empty();
    world.service->drained(session);
    world.executor.run_all();
    ASSERT_GT(socket.proofs.size(), before);
    ++rounds;
  }
  EXPECT_EQ(socket.proofs, expected) << "each once, and none left out";
  EXPECT_GT(rounds, 3u);
  EXPECT_LE(socket.most(), kSinkHighWater + kMaxProofReadBytes + kMaxFrameBytes);
  EXPECT_EQ(socket.closed, "");
  world.service->closed(session);
  coach.session_.reset();
}

}  // namespace
}  // namespace steiger::gateway::testing
