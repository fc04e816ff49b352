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
                         std::holds_alternative<LapseCommand>(command.body) ||
                         std::holds_alternative<AskTasksCommand>(command.body) ||
                         std::holds_alternative<SweepCommand>(command.body) || std::holds_alternative<CloseCommand>(command.body);
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
    for (const Member& member : channel->members) {
      const MemberRow& stay = member.row;
      if (member.gone) {
        acknowledged.gone.push_back({channel->row.number, stay.device, stay.joined_seq});
        continue;
      }
      everybody = std::min(everybody, stay.acknowledged_seq);
      if (member.dirty) {
        acknowledged.positions.push_back({channel->row.number, stay.device, stay.joined_seq, stay.acknowledged_seq});
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
  acknowledged.seen = seen_;
  if (!acknowledged.positions.empty() || !acknowledged.gone.empty() || !acknowledged.seen.empty()) {
    STEIGER_CHECK(store_.acknowledge(acknowledged));
  }
  return {};
}

// After flush: what they read includes this batch, and nobody hears of it before the commit.
Result<void> Ledger::deferred_reads() {
  for (Deferred& deferred : deferred_) {
    AnswerBody& answer = result_.answers[deferred.answer].body;
    if (auto* login = std::get_if<LoggedIn>(&answer); login != nullptr) {
      STEIGER_CHECK(complete_login(*login));
      STEIGER_CHECK(read_standings(*login));
      continue;
    }
    const Stream* stream = stream_of(deferred.command);
    if (stream == nullptr) {
      answer = Broken{kReplaced};
    } else if (auto* tasks = std::get_if<TasksFound>(&answer); tasks != nullptr) {
      STEIGER_TRY(tasks->tasks, tasks_for(stream->device));
    } else {
      STEIGER_CHECK(read_portion(*stream, std::get<ReadCommand>(deferred.command.body), answer));
    }
  }
  return {};
}

Result<void> Ledger::read_standings(LoggedIn& login) {
  STEIGER_TRY(const auto channels, store_.channels_of(login.device));
  for (const ChannelId& id : channels) {
    STEIGER_TRY(Channel * known, channel(id));
    if (known == nullptr) return kStoreCorrupt;
    const Member* stay = known->stay_at(login.device, 0);
    const Member* newest = known->newest(login.device);
    if (stay == nullptr) return kStoreCorrupt;
    ChannelStanding out{id, known->row.epoch, known->row.head_seq, stay->row.acknowledged_seq, known->row.generation};
    const MemberRow& last = newest->row;
    if (!last.in_roster()) {
      out.head_seq = out.limit = last.removed_seq;
    } else if (last.nacked_seq != 0) {
      out.limit = last.nacked_seq;
    }
    login.channels.push_back(out);
    STEIGER_TRY(auto nacks, nacks_for(*known, login.device));
    for (Bytes& nack : nacks) login.nacks.push_back(std::move(nack));
  }
  STEIGER_TRY(login.tasks, tasks_for(login.device));
  STEIGER_TRY(login.undelivered, store_.undelivered(login.device));
  if (login.undelivered.empty()) return {};
  return store_.told_undelivered(login.device, now_, now_ - kUndeliveredRepeat);
}

Result<void> Ledger::read_portion(const Stream& stream, const ReadCommand& read, AnswerBody& answer) {
  STEIGER_TRY(Channel * known, channel(read.channel));
  Member* member = known == nullptr ? nullptr : known->stay_at(stream.device, read.from);
  PortionRead out{read.channel, read.from, {}, {}};
  // Overtaken by this device's own acknowledgement, which may have dropped what was asked for: the lane is past it already. Or there is
  // nothing for this device any more.
  // A device that was away from the channel in between goes on at its Welcome.
  const std::uint64_t from = member == nullptr ? read.from : std::max(read.from, member->row.joined_seq);
  if (member == nullptr || from <= member->row.acknowledged_seq) {
    answer = std::move(out);
    return {};
  }
  const MemberRow& stay = member->row;
  if (from == stay.joined_seq) {
    STEIGER_TRY(auto welcome, store_.welcome(known->row.number, from));
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
  } else {
    ChannelPortion portion;
    portion.channel = read.channel;
    portion.first_seq = from;
    portion.previous = log::chain_start(read.channel);
    if (from > 1) {
      STEIGER_TRY(const auto before, store_.messages(known->row.number, from - 1, {.max_messages = 1, .with_payload = false}));
      if (before.empty()) return kStoreCorrupt;
      portion.previous = before.front().chain;
    }
    std::uint64_t until = stay.in_roster() ? kMaxSeq : stay.removed_seq;
    if (stay.nacked_seq != 0) until = std::min(until, stay.nacked_seq);
    if (from > until) {  // held, or over
      answer = std::move(out);
      return {};
    }
    const auto max = static_cast<std::size_t>(std::min<std::uint64_t>(read.max_messages, until - from + 1));
    STEIGER_TRY(portion.messages, store_.messages(known->row.number, from, {.max_messages = max, .max_bytes = kMaxReadBytes}));
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
    auto& stays = channel->members;
    stays.erase(std::remove_if(stays.begin(), stays.end(), [](const Member& stay) { return stay.gone; }), stays.end());
    for (Member& member : stays) member.dirty = false;
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
  seen_.clear();
  deferred_.clear();
  last_accepted_.clear();
}

void Ledger::forget_caches() {
  ended_.clear();
  touched_.clear();
  counted_.clear();
  seen_.clear();
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
    if (member.is(device) && member.row.in_roster()) return &member;
  }
  return nullptr;
}

Ledger::Member* Ledger::Channel::stay_at(const DeviceId& device, std::uint64_t from) {
  for (Member& member : members) {
    if (member.is(device) && (member.row.in_roster() || from <= member.row.removed_seq)) return &member;
  }
  return nullptr;
}

Ledger::Member* Ledger::Channel::newest(const DeviceId& device) {
  const auto found = std::find_if(members.rbegin(), members.rend(), [&](const Member& member) { return member.is(device); });
  return found == members.rend() ? nullptr : &*found;
}

std::size_t Ledger::Channel::roster_size() const {
  return static_cast<std::size_t>(
      std::count_if(members.begin(), members.end(), [](const Member& member) { return !member.gone && member.row.in_roster(); }));
}

// Behind the device's earlier stays: in the order of joined_seq.
void Ledger::Channel::add(const MemberRow& stay) {
  members.push_back({stay, false, false});
}

Result<Ledger::Channel*> Ledger::channel(const ChannelId& id) {
  const auto cached = channels_.find(id);
  if (cached != channels_.end()) return &cached->second;
  STEIGER_TRY(auto row, store_.channel(id));
  if (!row) return static_cast<Channel*>(nullptr);
  STEIGER_TRY(auto members, store_.members(row->number));
  Channel loaded;
  loaded.row = std::move(*row);
  for (const MemberRow& member : members) loaded.add(member);
  return &channels_.emplace(id, std::move(loaded)).first->second;
}

Result<Ledger::Device*> Ledger::device(const DeviceId& id) {
  const auto cached = devices_.find(id);
  if (cached != devices_.end()) return &cached->second;
  STEIGER_TRY(auto row, store_.device(id));
  if (!row) return static_cast<Device*>(nullptr);
  STEIGER_TRY(const auto account, store_.account(row->account));
  if (!account) return kStoreCorrupt;
  return &devices_.emplace(id, Device{std::move(*row), account->role, false, 0}).first->second;
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
