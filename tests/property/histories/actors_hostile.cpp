// A member whose client makes commits that nobody else can follow. The gateway cannot see that (S7); everybody else says so and comes in
// again by themselves (S9, S11).
#include "client-sdk/src/keys.h"
#include "client-sdk/src/records.h"
#include "crypto/identity/channel.h"
#include "crypto/mls/group.h"
#include "tests/property/histories/actors.h"

namespace steiger::sdk::histories {

namespace {

// The membership tag, with which it ends (RFC 9420 section 6.2), is wrong for everybody.
void spoil_membership_tag(mls::PendingCommit& commit) {
  commit.commit.back() ^= 1;
}

// Nor does anybody come in by its GroupInfo (S9): its key is of low order. What is left is the next generation of the group (S11).
bool spoil_group_info(mls::PendingCommit& commit, const Snapshot& disk) {
  auto info = mls::decode_message<mls::GroupInfo>(commit.group_info);
  const auto self = SelfRecord::decode(disk.at(keys::kSelf).bytes());
  if (!info.ok() || !self.ok()) return false;
  for (mls::Extension& extension : info->extensions) {
    if (extension.type != static_cast<std::uint16_t>(mls::ExtensionType::external_pub)) continue;
    std::fill(extension.data.begin() + 1, extension.data.end(), std::uint8_t{0});
  }
  auto seed = SigningKey::Seed::from_bytes(self->leaf_seed.bytes());
  if (!seed.ok()) return false;
  info->sign(SigningKey(std::move(seed).value()));
  commit.group_info = mls::encode_message(*std::move(info));
  return true;
}

}  // namespace

bool Actors::hostile_commit() {
  Phone* phone = any();
  if (!may_damage() || phone == nullptr || phone->injuries >= kMostInjuries || cast_.counts.hostile_commits != 0) {
    return false;
  }
  const auto where = rooms(*phone);
  phone->device->crash();  // what it was writing is on its disk, or never will be
  Snapshot& disk = phone->device->disk;
  if (disk.count(keys::kCounter) == 0) return boot(*phone), false;
  auto counter = CounterRecord::decode(disk.at(keys::kCounter).bytes());
  if (!counter.ok()) return boot(*phone), false;
  for (const auto& room : where) {
    const ChannelId id = *ChannelId::from_bytes(room.id);
    const auto kept = disk.find(keys::group(id));
    // Out of step, or with a commit of its own on its way: not now.
    if (room.stopped || kept == disk.end() || disk.count(keys::channel(id)) == 0 ||
        disk.count(keys::pending(id)) + disk.count(keys::step(id)) != 0)
      continue;
    const auto group = mls::Group::deserialize(kept->second.bytes());
    const auto record = ChannelRecord::decode(disk.at(keys::channel(id)).bytes());
    if (!group.ok() || !record.ok() || group->tree().members().size() < 2) continue;
    const identity::ChainPosition position{record->processed, record->head};
    mls::CommitOptions options;
    options.now = world_.scheduler.now;
    options.authenticated_data = identity::encode_handshake_header({position, {}});
    options.group_info_extensions.push_back({identity::kChainHeadExtension, identity::encode_chain_position(position)});
    auto commit = group->commit(world_.rng, options);
    if (!commit.ok()) continue;
    spoil_membership_tag(*commit);
    const bool dead_end = cast_.dead_ends && spoil_group_info(*commit, disk);
    PendingRecord pending;
    pending.id = MessageId::random(world_.rng);
    pending.epoch = group->epoch();
    pending.links_from = position.seq;
    pending.commit = commit->serialize();
    OutboxRecord item;
    item.kind = OutboxRecord::Kind::commit;
    item.channel = id;
    item.id = pending.id;
    item.created = world_.scheduler.now;
    item.epoch = pending.epoch;
    item.order = counter->next_order++;
    disk[keys::pending(id)] = pending.encode();
    disk[keys::outbox(item.order)] = item.encode();
    disk[keys::kCounter] = counter->encode();
    tell(phone->device->name + " makes a commit that nobody can follow" + (dead_end ? ", nor come in by" : ""));
    phone->was_out_of_step = phone->hostile = true;
    ++phone->injuries;
    ++cast_.counts.hostile_commits;
    boot(*phone);
    return true;
  }
  boot(*phone);
  return false;
}

}  // namespace steiger::sdk::histories
