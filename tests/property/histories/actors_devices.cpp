// Devices of one person: linked, dropped, lost, and coming back (S2).
#include <algorithm>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/records.h"
#include "crypto/identity/chain.h"
#include "tests/property/histories/actors.h"

namespace steiger::sdk::histories {

using identity::Role;

bool Actors::is_everywhere(const Phone& phone, const Phone& other) const {
  for (const auto& [number, room] : cast_.witness->rooms()) {
    bool here = false;
    bool there = false;
    for (const Stay& stay : room.stays) {
      if (stay.left != 0) continue;
      here = here || stay.device == phone.id;
      there = there || stay.device == other.id;
    }
    if (there && !here) return false;
  }
  return true;
}

bool Actors::may_change_devices(Person& person) {
  if (person.joining() || world_.scheduler.now < person.quiet_from) return false;
  for (const Phone* phone : person.phones) {
    // S21: a store that was put back may have forgotten the newest list of its account's devices; nobody here has the older one changed.
    if (phone->asleep || phone->rolled_back) return false;
  }
  person.quiet_from = world_.scheduler.now + std::chrono::minutes(3);
  return true;
}

// A device hears that another one was linked, or dropped, a while after it was.
bool Actors::lists(const Phone& by, const Phone& other) {
  const auto record = by.device->disk.find(keys::kSelf);
  if (record == by.device->disk.end()) return false;
  const auto self = SelfRecord::decode(record->second.bytes());
  const auto chain = self.ok() ? identity::decode_chain(self->chain) : Result<identity::IdentityChain>(self.error());
  return chain.ok() && chain->device_list.find(other.id) != nullptr;
}

bool Actors::link() {
  Phone* from = any();
  if (from == nullptr || from->owner->role == Role::teamleider) return false;
  Person& owner = *from->owner;
  if (owner.in_use().size() >= max_devices_ || !may_change_devices(owner)) return false;
  api::MakeInviteT make;
  make.kind = api::InviteKind::qr;
  make.purpose = api::InvitePurpose::device;
  const std::string url = invite(*from, make);
  if (url.empty()) return false;
  tell(from->device->name + " links one more device");
  joiner(owner, url);
  ++cast_.counts.linked;
  return true;
}

bool Actors::drop() {
  Phone* by = any();
  if (by == nullptr) return false;
  for (Phone* other : by->owner->in_use()) {
    if (other == by || !is_everywhere(*by, *other) || !may_change_devices(*by->owner) || !lists(*by, *other)) continue;
    api::RemoveDeviceT remove;
    remove.device.assign(other->id.array().begin(), other->id.array().end());
    const auto* failed = world_.ask_until_stored(*by->device, remove).body.AsFailed();
    tell(by->device->name + " drops " + other->device->name + (failed == nullptr ? "" : ": " + failed->name));
    // Asked again after a crash, it may have been done already.
    if (failed != nullptr && failed->name != kNoSuchDevice.name) return false;
    gone(*other, true);
    other->dropped = other->must_leave = true;
    ++cast_.counts.dropped;
    return true;
  }
  return false;
}

// One's phone is gone, another device is left: the account goes on under a new key.
bool Actors::lose_one_of_two() {
  Phone* by = any();
  if (by == nullptr || by->owner->role == Role::third_party || out_of_step_had()) return false;
  for (Phone* other : by->owner->in_use()) {
    if (other == by || !is_everywhere(*by, *other) || !may_change_devices(*by->owner)) continue;
    gone(*other, true);
    other->dropped = other->must_leave = true;
    api::RemoveDeviceT remove;
    remove.device.assign(other->id.array().begin(), other->id.array().end());
    remove.lost = true;
    const auto& answer = world_.ask_until_stored(*by->device, remove);
    const auto* failed = answer.body.AsFailed();
    tell(by->device->name + " lost " + other->device->name + (failed == nullptr ? "" : ": " + failed->name));
    ++cast_.counts.lost_devices;
    const auto* asked = answer.body.AsStaffRequest();
    if (asked == nullptr) return true;  // a jongere: the coach is asked
    const auto request = decode_staff_request(asked->request);
    if (!request.ok()) return true;
    api::InstallCertificateT install;
    install.certificate = certify_staff(world_.organisation, *request, by->owner->role, world_.scheduler.now).value();
    world_.ask_until_stored(*by->device, install);
    return true;
  }
  return false;
}

// The only device of a jongere is lost or its storage gone: back by a link of the coach.
bool Actors::come_back() {
  Phone* coach = any(Role::coach);
  if (coach == nullptr) return false;
  for (const auto& room : rooms(*coach)) {
    const RoomTruth* truth = cast_.witness->room(*ChannelId::from_bytes(room.id));
    const bool still_coach = truth != nullptr && std::any_of(truth->stays.begin(), truth->stays.end(), [&](const Stay& stay) {
                               return stay.device == coach->id && stay.left == 0;
                             });
    if (!still_coach) continue;  // handed over, and has not heard of it
    for (Person* person : cast_.with_role(Role::jongere)) {
      const auto phones = person->in_use();
      if (phones.size() != 1 || phones.front()->asleep) continue;
      bool in_room = false;
      for (const auto& member : room.members) in_room = in_room || *AccountId::from_bytes(member->account) == person->account;
      if (!in_room || !may_change_devices(*person)) continue;
      const bool lost = cast_.dice.chance(60);
      api::MakeInviteT make;
      make.kind = api::InviteKind::link;
      make.purpose = api::InvitePurpose::comeback;
      make.channel = room.id;
      make.account.assign(person->account.array().begin(), person->account.array().end());
      make.lost = lost;
      const std::string url = invite(*coach, make);
      if (url.empty()) return false;
      Phone& old = *phones.front();
      gone(old, lost);
      old.dropped = true;
      old.must_leave = lost;  // else the coach who let them in removes it after a week, if that is still the coach (S2)
      tell(old.device->name + (lost ? " is lost, its owner comes back" : " lost its storage, its owner comes back"));
      joiner(*person, url);
      ++cast_.counts.comebacks;
      return true;
    }
  }
  return false;
}

}  // namespace steiger::sdk::histories
