// Out of step: the room is followed publicly until the own external commit has its place (resync.h).
#include "client-sdk/src/engine.h"
#include "client-sdk/src/inbox.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/members.h"

namespace steiger::sdk {
namespace {

constexpr std::uint8_t kCommitKind = static_cast<std::uint8_t>(wire::EnvelopeKind::commit);

}  // namespace

// S11: the chain and the rules are right, so nobody lied that this device could know of: it falls out of step, and comes back.
Result<void> Inbox::cannot_process(Channel& channel, const Envelope& envelope, const Error& why) {
  const std::uint64_t epoch = channel.group->epoch();
  OutOfStep step;
  step.record.epoch = epoch;
  step.followed = channel.group->public_state();
  channel.out_of_step = std::move(step);
  // What the gateway could see and had to refuse, or what the rules forbid, stays a lie: the channel stops.
  if (auto followed = follow_commit(channel, envelope, envelope.payload); !followed.ok()) {
    channel.out_of_step.reset();
    return followed;
  }
  if (channel.room.ended) return {};
  const auto reason = why == mls::kUnknownPsk ? identity::NackReason::unknown_psk : identity::NackReason::invalid;
  engine_.resync.nack(channel, epoch, envelope.link.payload_hash, reason);
  return {};
}

Result<void> Inbox::follow(Channel& channel, const Envelope& envelope, bool own) {
  const bool is_commit = envelope.link.kind == kCommitKind;
  if (own && is_commit) return follow_own_commit(channel, envelope);
  if (own) return own_echo(channel, envelope);
  if (is_commit) return follow_commit(channel, envelope, envelope.payload);
  return application(channel, envelope);  // of an epoch whose keys are here, or missed
}

Result<void> Inbox::missed(Channel& channel, const Envelope& envelope) {
  channel.gaps.add(envelope.seq);
  channel.gaps_changed = channel.announce = true;
  return {};
}

Result<void> Inbox::follow_commit(Channel& channel, const Envelope& envelope, ByteView bytes) {
  OutOfStep& step = *channel.out_of_step;
  const auto message = mls::decode_message<mls::PublicMessage>(bytes);
  if (!message.ok() || !equal(message->content.group_id, channel.group->group_id())) return kCommitRefused;
  step.changed = true;
  if (!step.followed) {  // only the base of the own external commit can take its place, when it is of the right epoch
    History::lost_sight(channel, engine_.state.self.account, envelope.seq);
    step.record.epoch = message->content.epoch + 1;
    step.record.epoch_known = true;
    return {};
  }
  auto staged = step.followed->stage(message->authenticated());
  if (!staged.ok()) return kCommitRefused;  // S7: the gateway checks this
  const std::uint64_t epoch = step.followed->epoch();
  STEIGER_TRY(const CheckedCommit checked, check_commit(channel, envelope, *staged, message->content.authenticated_data,
                                                        step.followed->tree(), staged->next.tree(), epoch));
  const identity::DeviceIdentity self{engine_.state.self.account, engine_.state.self.device};
  if (membership::find_device(checked.after, self) == nullptr) {
    take_roster(channel, checked.before, checked.after, checked.header.silent, epoch);
    removed(channel, envelope.seq, envelope.link.accepted);
    return {};
  }
  step.followed = std::move(staged->next);
  step.record.epoch = step.followed->epoch();
  enter(channel, checked.before, checked.after, checked.judgement, checked.header.silent, epoch, envelope);
  return {};
}

Result<void> Inbox::lost_echo(Channel& channel, const Envelope& envelope) {
  const LinkRecord& link = envelope.link;
  auto item = engine_.outbox.take_lost(channel.record.id, link.message, link.tag);
  if (!item) return missed(channel, envelope);
  if (item->visible && !repeated(channel, envelope)) store(channel, envelope, std::move(item->franked), std::move(item->content));
  return {};
}

bool Inbox::may_jump(const Channel& channel) {
  return channel.out_of_step && channel.out_of_step->record.cause == StepRecord::Cause::rollback;
}

// The links between are asked of the others; until then the chain goes on from the gateway's signed head.
void Inbox::jump(Channel& channel, std::uint64_t first_seq, const Hash& previous) {
  ChannelRecord& record = channel.record;
  const GapsRecord::Range places{record.processed + 1, first_seq - 1};
  channel.gaps.add(places);
  History::lost_sight(channel, engine_.state.self.account, places.from - 1);
  channel.gaps.unlinked.push_back({places, record.head, previous});
  channel.gaps_changed = true;
  record.processed = record.base_seq = places.to;
  record.head = record.base_head = previous;
  Engine::record_changed(channel);
  channel.out_of_step->followed.reset();
  channel.out_of_step->record.epoch_known = false;
  channel.out_of_step->changed = true;
}

Result<void> Inbox::follow_own_commit(Channel& channel, const Envelope& envelope) {
  OutOfStep& step = *channel.out_of_step;
  const LinkRecord& link = envelope.link;
  if (!channel.pending || channel.pending->record.id != link.message) {
    if (step.record.cause != StepRecord::Cause::rollback) return kEchoDiffers;
    History::lost_sight(channel, engine_.state.self.account, envelope.seq);
    step.followed.reset();  // made in the life that the store has forgotten: what it did cannot be followed
    step.record.epoch_known = false;
    step.changed = true;
    return {};
  }
  const auto echo = engine_.outbox.take_echo(channel.record.id, link.message, link.payload_hash, link.tag);
  if (!echo.ok()) return kEchoDiffers;
  if (step.base) return back_in_step(channel, envelope);
  if (channel.opening && channel.opening->record.registered) return next_generation(channel, envelope);
  // A change that was accepted before this device's state was lost: its bytes are here, its keys are not used any more (S21).
  const InviteId invite = channel.pending->record.invite;
  const Bytes commit = channel.pending->commit.commit;
  channel.pending.reset();
  engine_.journal.erase(keys::pending(channel.record.id));
  STEIGER_CHECK(follow_commit(channel, envelope, commit));
  engine_.changes.on_merged(channel);
  engine_.invites.on_merged(channel, invite);
  return {};
}

// S11: the first commit of the group that this device opened. What was accepted before it was of the group before.
Result<void> Inbox::next_generation(Channel& channel, const Envelope& envelope) {
  STEIGER_TRY(const membership::Roster before, roster(channel, channel.out_of_step->followed->tree(), {}));
  STEIGER_TRY(const mls::ResumptionUse psk,
              channel.group->resumption_psk(mls::ResumptionUsage::application, channel.opening->record.psk_epoch));
  STEIGER_TRY(mls::Group next, std::move(channel.pending->commit).merge(channel.opening->group));
  STEIGER_TRY(const membership::Roster after, roster(channel, next.tree(), own_certificates(channel)));
  channel.group.emplace(std::move(next));
  channel.pending.reset();
  engine_.journal.erase(keys::pending(channel.record.id));
  engine_.generations.entered(channel, psk, after);
  engine_.resync.done(channel);
  // Who is still to come back has not left.
  enter(channel, before, after, {}, {}, 0, envelope);
  engine_.changes.on_merged(channel);
  return {};
}

// S9: the own external commit has its place. The group that it stands on must be the one that was followed up to here.
Result<void> Inbox::back_in_step(Channel& channel, const Envelope& envelope) {
  OutOfStep& step = *channel.out_of_step;
  const bool same = step.followed ? step.followed->context_bytes() == step.base->context_bytes() &&
                                        step.followed->confirmation_tag() == step.base->confirmation_tag()
                                  : !step.record.epoch_known || step.record.epoch == step.base->epoch();
  if (!same) return refuse(kGroupInfoRefused);
  STEIGER_TRY(const membership::Roster before, roster(channel, step.base->tree(), {}));
  mls::Group next = std::move(channel.pending->commit.next);
  STEIGER_TRY(const membership::Roster after, roster(channel, next.tree(), {}));
  const std::uint64_t epoch = step.base->epoch();
  if (!equal(next.group_id(), channel.group->group_id())) engine_.generations.entered_later(channel, after);
  channel.superseded = 0;  // what was said of a later generation was not so
  channel.group.emplace(std::move(next));
  channel.pending.reset();
  engine_.journal.erase(keys::pending(channel.record.id));
  engine_.resync.done(channel);
  History::regained_sight(channel, membership::accounts_of(after), envelope.seq);
  enter(channel, before, after, membership::difference(before, after, false), {}, epoch, envelope);
  return {};
}

}  // namespace steiger::sdk
