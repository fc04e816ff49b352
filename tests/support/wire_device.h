// A device on the wire without the SDK: says exactly the frames that a test wants, also the wrong ones.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "gateway/protocol/frames.h"
#include "gateway/transport/client.h"
#include "tests/support/people.h"
#include "tests/support/pump.h"

namespace steiger::test {

namespace wire = gateway::wire;

// What the gateway said, unpacked.
using Said = wire::FrameT;

class WireDevice : public transport::ClientHandler {
 public:
  explicit WireDevice(Pump& pump) : pump_(pump), client_(*pump.loop, *this) {}

  bool connect(const std::string& url);
  void disconnect() { client_.disconnect(), ended_ = true; }
  void send(Bytes frame) { client_.send(std::move(frame)); }
  template <class BodyT>
  void say(BodyT body, std::uint64_t request = 0) {
    send(gateway::encode_frame(request, std::move(body)));
  }
  // The next frame, or nothing when the connection ended.
  std::optional<Said> hear();
  // The next frame of this kind; everything before it is dropped. Null when the connection ended first.
  template <class BodyT>
  std::unique_ptr<BodyT> hear_next();
  // The name of the fatal Problem that comes, after which the connection must end; "" when it does not end like that.
  std::string hear_the_end();

  // Hello and Login with the real keys; what the gateway answered, or null.
  std::unique_ptr<wire::HelloReplyT> hello();
  std::unique_ptr<wire::LoginReplyT> login(const Person& person, const identity::OrganisationPublic& organisation,
                                           const std::string& origin);

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::size_t waiting_frames() const { return frames_.size(); }
  [[nodiscard]] transport::Client& client() { return client_; }

  // transport::ClientHandler
  void on_connected() override { pump_.changed(); }
  void on_frame(ByteView frame) override { frames_.push_back(to_bytes(frame)), pump_.changed(); }
  void on_disconnected(const Error& why) override { ended_ = true, why_ = why.name, pump_.changed(); }

 private:
  Pump& pump_;
  transport::Client client_;
  std::deque<Bytes> frames_;
  bool ended_ = false;
  std::string why_;
};

template <class BodyT>
std::unique_ptr<BodyT> WireDevice::hear_next() {
  while (auto said = hear()) {
    constexpr auto kWanted = wire::BodyUnionTraits<BodyT>::enum_value;
    if (said->body.type == kWanted) return std::unique_ptr<BodyT>(static_cast<BodyT*>(std::exchange(said->body.value, nullptr)));
    if (said->body.type == wire::Body::Problem && said->body.AsProblem()->fatal) return nullptr;
  }
  return nullptr;
}

wire::HelloT proper_hello();
wire::LoginT login_of(const Person& person, const identity::OrganisationPublic& organisation, const std::string& origin,
                      const ByteArray<32>& nonce);
wire::SubmitT submit_of(const ChannelId& channel, std::uint64_t epoch, std::uint64_t counter, const PreparedMessage& message);
wire::RegisterChannelT registration_of(const Conversation& conversation, std::uint64_t counter);
wire::SubmitCommitT commit_of(const Conversation& conversation, std::uint64_t counter);
VerifyKey key_of(const wire::Bytes32& bytes);

}  // namespace steiger::test
