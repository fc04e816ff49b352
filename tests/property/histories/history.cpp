#include "tests/property/histories/history.h"

#include <cstdio>

#include "client-sdk/src/limits.h"
#include "crypto/primitives/hash.h"
#include "tests/property/histories/actors.h"
#include "tests/property/histories/checks.h"

namespace steiger::sdk::histories {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// How long a history may take to come to rest in virtual time: what was refused or unavailable is asked for again within this.
constexpr Duration kRest = hours(3);

// For what it missed, the others one after the other (S11).
bool still_asks(Cast& cast) {
  for (Phone* phone : cast.phones(Phone::State::in_use)) {
    for (const auto& room : phone->device->channels()) {
      if (room.restoring && !room.ended && !room.stopped) return true;
    }
  }
  return false;
}

bool settle(Cast& cast, Actors& actors) {
  const Timestamp end = cast.world.scheduler.now + kRest;
  Duration wait = seconds(3);
  while (cast.world.scheduler.now < end) {
    actors.react();
    cast.world.scheduler.run_for(wait);
    if (at_rest(cast) && !still_asks(cast)) return true;
    wait = std::min(2 * wait, Duration(std::chrono::minutes(10)));
  }
  return at_rest(cast);  // what nobody has is asked for in vain
}

// Who was in which room from where to where, for whoever looks for a fault.
void tell_rooms(Cast& cast) {
  for (const auto& [number, room] : cast.witness->rooms()) {
    std::printf("  room %s\n", room.channel.text().substr(0, 6).c_str());
    for (const Stay& stay : room.stays) {
      std::string who = stay.device.text().substr(0, 6);
      for (const Phone& phone : cast.all_phones) {
        if (phone.id == stay.device) who = phone.device->name;
      }
      std::printf("    %s from %llu to %llu\n", who.c_str(), static_cast<unsigned long long>(stay.joined),
                  static_cast<unsigned long long>(stay.left));
    }
  }
}

bool joining(Cast& cast) {
  return !cast.phones(Phone::State::joining).empty();
}

std::string digest(Cast& cast) {
  std::string all = std::to_string(cast.world.scheduler.now.ms);
  for (Phone& phone : cast.all_phones) {
    all +=
        "|" + phone.device->name + std::to_string(phone.device->effects()) + ":" + std::to_string(phone.device->events().size());
  }
  for (const std::string& line : cast.story) all += "\n" + line;
  return to_hex(sha256(as_bytes(all))).substr(0, 16);
}

}  // namespace

Outcome play(std::uint64_t seed, const PlayOptions& options) {
  Cast cast(seed);
  cast.aloud = options.aloud;
  cast.damage = options.damage;
  cast.dead_ends = options.dead_ends;
  Actors actors(cast, seed % 10 != 0);  // one in ten without any fault of network, disk or device
  Outcome out;
  if (!actors.begin()) {
    out.findings.emplace_back("the first two did not find each other");
  } else {
    const unsigned own = 20 + static_cast<unsigned>(cast.dice.below(60));
    for (unsigned i = 0; i < (options.steps == 0 ? own : std::min(own, options.steps)); ++i) actors.act();
    actors.calm();
    for (int i = 0; i < 60 && joining(cast); ++i) {
      actors.react();
      cast.world.scheduler.run_for(seconds(20));
    }
    // The gateway says who is back from silence (S13) when it looks, every now and then.
    if (cast.counts.silences != 0) cast.world.scheduler.run_for(hours(2));
    // What waits for a time to object (S2) is over then.
    if (cast.counts.comebacks != 0 && settle(cast, actors)) {
      cast.world.network.cut_all();
      cast.world.scheduler.leap(kObjectionTime + hours(1));
    }
    // What may have been accepted in a life that a store has forgotten waits for so long (S21); so do tries beyond three a day (S11).
    if (cast.counts.rolled_back + cast.counts.hostile_commits != 0) {
      (void)settle(cast, actors);
      cast.world.network.cut_all();
      cast.world.scheduler.leap(kDoubtTime + hours(1));
    }
    bool rest = settle(cast, actors);
    if (rest) {
      actors.last_words();
      rest = settle(cast, actors);
    }
    if (!rest) {
      for (auto& line : unrest(cast)) out.findings.push_back("no rest: " + line);
    }
    for (auto& line : check(cast)) out.findings.push_back(std::move(line));
  }
  if (options.aloud) tell_rooms(cast);
  const Witnessed& seen = cast.witness->happened();
  cast.counts.histories = 1;
  cast.counts.commits = seen.commits;
  cast.counts.adds = seen.adds;
  cast.counts.removals = seen.removals;
  cast.counts.nacks = seen.nacks;
  cast.counts.resyncs = seen.resyncs;
  cast.counts.generations = seen.generations;
  out.counts = cast.counts;
  out.digest = digest(cast);
  return out;
}

}  // namespace steiger::sdk::histories
