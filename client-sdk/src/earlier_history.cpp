#include "client-sdk/src/earlier_history.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "crypto/log/chain.h"

namespace steiger::sdk {

void EarlierHistory::begin(Channel& channel, bool was_here) {
  ChannelRecord& record = channel.record;
  channel.earlier.joined_at = record.base_seq;
  channel.earlier.ask_until = was_here && !channel.own_devices_only() ? engine_.now + kEarlierTime : Timestamp();
  channel.earlier_changed = true;
  if (!wants(channel)) return;
  // What the account's devices have seen is not news here.
  record.read_seq = std::max(record.read_seq, record.base_seq);
  record.receipt_stored_sent = std::max(record.receipt_stored_sent, record.base_seq);
  record.receipt_read_sent = std::max(record.receipt_read_sent, record.base_seq);
  Engine::record_changed(channel);
}

bool EarlierHistory::wants(const Channel& channel) const {
  return channel.earlier.ask_until > engine_.now && channel.group && !channel.stopped() && channel.in_step();
}

void EarlierHistory::end(Channel& channel) {
  channel.earlier.ask_until = {};
  channel.earlier_changed = true;
  asked_.erase(channel.record.id);
}

// ---------------------------------------------------------------- asking

void EarlierHistory::pump() {
  if (!engine_.session.online()) return;
  for (auto& [id, channel] : engine_.state.channels) {
    if (!wants(channel)) continue;
    Asked& asked = asked_[id];
    if (asked.again > engine_.now) continue;
    auto devices = engine_.history.whom(channel);
    std::erase_if(devices, [&](const DeviceId& device) { return asked.have_no_more.count(device) != 0; });
    const std::uint64_t got = channel.earlier.joined_at - channel.record.base_seq;
    if (devices.empty() || channel.record.base_seq == 0 || got >= kMaxEarlierPlaces ||
        channel.messages.size() >= kMaxMessagesPerChannel) {
      end(channel);
      continue;
    }
    const EarlierRequestContent request{devices[asked.times++ % devices.size()], channel.record.base_seq,
                                        engine_.history.answer_key(channel).public_key};
    asked.again = engine_.now + asked.wait;
    asked.wait = std::min(2 * asked.wait, kHistoryMost);
    (void)engine_.outbox.send_content(channel, encode_earlier_request(request, engine_.now), false).ok();
  }
}

std::optional<Timestamp> EarlierHistory::deadline() const {
  std::optional<Timestamp> first;
  for (const auto& [id, asked] : asked_) {
    const auto channel = engine_.state.channels.find(id);
    if (channel == engine_.state.channels.end() || !wants(channel->second)) continue;
    if (asked.again > engine_.now && (!first || asked.again < *first)) first = asked.again;
  }
  return first;
}

// ---------------------------------------------------------------- answering

void EarlierHistory::on_request(Channel& channel, const LinkRecord& from, const EarlierRequestContent& request) {
  if (request.device != engine_.state.self.device) return;
  if (engine_.state.outbox.size() > kMaxOutbox / 4) return;  // what people write goes first; the asker asks again
  const bool own = from.account == engine_.state.self.account;
  const std::uint64_t not_below = own ? channel.record.base_seq : std::max(channel.record.base_seq, channel.earlier.joined_at);
  EarlierContent answer;
  std::size_t bytes = 0;
  for (std::uint64_t seq = request.up_to; seq > not_below && answer.entries.size() < kMaxHistoryEntries; --seq) {
    const auto link = channel.links.find(seq);
    if (link == channel.links.end() || channel.gaps.has(seq)) break;
    if (!own && !channel.stays.was_there(from.account, seq)) break;
    HistoryEntry entry{seq, link->second, {}};
    const auto message = channel.messages.find(seq);
    if (message != channel.messages.end()) entry.franked = message->second.franked.clone();
    bytes += entry.franked.size();
    if (bytes > kMaxHistoryBytes && !answer.entries.empty()) break;
    answer.entries.push_back(std::move(entry));
  }
  std::reverse(answer.entries.begin(), answer.entries.end());
  if (!answer.entries.empty()) {
    const auto before = channel.head_at(answer.entries.front().seq - 1);
    if (before) {
      answer.before = *before;
    } else {  // what stands ahead of the first is not known here: the first itself tells
      answer.before = answer.entries.front().link.head;
      answer.entries.erase(answer.entries.begin());
    }
  }
  engine_.history.answer(channel, from.device, request.key, encode_earlier(answer, engine_.now));
}

// ---------------------------------------------------------------- what comes back

void EarlierHistory::on_earlier(Channel& channel, const LinkRecord& from, const EarlierContent& earlier) {
  if (!wants(channel)) return;
  ChannelRecord& record = channel.record;
  Asked& asked = asked_[record.id];
  if (earlier.entries.empty()) {
    asked.have_no_more.insert(from.device);
    asked.again = engine_.now;
    return;
  }
  if (earlier.entries.back().seq != record.base_seq) return;  // an answer to what was asked before
  std::vector<LinkRecord> links;
  Hash head = earlier.before;
  for (const HistoryEntry& entry : earlier.entries) {
    LinkRecord link = entry.link;
    head = log::chain_next(
        head, {record.id, entry.seq, link.payload_hash, link.account, link.device, link.message, link.tag, link.accepted});
    link.head = head;
    links.push_back(std::move(link));
  }
  const std::uint64_t first = earlier.entries.front().seq;
  const bool begins = first == 1;
  if (head != record.base_head ||
      (begins && earlier.before != log::chain_start(record.id))) {  // S15: not what the gateway signed
    asked.have_no_more.insert(from.device);
    return engine_.history.refuse(channel);
  }
  for (std::size_t i = 0; i < links.size(); ++i) {
    const HistoryEntry& entry = earlier.entries[i];
    engine_.journal.put(keys::link(record.id, entry.seq), links[i].encode());
    channel.add_link(entry.seq, links[i]);
    if (!engine_.history.keep(channel, entry, links[i])) engine_.history.refuse(channel);
  }
  record.base_seq = first - 1;
  record.base_head = earlier.before;
  Engine::record_changed(channel);
  channel.announce = true;
  asked.wait = kHistoryFirst;
  asked.again = engine_.now;  // and on
}

}  // namespace steiger::sdk
