// Devices of one person: linked, dropped, lost, and coming back (S2).
#include "tests/property/histories/actors.h"

namespace steiger::sdk::histories {

using identity::Role;

bool Actors::link() {
  Phone* from = any();
  if (from == nullptr || from->owner->role == Role::teamleider) return false;
  Person& owner = *from->owner;
  if (owner.joining() || owner.in_use().size() >= max_devices_) return false;
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
    if (other == by) continue;
    api::RemoveDeviceT remove;
    remove.device.assign(other->id.array().begin(), other->id.array().end());
    const auto* failed = world_.ask_until_stored(*by->device, remove).body.AsFailed();
    tell(by->device->name + " drops " + other->device->name + (failed == nullptr ? "" : ": " + failed->name));
    if (failed != nullptr) return false;
    gone(*other, true);
    other->dropped = true;
    ++cast_.counts.dropped;
    return true;
  }
  return false;
}

// One's phone is gone, another device is left: the account goes on under a new key.
bool Actors::lose_one_of_two() {
  Phone* by = any();
  if (by == nullptr || by->owner->role == Role::third_party) return false;
  for (Phone* other : by->owner->in_use()) {
    if (other == by) continue;
    gone(*other, true);
    other->dropped = true;
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
    for (Person* person : cast_.with_role(Role::jongere)) {
      const auto phones = person->in_use();
      if (phones.size() != 1 || person->joining() || phones.front()->asleep) continue;
      bool in_room = false;
      for (const auto& member : room.members) in_room = in_room || *AccountId::from_bytes(member->account) == person->account;
      if (!in_room) continue;
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
      tell(old.device->name + (lost ? " is lost, its owner comes back" : " lost its storage, its owner comes back"));
      joiner(*person, url);
      ++cast_.counts.comebacks;
      return true;
    }
  }
  return false;
}

}  // namespace steiger::sdk::histories
