// A device as it behaves when it is well, and how it may be made to misbehave.
#include "gateway/service/testing/world.h"

#include "gateway/store/memory_store.h"

namespace steiger::gateway::testing {
namespace {

mls::Lifetime lifetime(Timestamp now) {
  const auto seconds = static_cast<std::uint64_t>(now.ms / 1000);
  return {seconds - 3600, seconds + 28 * 24 * 3600};
}

}  // namespace

void Client::connect(SessionSink* through) {
  disconnect();
  closed_.reset();
  inbox_.clear();
  last_problem_.clear();
  world_.rng.fill(nonce_);
  session_ = world_.service->open(through != nullptr ? *through : *this, nonce_);
}

void Client::disconnect() {
  if (session_ && world_.service != nullptr) world_.service->closed(*session_);
  session_.reset();
  inbox_.clear();
}

void Client::login(bool with_chain) {
  const identity::LoginChallenge challenge{kOrigin, world_.organisation, nonce_, person_.account, person_.device};
  wire::LoginT body;
  body.account = wire_pointer(person_.account);
  body.device = wire_pointer(person_.device);
  body.signature = wire_pointer(identity::sign_login(person_.leaf_key, challenge));
  if (with_chain) body.chain = identity::encode_chain(person_.chain);
  request(std::move(body));
}

void Client::log_in() {
  connect();
  login();
  world_.executor.run_all();
  read();
}

void Client::transmit(const Bytes& frame, bool expect_valid) {
  if (!session_) return;
  const auto verified = verify_frame(frame);
  if (!verified.ok()) {
    if (expect_valid) wrong("own frame is malformed");
    return;
  }
  world_.service->handle(*session_, **verified);
}

mls::KeyPackageOptions Client::leaf_options() const {
  mls::KeyPackageOptions options;
  options.credential_identity = identity::encode_credential(person_.device_identity());
  options.leaf_extensions = {{identity::kIdentityExtension, identity::encode_chain(person_.chain)}};
  options.capabilities.extensions = {identity::kChannelExtension};
  options.lifetime = lifetime(world_.clock.now());
  return options;
}

mls::KeyPackage Client::key_package() {
  if (!package_) package_ = mls::make_key_package(world_.rng, person_.leaf_key, leaf_options());
  return package_->key_package;
}

std::unique_ptr<wire::SubmissionT> Client::make_item(const ChannelId& channel, const MessageId& id, std::string_view text,
                                                     std::uint64_t counter) {
  Room& mine = room(channel);
  auto item = std::make_unique<wire::SubmissionT>();
  ByteArray<32> tag{};
  world_.rng.fill(tag);
  item->counter = counter;
  item->id = wire_pointer(id);
  item->channel = wire_pointer(channel);
  item->epoch = mine.group->epoch();
  item->tag = wire_pointer(tag);
  item->payload =
      mine.group
          ->encrypt(world_.rng, identity::encode_message_header({tag, {mine.chain->seq(), mine.chain->head()}}), as_bytes(text))
          .value();
  return item;
}

MessageId Client::say(const ChannelId& channel, std::string_view text) {
  const MessageId id = MessageId::random(world_.rng);
  outbox.push_back({next_counter++, id, channel, std::string(text), {}});
  wire::SubmitT body;
  body.items.push_back(make_item(channel, id, text, outbox.back().counter));
  if (session_) request(std::move(body));
  return id;
}

void Client::resend() {
  wire::SubmitT body;
  const auto flush = [&] {
    if (!body.items.empty()) request(std::move(body));
    body = {};
  };
  for (const Outgoing& each : outbox) {
    if (!each.frame.empty()) {
      flush();
      transmit(each.frame);
    } else {
      body.items.push_back(make_item(each.channel, each.id, each.text, each.counter));
    }
  }
  flush();
}

void Client::read() {
  while (!inbox_.empty()) {
    const Bytes bytes = std::move(inbox_.front());
    inbox_.pop_front();
    const auto frame = verify_frame(bytes);
    if (!frame.ok()) {
      wrong(std::string("gateway sent ") + frame.error().name);
      continue;
    }
    last_bodies_[(*frame)->body_type()] = bytes;
    switch ((*frame)->body_type()) {
      case wire::Body::LoginReply: {
        const auto* reply = (*frame)->body_as_LoginReply();
        on_accepted(reply->accepted_counter());
        // Positions whose acknowledgement may have been lost.
        for (const auto& [channel, mine] : rooms_) {
          if (mine.chain && mine.chain->seq() > 0) to_acknowledge_.insert(channel);
        }
        if (resending) resend();
        break;
      }
      case wire::Body::Accepted:
        on_accepted((*frame)->body_as_Accepted()->counter());
        break;
      case wire::Body::Rejected:
        on_rejected(*(*frame)->body_as_Rejected());
        break;
      case wire::Body::Deliver:
        on_deliver(*(*frame)->body_as_Deliver());
        break;
      case wire::Body::DeliverWelcome:
        on_welcome(*(*frame)->body_as_DeliverWelcome());
        break;
      case wire::Body::Problem:
        ++problems;
        last_problem_ = error_of(*(*frame)->body_as_Problem()).name;
        break;
      default:
        break;
    }
  }
  if (acknowledging) acknowledge();
}

void Client::acknowledge() {
  wire::AcknowledgeT body;
  for (const ChannelId& channel : to_acknowledge_) {
    Room& mine = rooms_.at(channel);
    mine.acknowledged = mine.chain->seq();
    body.positions.emplace_back(wire_value(channel), mine.acknowledged);
  }
  to_acknowledge_.clear();
  delivered_unacknowledged = 0;
  if (!body.positions.empty()) request(std::move(body));
}

void Client::on_rejected(const wire::Rejected& body) {
  last_problem_ = error_of(*body.problem()).name;
  ++problems;
  if (!resending) return;
  // A lost commit is given up for an ordinary message under the same counter; messages are encrypted anew in the new epoch (S12).
  for (Outgoing& each : outbox) {
    if (each.counter == body.counter() && !each.frame.empty()) {
      pending_commit.reset();
      each.frame.clear();
      each.id = MessageId::random(world_.rng);
      each.text = "instead of the commit that lost";
    }
  }
  resend();
}

void Client::on_deliver(const wire::Deliver& body) {
  for (const wire::ChannelBatch* batch : *body.batches()) {
    const ChannelId channel = field<ChannelId>(batch->channel()).value();
    if (!has_room(channel)) {
      wrong("messages of a channel this device is not in");
      continue;
    }
    Room& mine = room(channel);
    to_acknowledge_.insert(channel);
    if (batch->first_seq() > mine.chain->seq() + 1) wrong("a gap");
    if (batch->first_seq() == mine.chain->seq() + 1 && field(batch->previous()).value() != mine.chain->head()) {
      wrong("previous chain value differs (S15)");
    }
    std::uint64_t seq = batch->first_seq();
    for (const wire::Envelope* envelope : *batch->envelopes()) {
      if (seq <= mine.chain->seq()) {  // redelivered after a reconnect
        ++seq;
        continue;
      }
      const ByteView payload = view_of(envelope->payload());
      log::ChainLink link;
      link.channel = channel;
      link.seq = seq;
      link.envelope_hash = payload.empty() ? field(envelope->payload_hash()).value() : sha256(payload);
      link.account = field<AccountId>(envelope->account()).value();
      link.device = field<DeviceId>(envelope->device()).value();
      link.message = field<MessageId>(envelope->id()).value();
      link.tag = field(envelope->tag()).value();
      link.accepted = {envelope->accepted_ms()};
      if (!mine.chain->append(link).ok()) wrong("not the next sequence number");
      if (!mine.ids.insert(link.message).second) wrong("a message came twice");
      const bool own = link.device == person_.device;
      if (mine.removed) wrong("something behind a removal (S12)");
      if (own && !payload.empty()) wrong("own echo with payload");
      Seen seen{seq, link.message, link.account, {}};
      if (envelope->kind() == wire::EnvelopeKind::commit) {
        on_commit(mine, channel, payload, own);
      } else if (!own && payload.empty()) {
        ++mine.expired;
      } else if (!own && !mine.stuck && !of_earlier_group(mine, payload)) {
        auto message = mine.group->decrypt(payload);
        if (message.ok())
          seen.text = std::string(as_text(message->plaintext.bytes()));
        else
          wrong(std::string("message: ") + message.error().name);
      }
      mine.seen.push_back(seen);
      ++seq;
      ++delivered_unacknowledged;
    }
    if (seq - 1 < mine.chain->seq()) continue;  // nothing new
    const auto signature = field(batch->head_signature()).value();
    if (!log::verify_head(world_.service->hello().head_key, world_.organisation, channel, mine.chain->seq(), mine.chain->head(),
                          signature)
             .ok()) {
      wrong("head signature (S16)");
    }
  }
}

void Client::on_welcome(const wire::DeliverWelcome& body) {
  const ChannelId channel = field<ChannelId>(body.channel()).value();
  if (has_room(channel) && body.seq() <= room(channel).chain->seq()) {
    to_acknowledge_.insert(channel);
    return;
  }
  const auto welcome = mls::decode_message<mls::Welcome>(view_of(body.welcome()));
  if (!welcome.ok() || !package_) return wrong("welcome");
  auto joined = mls::Group::join(*welcome, package_->key_package, package_->secrets, person_.leaf_key, World::psks());
  if (!joined.ok()) return wrong(std::string("join: ") + joined.error().name);
  const Bytes* extension = mls::find_extension(joined->info.extensions, identity::kChainHeadExtension);
  const auto start = identity::decode_chain_position(*extension).value();
  Room& mine = rooms_[channel];
  mine.group = std::move(joined->group);
  mine.stuck = mine.removed = false;
  mine.generation = body.generation();
  ++mine.welcomes;
  mine.chain = log::MessageChain::resume(channel, start.seq, start.head);
  std::uint64_t seq = body.first_link_seq();
  for (const wire::ChainLink* each : *body.links()) {
    log::ChainLink link{channel,
                        seq++,
                        field(each->payload_hash()).value(),
                        field<AccountId>(each->account()).value(),
                        field<DeviceId>(each->device()).value(),
                        field<MessageId>(each->id()).value(),
                        field(each->tag()).value(),
                        {each->accepted_ms()}};
    if (!mine.chain->append(link).ok()) wrong("link");
  }
  if (mine.chain->seq() != body.seq() || mine.group->epoch() != body.epoch()) wrong("welcome position");
  if (!log::verify_head(world_.service->hello().head_key, world_.organisation, channel, body.seq(), mine.chain->head(),
                        field(body.head_signature()).value())
           .ok()) {
    wrong("head signature of the welcome");
  }
  to_acknowledge_.insert(channel);
}

}  // namespace steiger::gateway::testing
