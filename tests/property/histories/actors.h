// What persons do in a history: at random, and in answer to what their devices ask them. Everything goes through the client API, as an
// app would do it.
#pragma once

#include "tests/property/histories/cast.h"

namespace steiger::sdk::histories {

constexpr unsigned kMostInjuries = 2;  // of one device

class Actors {
 public:
  // `wild`: with all that goes wrong in networks, disks and pockets.
  Actors(Cast& cast, bool wild);

  // The first coach and the first jongere, who talk with each other. False when they did not find each other.
  bool begin();
  // Something happens.
  void act();
  // Everybody answers what they are asked, and who wants to come in tries again.
  void react();
  // No faults any more, everybody is there; what was begun comes to its end.
  void calm();
  // Every device that is in use writes one more text in each of its rooms.
  void last_words();

 private:
  using Action = bool (Actors::*)();  // false: not possible now
  struct Choice {
    const char* name;
    unsigned weight;
    Action action;
  };
  static const std::vector<Choice>& choices();

  // ---- actors.cpp
  bool send();
  bool mark_read();
  bool crash();
  bool crash_soon();
  bool cut();
  bool restart();
  bool nap();
  bool storm();
  // ---- actors_damage.cpp
  // A device comes back into step under the account key that the room knows (S9): histories where one may fall out of step are apart from
  // those where an account goes on under a new key of its own (S2).
  bool out_of_step_had() const {
    return cast_.counts.damaged + cast_.counts.spoilt + cast_.counts.rolled_back + cast_.counts.hostile_commits != 0;
  }
  bool may_damage() const { return wild_ && cast_.damage && cast_.counts.lost_devices == 0; }
  bool remember();
  bool damage_group();
  bool roll_back();
  bool spoil_group();
  // ---- actors_hostile.cpp
  bool hostile_commit();
  // ---- actors_members.cpp
  bool invite_jongere();
  bool invite_third_party();
  bool remove_third_party();
  bool hand_over();
  bool go_silent();
  // ---- actors_devices.cpp
  bool link();
  bool drop();
  static bool lists(const Phone& by, const Phone& other);
  bool lose_one_of_two();
  bool come_back();

  void answer_questions(Phone& phone);
  void confirm_invites(Phone& phone);
  void try_to_join(Phone& phone);
  void write(Phone& phone, const std::vector<std::uint8_t>& room);

  bool set_up_staff(Phone& phone, identity::Role role);
  // The link of a new invite, or nothing.
  std::string invite(Phone& by, api::MakeInviteT make);
  // A phone of `owner` that starts to join by this link.
  Phone& joiner(Person& owner, const std::string& link);
  // Its owner does not have it any more: it lies somewhere switched off, or runs in other hands.
  void gone(Phone& phone, bool may_run);
  void boot(Phone& phone) {
    if (phone.state != Phone::State::gone && !phone.asleep) phone.device->boot();
  }
  // One that is on, of a person with this role; nullptr when there is none.
  Phone* any(std::optional<identity::Role> role = std::nullopt);
  template <class T>
  T* one_of(const std::vector<T*>& from) {
    return from.empty() ? nullptr : from[cast_.dice.below(from.size())];
  }
  std::vector<api::ChannelT> rooms(Phone& phone);  // that it is in
  // Is `phone` wherever `other` is, so that nothing is lost with the other?
  bool is_everywhere(const Phone& phone, const Phone& other) const;
  // One change of a person's list of devices at a time: two devices that change it at once contradict each other.
  bool may_change_devices(Person& person);
  bool crowded() const;  // nobody more comes in
  void listen();
  void tell(const std::string& what);
  // Virtual time with everybody awake, reacting now and then.
  void live(Duration time);

  Cast& cast_;
  World& world_;
  bool wild_;
  unsigned max_accounts_;
  unsigned max_devices_;
  unsigned next_name_ = 1;
  unsigned next_text_ = 1;
  bool silence_had_ = false;
};

}  // namespace steiger::sdk::histories
