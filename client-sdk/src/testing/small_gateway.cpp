#include "client-sdk/src/testing/small_gateway.h"

#include <algorithm>

#include "crypto/identity/channel.h"
#include "crypto/identity/login.h"

namespace steiger::sdk::testing {

using gateway::field;
using gateway::view_of;
using gateway::wire_pointer;

SmallGateway::SmallGateway(Scheduler& scheduler, identity::OrganisationPublic organisation, std::string origin,
                           std::uint64_t seed)
    : scheduler_(scheduler),
      organisation_(std::move(organisation)),
      origin_(std::move(origin)),
      rng_(seed),
      head_key_(SigningKey::generate(rng_)) {}

void SmallGateway::opened(std::uint64_t connection, std::function<void(Bytes)> send, std::function<void()> close) {
  connections_[connection].send = std::move(send);
  connections_[connection].close = std::move(close);
}

void SmallGateway::closed(std::uint64_t connection) {
  connections_.erase(connection);
}

void SmallGateway::fatal(Connection& to, const Error& error) {
  to.send(gateway::problem_frame(0, error, true));
  to.close();
}

void SmallGateway::refuse(Connection& to, std::uint64_t request, const Error& error) {
  to.send(gateway::problem_frame(request, error, false));
}

void SmallGateway::reject(Connection& to, std::uint64_t counter, const Error& error) {
  deliver_all();  // S12: what made it stale comes first
  to.rejected_at = counter;
  wire::RejectedT out;
  out.counter = counter;
  out.problem = std::make_unique<wire::ProblemT>(gateway::problem_of(error, false));
  answer(to, 0, std::move(out));
}

void SmallGateway::received(std::uint64_t connection, const Bytes& bytes) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  Connection& from = found->second;
  const auto verified = gateway::verify_frame(bytes);
  if (!verified.ok()) return fatal(from, verified.error());
  const wire::Frame& frame = **verified;
  if (frame.body_type() == wire::Body::Hello) {
    from.greeted = true;
    rng_.fill(from.nonce);
    wire::HelloReplyT reply;
    reply.version = 1;
    reply.organisation = wire_pointer(organisation_.id);
    reply.incarnation = std::make_unique<wire::Id16>();
    reply.nonce = wire_pointer(from.nonce);
    reply.head_key = wire_pointer(head_key_.verify_key());
    reply.time_ms = scheduler_.now.ms;
    reply.limits = std::make_unique<wire::LimitsT>();
    reply.limits->max_outstanding = 16;
    reply.limits->max_items_per_frame = 8;
    return answer(from, frame.request(), std::move(reply));
  }
  if (!from.greeted) return fatal(from, gateway::kWrongState);
  if (frame.body_type() == wire::Body::Ping) return answer(from, frame.request(), wire::PongT());
  if (frame.body_type() == wire::Body::FetchInvite || frame.body_type() == wire::Body::RedeemInvite) {
    return invite_request(from, frame.request(), frame);
  }
  if (const auto* login = frame.body_as_Login()) return on_login(from, frame.request(), *login);
  if (!from.account) return fatal(from, gateway::kWrongState);
  switch (frame.body_type()) {
    case wire::Body::Submit:
      for (const auto* item : *frame.body_as_Submit()->items()) on_submission(from, *item);
      break;
    case wire::Body::RegisterChannel:
      on_register(from, *frame.body_as_RegisterChannel());
      break;
    case wire::Body::SubmitCommit:
      on_commit(from, *frame.body_as_SubmitCommit());
      break;
    case wire::Body::Acknowledge:
      for (const auto* position : *frame.body_as_Acknowledge()->positions()) {
        auto& mine = channels_[*field<ChannelId>(&position->channel())].position[from.device];
        mine = std::max(mine, position->seq());
      }
      break;
    default:
      return invite_request(from, frame.request(), frame);
  }
  deliver_all();
}

void SmallGateway::on_login(Connection& from, std::uint64_t request, const wire::Login& login) {
  const auto account = *field<AccountId>(login.account());
  const auto device = *field<DeviceId>(login.device());
  if (const ByteView bytes = view_of(login.chain()); !bytes.empty() && accounts_.count(account) == 0) {
    const auto chain = identity::decode_chain(bytes);
    if (!chain.ok()) return fatal(from, gateway::kBadLogin);
    const auto verified = identity::verify_chain(*chain, organisation_.root_key, organisation_.id, scheduler_.now);
    if (!verified.ok() || verified->account != account) return fatal(from, gateway::kBadLogin);
    accounts_[account] = {*chain, to_bytes(bytes)};
  }
  const auto known = accounts_.find(account);
  const auto* listed = known == accounts_.end() ? nullptr : known->second.chain.device_list.find(device);
  if (listed == nullptr) return fatal(from, gateway::kUnknownDevice);
  const identity::LoginChallenge challenge{origin_, organisation_.id, from.nonce, account, device};
  if (!identity::verify_login(listed->leaf_key, challenge, *field(login.signature())).ok())
    return fatal(from, gateway::kBadLogin);
  for (auto& [id, other] : connections_) {
    if (&other == &from || !other.account || other.device != device) continue;
    other.account.reset();
    fatal(other, gateway::kReplaced);
  }
  from.account = account;
  from.device = device;
  wire::LoginReplyT reply;
  reply.accepted_counter = counters_[device];
  for (const auto& [id, channel] : channels_) {
    const auto position = channel.position.find(device);
    if (position == channel.position.end()) continue;
    auto state = std::make_unique<wire::ChannelStateT>();
    state->channel = wire_pointer(id);
    state->epoch = channel.group->epoch();
    state->head_seq = channel.log.size();
    state->acknowledged_seq = position->second;
    reply.channels.push_back(std::move(state));
  }
  answer(from, request, std::move(reply));
  push_proofs(from);
  deliver_all();
}

