#include "tests/property/histories/checks.h"

#include <algorithm>
#include <set>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/room_records.h"
#include "crypto/mls/group.h"

namespace steiger::sdk::histories {
namespace {

using Findings = std::vector<std::string>;
using State = Phone::State;

// One text that a device shows with a place.
struct Shown {
  std::uint64_t seq = 0;
  AccountId sender;
  MessageId id;
  std::string text;
};

const std::string& name_of(const Phone& phone) {
  return phone.device->name;
}

bool has_prefix(const std::string& key, const char* prefix) {
  return key.rfind(prefix, 0) == 0;
}

std::vector<Shown> shown_in(Phone& phone, const ChannelId& room) {
  std::vector<Shown> out;
  const std::vector<std::uint8_t> id(room.array().begin(), room.array().end());
  const auto rooms = phone.device->channels();
  if (std::none_of(rooms.begin(), rooms.end(), [&](const auto& each) { return each.id == id; })) return out;
  for (const auto& message : phone.device->messages(id)) {
    if (message.seq == 0) continue;
    out.push_back({message.seq, *AccountId::from_bytes(message.sender), *MessageId::from_bytes(message.id), message.text});
  }
  return out;
}

// The stays of this very device in a room.
std::vector<Stay> stays_of(const RoomTruth& room, const Phone& phone) {
  std::vector<Stay> out;
  for (const Stay& stay : room.stays) {
    if (stay.device == phone.id && stay.account == phone.owner->account) out.push_back(stay);
  }
  return out;
}

bool covers(const std::vector<Stay>& stays, std::uint64_t seq) {
  return std::any_of(stays.begin(), stays.end(), [&](const Stay& stay) { return stay.covers(seq); });
}

// S17: said before this device came, while its account was there: the others gave it.
bool given_later(const RoomTruth& room, const Phone& phone, std::uint64_t seq) {
  const auto own = stays_of(room, phone);
  const auto came_later = [&](const Stay& stay) { return seq < stay.joined; };
  if (own.empty() || !std::all_of(own.begin(), own.end(), came_later)) return false;
  return std::any_of(room.stays.begin(), room.stays.end(),
                     [&](const Stay& stay) { return stay.account == phone.owner->account && stay.covers(seq); });
}

bool is_in(const std::vector<Stay>& stays) {
  return std::any_of(stays.begin(), stays.end(), [](const Stay& stay) { return stay.left == 0; });
}

class Checker {
 public:
  explicit Checker(Cast& cast) : cast_(cast) {}

  Findings all() {
    place_texts();
    for (Phone& phone : cast_.all_phones) {
      if (phone.state == State::in_use) shows_all_of_its_stays(phone);
      holds_nothing_else(phone);
      alarms(phone);
    }
    promises();
    no_fork();
    complete_rooms();
    return std::move(findings_);
  }

 private:
  void wrong(std::string what) { findings_.push_back(std::move(what)); }

  // Where each text is, by the gateway's log: by the id under which its writer's app was answered, or saw it later.
  void place_texts() {
    for (const Written& text : cast_.written) {
      const RoomTruth* room = cast_.witness->room(text.room);
      if (room == nullptr) continue;
      for (const auto& event : text.by->device->events()) {
        const auto* message = event->body.AsMessage();
        if (message == nullptr || message->text != text.text) continue;
        const auto place = room->places.find(*MessageId::from_bytes(message->id));
        if (place != room->places.end()) places_[text.room][place->second] = &text;
      }
    }
  }

  // The same texts, in the same order, under the right name, once each: no more and no less than was said while it was there.
  void shows_all_of_its_stays(Phone& phone) {
    for (const auto& [number, room] : cast_.witness->rooms()) {
      const auto stays = stays_of(room, phone);
      if (stays.empty()) continue;
      if (cut_off(phone, room.channel)) {
        ++cast_.counts.cut_off;
        continue;
      }
      std::map<std::uint64_t, Shown> by_place;
      std::set<std::string> texts;
      std::uint64_t last = 0;
      for (Shown& each : shown_in(phone, room.channel)) {
        ++cast_.counts.shown;
        if (each.seq <= last) wrong(name_of(phone) + " shows " + each.text + " out of order");
        last = each.seq;
        if (!texts.insert(each.text).second) wrong(name_of(phone) + " shows " + each.text + " twice");
        by_place.emplace(each.seq, std::move(each));
      }
      const auto said = places_.find(room.channel);
      if (said != places_.end()) {
        for (const auto& [seq, text] : said->second) compare(phone, room, stays, seq, *text, by_place);
      }
      for (const auto& entry : by_place) {
        const std::uint64_t seq = entry.first;
        const Shown& each = entry.second;
        // Of a phone that was lost before its app heard of it, the words tell.
        const bool known = (said != places_.end() && said->second.count(seq) != 0) ||
                           std::any_of(cast_.written.begin(), cast_.written.end(), [&, in = room.channel](const Written& text) {
                             return text.room == in && text.text == each.text && text.by->owner->account == each.sender;
                           });
        if (!known) wrong(name_of(phone) + " shows " + each.text + ", which nobody wrote");
      }
    }
  }

