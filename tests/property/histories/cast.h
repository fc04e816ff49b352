// Who plays in a history: persons with their devices, as those who hold them know it, and what they wrote. The SDK and the gateway know
// nothing of this.
#pragma once

#include <deque>

#include "client-sdk/src/testing/world.h"
#include "crypto/identity/certificate.h"
#include "tests/property/histories/witness.h"
#include "tests/property/service_gateway.h"

namespace steiger::sdk::histories {

using testing::SeededRng;
using testing::ServiceGateway;
using testing::SimDevice;
using testing::World;

struct Person;

struct Phone {
  enum class State {
    joining,  // has a link or code, and tries until it is in
    in_use,
    gone,  // lost, stolen, broken, or never let in
  };
  SimDevice* device = nullptr;
  Person* owner = nullptr;
  State state = State::joining;
  std::string link;
  unsigned attempts = 0;
  DeviceId id;                    // once in use
  std::size_t heard = 0;          // of its events, in the story
  bool asleep = false;            // switched off for long; nothing boots it
  bool was_silent = false;        // for so long that its messages expired (S13)
  Snapshot older;                 // its disk at some earlier time
  bool was_out_of_step = false;   // what it held of its groups became older than what it knew (S9, S11)
  bool rolled_back = false;       // S21
  bool held_older_group = false;  // S8: it cannot come in when somebody came whom it never saw
  bool hostile = false;           // has made a commit that nobody else can follow; its own room may stop
  unsigned injuries = 0;          // of its store; more in a day than it may come in again (S11) are not told here
  bool must_leave = false;        // at the end it is in no room
  bool dropped = false;           // its owner took it off the list of devices: what it hears about that is no surprise
};

// S21: its store was put back to before its stay in this room, or before somebody came whom it cannot judge any more. It cannot come in
// by itself; it says so, and its person asks for help. The same of a client that breaks the rules.
bool cut_off(Phone& phone, const ChannelId& room);

struct Person {
  std::string name;
  identity::Role role = identity::Role::coach;
  Timestamp until;    // third parties: when their reading along ends
  AccountId account;  // none until the first phone is in
  std::vector<Phone*> phones;
  Timestamp quiet_from;  // its list of devices is not changed again before this
  [[nodiscard]] std::vector<Phone*> in_use() const {
    std::vector<Phone*> out;
    for (Phone* phone : phones) {
      if (phone->state == Phone::State::in_use) out.push_back(phone);
    }
    return out;
  }
  [[nodiscard]] bool joining() const {
    for (const Phone* phone : phones) {
      if (phone->state == Phone::State::joining) return true;
    }
    return false;
  }
};

// A text that somebody wrote. It is its own marker: found on a disk where it may not be, it says which one it is.
struct Written {
  Phone* by = nullptr;
  std::uint64_t request = 0;
  ChannelId room;
  std::string text;
};

// What a history did, added up over many to see that every kind of event happened.
struct Counts {
  std::uint64_t histories = 0;
  std::uint64_t messages = 0;
  std::uint64_t shown = 0;  // on all devices together
  std::uint64_t commits = 0;
  std::uint64_t crashes = 0;
  std::uint64_t restarts = 0;  // of the gateway
  std::uint64_t adds = 0;
  std::uint64_t removals = 0;
  std::uint64_t third_parties = 0;
  std::uint64_t taken_out = 0;
  std::uint64_t linked = 0;
  std::uint64_t dropped = 0;
  std::uint64_t lost_devices = 0;
  std::uint64_t comebacks = 0;
  std::uint64_t handovers = 0;
  std::uint64_t silences = 0;
  std::uint64_t damaged = 0;
  std::uint64_t spoilt = 0;
  std::uint64_t rolled_back = 0;
  std::uint64_t hostile_commits = 0;
  std::uint64_t nacks = 0;
  std::uint64_t resyncs = 0;
  std::uint64_t generations = 0;
  std::uint64_t cut_off = 0;  // rooms of devices that were not looked at
  std::uint64_t excused = 0;  // texts that a device may miss
  void add(const Counts& other);
};

// Name and number of every count, in the order above.
std::vector<std::pair<const char*, std::uint64_t>> named(const Counts& counts);

struct Cast {
  explicit Cast(std::uint64_t seed);

  Person& person(const std::string& name, identity::Role role);
  Phone& phone(Person& owner);  // a new one, switched on, of nobody yet
  std::vector<Person*> with_role(identity::Role role);
  std::vector<Phone*> phones(Phone::State state);

  WitnessStore* witness = nullptr;  // before `world`: the gateway is made with it
  World world;
  SeededRng dice;
  std::deque<Person> persons;
  std::deque<Phone> all_phones;
  std::vector<Written> written;
  Counts counts;
  bool disks_fail = false;
  bool damage = false;             // what devices keep of their groups goes wrong too
  bool dead_ends = false;          // hostile commits that nobody can come in by either
  bool aloud = false;              // tell the story as it happens
  std::vector<std::string> story;  // what was done, for a history that failed
};

}  // namespace steiger::sdk::histories
