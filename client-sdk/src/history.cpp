#include "client-sdk/src/history.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "crypto/franking/franking.h"
#include "crypto/log/chain.h"

namespace steiger::sdk {
namespace {

// As much of the gaps as one request may name, without the places that somebody has given already.
std::vector<GapsRecord::Range> first_places(const GapsRecord& gaps, const std::map<std::uint64_t, HistoryEntry>& given) {
  GapsRecord out;
  std::uint64_t left = kMaxHistoryPlaces;
  for (const GapsRecord::Range& range : gaps.ranges) {
    for (std::uint64_t seq = range.from; seq <= range.to && left > 0; ++seq) {
      if (given.count(seq) != 0) continue;
      out.add(seq);
      if (out.ranges.size() > kMaxHistoryRanges) {
        out.ranges.pop_back();
        return out.ranges;
      }
      --left;
    }
  }
  return out.ranges;
}

bool same_place(const LinkRecord& a, const LinkRecord& b) {
  return a.account == b.account && a.device == b.device && a.message == b.message && a.tag == b.tag;
}

// By their receipts. A device that is behind the others of its account asks them for what it missed.
bool everybody_has(const Channel& channel, const AccountId& self, std::uint64_t seq) {
  const auto& members = channel.record.members;
  return std::all_of(members.begin(), members.end(),
                     [&](const MemberRecord& member) { return member.account == self || member.stored_up_to >= seq; });
}

bool is_visible(const Content& content) {
  return std::holds_alternative<TextContent>(content.body) || std::holds_alternative<UnknownVisible>(content.body);
}

}  // namespace

// ---------------------------------------------------------------- asking

std::vector<DeviceId> History::whom(const Channel& channel) const {
  const SelfRecord& self = engine_.state.self;
  std::vector<DeviceId> own;
  std::vector<DeviceId> others;
  for (const mls::LeafIndex index : channel.group->tree().members()) {
    const auto who = identity::decode_credential(channel.group->member(index)->credential.identity);
    if (!who.ok() || who->device == self.device) continue;
    (who->account == self.account ? own : others).push_back(who->device);
  }
  own.insert(own.end(), others.begin(), others.end());
  return own;
}

void History::pump() {
  if (!engine_.session.online()) return;
  for (auto& [id, channel] : engine_.state.channels) {
    const bool nothing_missing = channel.gaps.ranges.empty() && channel.earlier.ask_until == Timestamp();
    if (channel.answer_key && (nothing_missing || channel.stopped())) {
      channel.answer_key.reset();
      engine_.journal.erase(keys::answer(id));
    }
    if (channel.gaps.ranges.empty() || channel.stopped() || !channel.in_step() || !channel.group) continue;
    Asked& asked = asked_[id];
    if (asked.again > engine_.now) continue;
    const auto devices = whom(channel);
    if (devices.empty()) continue;
    const HistoryRequestContent request{devices[asked.times++ % devices.size()], first_places(channel.gaps, candidates_[id]),
                                        answer_key(channel).public_key};
    if (request.ranges.empty()) continue;
    asked.again = engine_.now + asked.wait;
    asked.wait = std::min(2 * asked.wait, kHistoryMost);
    (void)engine_.outbox.send_content(channel, encode_history_request(request, engine_.now), false).ok();
  }
}

std::optional<Timestamp> History::deadline() const {
  std::optional<Timestamp> first;
  for (const auto& [id, asked] : asked_) {
    const auto channel = engine_.state.channels.find(id);
    if (channel == engine_.state.channels.end() || channel->second.gaps.ranges.empty() || channel->second.stopped()) continue;
    if (asked.again > engine_.now && (!first || asked.again < *first)) first = asked.again;
  }
  return first;
}

// ---------------------------------------------------------------- answering

void History::on_roster(Channel& channel, const std::vector<AccountId>& came, const std::vector<AccountId>& went,
                        std::uint64_t seq) {
  for (const AccountId& account : came) channel.stays.add({account, seq, true});
  for (const AccountId& account : went) channel.stays.add({account, seq, false});
  channel.stays_changed = channel.stays_changed || !came.empty() || !went.empty();
}

void History::lost_sight(Channel& channel, const AccountId& self, std::uint64_t seq) {
  for (const MemberRecord& member : channel.record.members) {
    if (member.account == self || channel.stays.is_out(member.account)) continue;
    on_roster(channel, {}, {member.account}, seq);
  }
}

void History::regained_sight(Channel& channel, const std::vector<AccountId>& there, std::uint64_t seq) {
  for (const AccountId& account : there) {
    if (channel.stays.is_out(account)) on_roster(channel, {account}, {}, seq);
  }
}

void History::on_request(Channel& channel, const LinkRecord& from, const HistoryRequestContent& request) {
  if (request.device != engine_.state.self.device) return;
  if (engine_.state.outbox.size() > kMaxOutbox / 4) return;  // what people write goes first; the asker asks again
  // S17: what this device was itself given of before it came is not passed on.
  const bool own = from.account == engine_.state.self.account;
  const std::uint64_t not_below = own ? 0 : channel.earlier.joined_at;
  HistoryContent answer;
  std::size_t bytes = 0;
  const auto flush = [&] {
    if (answer.entries.empty()) return;
    this->answer(channel, from.device, request.key, encode_history(answer, engine_.now));
    answer.entries.clear();
    bytes = 0;
  };
  for (const GapsRecord::Range& range : request.ranges) {
    for (std::uint64_t seq = range.from; seq <= range.to; ++seq) {
      const auto link = channel.links.find(seq);
      if (link == channel.links.end() || channel.gaps.has(seq)) continue;
      if (seq <= not_below || (!own && !channel.stays.was_there(from.account, seq))) continue;
      HistoryEntry entry{seq, link->second, {}};
      const auto message = channel.messages.find(seq);
      if (message != channel.messages.end()) entry.franked = message->second.franked.clone();
      const std::size_t size = entry.franked.size();
      if (answer.entries.size() == kMaxHistoryEntries || bytes + size > kMaxHistoryBytes) flush();
      bytes += size;
      answer.entries.push_back(std::move(entry));
    }
  }
  flush();
}

// ---------------------------------------------------------------- what comes back

// S17 allows to show what does not verify as a copy. Stricter here: every re-sent text has its tag and its place in the chain that the
// gateway signed, so that a text without them is a lie and no mishap. It is not shown, whoever sent it is passed over, and others are asked.
void History::refuse(Channel& channel) {
  engine_.alarm(kFrankingFailed, channel.record.id, &kHistoryRefused);
}

bool History::keep(Channel& channel, const HistoryEntry& entry, const LinkRecord& link) {
  if (entry.franked.empty()) return true;
  const franking::MessageContext context{channel.record.id, link.account, link.message};
  auto opened = franking::open_content(entry.franked.bytes(), link.tag, context);
  if (!opened.ok()) return false;
  const auto content = decode_content(opened->content.bytes());
  const bool shown = std::any_of(channel.messages.begin(), channel.messages.end(),
                                 [&](const auto& other) { return other.second.id == link.message; });
  if (!content.ok() || !is_visible(*content) || shown) return true;
  MessageRecord message{link.message,  link.account,          link.device,
                        link.accepted, entry.franked.clone(), std::move(opened->content)};
  engine_.journal.put(keys::message(channel.record.id, entry.seq), message.encode());
  const auto [stored, inserted] = channel.messages.emplace(entry.seq, std::move(message));
  engine_.api.message_changed(channel, entry.seq, stored->second);
  return true;
}

bool History::take(Channel& channel, const HistoryEntry& entry, const LinkRecord& link) {
  if (!keep(channel, entry, link)) return false;
  engine_.inbox.receipts_due();
  channel.gaps.remove(entry.seq);
  channel.gaps_changed = channel.announce = true;
  return true;
}

const HpkeKeyPair& History::answer_key(Channel& channel) {
  if (!channel.answer_key) {
    channel.answer_key = hpke_generate_key_pair(engine_.rng);
    const AnswerRecord record{SecretBytes::copy_of(channel.answer_key->private_key.bytes())};
    engine_.journal.put(keys::answer(channel.record.id), record.encode());
  }
  return *channel.answer_key;
}

void History::answer(Channel& channel, const DeviceId& device, const DhPublicKey& key, const SecretBytes& content) {
  auto sealed = seal_for_device(engine_.rng, channel.record.id, device, key, content, engine_.now);
  if (!sealed.ok()) return;  // no key: whoever asks so gets nothing
  (void)engine_.outbox.send_content(channel, std::move(sealed).value(), false).ok();
}

void History::on_for_device(Channel& channel, const LinkRecord& from, const ForDeviceContent& sealed) {
  if (sealed.device != engine_.state.self.device || !channel.answer_key) return;
  const auto opened = open_for_device(*channel.answer_key, channel.record.id, sealed);
  if (!opened.ok()) return;  // of an earlier life of this device: asked again
  auto content = decode_content(opened->bytes());
  if (!content.ok()) return refuse(channel);
  if (auto* history = std::get_if<HistoryContent>(&content->body)) return on_history(channel, std::move(*history));
  if (const auto* earlier = std::get_if<EarlierContent>(&content->body)) {
    engine_.earlier_history.on_earlier(channel, from, *earlier);
  }
}

void History::on_history(Channel& channel, HistoryContent history) {
  bool news = false;
  for (HistoryEntry& entry : history.entries) {
    if (!channel.gaps.has(entry.seq)) continue;
    const auto link = channel.links.find(entry.seq);
    if (link == channel.links.end()) {
      auto& given = candidates_[channel.record.id];
      if (given.size() < kMaxHistoryCandidates) news = given.insert_or_assign(entry.seq, std::move(entry)).second || news;
      continue;
    }
    if (!same_place(link->second, entry.link) || !take(channel, entry, link->second)) return refuse(channel);
    news = true;
  }
  join_links(channel);
  if (!news) return;
  // It answers: the rest comes, or is asked for anew soon.
  Asked& asked = asked_[channel.record.id];
  asked.wait = kHistoryFirst;
  asked.again = engine_.now + (channel.gaps.ranges.empty() ? Duration(0) : kHistoryFirst);
}

void History::join_links(Channel& channel) {
  auto& given = candidates_[channel.record.id];
  auto& unlinked = channel.gaps.unlinked;
  for (auto at = unlinked.begin(); at != unlinked.end();) {
    const GapsRecord::Range places = at->places;
    const auto first = given.lower_bound(places.from);
    const auto end = given.upper_bound(places.to);
    const auto count = static_cast<std::uint64_t>(std::distance(first, end));
    if (count != places.to - places.from + 1) {
      ++at;
      continue;
    }
    Hash head = at->before;
    for (auto entry = first; entry != end; ++entry) {
      LinkRecord& link = entry->second.link;
      head = log::chain_next(head, {channel.record.id, entry->first, link.payload_hash, link.account, link.device, link.message,
                                    link.tag, link.accepted});
      link.head = head;
    }
    if (head != at->after) {  // whoever gave them lied, or saw another history: somebody else is asked
      given.erase(first, end);
      refuse(channel);
      ++at;
      continue;
    }
    for (auto entry = first; entry != end; ++entry) {
      const LinkRecord& link = entry->second.link;
      engine_.journal.put(keys::link(channel.record.id, entry->first), link.encode());
      channel.add_link(entry->first, link);
      engine_.outbox.settle_doubt(channel.record.id, link.message, link.tag);
      if (!take(channel, entry->second, link)) refuse(channel);
    }
    given.erase(first, end);
    if (channel.record.base_seq == places.to) {  // the chain is whole again from there on
      channel.record.base_seq = places.from - 1;
      channel.record.base_head = at->before;
      Engine::record_changed(channel);
    }
    at = unlinked.erase(at);
    channel.gaps_changed = true;
  }
}

// ---------------------------------------------------------------- the other way round

Result<void> History::on_undelivered(const wire::Undelivered& told) {
  STEIGER_TRY(const ChannelId id, gateway::field<ChannelId>(told.channel()));
  STEIGER_TRY(const MessageId message_id, gateway::field<MessageId>(told.id()));
  Channel* channel = engine_.channel(id);
  if (channel == nullptr) return {};
  const auto message = channel->messages.find(told.seq());
  // A receipt, or somebody else's: nobody misses it here.
  if (message == channel->messages.end() || message->second.id != message_id) return {};
  if (message->second.sender != engine_.state.self.account) return {};
  // Not before its time, and not what everybody has said to have.
  if (engine_.inbox.is_too_young_to_expire(message->second.accepted) ||
      everybody_has(*channel, engine_.state.self.account, told.seq()))
    return {};
  auto& marks = channel->gaps.undelivered;
  if (std::find(marks.begin(), marks.end(), told.seq()) != marks.end()) return {};  // told again
  marks.push_back(told.seq());
  if (marks.size() > kMaxUndelivered) marks.erase(marks.begin());
  channel->gaps_changed = true;
  engine_.api.message_changed(*channel, told.seq(), message->second);
  return {};
}

}  // namespace steiger::sdk
