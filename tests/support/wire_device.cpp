#include "tests/support/wire_device.h"

#include "crypto/identity/login.h"

namespace steiger::test {

bool WireDevice::connect(const std::string& url) {
  ended_ = false;
  frames_.clear();
  return client_.connect(url).ok() && pump_.until([&] { return client_.connected() || ended_; }) && client_.connected();
}

std::optional<Said> WireDevice::hear() {
  if (!pump_.until([&] { return !frames_.empty() || ended_; }) || frames_.empty()) return std::nullopt;
  const Bytes bytes = std::move(frames_.front());
  frames_.pop_front();
  const auto frame = gateway::verify_frame(bytes);
  if (!frame.ok()) return std::nullopt;
  Said said;
  (*frame)->UnPackTo(&said);
  return said;
}

std::string WireDevice::hear_the_end() {
  std::string name;
  while (auto said = hear()) {
    if (said->body.type == wire::Body::Problem && said->body.AsProblem()->fatal) name = said->body.AsProblem()->name;
  }
  return ended_ ? name : "";
}

std::unique_ptr<wire::HelloReplyT> WireDevice::hello() {
  say(proper_hello(), 1);
  return hear_next<wire::HelloReplyT>();
}

std::unique_ptr<wire::LoginReplyT> WireDevice::login(const Person& person, const identity::OrganisationPublic& organisation,
                                                     const std::string& origin) {
  const auto reply = hello();
  if (reply == nullptr) return nullptr;
  ByteArray<32> nonce{};
  std::copy_n(reply->nonce->bytes()->data(), nonce.size(), nonce.begin());
  say(login_of(person, organisation, origin, nonce), 2);
  return hear_next<wire::LoginReplyT>();
}

wire::HelloT proper_hello() {
  wire::HelloT hello;
  hello.min_version = gateway::kProtocolVersionMin;
  hello.max_version = gateway::kProtocolVersionMax;
  hello.client = "test/1";
  return hello;
}

wire::LoginT login_of(const Person& person, const identity::OrganisationPublic& organisation, const std::string& origin,
                      const ByteArray<32>& nonce) {
  wire::LoginT login;
  login.account = gateway::wire_pointer(person.account);
  login.device = gateway::wire_pointer(person.device);
  login.signature = gateway::wire_pointer(
      identity::sign_login(person.leaf_key, {origin, organisation.id, nonce, person.account, person.device}));
  login.chain = person.chain;
  return login;
}

wire::SubmitT submit_of(const ChannelId& channel, std::uint64_t epoch, std::uint64_t counter, const PreparedMessage& message) {
  auto item = std::make_unique<wire::SubmissionT>();
  item->counter = counter;
  item->id = gateway::wire_pointer(message.id);
  item->channel = gateway::wire_pointer(channel);
  item->epoch = epoch;
  item->tag = gateway::wire_pointer(message.tag);
  item->payload = message.payload;
  wire::SubmitT submit;
  submit.items.push_back(std::move(item));
  return submit;
}

wire::RegisterChannelT registration_of(const Conversation& conversation, std::uint64_t counter) {
  wire::RegisterChannelT out;
  out.counter = counter;
  out.channel = gateway::wire_pointer(conversation.channel);
  out.group_info = conversation.registration;
  return out;
}

wire::SubmitCommitT commit_of(const Conversation& conversation, std::uint64_t counter) {
  wire::SubmitCommitT out;
  out.counter = counter;
  out.id = gateway::wire_pointer(conversation.commit_id);
  out.channel = gateway::wire_pointer(conversation.channel);
  out.epoch = 0;
  out.commit = conversation.commit;
  out.welcome = conversation.welcome;
  out.group_info = conversation.group_info;
  out.links_from = 0;
  return out;
}

VerifyKey key_of(const wire::Bytes32& bytes) {
  return VerifyKey::from_bytes({bytes.bytes()->data(), bytes.bytes()->size()}).value();
}

}  // namespace steiger::test
