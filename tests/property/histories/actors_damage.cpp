// What happens to what a device keeps: older copies that are put back, and a group that is not what it was (S9, S11, S21).
#include "client-sdk/src/keys.h"
#include "client-sdk/src/recovery_records.h"
#include "crypto/mls/errors.h"
#include "crypto/mls/group.h"
#include "crypto/primitives/hash.h"
#include "tests/property/histories/actors.h"
#include "tests/property/spoiled_group.h"

namespace steiger::sdk::histories {

using identity::Role;

namespace {

// The group with other secrets of its epoch: it looks the same and talks with `other`, and `commit` does not come from a member any
// more. Empty: no such.
Bytes spoilt(const Bytes& good, const mls::Group& other, ByteView commit, Rng& rng) {
  constexpr std::size_t kStride = 16;  // half of a secret: each is hit
  const auto seen = mls::Group::deserialize(good)->public_state().serialize();
  const auto none = [](ByteView) -> std::optional<SecretBytes> { return std::nullopt; };
  for (std::size_t back = kStride; back < good.size(); back += kStride) {
    Bytes bad = good;
    bad[bad.size() - back] ^= 1;
    const auto group = mls::Group::deserialize(bad);
    if (!group.ok() || group->public_state().serialize() != seen) continue;
    const auto result = group->handle_commit(commit, none);
    if (result.ok() || result.error() != mls::kBadMembershipTag) continue;
    if (testing::understands(*group, other, rng) && testing::understands(other, *group, rng)) return bad;
  }
  return {};
}

}  // namespace

// A copy of the disk as it is now, for later.
bool Actors::remember() {
  Phone* phone = any();
  if (!may_damage() || phone == nullptr || phone->owner->role == Role::teamleider) return false;
  phone->older.clear();
  for (const auto& [key, value] : phone->device->disk) phone->older.emplace(key, value.clone());
  return true;
}

// S9, S11: what the device holds of its groups is older than what it knows of the rooms; it cannot follow the next commit.
bool Actors::damage_group() {
  Phone* phone = one_of(cast_.phones(Phone::State::in_use));
  if (!may_damage() || phone == nullptr || phone->asleep || phone->older.empty()) return false;
  if (phone->injuries >= kMostInjuries) return false;
  bool changed = false;
  phone->device->crash();
  for (auto& [key, value] : phone->device->disk) {
    if (key.rfind(keys::kGroupPrefix, 0) != 0) continue;
    const auto older = phone->older.find(key);
    if (older == phone->older.end()) continue;
    const auto was = mls::Group::deserialize(older->second.bytes());
    const auto is = mls::Group::deserialize(value.bytes());
    if (!was.ok() || !is.ok() || was->epoch() >= is->epoch()) continue;
    value = older->second.clone();
    changed = true;
  }
  boot(*phone);
  if (!changed) return false;
  tell(phone->device->name + " holds an older group");
  phone->was_out_of_step = phone->held_older_group = true;
  ++phone->injuries;
  ++cast_.counts.damaged;
  return true;
}

// S21: somebody puts an older copy of the whole device back.
bool Actors::roll_back() {
  Phone* phone = one_of(cast_.phones(Phone::State::in_use));
  if (!may_damage() || phone == nullptr || phone->asleep || phone->older.empty()) return false;
  if (phone->injuries >= kMostInjuries) return false;
  phone->device->crash();
  phone->device->disk.clear();
  for (const auto& [key, value] : phone->older) phone->device->disk.emplace(key, value.clone());
  tell(phone->device->name + " is rolled back");
  phone->was_out_of_step = phone->rolled_back = true;
  ++phone->injuries;
  ++cast_.counts.rolled_back;
  boot(*phone);
  return true;
}

// S11: a device whose keys of the epoch are not the room's: nothing shows it until the next commit, which it cannot process.
bool Actors::spoil_group() {
  Phone* phone = any();
  if (!may_damage() || phone == nullptr || cast_.counts.spoilt >= 2 || phone->injuries >= kMostInjuries) return false;
  for (auto& [key, value] : phone->device->disk) {
    if (key.rfind(keys::kGroupPrefix, 0) != 0) continue;
    const ChannelId room = *ChannelId::from_text(key.substr(std::string(keys::kGroupPrefix).size()));
    const Bytes good = to_bytes(value.bytes());
    const auto own = mls::Group::deserialize(good);
    if (!own.ok() || phone->device->disk.count(keys::pending(room)) != 0) continue;
    for (Phone* other : cast_.phones(Phone::State::in_use)) {
      const auto record = other->device->disk.find(key);
      if (other == phone || record == other->device->disk.end()) continue;
      const auto theirs = mls::Group::deserialize(record->second.bytes());
      if (!theirs.ok() || !equal(theirs->epoch_authenticator(), own->epoch_authenticator())) continue;
      mls::CommitOptions options;
      options.now = world_.scheduler.now;
      const auto probe = theirs->commit(world_.rng, options);
      if (!probe.ok()) continue;
      const Bytes bad = spoilt(good, *theirs, probe->commit, world_.rng);
      if (bad.empty()) continue;
      phone->device->crash();
      value = SecretBytes::copy_of(bad);
      phone->device->disk[keys::stamp(room)] = StampRecord{sha256(bad)}.encode();
      tell(phone->device->name + " holds a spoilt group");
      phone->was_out_of_step = true;
      ++phone->injuries;
      ++cast_.counts.spoilt;
      boot(*phone);
      return true;
    }
  }
  return false;
}

}  // namespace steiger::sdk::histories
