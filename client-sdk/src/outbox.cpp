#include "client-sdk/src/outbox.h"

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "crypto/franking/franking.h"

namespace steiger::sdk {

Result<MessageId> Outbox::send_content(Channel& channel, SecretBytes content, bool visible,
                                       const std::optional<MessageId>& chosen) {
  if (engine_.state.outbox.size() >= kMaxOutbox) return kOutboxFull;
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::application;
  item.channel = channel.record.id;
  item.id = chosen ? *chosen : MessageId::random(engine_.rng);
  item.created = engine_.now;
  item.visible = visible;
  const franking::MessageContext context{item.channel, engine_.state.self.account, item.id};
  STEIGER_TRY(auto sealed, franking::seal_content(engine_.rng, context, content.bytes()));
  item.franked = std::move(sealed.plaintext);
  item.tag = sealed.tag;
  item.content = std::move(content);
  const MessageId id = item.id;
  queue(std::move(item));
  return id;
}

void Outbox::send_registration(const Channel& channel, Bytes group_info, std::uint64_t generation) {
  OutboxRecord item;
  item.epoch = generation;
  item.kind = OutboxRecord::Kind::registration;
  item.channel = channel.record.id;
  item.created = engine_.now;
  item.payload = std::move(group_info);
  queue(std::move(item));
}

void Outbox::send_commit(const Channel& channel) {
  OutboxRecord item;
  item.kind = OutboxRecord::Kind::commit;
  item.channel = channel.record.id;
  item.id = channel.pending->record.id;
  item.created = engine_.now;
  item.epoch = channel.pending->record.epoch;
  queue(std::move(item));
}

void Outbox::queue(OutboxRecord item) {
  item.order = engine_.state.counter.next_order++;
  engine_.save_counter();
  engine_.save(item);
  engine_.state.outbox.emplace(item.order, std::move(item));
}

void Outbox::forget(const ChannelId& channel) {
  std::erase_if(engine_.state.outbox, [&](const auto& entry) {
    if (entry.second.channel != channel) return false;
    engine_.journal.erase(keys::outbox(entry.first));
    return true;
  });
}

OutboxRecord* Outbox::by_counter(std::uint64_t counter) {
  const auto order = orders_.find(counter);
  if (order == orders_.end()) return nullptr;
  const auto item = engine_.state.outbox.find(order->second);
  return item == engine_.state.outbox.end() ? nullptr : &item->second;
}

Result<void> Outbox::on_login(std::uint64_t accepted) {
  orders_.clear();
  for (auto& [order, item] : engine_.state.outbox) {
    if (item.counter != 0 && !item.accepted && item.failed == 0) orders_[item.counter] = order;
  }
  STEIGER_CHECK(on_accepted(accepted));
  sent_ = accepted;
  return {};
}

void Outbox::on_offline() {
  sent_ = 0;
}

Result<void> Outbox::on_accepted(std::uint64_t counter) {
  CounterRecord& record = engine_.state.counter;
  if (counter > record.assigned) return kProtocol;
  if (counter <= record.accepted) return {};  // an answer to a resend
  record.accepted = counter;
  engine_.save_counter();
  engine_.session.progress();
  while (!orders_.empty() && orders_.begin()->first <= counter) {
    OutboxRecord* item = by_counter(orders_.begin()->first);
    orders_.erase(orders_.begin());
    if (item == nullptr) continue;
    if (item->kind == OutboxRecord::Kind::registration) {
      Channel* channel = engine_.channel(item->channel);
      if (channel != nullptr && Generations::owns(*channel, *item)) engine_.generations.on_registered(*channel);
      engine_.journal.erase(keys::outbox(item->order));
      engine_.state.outbox.erase(item->order);
      continue;
    }
    item->accepted = true;
    engine_.save(*item);
    engine_.api.message_changed(*item);
  }
  return {};
}

Result<void> Outbox::on_rejected(std::uint64_t counter, const Error& error) {
  OutboxRecord* item = by_counter(counter);
  if (item == nullptr || counter > sent_) return kProtocol;
  sent_ = counter - 1;  // the gateway waits for this counter again; later ones are dropped on its side
  Channel* channel = engine_.channel(item->channel);
  if (item->epoch == kEarlierGeneration) return {};  // prepare() makes it anew
  if (error == gateway::kStaleEpoch && channel != nullptr && !channel->stopped()) {
    if (Generations::owns(*channel, *item)) {  // nobody else is in that group
      fail(*item, error);
      return {};
    }
    if (channel->out_of_step) {
      if (engine_.resync.owns(*channel, *item)) engine_.resync.lost_race(*channel);
      return {};  // prepare() looks at what it becomes
    }
    // The handshakes came before this answer (S12). Without them another try would only turn in a circle.
    if (channel->group->epoch() <= item->epoch) return error;
    return {};
  }
  if (error.retryable && error != gateway::kStaleEpoch) return error;
  if (error == gateway::kGenerationReplaced && channel != nullptr && !channel->stopped()) {
    Generations::superseded(*channel, channel->room.generation + 1);
    return {};  // prepare() holds it back
  }
  fail(*item, error);
  return {};
}

void Outbox::withdraw(std::uint64_t order) {
  const auto found = engine_.state.outbox.find(order);
  if (found == engine_.state.outbox.end()) return;
  if (found->second.counter != 0) free_counter(found->second);
  engine_.journal.erase(keys::outbox(order));
  engine_.state.outbox.erase(found);
}

// The gateway never accepted this counter: the later ones move down by one.
void Outbox::free_counter(OutboxRecord& item) {
  CounterRecord& record = engine_.state.counter;
  const std::uint64_t counter = std::exchange(item.counter, 0);
  std::map<std::uint64_t, std::uint64_t> moved;
  for (const auto& [old, order] : orders_) {
    if (old == counter) continue;
    moved[old > counter ? old - 1 : old] = order;
    if (old < counter) continue;
    OutboxRecord& later = engine_.state.outbox.at(order);
    later.counter = old - 1;
    engine_.save(later);
  }
  orders_ = std::move(moved);
  --record.assigned;
  engine_.save_counter();
}

// It gets another counter when it may go.
void Outbox::hold_back(OutboxRecord& item) {
  free_counter(item);
  item.payload.clear();
  engine_.save(item);
}

// Refused for good.
void Outbox::fail(OutboxRecord& item, const Error& error) {
  item.failed = error.code;
  free_counter(item);
  engine_.save(item);
  if (item.kind != OutboxRecord::Kind::application) {
    Channel* channel = engine_.channel(item.channel);
    const bool of_generation = channel != nullptr && Generations::owns(*channel, item);
    if (of_generation) engine_.generations.refused(*channel, item, error);
    const bool of_wish = of_generation || (channel != nullptr && item.kind == OutboxRecord::Kind::commit &&
                                           (engine_.resync.owns(*channel, item) ? engine_.resync.give_up(*channel, error)
                                                                                : engine_.changes.give_up(*channel, error)));
    if (channel != nullptr && !of_wish) engine_.stop_channel(*channel, error);
    if (of_wish) {
      engine_.journal.erase(keys::outbox(item.order));
      engine_.state.outbox.erase(item.order);  // `item` is gone
    }
  } else if (item.visible) {
    engine_.api.message_changed(item);  // stays, so that the person sees it
  } else {
    engine_.journal.erase(keys::outbox(item.order));
    engine_.state.outbox.erase(item.order);  // a receipt that nobody misses; `item` is gone
  }
}

Result<OutboxRecord> Outbox::take_echo(const ChannelId& channel, const MessageId& id, const Hash& payload_hash,
                                       const Tag32& tag) {
  for (auto& [key, item] : engine_.state.outbox) {
    if (item.id != id || item.channel != channel || item.counter == 0) continue;
    ByteView sent = item.payload;
    if (item.kind == OutboxRecord::Kind::commit) {
      const Channel* owner = engine_.channel(channel);
      if (owner == nullptr || !owner->pending) return kEchoDiffers;
      sent = owner->pending->commit.commit;
    }
    if (sha256(sent) != payload_hash || item.tag != tag) return kEchoDiffers;
    STEIGER_CHECK(on_accepted(item.counter));  // what has a place is on disk, and everything before it
    OutboxRecord out = std::move(item);
    engine_.journal.erase(keys::outbox(out.order));
    engine_.state.outbox.erase(out.order);
    return out;
  }
  return kEchoDiffers;
}

void Outbox::forget_counters(std::uint64_t accepted, const std::set<ChannelId>& registered) {
  CounterRecord& record = engine_.state.counter;
  record.assigned = record.accepted = accepted;
  orders_.clear();
  for (auto at = engine_.state.outbox.begin(); at != engine_.state.outbox.end();) {
    OutboxRecord& item = at->second;
    const bool made_anew = item.kind != OutboxRecord::Kind::application && registered.count(item.channel) != 0;
    if (made_anew) {  // the room is there; a change of members is built anew from its wish
      engine_.journal.erase(keys::outbox(at->first));
      at = engine_.state.outbox.erase(at);
      continue;
    }
    item.counter = 0;
    item.accepted = false;
    if (item.kind == OutboxRecord::Kind::application) item.payload.clear();
    engine_.save(item);
    ++at;
  }
  engine_.save_counter();
}

std::optional<OutboxRecord> Outbox::take_lost(const ChannelId& channel, const MessageId& id, const Tag32& tag) {
  for (auto& [order, item] : engine_.state.outbox) {
    if (item.id != id || item.channel != channel || item.tag != tag || item.kind != OutboxRecord::Kind::application) continue;
    if (item.counter != 0) free_counter(item);
    OutboxRecord out = std::move(item);
    engine_.journal.erase(keys::outbox(out.order));
    engine_.state.outbox.erase(out.order);
    return out;
  }
  return std::nullopt;
}

void Outbox::keep_failed(OutboxRecord item, const Error& error) {
  item.id = MessageId::random(engine_.rng);  // the old one belongs to whoever had it first
  item.counter = 0;
  item.accepted = false;
  item.failed = error.code;
  engine_.save(item);
  engine_.api.message_changed(item);
  const std::uint64_t order = item.order;
  engine_.state.outbox.emplace(order, std::move(item));
}

// Nothing of it was accepted: whatever has its place came before the device heard of the new group. The answers are on their way.
void Outbox::on_generation(const ChannelId& channel) {
  std::vector<std::uint64_t> unsent;
  for (auto& [order, item] : engine_.state.outbox) {
    if (item.channel != channel || item.accepted) continue;
    if (item.counter != 0) {
      item.epoch = kEarlierGeneration;
      engine_.save(item);
    } else if (item.kind != OutboxRecord::Kind::application) {
      unsent.push_back(order);
    }
  }
  for (const std::uint64_t order : unsent) withdraw(order);
}

void Outbox::on_removed(const ChannelId& channel) {
  std::vector<std::uint64_t> orders;
  for (const auto& [order, item] : engine_.state.outbox) {
    if (item.channel == channel) orders.push_back(order);
  }
  for (const std::uint64_t order : orders) {
    OutboxRecord& item = engine_.state.outbox.at(order);
    // What was sent already may have been accepted just before; the gateway says so, or refuses it (not_a_member).
    if (item.counter != 0) continue;
    if (item.kind == OutboxRecord::Kind::application && item.visible) {
      item.failed = gateway::kNotAMember.code;
      engine_.save(item);
      engine_.api.message_changed(item);
    } else {
      engine_.journal.erase(keys::outbox(order));
      engine_.state.outbox.erase(order);
    }
  }
}

std::uint32_t Outbox::waiting() const {
  std::uint32_t count = 0;
  for (const auto& [order, item] : engine_.state.outbox) {
    if (item.kind != OutboxRecord::Kind::application || item.accepted || item.failed != 0) continue;
    if (item.visible) ++count;
  }
  return count;
}

}  // namespace steiger::sdk