bool SmallGateway::take_counter(Connection& from, std::uint64_t counter) {
  const std::uint64_t have = counters_[from.device];
  if (counter <= have) {
    accepted(from, have);
    return false;
  }
  if (from.rejected_at != 0 && counter > from.rejected_at) return false;
  if (counter != have + 1) {
    fatal(from, gateway::kCounterGap);
    return false;
  }
  from.rejected_at = 0;
  return true;
}

void SmallGateway::accepted(Connection& from, std::uint64_t counter) {
  counters_[from.device] = counter;
  wire::AcceptedT out;
  out.counter = counter;
  answer(from, 0, std::move(out));
}

void SmallGateway::on_submission(Connection& from, const wire::Submission& item) {
  if (!take_counter(from, item.counter())) return;
  const auto id = *field<ChannelId>(item.channel());
  const auto found = channels_.find(id);
  if (found == channels_.end()) return reject(from, item.counter(), gateway::kUnknownChannel);
  if (found->second.position.count(from.device) == 0) return reject(from, item.counter(), gateway::kNotAMember);
  if (item.epoch() != found->second.group->epoch()) return reject(from, item.counter(), gateway::kStaleEpoch);
  if (refuse_submission) {
    if (const auto error = refuse_submission()) return reject(from, item.counter(), *error);
  }
  accepted(from, item.counter());
  store(found->second, id,
        {*field<MessageId>(item.id()),
         wire::EnvelopeKind::application,
         item.epoch(),
         *from.account,
         from.device,
         *field(item.tag()),
         0,
         to_bytes(view_of(item.payload())),
         item.counter(),
         {}});
}

void SmallGateway::on_register(Connection& from, const wire::RegisterChannel& item) {
  if (!take_counter(from, item.counter())) return;
  auto group = mls::PublicGroup::register_from(view_of(item.group_info()));
  if (!group.ok()) return reject(from, item.counter(), gateway::kBadBundle);
  ChannelData& channel = channels_[*field<ChannelId>(item.channel())];
  channel.group.emplace(std::move(group).value());
  channel.position[from.device] = 0;
  accepted(from, item.counter());
}

void SmallGateway::on_commit(Connection& from, const wire::SubmitCommit& item) {
  if (!take_counter(from, item.counter())) return;
  const auto id = *field<ChannelId>(item.channel());
  const auto found = channels_.find(id);
  if (found == channels_.end()) return reject(from, item.counter(), gateway::kUnknownChannel);
  ChannelData& channel = found->second;
  if (item.epoch() != channel.group->epoch()) return reject(from, item.counter(), gateway::kStaleEpoch);
  std::optional<Bytes> welcome;
  if (item.welcome() != nullptr) welcome = to_bytes(view_of(item.welcome()));
  auto checked = channel.group->check_bundle(view_of(item.commit()), welcome, view_of(item.group_info()));
  if (!checked.ok()) return reject(from, item.counter(), gateway::kBadBundle);
  for (const auto& added : checked->added) {
    const auto device = identity::decode_credential(checked->next.tree().leaf(added.leaf)->credential.identity);
    if (!device.ok() || accounts_.count(device->account) == 0) return reject(from, item.counter(), gateway::kUnknownMember);
  }
  accepted(from, item.counter());
  if (item.before() != nullptr) {
    for (const auto* before : *item.before()) {
      store(channel, id,
            {*field<MessageId>(before->id()),
             wire::EnvelopeKind::application,
             item.epoch(),
             *from.account,
             from.device,
             *field(before->tag()),
             0,
             to_bytes(view_of(before->payload())),
             item.counter(),
             {}});
    }
  }
  store(channel, id,
        {*field<MessageId>(item.id()),
         wire::EnvelopeKind::commit,
         item.epoch(),
         *from.account,
         from.device,
         {},
         0,
         to_bytes(view_of(item.commit())),
         item.counter(),
         {}});
  for (const auto& added : checked->added) {
    const auto device = identity::decode_credential(checked->next.tree().leaf(added.leaf)->credential.identity);
    channel.position[device->device] = channel.log.size() - 1;
    channel.welcomes[device->device] = {channel.log.size(), checked->next.epoch(), item.links_from(), *welcome};
  }
  channel.group.emplace(std::move(checked->next));
}

