// The outbox on its way out: what may go, brought up to the present epoch, in frames.
#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/outbox.h"

namespace steiger::sdk {
namespace {

wire::SubmitCommitT commit_frame(const OutboxRecord& item, const PendingBundle& pending) {
  wire::SubmitCommitT out;
  out.counter = item.counter;
  out.id = gateway::wire_pointer(pending.record.id);
  out.channel = gateway::wire_pointer(item.channel);
  out.epoch = pending.record.epoch;
  for (const PendingRecord::Before& before : pending.record.before) {
    auto entry = std::make_unique<wire::BeforeT>();
    entry->id = gateway::wire_pointer(before.id);
    entry->tag = gateway::wire_pointer(before.tag);
    entry->payload = before.payload;
    out.before.push_back(std::move(entry));
  }
  out.commit = pending.commit.commit;
  if (pending.commit.welcome) out.welcome = *pending.commit.welcome;
  out.group_info = pending.commit.group_info;
  out.links_from = pending.record.links_from;
  return out;
}

wire::RegisterChannelT registration_frame(const OutboxRecord& item) {
  wire::RegisterChannelT out;
  out.counter = item.counter;
  out.channel = gateway::wire_pointer(item.channel);
  out.group_info = item.payload;
  out.generation = static_cast<std::uint32_t>(item.epoch);
  return out;
}

std::unique_ptr<wire::SubmissionT> submission(const OutboxRecord& item) {
  auto out = std::make_unique<wire::SubmissionT>();
  out->counter = item.counter;
  out->id = gateway::wire_pointer(item.id);
  out->channel = gateway::wire_pointer(item.channel);
  out->epoch = item.epoch;
  out->tag = gateway::wire_pointer(item.tag);
  out->payload = item.payload;
  return out;
}

}  // namespace

// May this item get its counter now?
bool Outbox::ready(const OutboxRecord& item) {
  Channel* channel = engine_.channel(item.channel);
  if (channel == nullptr || channel->stopped()) return false;
  if (engine_.invites.holds_back(item.channel)) return false;
  // S9, S11: out of step nothing is encrypted; only what brings this device back goes.
  if (channel->out_of_step) return engine_.resync.owns(*channel, item) || Generations::owns(*channel, item);
  if (!channel->in_step()) return false;
  // S21: it may have its place already, in one that is not known yet.
  const GapsRecord& gaps = channel->gaps;
  if (!gaps.unlinked.empty() && item.order < gaps.doubt_before) return false;
  if (item.visible && engine_.handover.awaits_coach(*channel)) return false;  // S10: messages queue for the successor
  // While a commit of ours is on its way, messages wait for the new epoch instead of being refused and encrypted again (S12).
  return item.kind != OutboxRecord::Kind::application || !channel->pending;
}

Result<void> Outbox::encrypt(OutboxRecord& item, Channel& channel) {
  const identity::MessageHeader header{item.tag, {channel.record.processed, channel.record.head}};
  STEIGER_TRY(item.payload, channel.group->encrypt(engine_.rng, identity::encode_message_header(header), item.franked.bytes()));
  item.epoch = channel.group->epoch();
  Engine::group_changed(channel);
  return {};
}

// S21: nobody could tell whether it has its place already. Sent again under its id it would raise an alarm at whoever has it; the person
// sees that it failed, and can write it again.
void Outbox::give_up_doubtful() {
  for (auto at = engine_.state.outbox.begin(); at != engine_.state.outbox.end();) {
    OutboxRecord& item = (at++)->second;
    const Channel* channel = engine_.channel(item.channel);
    if (channel == nullptr || item.kind != OutboxRecord::Kind::application || item.counter != 0 || item.failed != 0) continue;
    const GapsRecord& gaps = channel->gaps;
    if (gaps.unlinked.empty() || item.order >= gaps.doubt_before || engine_.now < gaps.doubt_until) continue;
    if (item.visible) {
      item.failed = kRollbackDetected.code;
      engine_.save(item);
      engine_.api.message_changed(item);
    } else {
      engine_.journal.erase(keys::outbox(item.order));
      engine_.state.outbox.erase(item.order);
    }
  }
}

// The device fell out of step before they were ever sent. They are built anew in the group that it comes back into, and it does not wait
// for what nobody will answer.
void Outbox::drop_unsent_changes() {
  std::vector<std::uint64_t> unsent;
  for (const auto& [order, item] : engine_.state.outbox) {
    Channel* channel = engine_.channel(item.channel);
    if (channel == nullptr || channel->stopped() || !channel->out_of_step) continue;
    if (item.kind != OutboxRecord::Kind::commit || item.counter != 0 || item.failed != 0) continue;
    if (engine_.resync.owns(*channel, item) || Generations::owns(*channel, item)) continue;
    engine_.resync.drop_change(*channel);
    unsent.push_back(order);
  }
  for (const std::uint64_t order : unsent) withdraw(order);
}

void Outbox::assign() {
  CounterRecord& record = engine_.state.counter;
  give_up_doubtful();
  drop_unsent_changes();
  for (auto& [order, item] : engine_.state.outbox) {
    if (record.assigned - record.accepted >= engine_.session.max_outstanding()) return;
    if (item.counter != 0 || item.failed != 0 || !ready(item)) continue;
    if (item.kind == OutboxRecord::Kind::application) {
      if (auto done = encrypt(item, *engine_.channel(item.channel)); !done.ok()) {
        item.failed = done.error().code;
        engine_.save(item);
        engine_.api.message_changed(item);
        continue;
      }
    }
    item.counter = ++record.assigned;
    orders_[item.counter] = order;
    engine_.save_counter();
    engine_.save(item);
  }
}

// Brings an item that was refused or never sent up to the present epoch. impossible: it cannot go. gone: nobody needs it any more.
Outbox::Prepared Outbox::prepare(OutboxRecord& item) {
  Channel* channel = engine_.channel(item.channel);
  if (channel == nullptr) return Prepared::impossible;
  if (channel->room.ended && item.kind == OutboxRecord::Kind::commit) return Prepared::gone;  // the removal won its epoch
  const bool change = item.kind != OutboxRecord::Kind::application;
  if (change && item.epoch == kEarlierGeneration) return Prepared::gone;  // built anew from its wish
  if (channel->stopped()) return Prepared::ready;                         // it may have been accepted: as it is, again
  if (!channel->in_step() && item.kind != OutboxRecord::Kind::registration) {
    // The gateway has not accepted it. A message waits for the group that this device comes back into; a change is built anew then.
    if (item.kind == OutboxRecord::Kind::application) return Prepared::later;
    if (engine_.resync.owns(*channel, item) || Generations::owns(*channel, item)) return Prepared::ready;
    engine_.resync.drop_change(*channel);
    return Prepared::gone;
  }
  if (item.kind == OutboxRecord::Kind::application && item.epoch != channel->group->epoch()) {
    if (!encrypt(item, *channel).ok()) return Prepared::impossible;
    engine_.save(item);
  }
  if (item.kind == OutboxRecord::Kind::commit) {
    if (!channel->pending) return Prepared::impossible;
    if (channel->pending->record.epoch != channel->group->epoch()) {
      const auto rebuilt = engine_.changes.rebuild(*channel);
      if (rebuilt == Changes::Rebuilt::fulfilled) engine_.changes.forget_pending(*channel);
      if (rebuilt != Changes::Rebuilt::ready) {
        return rebuilt == Changes::Rebuilt::fulfilled ? Prepared::gone : Prepared::impossible;
      }
      item.id = channel->pending->record.id;
      item.epoch = channel->pending->record.epoch;
      engine_.save(item);
    }
  }
  return Prepared::ready;
}

void Outbox::pump() {
  if (!engine_.session.online()) return;
  assign();
  wire::SubmitT submit;
  std::size_t bytes = 0;
  const auto flush = [&] {
    if (submit.items.empty()) return;
    engine_.session.send(std::exchange(submit, {}));
    bytes = 0;
  };
  for (auto next = orders_.upper_bound(sent_); next != orders_.end(); next = orders_.upper_bound(sent_)) {
    const std::uint64_t counter = next->first;
    OutboxRecord* item = by_counter(counter);
    if (item == nullptr) break;
    const Prepared prepared = prepare(*item);
    if (prepared == Prepared::gone) {
      withdraw(item->order);
      continue;
    }
    if (prepared == Prepared::later) {
      hold_back(*item);
      continue;
    }
    if (prepared == Prepared::impossible) {
      fail(*item, kRejected);  // moves the later counters down to this one
      continue;
    }
    if (item->kind == OutboxRecord::Kind::application) {
      if (submit.items.size() >= engine_.session.max_items() || bytes + item->payload.size() > kSubmitFrameBytes) flush();
      submit.items.push_back(submission(*item));
      bytes += item->payload.size();
    } else {
      flush();
      if (item->kind == OutboxRecord::Kind::registration) {
        engine_.session.send(registration_frame(*item));
      } else {
        engine_.session.send(commit_frame(*item, *engine_.channel(item->channel)->pending));
      }
    }
    sent_ = counter;
  }
  flush();
}

}  // namespace steiger::sdk