  void compare(Phone& phone, const RoomTruth& room, const std::vector<Stay>& stays, std::uint64_t seq, const Written& text,
               const std::map<std::uint64_t, Shown>& by_place) {
    const auto found = by_place.find(seq);
    if (found == by_place.end()) {
      if (!covers(stays, seq)) return;
      if (may_miss(phone, room, seq)) {
        ++cast_.counts.excused;
        return;
      }
      return wrong(name_of(phone) + " misses " + text.text + " at " + std::to_string(seq));
    }
    if (found->second.text != text.text || found->second.sender != text.by->owner->account) {
      wrong(name_of(phone) + " shows " + found->second.text + " where " + text.text + " belongs");
    }
  }

  // S13: what waited for too long is gone, and its sender is told. S11: what a device could not read, in the time between a commit that it
  // cannot follow and its own, it gets from the others, while it is in the room, and as far as one of them has it.
  bool may_miss(Phone& phone, const RoomTruth& room, std::uint64_t seq) {
    if (phone.was_silent || phone.rolled_back) return true;
    if (cast_.counts.damaged + cast_.counts.spoilt + cast_.counts.hostile_commits == 0) return false;
    if (!is_in(stays_of(room, phone))) return true;
    for (Phone* other : cast_.phones(State::in_use)) {
      if (other == &phone || !is_in(stays_of(room, *other)) || cut_off(*other, room.channel)) continue;
      // S17: what a device was itself given of before it came, it passes on to its own person only; so does one that could not see for a
      // while who was there.
      const bool lost_sight = other->rolled_back || other->held_older_group;
      if (other->owner != phone.owner && (lost_sight || seq <= stays_of(room, *other).back().joined)) continue;
      for (const Shown& each : shown_in(*other, room.channel)) {
        if (each.seq == seq) return false;
      }
    }
    return true;
  }

  // Nobody holds on disk what was said when they were not there: before they came, after they left, or in a room that is not theirs.
  void holds_nothing_else(Phone& phone) {
    std::string disk;
    for (const auto& [key, value] : phone.device->disk)
      disk.append(reinterpret_cast<const char*>(value.bytes().data()), value.size());
    for (const auto& [channel, texts] : places_) {
      const RoomTruth& room = *cast_.witness->room(channel);
      const auto stays = stays_of(room, phone);
      for (const auto& [seq, text] : texts) {
        if (text->by == &phone || covers(stays, seq) || given_later(room, phone, seq)) continue;
        if (disk.find(text->text) != std::string::npos) {
          wrong(name_of(phone) + " holds " + text->text + " at " + std::to_string(seq) + ", said when it was not there");
        }
      }
    }
  }

