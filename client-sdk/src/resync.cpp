#include "client-sdk/src/resync.h"

#include <algorithm>
#include <set>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/members.h"

namespace steiger::sdk {
namespace {

// A queue is handed out within this time; as long as something of the room comes, longer.
constexpr Duration kRemovalComes = std::chrono::minutes(10);

constexpr std::int64_t kMillisecondsPerDay = 24 * 60 * 60 * 1000;

std::int64_t day_of(Timestamp when) {
  return when.ms / kMillisecondsPerDay;
}

std::optional<mls::LeafIndex> leaf_of(const mls::RatchetTree& tree, const identity::DeviceIdentity& device) {
  for (const mls::LeafIndex index : tree.members()) {
    const auto who = identity::decode_credential(tree.leaf(index)->credential.identity);
    if (who.ok() && *who == device) return index;
  }
  return std::nullopt;
}

}  // namespace

// ---------------------------------------------------------------- saying so

void Resync::nack(Channel& channel, std::uint64_t epoch, const Hash& commit, identity::NackReason reason) {
  const State& state = engine_.state;
  identity::Nack nack;
  nack.organisation = state.organisation->id;
  nack.channel = channel.record.id;
  nack.group_id = to_bytes(channel.group->group_id());
  nack.epoch = epoch;
  nack.commit = commit;
  nack.reason = reason;
  nack.account = state.self.account;
  nack.device = state.self.device;
  // The NACK only holds the queue; a device that cannot sign one comes back all the same.
  if (auto done = identity::sign_nack(*state.leaf_key, std::move(nack)); done.ok()) {
    channel.out_of_step->record.nack = identity::encode_nack(*done);
  }
  channel.out_of_step->changed = true;
  channel.announce = true;
}

void Resync::on_nack_known(const ChannelId& id) {
  Channel* channel = engine_.channel(id);
  if (channel == nullptr || !channel->out_of_step) return;
  channel->out_of_step->record.nack.clear();
  channel->out_of_step->changed = true;
}

void Resync::done(Channel& channel) {
  channel.room.resyncs.push_back(engine_.session.gateway_now());
  const std::int64_t today = day_of(engine_.session.gateway_now());
  std::erase_if(channel.room.resyncs, [&](Timestamp when) { return day_of(when) != today; });
  channel.out_of_step.reset();
  asked_.erase(channel.record.id);
  engine_.journal.erase(keys::step(channel.record.id));
  channel.announce = true;
  Engine::room_changed(channel);
}

// ---------------------------------------------------------------- a store that was put back (S21)

Result<void> Resync::on_standing(const wire::LoginReply& reply) {
  std::set<ChannelId> registered;
  std::map<ChannelId, bool> older;
  bool found = reply.accepted_counter() > engine_.state.counter.assigned;
  unlisted_.clear();
  if (reply.channels() != nullptr) {
    for (const wire::ChannelState* standing : *reply.channels()) {
      STEIGER_TRY(const ChannelId id, gateway::field<ChannelId>(standing->channel()));
      registered.insert(id);
      Channel* channel = engine_.channel(id);
      if (channel == nullptr || channel->stopped()) continue;
      if (standing->generation() > channel->room.generation) {
        const bool own = channel->opening && channel->opening->record.generation == standing->generation();
        if (!own) Generations::superseded(*channel, standing->generation());  // S11
      }
      if (standing->generation() != channel->room.generation) continue;
      older[id] = standing->acknowledged_seq() > channel->record.processed;  // it once had more
      const bool known = channel->out_of_step && channel->out_of_step->record.cause == StepRecord::Cause::rollback;
      found = found || (older[id] && !known);
    }
  }
  for (const auto& [id, channel] : engine_.state.channels) {
    const bool was_in = channel.group && !channel.stopped() && channel.record.processed > 0;
    if (was_in && registered.count(id) == 0) unlisted_[id] = engine_.now + (found ? Duration() : kRemovalComes);
  }
  if (!found) return {};
  engine_.outbox.forget_counters(reply.accepted_counter(), registered);
  for (auto& [id, channel] : engine_.state.channels) {
    if (channel.stopped() || !channel.group) continue;
    if (channel.superseded != 0) rolled_back(channel, true);  // it may have been in that generation, and have forgotten it
    if (older.count(id) != 0) rolled_back(channel, older[id]);
  }
  engine_.alarm(kRollbackDetected);
  return {};
}

// It is in the roster all the same: it comes in by itself, among those it knew. Anybody can write such a Welcome, so the alarm stands.
void Resync::no_common_epoch(Channel& channel, std::uint64_t generation) {
  if (channel.stopped() || !channel.group || generation <= channel.room.generation || may_enter_later(channel)) return;
  Generations::superseded(channel, generation);
  rolled_back(channel, true);
}

void Resync::forgot_generation(Channel& channel) {
  rolled_back(channel, true);
  engine_.alarm(kRollbackDetected);
}

void Resync::rolled_back(Channel& channel, bool missed) {
  if (channel.pending) {
    const InviteId invite = channel.pending->record.invite;
    drop_pending(channel);
    engine_.changes.begin_again(channel, invite);
  }
  engine_.generations.give_up(channel);
  OutOfStep step;
  step.record.cause = StepRecord::Cause::rollback;
  step.record.epoch = channel.epoch_by_links();
  step.record.epoch_known = !missed;
  const bool current = !missed && !channel.out_of_step && step.record.epoch == channel.group->epoch();
  if (current) step.followed = channel.group->public_state();
  channel.out_of_step = std::move(step);
  channel.gaps.doubt_before = engine_.state.counter.next_order;
  channel.gaps.doubt_until = engine_.now + kDoubtTime;
  channel.gaps_changed = channel.announce = true;
}

// ---------------------------------------------------------------- asking

void Resync::on_login() {
  asked_.clear();
}

void Resync::heard(const ChannelId& channel) {
  const auto waits = unlisted_.find(channel);
  if (waits != unlisted_.end()) waits->second = engine_.now + kRemovalComes;
}

void Resync::welcomed_again(Channel& channel) {
  if (unlisted_.erase(channel.record.id) != 0) on_unlisted(channel, gateway::kNotAMember);
}

// The gateway says whether this device was removed, or waits for others to bring it into a later generation.
void Resync::ask_about_unlisted() {
  for (auto& [id, until] : unlisted_) {
    if (until > engine_.now) continue;
    until = engine_.now + kRemovalComes;
    ask_group_info(id);
  }
}

void Resync::ask_group_info(const ChannelId& id) {
  wire::FetchGroupInfoT body;
  body.channel = gateway::wire_pointer(id);
  WireRequest about{WireRequest::About::fetch_group_info, {}};
  about.channel = id;
  engine_.session.ask(about, std::move(body));
}

// S12, S21: put back to before its removal, which does not come again.
void Resync::on_unlisted(Channel& channel, const Error& error) {
  if (error == gateway::kGenerationReplaced) return Generations::superseded(channel, channel.room.generation + 1);
  engine_.alarm(kRollbackDetected, channel.record.id);
  engine_.inbox.removed(channel, channel.record.processed, engine_.session.gateway_now());
}

std::size_t Resync::tries_today(const Channel& channel) const {
  const std::int64_t today = day_of(engine_.session.gateway_now());
  const auto& all = channel.room.resyncs;
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](Timestamp when) { return day_of(when) == today; }));
}

