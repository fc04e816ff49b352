// Who comes into rooms and who leaves them.
#include <algorithm>

#include "tests/property/histories/actors.h"

namespace steiger::sdk::histories {

using identity::Role;
using std::chrono::hours;
using std::chrono::minutes;

bool Actors::invite_jongere() {
  Phone* coach = any(Role::coach);
  if (coach == nullptr || crowded()) return false;
  api::MakeInviteT make;
  make.kind = cast_.dice.chance(50) ? api::InviteKind::qr : api::InviteKind::link;
  const std::string url = invite(*coach, make);
  if (url.empty()) return false;
  Person& jongere = cast_.person("Sam" + std::to_string(next_name_++), Role::jongere);
  tell(coach->device->name + " invites " + jongere.name);
  joiner(jongere, url);
  return true;
}

bool Actors::invite_third_party() {
  Phone* coach = any(Role::coach);
  if (coach == nullptr || crowded()) return false;
  auto where = rooms(*coach);
  if (where.empty()) return false;
  api::MakeInviteT make;
  make.kind = cast_.dice.chance(50) ? api::InviteKind::qr : api::InviteKind::link;
  make.purpose = api::InvitePurpose::third_party;
  make.channel = where[cast_.dice.below(where.size())].id;
  make.until_ms = (world_.scheduler.now + hours(48 + cast_.dice.below(24 * 200))).ms;
  make.reason = api::Reason::debts;
  const std::string url = invite(*coach, make);
  if (url.empty()) return false;
  Person& guest = cast_.person("Bea" + std::to_string(next_name_++), Role::third_party);
  guest.until = {make.until_ms};
  tell(coach->device->name + " invites " + guest.name + " to read along");
  joiner(guest, url);
  ++cast_.counts.third_parties;
  return true;
}

// By the coach or the jongere; both may think of it at the same moment.
bool Actors::remove_third_party() {
  Phone* by = any(cast_.dice.chance(50) ? Role::coach : Role::jongere);
  if (by == nullptr) return false;
  for (const auto& room : rooms(*by)) {
    for (const auto& member : room.members) {
      if (member->role != api::Role::other) continue;
      if (!by->device->running()) return false;
      api::RemoveMemberT remove;
      remove.channel = room.id;
      remove.account = member->account;
      by->device->ask(remove);
      tell(by->device->name + " takes out " + member->name);
      ++cast_.counts.taken_out;
      return true;
    }
  }
  return false;
}

bool Actors::hand_over() {
  const auto coaches = cast_.with_role(Role::coach);
  Person* leaving = one_of(coaches);
  Phone* shows = one_of(leaving->in_use());
  if (shows == nullptr || shows->asleep) return false;
  const auto where = rooms(*shows);
  if (where.empty()) return false;
  // Somebody else takes over: a coach who is there, or a new one.
  Person* successor = one_of(coaches);
  if (successor == leaving || successor->in_use().empty()) {
    if (crowded()) return false;
    Person& fresh = cast_.person("Kees" + std::to_string(next_name_++), Role::coach);
    if (!set_up_staff(joiner(fresh, ""), Role::coach)) return false;
    successor = &fresh;
    world_.scheduler.run_for(std::chrono::seconds(30));  // until its KeyPackages are there
  }
  const auto leaders = cast_.with_role(Role::teamleider);
  if (leaders.empty()) {
    Person& leader = cast_.person("Tess", Role::teamleider);
    if (!set_up_staff(cast_.phone(leader), Role::teamleider)) return false;
  }
  Phone* leader = one_of(cast_.with_role(Role::teamleider).front()->in_use());
  Phone* next = one_of(successor->in_use());
  if (leader == nullptr || next == nullptr) return false;
  const api::StatusT from = shows->device->status();
  const api::StatusT to = next->device->status();
  api::OfferHandoverT offer;
  offer.channel = where[cast_.dice.below(where.size())].id;
  offer.leaving = from.account;
  offer.successor = to.account;
  offer.successor_key = to.account_key_hash;
  const auto* failed = world_.ask_until_answered(*leader->device, offer).body.AsFailed();
  tell("Tess offers " + successor->name + " for " + leaving->name + (failed == nullptr ? "" : ": " + failed->name));
  if (failed == nullptr) ++cast_.counts.handovers;
  return failed == nullptr;
}

// S13: nothing is heard of a device for longer than the gateway keeps messages for it; the others go on. Once in a history at most.
bool Actors::go_silent() {
  if (!wild_ || silence_had_) return false;
  Phone* phone = any();
  // Not while a room may be handed over: who is taken out in its silence does not hear of it later.
  if (phone == nullptr || phone->owner->role == Role::teamleider || cast_.counts.handovers != 0) return false;
  if (rooms(*phone).empty() || !phone->device->running() || phone->owner->joining()) return false;
  // A new account key is not what a room knew when the device fell silent.
  for (const Phone* each : phone->owner->phones) {
    if (each->must_leave) return false;
  }
  silence_had_ = true;
  for (Phone& each : cast_.all_phones) {  // whoever was off for a while is on again: only one is silent
    each.asleep = false;
    boot(each);
  }
  // Who was let into a room and has not fetched that yet could not open it any more after so long.
  const auto before = world_.network.options;
  world_.network.options = {};
  live(minutes(10));
  tell(phone->device->name + " is silent for 105 days");
  phone->device->crash();
  phone->asleep = phone->was_silent = true;
  phone->older.clear();  // what the room did while it was out nobody tells it, so an older store could not be made whole
  for (int third = 0; third < 3; ++third) {
    world_.network.cut_all();
    world_.scheduler.run_for(minutes(1));
    world_.scheduler.leap(hours(24 * 35));
    live(minutes(4));
    (void)send();
  }
  phone->asleep = false;
  boot(*phone);
  ++cast_.counts.silences;
  tell(phone->device->name + " is back");
  // Until the gateway has looked who is back and a member has let it in again: whoever comes into the room before that does not know
  // that it ever was there.
  world_.scheduler.run_for(minutes(75));
  live(minutes(2));
  world_.network.options = before;
  return true;
}

}  // namespace steiger::sdk::histories