  bool joined_in_several_tries() {
    return std::any_of(cast_.persons.begin(), cast_.persons.end(), [](const Person& person) {
      return std::any_of(person.phones.begin(), person.phones.end(), [](const Phone* phone) { return phone->attempts > 1; });
    });
  }
  void alarms(Phone& phone) {
    for (const auto& event : phone.device->events()) {
      const auto* alarm = event->body.AsAlarm();
      if (alarm == nullptr) continue;
      if (alarm->name == kLocalStorage.name && cast_.disks_fail) continue;
      if (phone.dropped && (alarm->name == "revoked_device" || alarm->name == "bad_login")) continue;
      if ((phone.was_silent || phone.was_out_of_step) && alarm->name == kUnreadable.name) continue;
      // S21: of one room's group, or of all.
      if ((phone.rolled_back || phone.held_older_group) && alarm->name == kRollbackDetected.name) continue;
      if (phone.hostile && alarm->name == kChannelFailed.name) continue;
      // A Welcome by somebody whose keys of the group are not the room's.
      if (cast_.counts.spoilt + cast_.counts.hostile_commits != 0 && alarm->name == kWelcomeRefused.name) continue;
      // Goes on tomorrow (S11).
      const bool may_wait = cast_.dead_ends || (phone.was_out_of_step && alarm->cause.empty());
      if (may_wait && alarm->name == kResyncLimit.name) continue;
      // S21, S8: who came since, and what was made for a life that the store has forgotten.
      const bool lost_sight = phone.rolled_back || phone.held_older_group;
      if (lost_sight && (alarm->cause == kGroupInfoRefused.name || alarm->name == kWelcomeRefused.name)) continue;
      // S3: the same person tried once more, with what is a second proof to the coach.
      if (alarm->name == kSecondProof.name && joined_in_several_tries()) continue;
      if (phone.rolled_back && alarm->name == kInviteNotAccepted.name) continue;  // it was decided on in that life
      if (alarm->name == kInviteNotAccepted.name && (alarm->cause == "invite_expired" || alarm->cause == "not_allowed")) continue;
      // What a person asked for may have become impossible meanwhile: a grant under a key that changed, somebody who left.
      const bool moved_on = cast_.counts.third_parties + cast_.counts.handovers != 0;
      if (moved_on && (alarm->name == kChangeRefused.name || alarm->name == kInviteNotAccepted.name)) continue;
      wrong(name_of(phone) + " heard an alarm: " + alarm->name + " (" + alarm->cause + ")");
    }
  }

  // What an app was told is safe, is there; what it was told failed, is not.
  void promises() {
    for (const Written& text : cast_.written) {
      const auto placed = [&] {
        const auto room = places_.find(text.room);
        return room != places_.end() &&
               std::any_of(room->second.begin(), room->second.end(), [&](const auto& entry) { return entry.second == &text; });
      }();
      bool kept = false;
      bool accepted = false;
      bool failed = false;
      for (const auto& event : text.by->device->events()) {
        const auto* message = event->body.AsMessage();
        if (message == nullptr || message->text != text.text) continue;
        kept = true;
        failed = message->state == api::MessageState::failed;
        accepted = accepted || message->state == api::MessageState::accepted || message->seq != 0;
      }
      const RoomTruth* room = cast_.witness->room(text.room);
      const bool stayed = text.by->state == State::in_use && room != nullptr && [&] {
        const auto stays = stays_of(*room, *text.by);
        return stays.size() == 1 && is_in(stays);
      }();
      if (accepted && !placed) wrong(text.text + " was accepted and is nowhere");
      if (kept && stayed && !placed && !text.by->rolled_back && !cut_off(*text.by, text.room))
        wrong(text.text + (failed ? " failed for no reason" : " was kept and is nowhere"));
    }
  }

  // Everybody who is in a room is in the same epoch of the same group.
  void no_fork() {
    std::map<ChannelId, std::map<std::string, std::string>> groups;
    for (Phone& phone : cast_.all_phones) {
      if (phone.state != State::in_use) continue;
      for (const auto& [number, room] : cast_.witness->rooms()) {
        if (!is_in(stays_of(room, phone)) || cut_off(phone, room.channel)) continue;
        const auto record = phone.device->disk.find(keys::group(room.channel));
        if (record == phone.device->disk.end()) {
          wrong(name_of(phone) + " has no keys of a room that it is in");
          continue;
        }
        const auto group = mls::Group::deserialize(record->second.bytes());
        if (!group.ok()) {
          wrong(name_of(phone) + " has a group that cannot be read");
          continue;
        }
        groups[room.channel][std::to_string(group->epoch()) + " " + to_hex(group->epoch_authenticator()).substr(0, 8)] +=
            " " + name_of(phone);
      }
    }
    for (const auto& [channel, states] : groups) {
      if (states.size() <= 1) continue;
      std::string line = "a fork:";
      for (const auto& [state, who] : states) line.append(" [").append(state).append(":").append(who).append("]");
      wrong(line);
    }
  }