// S11, S21: its Welcome into the later generation may have been used up in the life that the store has forgotten.
bool Resync::may_enter_later(const Channel& channel) {
  return channel.superseded != 0 && channel.out_of_step && channel.out_of_step->record.cause == StepRecord::Cause::rollback;
}

// A commit of before, whose fate the gateway has yet to tell, comes first.
bool Resync::may_try(const Channel& channel) const {
  if (!channel.out_of_step || channel.stopped() || channel.pending || channel.out_of_step->base) return false;
  if (channel.opening || (channel.superseded != 0 && !may_enter_later(channel))) return false;
  return channel.out_of_step->record.wait_until <= engine_.session.gateway_now();
}

void Resync::pump() {
  if (!engine_.session.online()) return;
  ask_about_unlisted();
  for (auto& [id, channel] : engine_.state.channels) {
    if (!channel.out_of_step || channel.stopped()) continue;
    Asked& asked = asked_[id];
    if (const Bytes& nack = channel.out_of_step->record.nack; !nack.empty()) {
      if (std::exchange(asked.nack, true)) continue;
      wire::NackT body;
      body.nack = nack;
      WireRequest about{WireRequest::About::nack, {}};
      about.channel = id;
      engine_.session.ask(about, std::move(body));
      continue;
    }
    if (!may_try(channel) || asked.group_info || asked.again > engine_.now) continue;
    if (tries_today(channel) >= kMaxResyncsPerDay) {  // S11
      no_other_way(channel, nullptr);
      continue;
    }
    asked.group_info = true;
    ask_group_info(id);
  }
}

