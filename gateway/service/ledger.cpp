#include "gateway/service/ledger.h"

#include <algorithm>

#include "crypto/base/labels.h"
#include "crypto/log/chain.h"
#include "crypto/mls/public_group.h"

namespace steiger::gateway {

Ledger::Ledger(const ServiceOptions& options, StoreIdentity identity, Store& store, const Clock& clock)
    : options_(options), identity_(std::move(identity)), store_(store), clock_(clock) {}
Ledger::~Ledger() = default;

BatchResult Ledger::run(std::vector<Command> commands) {
  result_ = {};
  now_ = clock_.now();
  for (const Command& command : commands) {
    const bool read =
        std::holds_alternative<ReadCommand>(command.body) || std::holds_alternative<ReadProofsCommand>(command.body);
    const bool unasked = read || std::holds_alternative<AcknowledgeCommand>(command.body) ||
                         std::holds_alternative<AskStandingCommand>(command.body) ||
                         std::holds_alternative<LapseCommand>(command.body) || std::holds_alternative<CloseCommand>(command.body);
    result_.settled.push_back({command.session, command.weight, read, command.weight == 0 && !unasked});
  }
  auto done = store_.begin();
  for (std::size_t i = 0; done.ok() && i < commands.size(); ++i) done = execute(commands[i]);
  if (done.ok()) done = flush();
  if (done.ok()) done = deferred_reads();
  if (done.ok()) done = store_.commit();
  if (!done.ok()) {
    store_.rollback();
    forget_caches();
    // Their sessions are told and closed; what they had established in this batch is void.
    for (const Command& command : commands) {
      const auto stream = streams_.find(command.session);
      if (stream == streams_.end()) continue;
      const auto live = live_.find(stream->second.device);
      if (live != live_.end() && live->second == command.session) live_.erase(live);
      streams_.erase(stream);
    }
    BatchResult failed;
    failed.failure = done.error();
    failed.settled = std::move(result_.settled);
    return failed;
  }
  collect();
  if (channels_.size() > kMaxCachedChannels || devices_.size() > kMaxCachedDevices) forget_caches();
  return std::move(result_);
}

Result<void> Ledger::execute(Command& command) {
  return std::visit([&](auto& body) { return on(command, body); }, command.body);
}

// One call for all that was relayed, with one audit record: the root over the (channel, head) pairs, no counts, no names (S24).
Result<void> Ledger::flush() {
  RelayBatch relay;
  AcknowledgeBatch acknowledged;
  std::vector<Channel*> heads;
  for (Channel* channel : touched_) {
    if (!channel->pending.empty()) {
      RelayBatch::Appended appended{channel->row.number, {}};
      appended.messages.reserve(channel->pending.size());
      for (const MessageRow& message : channel->pending) appended.messages.push_back(&message);
      relay.appended.push_back(std::move(appended));
    }
    if (channel->head_dirty) heads.push_back(channel);
    if (!channel->positions_dirty) continue;
    std::uint64_t everybody = kMaxSeq;
    for (Member& member : channel->members) {
      everybody = std::min(everybody, member.row.acknowledged_seq);
      if (member.dirty) {
        acknowledged.positions.push_back({channel->row.number, member.row.device, member.row.acknowledged_seq});
      }
    }
    if (everybody > channel->row.dropped_seq) {
      acknowledged.drops.push_back({channel->row.number, channel->row.dropped_seq, everybody});
      channel->row.dropped_seq = everybody;
    }
  }
  for (Device* device : counted_) relay.counters.push_back({device->row.device, device->row.accepted_counter});
  if (!heads.empty() || !relay.counters.empty()) {
    std::sort(heads.begin(), heads.end(), [](const Channel* a, const Channel* b) { return a->row.channel < b->row.channel; });
    Writer root;
    root.opaque(labels::kRelayBatch);
    for (const Channel* channel : heads) {
      relay.heads.push_back(&channel->row);
      root.fixed(channel->row.channel.bytes()).fixed(channel->row.head);
    }
    STEIGER_CHECK(store_.append(relay, event("relay.batch", {{"root", to_hex(sha256(root.view()))}})));
  }
  if (!acknowledged.positions.empty()) STEIGER_CHECK(store_.acknowledge(acknowledged));
  return {};
}

// After flush: what they read includes this batch, and nobody hears of it before the commit.
Result<void> Ledger::deferred_reads() {
  for (Deferred& deferred : deferred_) {
    AnswerBody& answer = result_.answers[deferred.answer].body;
    if (auto* login = std::get_if<LoggedIn>(&answer); login != nullptr) {
      STEIGER_CHECK(complete_login(*login));
      STEIGER_TRY(const auto channels, store_.channels_of(login->device));
      for (const ChannelId& id : channels) {
        STEIGER_TRY(Channel * known, channel(id));
        if (known == nullptr) return kStoreCorrupt;
        const Member* member = known->find(login->device);
        if (member == nullptr) return kStoreCorrupt;
        login->channels.push_back({id, known->row.epoch, known->row.head_seq, member->row.acknowledged_seq});
      }
      continue;
    }
    const auto& read = std::get<ReadCommand>(deferred.command.body);
    STEIGER_TRY(Channel * known, channel(read.channel));
    const Stream* stream = stream_of(deferred.command);
    if (stream == nullptr) {
      answer = Broken{kReplaced};
      continue;
    }
    const Member* member = known == nullptr ? nullptr : known->find(stream->device);
    PortionRead out{read.channel, {}, {}};
    // Overtaken by this device's own acknowledgement, which may have dropped what was asked for: the lane is past it already.
    if (member != nullptr && read.from <= member->row.acknowledged_seq) {
      answer = std::move(out);
      continue;
    }
    if (member != nullptr && read.from != 0 && read.from == member->row.joined_seq) {
      STEIGER_TRY(auto welcome, store_.welcome(known->row.number, read.from));
      if (welcome) {
        WelcomePortion portion{read.channel, std::move(*welcome), {}, {}};
        const std::uint64_t links = portion.welcome.seq - portion.welcome.first_link_seq + 1;
        STEIGER_TRY(portion.links, store_.messages(known->row.number, portion.welcome.first_link_seq,
                                                   {.max_messages = static_cast<std::size_t>(links), .with_payload = false}));
        if (portion.links.size() == links) {
          portion.head_signature = sign_head(read.channel, portion.welcome.seq, portion.links.back().chain);
          out.welcome = std::move(portion);
        }
      }
    } else if (member != nullptr) {
      ChannelPortion portion;
      portion.channel = read.channel;
      portion.first_seq = read.from;
      portion.previous = log::chain_start(read.channel);
      if (read.from > 1) {
        STEIGER_TRY(const auto before,
                    store_.messages(known->row.number, read.from - 1, {.max_messages = 1, .with_payload = false}));
        if (before.empty()) return kStoreCorrupt;
        portion.previous = before.front().chain;
      }
      STEIGER_TRY(portion.messages,
                  store_.messages(known->row.number, read.from, {.max_messages = read.max_messages, .max_bytes = kMaxReadBytes}));
      if (!portion.messages.empty()) {
        portion.head_signature = sign_head(read.channel, portion.messages.back().seq, portion.messages.back().chain);
        out.portion = std::move(portion);
      }
    }
    // Only a damaged store has nothing where the head says there is something: this session ends, the others go on.
    if (!out.welcome && !out.portion) {
      answer = Broken{kStorageFailed};
    } else {
      answer = std::move(out);
    }
  }
  return {};
}

// After the commit: the batch becomes what the service hands out; the caches are clean again.
void Ledger::collect() {
  for (Channel* channel : touched_) {
    if (!channel->pending.empty()) {
      ChannelPortion portion;
      portion.channel = channel->row.channel;
      portion.first_seq = channel->pending.front().seq;
      portion.previous = channel->previous;
      portion.messages = std::move(channel->pending);
      for (const MessageRow& message : portion.messages) {
        portion.payload_bytes += message.payload ? message.payload->size() : 0;
      }
      portion.head_signature = sign_head(portion.channel, channel->row.head_seq, channel->row.head);
      result_.appended.push_back(std::move(portion));
    }
    channel->pending.clear();
    channel->head_dirty = channel->positions_dirty = channel->listed = false;
    for (Member& member : channel->members) member.dirty = false;
  }
  for (const DeviceId& device : ended_) {
    const auto live = live_.find(device);
    if (live == live_.end()) continue;
    streams_.erase(live->second);
    live_.erase(live);
  }
  ended_.clear();
  for (Device* device : counted_) device->dirty = false;
  touched_.clear();
  counted_.clear();
  deferred_.clear();
  last_accepted_.clear();
}

void Ledger::forget_caches() {
  ended_.clear();
  touched_.clear();
  counted_.clear();
  deferred_.clear();
  last_accepted_.clear();
  channels_.clear();
  devices_.clear();
  trust_.reset();
  standing_.reset();
}

Ledger::Stream* Ledger::stream_of(const Command& command) {
  const auto stream = streams_.find(command.session);
  if (stream == streams_.end() || ended_.count(stream->second.device) != 0) return nullptr;
  const auto live = live_.find(stream->second.device);
  return live != live_.end() && live->second == command.session ? &stream->second : nullptr;
}

Ledger::Member* Ledger::Channel::find(const DeviceId& device) {
  for (Member& member : members) {
    if (member.row.device == device) return &member;
  }
  return nullptr;
}

Result<Ledger::Channel*> Ledger::channel(const ChannelId& id) {
  const auto cached = channels_.find(id);
  if (cached != channels_.end()) return &cached->second;
  STEIGER_TRY(auto row, store_.channel(id));
  if (!row) return static_cast<Channel*>(nullptr);
  STEIGER_TRY(auto members, store_.members(row->number));
  Channel loaded;
  loaded.row = std::move(*row);
  for (MemberRow& member : members) loaded.members.push_back({std::move(member), false});
  return &channels_.emplace(id, std::move(loaded)).first->second;
}

Result<Ledger::Device*> Ledger::device(const DeviceId& id) {
  const auto cached = devices_.find(id);
  if (cached != devices_.end()) return &cached->second;
  STEIGER_TRY(auto row, store_.device(id));
  if (!row) return static_cast<Device*>(nullptr);
  STEIGER_TRY(const auto account, store_.account(row->account));
  if (!account) return kStoreCorrupt;
  return &devices_.emplace(id, Device{std::move(*row), account->role, false}).first->second;
}

void Ledger::touch(Channel& channel) {
  if (channel.listed) return;
  channel.listed = true;
  channel.previous = channel.row.head;
  touched_.push_back(&channel);
}

void Ledger::answer(const Command& command, AnswerBody body) {
  last_accepted_.erase(command.session);
  result_.answers.push_back({command.session, command.request, std::move(body)});
}

void Ledger::accept(const Command& command, std::uint64_t counter) {
  const auto last = last_accepted_.find(command.session);
  if (last != last_accepted_.end()) {
    Answer& merged = result_.answers[last->second];
    merged.request = command.request;
    std::get<AcceptedUpTo>(merged.body).counter = counter;
    return;
  }
  result_.answers.push_back({command.session, command.request, AcceptedUpTo{counter}});
  last_accepted_[command.session] = result_.answers.size() - 1;
}

Signature Ledger::sign_head(const ChannelId& channel, std::uint64_t seq, const Hash& head) const {
  return log::sign_head(identity_.head_key, identity_.organisation, channel, seq, head);
}

AuditEvent Ledger::event(const char* name, std::vector<std::pair<const char*, std::string>> fields) const {
  return {name, now_, std::move(fields)};
}

}  // namespace steiger::gateway