  // All devices of a person are in all of the person's rooms; nobody's lost ones are.
  void complete_rooms() {
    for (const auto& [number, room] : cast_.witness->rooms()) {
      for (const Person& person : cast_.persons) {
        std::string out, in, left_behind;
        for (Phone* phone : person.phones) {
          if (phone->state == State::in_use && cut_off(*phone, room.channel)) continue;
          const bool there = is_in(stays_of(room, *phone));
          if (phone->state == State::in_use) (there ? in : out) += " " + name_of(*phone);
          if (phone->state == State::gone && phone->must_leave && there) left_behind += " " + name_of(*phone);
        }
        // S21: what was asked of a device in the life that it has forgotten, nobody does.
        // And a client that breaks the rules carries nothing out in a room that it broke.
        const bool forgot = std::any_of(person.phones.begin(), person.phones.end(), [&, in_room = room.channel](Phone* p) {
          return p->rolled_back || (p->hostile && cut_off(*p, in_room));
        });
        // Who has no device left in the room cannot prove anything there, and comes back by the coach's hand.
        const bool seen_off = !in.empty() || person.role == identity::Role::third_party;
        if (!left_behind.empty() && seen_off && !forgot && has_live_members(room)) wrong("still in a room:" + left_behind);
        if (!in.empty() && !out.empty() && !forgot) wrong(std::string("in a room:").append(in).append(", but not:").append(out));
      }
    }
  }

  bool has_live_members(const RoomTruth& room) {
    for (Phone* phone : cast_.phones(State::in_use)) {
      if (is_in(stays_of(room, *phone)) && !cut_off(*phone, room.channel)) return true;
    }
    return false;
  }

  Cast& cast_;
  std::map<ChannelId, std::map<std::uint64_t, const Written*>> places_;
  Findings findings_;
};

}  // namespace

std::vector<std::string> unrest(Cast& cast) {
  Findings out;
  for (Phone& phone : cast.all_phones) {
    if (phone.state != State::in_use) continue;
    const api::StatusT status = phone.device->status();
    const bool some_cut_off = std::any_of(cast.witness->rooms().begin(), cast.witness->rooms().end(),
                                          [&](const auto& entry) { return cut_off(phone, entry.second.channel); });
    const auto of_cut_off = [&](const std::string& key, const char* prefix) {  // prefix<channel>...
      const std::string rest = key.substr(std::string(prefix).size());
      const auto room = ChannelId::from_text(rest.substr(0, rest.find('/')));
      return room.ok() && cut_off(phone, *room);
    };
    if (status.connection != api::Connection::online) out.push_back(name_of(phone) + " is not online");
    if (status.membership != api::Membership::ready) out.push_back(name_of(phone) + " is not ready");
    if (status.waiting != 0 && !some_cut_off) out.push_back(name_of(phone) + " has messages waiting");
    for (const auto& [key, value] : phone.device->disk) {
      if (has_prefix(key, keys::kPendingPrefix) && !of_cut_off(key, keys::kPendingPrefix))
        out.push_back(name_of(phone) + " has a commit on its way");
      if (has_prefix(key, keys::kWishPrefix) && !of_cut_off(key, keys::kWishPrefix)) {
        const auto wish = WishRecord::decode(value.bytes());
        const bool later = wish.ok() && wish->not_before > cast.world.scheduler.now;
        if (!later)
          out.push_back(name_of(phone) + " has a wish" + (wish.ok() ? " of kind " + std::to_string(int(wish->kind)) : ""));
      }
      if (has_prefix(key, keys::kOutboxPrefix)) {
        const auto item = OutboxRecord::decode(value.bytes());
        const bool waits = item.ok() && cut_off(phone, item->channel);
        if (!waits && (!item.ok() || item->failed == 0)) out.push_back(name_of(phone) + " has something in its outbox");
      }
    }
    for (const auto& [number, room] : cast.witness->rooms()) {
      const bool expected = is_in(stays_of(room, phone)) && !cut_off(phone, room.channel);
      if (expected && phone.device->disk.count(keys::group(room.channel)) == 0) {
        out.push_back(name_of(phone) + " has yet to come into a room that it is in");
      }
    }
    for (const auto& room : phone.device->channels()) {
      if (cut_off(phone, *ChannelId::from_bytes(room.id))) continue;
      if (room.stopped) out.push_back(name_of(phone) + " has a room that stopped: " + api::EnumNameAlarmKind(room.stop));
      const RoomTruth* truth = cast.witness->room(*ChannelId::from_bytes(room.id));
      const bool there = truth != nullptr && is_in(stays_of(*truth, phone));
      if (room.ended == there) out.push_back(name_of(phone) + (there ? " thinks it is out" : " thinks it is in"));
    }
  }
  return out;
}

bool at_rest(Cast& cast) {
  return unrest(cast).empty();
}

std::vector<std::string> check(Cast& cast) {
  return Checker(cast).all();
}

}  // namespace steiger::sdk::histories