std::optional<Timestamp> Resync::deadline() const {
  std::optional<Timestamp> first;
  const auto consider = [&](Timestamp when) {
    if (when > engine_.now && (!first || when < *first)) first = when;
  };
  for (const auto& [id, until] : unlisted_) consider(until);
  for (const auto& [id, channel] : engine_.state.channels) {
    if (!channel.out_of_step || channel.stopped()) continue;
    consider(channel.out_of_step->record.wait_until - (engine_.session.gateway_now() - engine_.now));  // in the device's time
    if (const auto asked = asked_.find(id); asked != asked_.end()) consider(asked->second.again);
  }
  return first;
}

void Resync::on_problem(const WireRequest& about, const Error& error) {
  Channel* channel = engine_.channel(about.channel);
  if (channel == nullptr) return;
  const bool is_out = error == gateway::kNotAMember || error == gateway::kGenerationReplaced;
  const bool asked_whether = about.about == WireRequest::About::fetch_group_info && is_out;
  if (asked_whether && unlisted_.erase(about.channel) != 0) return on_unlisted(*channel, error);
  if (!channel->out_of_step) return;
  Asked& asked = asked_[about.channel];
  if (about.about == WireRequest::About::nack && !error.retryable)
    return on_nack_known(about.channel);  // it says no more than this
  if (error == gateway::kGenerationReplaced) Generations::superseded(*channel, channel->room.generation + 1);
  // S12, S21: nobody can show this device its removal any more, because it has no public state to follow the room with.
  if (error == gateway::kNotAMember && !channel->out_of_step->followed) {
    return engine_.inbox.removed(*channel, channel->record.processed, engine_.session.gateway_now());
  }
  // Not a member any more: the removal is on its way. No GroupInfo yet: it comes with the next commit.
  asked.nack = asked.group_info = false;
  asked.again = engine_.now + std::max(asked.wait, Duration(error.retry_after_ms));
  asked.wait = std::min(2 * asked.wait, kResyncAgainMost);
}

// S11: the group itself may be what is broken.
void Resync::no_other_way(Channel& channel, const Error* why) {
  if (!engine_.generations.open(channel)) wait_for_tomorrow(channel, why);
}

// S11: beyond three a day something is broken that another try does not cure; people hear of it.
void Resync::wait_for_tomorrow(Channel& channel, const Error* why) {
  const Timestamp tomorrow{(day_of(engine_.session.gateway_now()) + 1) * kMillisecondsPerDay};
  channel.out_of_step->record.wait_until = tomorrow + kResyncAgain;
  channel.out_of_step->changed = true;
  engine_.alarm(kResyncLimit, channel.record.id, why);
}

// ---------------------------------------------------------------- coming in

Result<void> Resync::on_group_info(const wire::CurrentGroupInfo& current) {
  STEIGER_TRY(const ChannelId id, gateway::field<ChannelId>(current.channel()));
  Channel* channel = engine_.channel(id);
  if (channel == nullptr || !may_try(*channel) || current.group_info() == nullptr) return {};
  asked_[id].group_info = false;
  if (current.generation() > channel->room.generation) {
    Generations::superseded(*channel, current.generation());
    if (!may_enter_later(*channel)) {  // its Welcome is on its way (S11)
      asked_[id].again = engine_.now + kResyncAgain;
      return {};
    }
  }
  if (current.epoch() < channel->out_of_step->record.epoch && !std::exchange(asked_[id].stale, true)) return {};  // asked again
  auto base = check_group_info(*channel, current);
  if (!base.ok()) {
    engine_.stop_channel(*channel, kCommitRefused, &base.error());
    return {};
  }
  auto coming = come_in(*channel, std::move(base).value(), gateway::view_of(current.group_info()));
  if (!coming.ok()) no_other_way(*channel, &coming.error());
  return {};
}

// S9: a GroupInfo of this very group, by one of its members, under the same policy, of now.
Result<mls::PublicGroup> Resync::check_group_info(const Channel& channel, const wire::CurrentGroupInfo& current) const {
  const auto info = mls::decode_message<mls::GroupInfo>(gateway::view_of(current.group_info()));
  const bool later = may_enter_later(channel) && current.generation() == channel.superseded;
  if (!info.ok() || (current.generation() != channel.room.generation && !later)) return kGroupInfoRefused;
  auto group = mls::PublicGroup::from_group_info(*info, std::nullopt);
  if (!group.ok()) return kGroupInfoRefused;
  const bool same_group = equal(group->group_id(), channel.group->group_id());
  if (same_group == later || group->epoch() != current.epoch()) return kGroupInfoRefused;
  if (group->context().extensions != channel.group->group_context().extensions) return kGroupInfoRefused;  // S8
  const OutOfStep& step = *channel.out_of_step;
  if (!later && group->epoch() < step.record.epoch) return kGroupInfoRefused;  // an old one: this device has seen later ones
  if (step.followed && group->epoch() == step.followed->epoch() && group->context_bytes() != step.followed->context_bytes()) {
    return kGroupInfoRefused;  // another branch
  }
  if (!step.followed) STEIGER_CHECK(check_known(channel, group->tree()));
  return group;
}

