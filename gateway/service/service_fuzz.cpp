// Stateful: the input chooses what a logged-in coach device, a stranger and the clock do. The service may refuse and close, never crash,
// and afterwards the stored chain and audit rows hold.
#include <cstdlib>

#include "gateway/service/testing/world.h"
#include "gateway/service/verify.h"

namespace {

using namespace steiger;
using namespace steiger::gateway;
using namespace steiger::gateway::testing;

// Small choices first, so that most inputs mean something.
class Choices {
 public:
  explicit Choices(ByteView input) : input_(input) {}
  [[nodiscard]] bool empty() const { return input_.empty(); }
  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const std::uint8_t out = input_.front();
    input_ = input_.subspan(1);
    return out;
  }
  Bytes bytes() {
    const std::size_t size = std::min<std::size_t>(byte(), input_.size());
    const Bytes out = to_bytes(input_.first(size));
    input_ = input_.subspan(size);
    return out;
  }

 private:
  ByteView input_;
};

void step(Choices& choices, World& world, Client& coach, Client& stranger, const ChannelId& channel) {
  Client& client = choices.byte() % 4 == 0 ? stranger : coach;
  const auto some_channel = [&] { return wire_pointer(choices.byte() % 4 == 0 ? ChannelId() : channel); };
  const auto counter = [&] { return client.accepted + choices.byte() % 4; };
  const InviteId invite(ByteArray<kIdSize>{static_cast<std::uint8_t>(1 + choices.byte() % 2)});
  const Hash lookup{choices.byte()};
  switch (choices.byte() % 27) {
    case 0: {
      wire::SubmitT body;
      auto item = client.has_room(channel) && choices.byte() % 2 == 0
                      ? client.make_item(channel, MessageId::random(world.rng), "x", counter())
                      : std::make_unique<wire::SubmissionT>();
      if (choices.byte() % 4 == 0) item->payload = choices.bytes();
      if (choices.byte() % 4 == 0) item->epoch = choices.byte();
      if (choices.byte() % 4 == 0) item->channel = some_channel();
      body.items.push_back(std::move(item));
      return client.request(std::move(body));
    }
    case 1: {
      wire::RegisterChannelT body;
      body.counter = counter();
      body.channel = some_channel();
      body.group_info = choices.bytes();
      body.generation = choices.byte() % 3;
      return client.request(std::move(body));
    }
    case 2: {
      if (!client.has_room(channel)) return;
      auto bundle = client.make_bundle(channel, nullptr, counter());
      if (choices.byte() % 2 == 0) bundle.body.commit[choices.byte() % bundle.body.commit.size()] ^= choices.byte();
      if (choices.byte() % 4 == 0) bundle.body.group_info = choices.bytes();
      if (choices.byte() % 4 == 0) bundle.body.welcome = choices.bytes();
      if (choices.byte() % 4 == 0) bundle.body.before.clear();
      client.pending_commit = std::move(bundle.pending);
      return client.request(std::move(bundle.body));
    }
    case 3: {
      wire::AcknowledgeT body;
      body.positions.emplace_back(wire_value(channel), choices.byte());
      return client.request(std::move(body));
    }
    case 4: {
      wire::CreateInviteT body;
      body.id = wire_pointer(invite);
      body.lookup = wire_pointer(lookup);
      body.kind = static_cast<wire::InviteKind>(choices.byte());
      body.expires_ms = (world.clock.now() + std::chrono::minutes(choices.byte())).ms;
      body.terms = choices.bytes();
      body.purpose = static_cast<wire::InvitePurpose>(choices.byte() % 5);
      if (choices.byte() % 2 == 0) body.account = wire_pointer(client.person().account);
      return client.request(std::move(body));
    }
    case 5: {
      wire::RedeemInviteT body;
      body.lookup = wire_pointer(lookup);
      body.proof = choices.bytes();
      return client.request(std::move(body));
    }
    case 6: {
      wire::AcceptInviteT body;
      body.id = wire_pointer(invite);
      body.proof_hash = wire_pointer(sha256(choices.bytes()));
      body.chain = choices.bytes();
      body.sealed = choices.bytes();
      body.lost = choices.byte() % 2 == 0;
      return client.request(std::move(body));
    }
    case 7: {
      wire::RefuseInviteT body;
      body.id = wire_pointer(invite);
      body.proof_hash = wire_pointer(sha256(choices.bytes()));
      return client.request(std::move(body));
    }
    case 8: {
      wire::CancelInviteT body;
      body.id = wire_pointer(invite);
      return client.request(std::move(body));
    }
    case 9: {
      wire::FetchInviteT body;
      body.lookup = wire_pointer(lookup);
      return client.request(std::move(body));
    }
    case 10: {
      wire::LoginT body;
      body.account = wire_pointer(client.person().account);
      body.device = wire_pointer(client.person().device);
      body.signature = wire_pointer(Signature{});
      body.chain = choices.bytes();
      return client.request(std::move(body));
    }
    case 11:
      return client.transmit(choices.bytes(), false);
    case 12:
      client.connect();
      return client.login(choices.byte() % 2 == 0);
    case 13:
      world.clock.advance(std::chrono::minutes(choices.byte()));
      return;
    case 15: {
      wire::StandingT body;
      body.status_list = choices.bytes();
      body.root_successions = choices.bytes();
      return client.request(std::move(body));
    }
    case 16: {
      wire::UpdateChainT body;
      body.chain = choices.byte() % 2 == 0 ? identity::encode_chain(client.person().chain) : choices.bytes();
      if (!body.chain.empty()) body.chain[choices.byte() % body.chain.size()] ^= choices.byte();
      return client.request(std::move(body));
    }
    case 17: {
      wire::PutKeyPackagesT body;
      auto item = std::make_unique<wire::KeyPackageBytesT>();
      item->key_package = mls::encode_key_package_message(client.key_package());
      item->key_package[choices.byte() % item->key_package.size()] ^= choices.byte();
      body.packages.push_back(std::move(item));
      body.last_resort = choices.bytes();
      return client.request(std::move(body));
    }
    case 18: {
      wire::ClaimKeyPackagesT body;
      body.account = wire_pointer(choices.byte() % 2 == 0 ? coach.person().account : stranger.person().account);
      body.relation = static_cast<wire::Relation>(choices.byte() % 6);
      body.channel = some_channel();
      body.evidence = choices.bytes();
      return client.request(std::move(body));
    }
    case 19: {
      wire::HandoverOfferT body;
      body.offer = choices.bytes();
      body.chain = choices.bytes();
      return client.request(std::move(body));
    }
    case 20:
      return world.service->tick();
    case 14:
      client.acknowledging = choices.byte() % 2 == 0;
      return client.read();
    case 21: {
      wire::FetchGroupInfoT body;
      body.channel = some_channel();
      return client.request(std::move(body));
    }
    case 22: {
      wire::NackT body;
      body.nack = choices.bytes();
      return client.request(std::move(body));
    }
    case 23:
      if (!client.has_room(channel)) return;
      return client.nack(channel, choices.byte() % 4, sha256(choices.bytes()));
    case 24: {  // a commit that does more than a path, with a header that says anything
      if (!client.has_room(channel)) return;
      identity::HandshakeHeader header;
      if (choices.byte() % 2 == 0) header.silent = {client.person().device_identity()};
      if (choices.byte() % 2 == 0) header.returned = {stranger.person().device_identity()};
      mls::CommitOptions options;
      if (choices.byte() % 2 == 0) options.adds = {mls::VerifiedKeyPackage::verify(stranger.key_package()).value()};
      if (choices.byte() % 2 == 0) options.psks.push_back(World::invite_psk());
      auto bundle = client.make_bundle(channel, std::move(options), std::move(header), counter());
      client.pending_commit = std::move(bundle.pending);
      return client.request(std::move(bundle.body));
    }
    case 25:
      world.clock.advance(std::chrono::hours(24 * choices.byte()));
      return world.service->tick();
    default:
      return world.executor.run_all();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  World world;
  Person coach_person = world.make_staff();
  Person stranger_person = world.make_jongere(coach_person);
  Client coach(world, coach_person);
  Client stranger(world, stranger_person);
  coach.log_in();
  const ChannelId channel = coach.open_channel();
  world.executor.run_all();
  coach.read();
  coach.resending = stranger.resending = false;
  Choices choices({data, size});
  while (!choices.empty()) step(choices, world, coach, stranger, channel);
  world.executor.run_all();
  if (!verify_channels(*world.store, {channel}).empty() || !verify_audit(*world.store).empty()) std::abort();
  return 0;
}
