// What a device does to a group: opening, changing, falling out of step and coming in again.
#include "crypto/identity/nack.h"
#include "gateway/service/testing/world.h"

namespace steiger::gateway::testing {
namespace {

mls::CreateOptions group_options(World& world, const Person& person, const ChannelId& channel, mls::KeyPackageOptions leaf) {
  Bytes group_id(16);
  world.rng.fill(group_id);
  const identity::ChannelBinding binding{channel, world.organisation, world.service->hello().head_key,
                                         identity::RoomKind::one_to_one};
  return {group_id,
          person.leaf_key.clone(),
          std::move(leaf),
          {{identity::kChannelExtension, identity::encode_channel_binding(binding)}}};
}

}  // namespace

ChannelId Client::open_channel() {
  const ChannelId channel = ChannelId::random(world_.rng);
  auto group = mls::Group::create(world_.rng, group_options(world_, person_, channel, leaf_options()));
  wire::RegisterChannelT body;
  body.counter = next_counter++;
  body.channel = wire_pointer(channel);
  body.group_info = group->group_info({}).value();
  Room& room = rooms_[channel];
  room.group = std::move(*group);
  room.chain = log::MessageChain::begin(channel);
  const std::uint64_t counter = body.counter;
  const Bytes frame = encode_frame(++last_request_, std::move(body));
  outbox.push_back({counter, {}, channel, {}, frame});
  transmit(frame);
  return channel;
}

void Client::open_generation(const ChannelId& channel, std::uint32_t generation) {
  auto group = mls::Group::create(world_.rng, group_options(world_, person_, channel, leaf_options()));
  wire::RegisterChannelT body;
  body.counter = next_counter++;
  body.channel = wire_pointer(channel);
  body.group_info = group->group_info({}).value();
  body.generation = generation;
  room(channel).next_group = std::move(*group);
  const std::uint64_t counter = body.counter;
  const Bytes frame = encode_frame(++last_request_, std::move(body));
  outbox.push_back({counter, {}, channel, {}, frame});
  transmit(frame);
}

Client::Bundle Client::make_bundle(const ChannelId& channel, Client* other, std::uint64_t counter) {
  mls::CommitOptions options;
  if (other != nullptr) {
    options.adds = {mls::VerifiedKeyPackage::verify(other->key_package()).value()};
    options.psks.push_back(World::invite_psk());
  }
  return make_bundle(channel, std::move(options), {}, counter);
}

Client::Bundle Client::make_bundle(const ChannelId& channel, mls::CommitOptions options, identity::HandshakeHeader header,
                                   std::uint64_t counter) {
  Room& mine = room(channel);
  header.processed = {mine.chain->seq(), mine.chain->head()};
  options.authenticated_data = identity::encode_handshake_header(header);
  options.group_info_extensions = {{identity::kChainHeadExtension, identity::encode_chain_position(header.processed)}};
  options.now = world_.clock.now();
  wire::SubmitCommitT body;
  body.counter = counter;
  body.id = wire_pointer(MessageId::random(world_.rng));
  body.channel = wire_pointer(channel);
  body.epoch = mine.group->epoch();
  const auto before = make_item(channel, MessageId::random(world_.rng), "before", 0);
  auto item = std::make_unique<wire::BeforeT>();
  item->id = std::make_unique<wire::Id16>(*before->id);
  item->tag = std::make_unique<wire::Bytes32>(*before->tag);
  item->payload = before->payload;
  body.before.push_back(std::move(item));
  auto pending = mine.group->commit(world_.rng, options);
  body.commit = pending->commit;
  if (pending->welcome) body.welcome = *pending->welcome;
  body.group_info = pending->group_info;
  body.links_from = mine.chain->seq();
  return {channel, std::move(*pending), std::move(body)};
}

void Client::send_bundle(Bundle bundle) {
  pending_commit = std::move(bundle.pending);
  const std::uint64_t counter = bundle.body.counter;
  const Bytes frame = encode_frame(++last_request_, std::move(bundle.body));
  outbox.push_back({counter, {}, bundle.channel, {}, frame});
  transmit(frame);
}

void Client::add(const ChannelId& channel, Client& other) {
  send_bundle(make_bundle(channel, &other, next_counter++));
}

void Client::commit(const ChannelId& channel, mls::CommitOptions options, identity::HandshakeHeader header) {
  send_bundle(make_bundle(channel, std::move(options), std::move(header), next_counter++));
}

void Client::remove(const ChannelId& channel, Client& other, identity::HandshakeHeader header) {
  mls::CommitOptions options;
  options.removes = {other.room(channel).group->own_leaf()};
  commit(channel, std::move(options), std::move(header));
}

void Client::fetch_group_info(const ChannelId& channel) {
  wire::FetchGroupInfoT body;
  body.channel = wire_pointer(channel);
  request(std::move(body));
}

void Client::resync(const ChannelId& channel) {
  const auto current = last<wire::CurrentGroupInfoT>(wire::Body::CurrentGroupInfo);
  Room& mine = room(channel);
  const identity::ChainPosition processed{mine.chain->seq(), mine.chain->head()};
  mls::ExternalJoinOptions options{person_.leaf_key.clone(), leaf_options(), mine.group->own_leaf()};
  options.authenticated_data = identity::encode_handshake_header({processed, {}});
  options.group_info_extensions = {{identity::kChainHeadExtension, identity::encode_chain_position(processed)}};
  auto pending = mls::Group::join_externally(world_.rng, current->group_info, std::move(options));
  if (!pending.ok()) return wrong(std::string("external join: ") + pending.error().name);
  wire::SubmitCommitT body;
  body.counter = next_counter++;
  body.id = wire_pointer(MessageId::random(world_.rng));
  body.channel = wire_pointer(channel);
  body.epoch = current->epoch;
  body.commit = pending->commit;
  body.group_info = pending->group_info;
  resyncing = true;
  send_bundle({channel, std::move(*pending), std::move(body)});
}

void Client::nack(const ChannelId& channel, std::uint64_t epoch, const Hash& commit) {
  identity::Nack nack;
  nack.organisation = world_.organisation;
  nack.channel = channel;
  nack.group_id = to_bytes(room(channel).group->group_id());
  nack.epoch = epoch;
  nack.commit = commit;
  nack.reason = identity::NackReason::unknown_psk;
  nack.account = person_.account;
  nack.device = person_.device;
  wire::NackT body;
  body.nack = identity::encode_nack(identity::sign_nack(person_.leaf_key, std::move(nack)).value());
  request(std::move(body));
}

void Client::on_accepted(std::uint64_t counter) {
  accepted = counter;
  for (; !outbox.empty() && outbox.front().counter <= accepted; outbox.pop_front()) {
    Room& mine = rooms_[outbox.front().channel];
    if (!mine.next_group || outbox.front().frame.empty()) continue;
    mine.group = std::move(*mine.next_group);
    mine.next_group.reset();
    mine.stuck = false;
    ++mine.generation;
  }
}

bool Client::of_earlier_group(const Room& mine, ByteView payload) {
  if (mine.generation == 0) return false;
  const ByteView group_id = mine.group->group_id();
  if (const auto handshake = mls::decode_message<mls::PublicMessage>(payload); handshake.ok()) {
    return !equal(handshake->content.group_id, group_id);
  }
  const auto message = mls::decode_message<mls::PrivateMessage>(payload);
  return message.ok() && !equal(message->group_id, group_id);
}

void Client::on_commit(Room& mine, const ChannelId& channel, ByteView payload, bool own) {
  if (own) {
    if (!pending_commit) return wrong("a commit of ours that we do not know");
    mine.group = std::move(pending_commit->next);
    pending_commit.reset();
    mine.stuck = resyncing = false;
    return;
  }
  if (payload.empty()) return wrong("a handshake without its payload");
  mine.last_commit = to_bytes(payload);
  if (of_earlier_group(mine, payload)) return;
  if (mine.stuck) {
    // On the way to its own external commit it sees what it missed.
    if (!resyncing) wrong("something behind a NACK (S11)");
    return;
  }
  auto result = mine.group->handle_commit(payload, World::psks(has_secret_psk));
  if (!result.ok() && nacking && result.error() == mls::kUnknownPsk) {
    mine.stuck = true;
    return nack(channel, mine.group->epoch(), sha256(payload));
  }
  if (!result.ok()) return wrong(std::string("commit: ") + result.error().name);
  mine.group = std::move(result->next);
  mine.removed = mine.group->end() == mls::GroupEnd::removed;
}

}  // namespace steiger::gateway::testing