// S8: without the public state of before, nobody may be there whom this device did not know, and under no other key.
Result<void> Resync::check_known(const Channel& channel, const mls::RatchetTree& tree) const {
  const auto roster = membership::read_roster(tree, known_certificates(engine_.state, channel), engine_.standing.trust(),
                                              membership::certified_for(channel.binding));
  if (!roster.ok()) return kGroupInfoRefused;
  // S2: its phone of before a comeback stays until the time to object is over.
  const auto under_older_key = [&](const membership::Seat& seat) {
    return std::any_of(channel.room.older_certificates.begin(), channel.room.older_certificates.end(), [&](const Bytes& bytes) {
      const auto older = identity::decode_certificate(bytes);
      return older.ok() && older->subject == seat.who.account && older->subject_key == seat.account_key;
    });
  };
  for (const membership::Seat& seat : *roster) {
    const auto& members = channel.record.members;
    const bool known = std::any_of(members.begin(), members.end(), [&](const MemberRecord& member) {
      const auto chain = identity::decode_chain(member.chain);
      if (member.account != seat.who.account || !chain.ok() || chain->account_key != seat.account_key) return false;
      // A device that the account has given up since is known, but not there.
      const bool later = chain->device_list.version > seat.chain.device_list.version;
      return !later || chain->device_list.find(seat.who.device) != nullptr;
    });
    if (!known && !under_older_key(seat)) return kGroupInfoRefused;
  }
  return {};
}

Result<void> Resync::come_in(Channel& channel, mls::PublicGroup base, ByteView group_info) {
  const State& state = engine_.state;
  const auto own = leaf_of(base.tree(), {state.self.account, state.self.device});
  if (!own) {  // removed meanwhile; the queue says so
    asked_[channel.record.id].again = engine_.now + kResyncAgain;
    return {};
  }
  const identity::ChainPosition position{channel.record.processed, channel.record.head};
  mls::ExternalJoinOptions options{state.leaf_key->clone(), leaf_options(state.self, engine_.session.gateway_now()), own};
  options.authenticated_data = identity::encode_handshake_header({position, {}});
  options.group_info_extensions = {{identity::kChainHeadExtension, identity::encode_chain_position(position)}};
  STEIGER_TRY(mls::PendingCommit commit, mls::Group::join_externally(engine_.rng, group_info, std::move(options)));
  PendingRecord record;
  record.id = MessageId::random(engine_.rng);
  record.epoch = base.epoch();
  record.links_from = position.seq;
  record.commit = commit.serialize();
  channel.pending.emplace(PendingBundle{std::move(record), std::move(commit)});
  channel.out_of_step->base = std::move(base);
  channel.out_of_step->changed = true;
  engine_.save_pending(channel);
  engine_.outbox.send_commit(channel);
  return {};
}

// ---------------------------------------------------------------- the outbox

bool Resync::owns(const Channel& channel, const OutboxRecord& item) const {
  return item.kind == OutboxRecord::Kind::commit && channel.out_of_step && channel.out_of_step->base && channel.pending &&
         channel.pending->record.id == item.id;
}

void Resync::drop_pending(Channel& channel) {
  channel.pending.reset();
  engine_.journal.erase(keys::pending(channel.record.id));
}

void Resync::lost_race(Channel& channel) {
  drop_pending(channel);
  channel.out_of_step->base.reset();
  channel.out_of_step->changed = true;
}

bool Resync::give_up(Channel& channel, const Error& error) {
  lost_race(channel);
  if (error != gateway::kNotAMember) no_other_way(channel, error == gateway::kResyncLimit ? nullptr : &error);
  return true;
}

void Resync::drop_change(Channel& channel) {
  if (!channel.pending || (channel.out_of_step && channel.out_of_step->base)) return;
  const InviteId invite = channel.pending->record.invite;
  drop_pending(channel);
  engine_.changes.begin_again(channel, invite);
}

}  // namespace steiger::sdk
