#include "client-sdk/src/generations.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/members.h"
#include "client-sdk/src/opening.h"

namespace steiger::sdk {
namespace {

// The leaf key of a device that this device sees in the room.
std::optional<VerifyKey> leaf_key_of(const mls::RatchetTree& tree, const identity::DeviceIdentity& device) {
  for (const mls::LeafIndex index : tree.members()) {
    const mls::LeafNode& leaf = *tree.leaf(index);
    const auto who = identity::decode_credential(leaf.credential.identity);
    if (!who.ok() || *who != device) continue;
    const auto key = leaf.verify_key();
    return key.ok() ? std::optional(*key) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SecretBytes> carried_psk(const Channel& channel, ByteView group_id, std::uint64_t epoch) {
  if (!channel.carried || channel.carried->epoch != epoch || !equal(channel.carried->group_id, group_id)) return std::nullopt;
  return channel.carried->psk.clone();
}

// ---------------------------------------------------------------- opening

bool Generations::open(Channel& channel) {
  if (!channel.out_of_step || channel.opening || channel.pending || channel.superseded != 0) return false;
  const OutOfStep& step = *channel.out_of_step;
  // Only against a commit that nobody could follow, publicly followed since, and said so.
  if (step.record.cause != StepRecord::Cause::commit || !step.followed || !step.record.nack.empty()) return false;
  auto group = make_group(engine_, channel.group->group_context().extensions);
  if (!group.ok()) return false;
  OpeningRecord record;
  record.generation = channel.room.generation + 1;
  record.since = engine_.now;
  channel.opening.emplace(Opening{std::move(record), std::move(group).value()});
  engine_.save_opening(channel);
  for (const MemberRecord& member : channel.record.members) {
    if (member.account != engine_.state.self.account) bring_back(channel, member.account, {});
  }
  return true;
}

void Generations::bring_back(Channel& channel, const AccountId& account, Timestamp not_before) {
  WishRecord wish;
  wish.kind = WishRecord::Kind::carry_over;
  wish.account = account;
  wish.not_before = not_before;
  (void)engine_.changes.wish(channel, std::move(wish)).ok();  // always taken
}

// As old as the oldest that somebody said they are stuck in, if this device still has it.
mls::ResumptionUse Generations::last_common(const Channel& channel) const {
  const mls::Group& group = *channel.group;
  const auto lowest = lowest_.find(channel.record.id);
  if (lowest != lowest_.end() && lowest->second < group.epoch()) {
    auto psk = group.resumption_psk(mls::ResumptionUsage::application, lowest->second);
    if (psk.ok()) return std::move(psk).value();
  }
  return group.resumption_psk(mls::ResumptionUsage::application, group.epoch()).value();  // the own epoch's is always there
}

Result<void> Generations::on_nack(const wire::Nack& told) {
  const auto nack = identity::decode_nack(gateway::view_of(told.nack()));
  if (!nack.ok()) return kProtocol;
  const Channel* channel = engine_.channel(nack->channel);
  if (channel == nullptr || !channel->group || !equal(nack->group_id, channel->group->group_id())) return {};  // of before
  const auto& step = channel->out_of_step;
  const mls::RatchetTree& tree = step && step->followed ? step->followed->tree() : channel->group->tree();
  const auto key = leaf_key_of(tree, {nack->account, nack->device});
  if (!key || !identity::verify_nack(*nack, *key).ok()) return {};  // nobody of this room; it decides nothing
  const auto [lowest, first] = lowest_.try_emplace(nack->channel, nack->epoch);
  lowest->second = std::min(lowest->second, nack->epoch);
  return {};
}

void Generations::drop(Channel& channel) {
  channel.opening.reset();
  engine_.journal.erase(keys::opening(channel.record.id));
}

bool Generations::owns(const Channel& channel, const OutboxRecord& item) {
  if (!channel.opening || item.channel != channel.record.id) return false;
  if (item.kind == OutboxRecord::Kind::registration) return !channel.opening->record.registered;
  return item.kind == OutboxRecord::Kind::commit && channel.pending && channel.pending->record.id == item.id;
}

void Generations::refused(Channel& channel, const OutboxRecord& item, const Error& error) {
  const bool replaced = error == gateway::kGenerationTaken || error == gateway::kGenerationReplaced;
  channel.pending.reset();
  engine_.journal.erase(keys::pending(channel.record.id));
  for (auto& [number, wish] : channel.wishes) {
    if (!std::exchange(wish.committed, false)) continue;
    wish.packages.clear();
    engine_.changes.save(channel, wish);
  }
  if (item.kind == OutboxRecord::Kind::commit && !replaced) {
    channel.opening->record.alone = true;  // one of the others may not come in: this device first, then everybody by themselves
    engine_.save_opening(channel);
    return;
  }
  drop(channel);
  if (replaced) return superseded(channel, channel.room.generation + 1);
  engine_.resync.wait_for_tomorrow(channel, error == gateway::kGenerationUnfounded ? nullptr : &error);
}

void Generations::superseded(Channel& channel, std::uint64_t generation) {
  channel.superseded = std::max(channel.superseded, generation);
  channel.announce = true;
}

void Generations::on_registered(Channel& channel) {
  channel.opening->record.registered = true;
  engine_.save_opening(channel);
}

Result<PendingBundle> Generations::build(Channel& channel) {
  STEIGER_TRY(auto psk, channel.group->resumption_psk(mls::ResumptionUsage::application, channel.opening->record.psk_epoch));
  return engine_.changes.build_generation(channel, std::move(psk));
}

// The registration and the commit go out together: nobody is left outside a group that one device opened and did not come back to.
void Generations::pump() {
  if (!engine_.session.online()) return;
  for (auto& [id, channel] : engine_.state.channels) {
    if (!channel.opening || channel.pending || channel.stopped()) continue;
    OpeningRecord& record = channel.opening->record;
    const bool all = record.alone || engine_.changes.claim_carried(channel);
    if (!all && engine_.now < record.since + kGenerationWait) continue;
    if (!record.registered) record.psk_epoch = last_common(channel).epoch;
    auto built = build(channel);
    if (!built.ok() && !record.alone) {  // somebody's package is not right: then everybody by themselves
      record.alone = true;
      built = build(channel);
    }
    auto group_info = channel.opening->group.group_info({});
    if (!built.ok() || !group_info.ok()) {
      engine_.stop_channel(channel, kCommitRefused, built.ok() ? nullptr : &built.error());
      continue;
    }
    engine_.save_opening(channel);
    channel.pending.emplace(std::move(built).value());
    engine_.save_pending(channel);
    if (!record.registered) engine_.outbox.send_registration(channel, std::move(group_info).value(), record.generation);
    engine_.outbox.send_commit(channel);
  }
}

std::optional<Timestamp> Generations::deadline() const {
  std::optional<Timestamp> first;
  for (const auto& [id, channel] : engine_.state.channels) {
    if (!channel.opening || channel.pending || channel.stopped()) continue;
    const Timestamp at = channel.opening->record.since + kGenerationWait;
    if (at > engine_.now && (!first || at < *first)) first = at;
  }
  return first;
}

// ---------------------------------------------------------------- in the new group

CarriedRecord Generations::carried(const mls::ResumptionUse& psk) {
  return {psk.group_id, psk.epoch, SecretBytes::copy_of(psk.psk.bytes())};
}

std::vector<AccountId> Generations::missing_in(const Channel& channel, const membership::Roster& after) {
  std::vector<AccountId> out;
  for (const MemberRecord& member : channel.record.members) {
    if (membership::find_account(after, member.account) == nullptr) out.push_back(member.account);
  }
  return out;
}

void Generations::entered(Channel& channel, const mls::ResumptionUse& psk, const membership::Roster& after) {
  channel.room.generation = channel.opening->record.generation;
  drop(channel);
  await(channel, missing_in(channel, after), carried(psk), {});
}

void Generations::entered_later(Channel& channel, const membership::Roster& after) {
  channel.room.generation = channel.superseded;
  await(channel, missing_in(channel, after), std::nullopt, {});
}

std::optional<CarriedRecord> Generations::named_by(const Channel& channel, const std::vector<mls::PreSharedKeyId>& psks) {
  for (const mls::PreSharedKeyId& id : psks) {
    const bool ours = id.type == mls::PskType::resumption && channel.group && equal(id.psk_group_id, channel.group->group_id());
    if (!ours || id.usage != mls::ResumptionUsage::application) continue;
    if (auto psk = channel.group->resumption_psk(id.usage, id.psk_epoch); psk.ok()) return carried(*psk);
  }
  return std::nullopt;
}

void Generations::await(Channel& channel, std::vector<AccountId> accounts, std::optional<CarriedRecord> psk,
                        Timestamp not_before) {
  const ChannelId& id = channel.record.id;
  channel.superseded = 0;
  lowest_.erase(id);
  for (FormerRecord& former : channel.room.former) former.removed_in = 0;  // epochs begin again
  engine_.outbox.on_generation(id);
  channel.room.carried_over = std::move(accounts);
  Engine::room_changed(channel);
  channel.carried = std::move(psk);
  if (!channel.carried) return engine_.journal.erase(keys::carried(id));
  engine_.journal.put(keys::carried(id), channel.carried->encode());
  for (const AccountId& account : channel.room.carried_over) bring_back(channel, account, not_before);
}

void Generations::on_roster(Channel& channel) {
  std::erase_if(channel.room.carried_over, [&](const AccountId& account) { return channel.member(account) != nullptr; });
  if (!channel.room.carried_over.empty() || !channel.carried) return;
  channel.carried.reset();
  engine_.journal.erase(keys::carried(channel.record.id));
}

}  // namespace steiger::sdk