void SmallGateway::store(ChannelData& channel, const ChannelId& id, Stored item) {
  item.accepted_ms = scheduler_.now.ms;
  const log::ChainLink link{id,       channel.log.size() + 1, sha256(item.payload), item.account, item.device, item.id,
                            item.tag, {item.accepted_ms}};
  item.head = log::chain_next(channel.log.empty() ? log::chain_start(id) : channel.log.back().head, link);
  channel.log.push_back(std::move(item));
}

void SmallGateway::deliver_all() {
  for (auto& [connection_id, connection] : connections_) {
    if (!connection.account) continue;
    for (auto& [id, channel] : channels_) {
      if (channel.position.count(connection.device) != 0) deliver(connection, id, channel);
    }
  }
}

void SmallGateway::deliver(Connection& to, const ChannelId& id, ChannelData& channel) {
  auto& sent = to.delivered.try_emplace(id, channel.position[to.device]).first->second;
  const auto head_signature = [&](std::uint64_t seq) {
    return wire_pointer(log::sign_head(head_key_, organisation_.id, id, seq, channel.log[seq - 1].head));
  };
  if (const auto welcome = channel.welcomes.find(to.device);
      welcome != channel.welcomes.end() && sent + 1 == welcome->second.seq) {
    wire::DeliverWelcomeT out;
    out.channel = wire_pointer(id);
    out.seq = welcome->second.seq;
    out.epoch = welcome->second.epoch;
    out.welcome = welcome->second.bytes;
    out.first_link_seq = welcome->second.links_from + 1;
    for (std::uint64_t seq = out.first_link_seq; seq <= out.seq; ++seq) {
      const Stored& item = channel.log[seq - 1];
      auto link = std::make_unique<wire::ChainLinkT>();
      link->id = wire_pointer(item.id);
      link->account = wire_pointer(item.account);
      link->device = wire_pointer(item.device);
      link->tag = wire_pointer(item.tag);
      link->accepted_ms = item.accepted_ms;
      link->payload_hash = wire_pointer(sha256(item.payload));
      out.links.push_back(std::move(link));
    }
    out.head_signature = head_signature(out.seq);
    sent = out.seq;
    answer(to, 0, std::move(out));
  }
  if (sent >= channel.log.size()) return;
  auto batch = std::make_unique<wire::ChannelBatchT>();
  batch->channel = wire_pointer(id);
  batch->first_seq = sent + 1;
  batch->previous = wire_pointer(sent == 0 ? log::chain_start(id) : channel.log[sent - 1].head);
  while (sent < channel.log.size()) {
    const Stored& item = channel.log[sent++];
    auto envelope = std::make_unique<wire::EnvelopeT>();
    envelope->id = wire_pointer(item.id);
    envelope->kind = item.kind;
    envelope->epoch = item.epoch;
    envelope->account = wire_pointer(item.account);
    envelope->device = wire_pointer(item.device);
    envelope->tag = wire_pointer(item.tag);
    envelope->accepted_ms = item.accepted_ms;
    if (item.device == to.device) {
      envelope->payload_hash = wire_pointer(sha256(item.payload));
      envelope->counter = item.counter;
    } else {
      envelope->payload = item.payload;
    }
    batch->envelopes.push_back(std::move(envelope));
  }
  batch->head_signature = head_signature(sent);
  wire::DeliverT out;
  out.batches.push_back(std::move(batch));
  answer(to, 0, std::move(out));
}

void SmallGateway::rewind(std::size_t count) {
  for (auto& [id, channel] : channels_) {
    const std::size_t drop = std::min(count, channel.log.size());
    channel.log.resize(channel.log.size() - drop);
    for (auto& [connection_id, connection] : connections_) {
      const auto sent = connection.delivered.find(id);
      if (sent != connection.delivered.end()) sent->second = std::min<std::uint64_t>(sent->second, channel.log.size());
    }
  }
}

bool SmallGateway::commit_as(const AccountId& account, const DeviceId& device, const ChannelId& channel, const Bytes& commit,
                             const Bytes& group_info) {
  ChannelData& data = channels_[channel];
  auto checked = data.group->check_bundle(commit, std::nullopt, group_info);
  if (!checked.ok()) return false;
  store(data, channel,
        {MessageId::random(rng_), wire::EnvelopeKind::commit, data.group->epoch(), account, device, {}, 0, commit, 0, {}});
  data.group.emplace(std::move(checked->next));
  return true;
}

void SmallGateway::message_as(const AccountId& account, const DeviceId& device, const ChannelId& channel, const MessageId& id,
                              const ByteArray<32>& tag, const Bytes& payload) {
  ChannelData& data = channels_[channel];
  store(data, channel, {id, wire::EnvelopeKind::application, data.group->epoch(), account, device, tag, 0, payload, 0, {}});
  deliver_all();
}

Bytes SmallGateway::payload(const ChannelId& channel, std::uint64_t seq) {
  return channels_[channel].log[seq - 1].payload;
}

std::uint64_t SmallGateway::acknowledged(const DeviceId& device, const ChannelId& channel) {
  return channels_[channel].position[device];
}

}  // namespace steiger::sdk::testing
