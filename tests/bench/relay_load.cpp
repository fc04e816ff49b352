#include "tests/bench/relay_load.h"

#include "tests/support/wire_device.h"

namespace steiger::bench {
namespace {

constexpr std::size_t kPreparedPerPair = 64;
constexpr std::size_t kContentBytes = 256;

}  // namespace

void Load::fail(const std::string& why) {
  if (failure_.empty()) failure_ = why;
  pump_.changed();
}

void Load::arrived(Pair& pair, double microseconds) {
  if (measuring) {
    ++arrivals;
    latencies_us.push_back(microseconds);
  }
  if (next) next(pair);
}

bool LoadDevice::log_in(test::Pump& pump, const std::string& url, const identity::OrganisationPublic& organisation,
                        const std::string& origin) {
  organisation_ = organisation;
  origin_ = origin;
  client_ = std::make_unique<transport::Client>(*pump.loop, *this);
  if (!client_->connect(url).ok()) return false;
  return pump.until([&] { return ready_ || !load_.failure().empty(); }) && ready_;
}

void LoadDevice::on_connected() {
  send(gateway::encode_frame(1, test::proper_hello()));
}

void LoadDevice::on_disconnected(const Error& why) {
  load_.fail(why.name);
}

void LoadDevice::on_hello(const wire::HelloReply& reply) {
  ByteArray<32> nonce{};
  std::copy_n(reply.nonce()->bytes()->data(), nonce.size(), nonce.begin());
  send(gateway::encode_frame(2, test::login_of(person_, organisation_, origin_, nonce)));
}

void LoadDevice::on_frame(ByteView bytes) {
  const auto frame = gateway::verify_frame(bytes);
  if (!frame.ok()) return load_.fail("frame of the gateway not valid");
  switch ((*frame)->body_type()) {
    case wire::Body::HelloReply:
      return on_hello(*(*frame)->body_as_HelloReply());
    case wire::Body::LoginReply:
      ready_ = true;
      break;
    case wire::Body::Accepted:
      accepted_ = (*frame)->body_as_Accepted()->counter();
      break;
    case wire::Body::DeliverWelcome: {
      const auto& welcome = *(*frame)->body_as_DeliverWelcome();
      acknowledge(*welcome.channel(), welcome.seq());
      processed_ = welcome.seq();
      break;
    }
    case wire::Body::Deliver:
      return on_deliver(*(*frame)->body_as_Deliver());
    case wire::Body::Rejected:
      return load_.fail("rejected: " + (*frame)->body_as_Rejected()->problem()->name()->str());
    case wire::Body::Problem:
      return load_.fail((*frame)->body_as_Problem()->name()->str());
    default:
      break;
  }
  load_.pump().changed();
}

void LoadDevice::on_deliver(const wire::Deliver& deliver) {
  for (const wire::ChannelBatch* batch : *deliver.batches()) {
    std::size_t from_others = 0;
    for (const wire::Envelope* envelope : *batch->envelopes()) from_others += envelope->payload() != nullptr ? 1 : 0;
    processed_ = batch->first_seq() + batch->envelopes()->size() - 1;
    acknowledge(*batch->channel(), processed_);
    if (from_others > 0 && on_arrivals) on_arrivals(from_others);
  }
  load_.pump().changed();
}

void LoadDevice::acknowledge(const wire::Id16& channel, std::uint64_t seq) {
  const wire::Position position(channel, seq);
  const auto positions = builder_.CreateVectorOfStructs(&position, 1);
  const auto body = wire::CreateAcknowledge(builder_, positions);
  send(gateway::finish_frame(builder_, 0, wire::Body::Acknowledge, body.Union()));
}

Pair::Pair(Load& load, Rng& rng, const test::Organisation& organisation, const VerifyKey& head_key, Timestamp now)
    : load_(load),
      sender_person_(rng, organisation, now),
      receiver_person_(rng, organisation, now),
      talk_(rng, organisation, head_key, sender_person_, receiver_person_, now),
      sender_(load, sender_person_),
      receiver_(load, receiver_person_) {
  for (std::size_t i = 0; i < kPreparedPerPair; ++i) {
    prepared_.push_back(test::prepare_message(rng, talk_.first_group, talk_.channel, sender_person_.account, kContentBytes));
  }
  receiver_.on_arrivals = [this](std::size_t count) { arrived(count); };
}

bool Pair::open(test::Pump& pump, const std::string& url, const identity::OrganisationPublic& organisation,
                const std::string& origin) {
  if (!receiver_.log_in(pump, url, organisation, origin) || !sender_.log_in(pump, url, organisation, origin)) return false;
  sender_.send(gateway::encode_frame(0, test::registration_of(talk_, ++counter_)));
  sender_.send(gateway::encode_frame(0, test::commit_of(talk_, ++counter_)));
  const auto opened = [&] { return sender_.accepted() == 2 && sender_.processed() == 1 && receiver_.processed() == 1; };
  return pump.until([&] { return opened() || !load_.failure().empty(); }) && opened();
}

void Pair::submit(std::size_t count, Instant queued) {
  std::vector<flatbuffers::Offset<wire::Submission>> items;
  const wire::Id16 channel = gateway::wire_value(talk_.channel);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t counter = ++counter_;
    const test::PreparedMessage& message = prepared_[counter % prepared_.size()];
    ByteArray<kIdSize> id = message.id.array();
    for (std::size_t byte = 0; byte < sizeof counter; ++byte) id[byte] = static_cast<std::uint8_t>(counter >> (8 * byte));
    const auto payload = builder_.CreateVector(message.payload);
    const wire::Id16 wire_id = gateway::wire_value(MessageId(id));
    const wire::Bytes32 tag = gateway::wire_value(message.tag);
    items.push_back(wire::CreateSubmission(builder_, counter, &wire_id, &channel, 1, &tag, payload));
    queued_.push_back(queued);
  }
  const auto body = wire::CreateSubmit(builder_, builder_.CreateVector(items));
  sender_.send(gateway::finish_frame(builder_, 0, wire::Body::Submit, body.Union()));
}

void Pair::arrived(std::size_t count) {
  const Instant now = instant();
  for (std::size_t i = 0; i < count && !queued_.empty(); ++i) {
    const Instant queued = queued_.front();
    queued_.pop_front();
    load_.arrived(*this, microseconds_between(queued, now));
  }
}

}  // namespace steiger::bench
