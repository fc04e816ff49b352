#include "tests/property/histories/actors.h"

#include <algorithm>
#include <cstdio>

#include "crypto/identity/chain.h"

namespace steiger::sdk::histories {

using identity::Role;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// Somebody whom nobody lets in stops trying.
constexpr unsigned kMaxAttempts = 8;

}  // namespace

Actors::Actors(Cast& cast, bool wild)
    : cast_(cast),
      world_(cast.world),
      wild_(wild),
      max_accounts_(2 + static_cast<unsigned>(cast.dice.below(5))),
      max_devices_(1 + static_cast<unsigned>(cast.dice.below(3))) {
  static_cast<ServiceGateway&>(*world_.gateway).forbidden = [this](const Error& rule) {
    tell(std::string("the gateway refuses a commit: ") + rule.name);
  };
  if (!wild_) return;
  auto& options = world_.network.options;
  options.max_delay_ms = cast_.dice.chance(70) ? 50 : 2'000;
  options.break_percent = static_cast<unsigned>(cast_.dice.below(4));
  options.refuse_percent = static_cast<unsigned>(cast_.dice.below(15));
  options.break_after_percent = static_cast<unsigned>(cast_.dice.below(3));
  options.half_open_percent = static_cast<unsigned>(cast_.dice.below(60));
  options.slow_percent = static_cast<unsigned>(cast_.dice.below(4));
  cast_.disks_fail = cast_.dice.chance(40);
  cast_.damage = cast_.damage && cast_.dice.chance(70);
}

const std::vector<Actors::Choice>& Actors::choices() {
  static const std::vector<Choice> all = {
      {"send", 60, &Actors::send},
      {"mark_read", 5, &Actors::mark_read},
      {"crash", 8, &Actors::crash},
      {"crash_soon", 8, &Actors::crash_soon},
      {"cut", 5, &Actors::cut},
      {"restart", 4, &Actors::restart},
      {"nap", 4, &Actors::nap},
      {"storm", 3, &Actors::storm},
      {"remember", 6, &Actors::remember},
      {"damage_group", 4, &Actors::damage_group},
      {"spoil_group", 3, &Actors::spoil_group},
      {"roll_back", 3, &Actors::roll_back},
      {"hostile_commit", 2, &Actors::hostile_commit},
      {"invite_jongere", 2, &Actors::invite_jongere},
      {"invite_third_party", 5, &Actors::invite_third_party},
      {"remove_third_party", 4, &Actors::remove_third_party},
      {"hand_over", 2, &Actors::hand_over},
      {"go_silent", 1, &Actors::go_silent},
      {"link", 8, &Actors::link},
      {"drop", 3, &Actors::drop},
      {"lose_one_of_two", 3, &Actors::lose_one_of_two},
      {"come_back", 2, &Actors::come_back},
  };
  return all;
}

void Actors::tell(const std::string& what) {
  char time[32];
  std::snprintf(time, sizeof time, "%10.3f ", static_cast<double>(world_.scheduler.now.ms % 1'000'000'000) / 1000.0);
  cast_.story.push_back(time + what);
  if (!cast_.aloud) return;
  std::printf("  %s\n", cast_.story.back().c_str());
  std::fflush(stdout);
}

bool Actors::begin() {
  Person& coach = cast_.person("Noor", Role::coach);
  if (!set_up_staff(cast_.phone(coach), Role::coach)) return false;
  if (!invite_jongere()) return false;
  for (int round = 0; round < 200; ++round) {
    live(seconds(3));
    const auto jongeren = cast_.with_role(Role::jongere);
    Phone* first = one_of(jongeren.front()->in_use());
    if (first != nullptr && !rooms(*first).empty()) return true;
  }
  return false;
}

// Alarms, where they happen in the story.
void Actors::listen() {
  for (Phone& phone : cast_.all_phones) {
    const auto& events = phone.device->events();
    for (; phone.heard < events.size(); ++phone.heard) {
      const auto* alarm = events[phone.heard]->body.AsAlarm();
      if (alarm != nullptr) tell(phone.device->name + " hears an alarm: " + alarm->name + " (" + alarm->cause + ")");
    }
  }
}

void Actors::act() {
  unsigned total = 0;
  for (const Choice& choice : choices()) total += choice.weight;
  for (int attempt = 0; attempt < 50; ++attempt) {
    auto dart = static_cast<unsigned>(cast_.dice.below(total));
    const Choice* chosen = nullptr;
    for (const Choice& choice : choices()) {
      chosen = &choice;
      if (dart < choice.weight) break;
      dart -= choice.weight;
    }
    if ((this->*chosen->action)()) break;
  }
  listen();
  if (cast_.dice.chance(30)) react();
  world_.scheduler.run_for(Duration(static_cast<std::int64_t>(cast_.dice.below(cast_.dice.chance(10) ? 60'000 : 3'000))));
}

void Actors::live(Duration time) {
  const Timestamp end = world_.scheduler.now + time;
  while (world_.scheduler.now < end) {
    react();
    world_.scheduler.run_for(std::min(end - world_.scheduler.now, Duration(seconds(20))));
  }
}

void Actors::calm() {
  tell("calm");
  world_.network.options = {};
  for (Phone& phone : cast_.all_phones) {
    phone.device->store_options = {};
    phone.device->crash_after_effects(1'000'000'000);
    phone.asleep = false;
    boot(phone);
  }
}

void Actors::last_words() {
  for (Phone* phone : cast_.phones(Phone::State::in_use)) {
    for (const auto& room : rooms(*phone)) write(*phone, room.id);
  }
}

// ---------------------------------------------------------------- talking

std::vector<api::ChannelT> Actors::rooms(Phone& phone) {
  auto all = phone.device->channels();
  std::erase_if(all, [](const api::ChannelT& room) { return room.ended; });
  return all;
}

void Actors::write(Phone& phone, const std::vector<std::uint8_t>& room) {
  if (!phone.device->running()) return;
  char text[64];
  std::snprintf(text, sizeof text, "<%05u> van %s", next_text_++, phone.owner->name.c_str());
  api::SendTextT body;
  body.channel = room;
  body.text = text;
  tell(phone.device->name + " writes " + text);
  cast_.written.push_back({&phone, phone.device->ask(body), *ChannelId::from_bytes(room), text});
  ++cast_.counts.messages;
}

bool Actors::send() {
  Phone* phone = any();
  if (phone == nullptr) return false;
  const auto where = rooms(*phone);
  if (where.empty()) return false;
  const auto room = where[cast_.dice.below(where.size())].id;
  const std::uint64_t many = cast_.dice.chance(10) ? 6 : 1 + cast_.dice.below(2);
  for (std::uint64_t i = 0; i < many; ++i) write(*phone, room);
  return true;
}

bool Actors::mark_read() {
  Phone* phone = any();
  if (phone == nullptr) return false;
  const auto where = rooms(*phone);
  if (where.empty() || !phone->device->running()) return false;
  api::ChangeSettingsT settings;
  settings.send_read_receipts = cast_.dice.chance(70);
  phone->device->ask(settings);
  api::MarkReadT read;
  read.channel = where.front().id;
  read.up_to_seq = where.front().last_seq;
  phone->device->ask(read);
  return true;
}

// ---------------------------------------------------------------- what goes wrong

bool Actors::crash() {
  Phone* phone = any();
  if (!wild_ || phone == nullptr) return false;
  tell(phone->device->name + " crashes");
  phone->device->crash();
  ++cast_.counts.crashes;
  world_.scheduler.after(Duration(static_cast<std::int64_t>(cast_.dice.below(8000))), [this, phone] { boot(*phone); });
  return true;
}

bool Actors::crash_soon() {
  Phone* phone = any();
  if (!wild_ || phone == nullptr) return false;
  tell(phone->device->name + " will crash");
  phone->device->crash_after_effects(1 + cast_.dice.below(30));
  ++cast_.counts.crashes;
  return true;
}

bool Actors::cut() {
  if (!wild_) return false;
  tell("every connection breaks");
  world_.network.cut_all();
  return true;
}

bool Actors::restart() {
  if (!wild_) return false;
  tell("the gateway is killed");
  static_cast<ServiceGateway&>(*world_.gateway).restart();
  world_.network.cut_all();
  ++cast_.counts.restarts;
  return true;
}

// Off for minutes to hours.
bool Actors::nap() {
  Phone* phone = any();
  if (!wild_ || phone == nullptr || phone->asleep) return false;
  tell(phone->device->name + " is off for a while");
  phone->device->crash();
  phone->asleep = true;
  const std::int64_t longest = cast_.dice.chance(20) ? 3 * 3'600'000 : 10 * 60'000;
  world_.scheduler.after(Duration(static_cast<std::int64_t>(cast_.dice.below(static_cast<std::uint64_t>(longest)))),
                         [this, phone] {
                           phone->asleep = false;
                           boot(*phone);
                         });
  if (longest > 3'600'000) world_.scheduler.run_for(minutes(20));
  return true;
}

// Nothing goes well for a minute.
bool Actors::storm() {
  if (!wild_) return false;
  tell("storm");
  const auto before = world_.network.options;
  world_.network.options.break_percent = 30;
  world_.network.options.refuse_percent = 50;
  live(minutes(1));
  world_.network.options = before;
  return true;
}

// ---------------------------------------------------------------- answering

void Actors::react() {
  listen();
  for (std::size_t i = 0; i < cast_.all_phones.size(); ++i) {
    Phone& phone = cast_.all_phones[i];
    // S8: a third party's time is over. The gateway lets it in no more, and the room takes it out.
    const bool over = phone.owner->role == Role::third_party && phone.owner->until <= world_.scheduler.now;
    if (over && phone.state != Phone::State::gone) {
      tell(phone.device->name + " has read along");
      phone.state = Phone::State::gone;
      phone.dropped = phone.must_leave = true;
    }
    if (phone.asleep || !phone.device->running()) continue;
    if (phone.state == Phone::State::joining) try_to_join(phone);
    if (phone.state != Phone::State::in_use) continue;
    if (phone.owner->role == Role::coach) confirm_invites(phone);
    if (phone.owner->role == Role::coach || phone.owner->role == Role::jongere) answer_questions(phone);
  }
}

void Actors::try_to_join(Phone& phone) {
  const api::StatusT status = phone.device->status();
  if (status.membership == api::Membership::ready) {
    phone.state = Phone::State::in_use;
    phone.id = *DeviceId::from_bytes(status.device);
    phone.owner->account = *AccountId::from_bytes(status.account);
    tell(phone.device->name + " is in");
    return;
  }
  if (status.membership != api::Membership::none) return;
  if (++phone.attempts > kMaxAttempts) {
    tell(phone.device->name + " gives up");
    phone.state = Phone::State::gone;
    return;
  }
  if (phone.device->running()) world_.start_join(*phone.device, phone.link);
}

void Actors::confirm_invites(Phone& phone) {
  const auto* list = world_.ask_until_answered(*phone.device, api::ListInvitesT()).body.AsInviteList();
  if (list == nullptr) return;
  std::vector<std::vector<std::uint8_t>> waiting;
  for (const auto& invite : list->invites) {
    if (invite->state == api::InviteState::to_confirm) waiting.push_back(invite->id);
  }
  for (const auto& id : waiting) {
    api::ConfirmInviteT confirm;
    confirm.invite = id;
    if (phone.device->running()) phone.device->ask(confirm);
  }
}

void Actors::answer_questions(Phone& phone) {
  const auto* list = world_.ask_until_answered(*phone.device, api::ListQuestionsT()).body.AsQuestionList();
  if (list == nullptr) return;
  std::vector<api::AnswerQuestionT> answers;
  for (const auto& question : list->questions) {
    if (question->answered || cast_.dice.chance(30)) continue;  // later
    api::AnswerQuestionT answer;
    answer.question = question->id;
    answer.yes = question->kind == api::QuestionKind::new_key || cast_.dice.chance(80);
    tell(phone.device->name + (answer.yes ? " says yes to " : " says no to ") + api::EnumNameQuestionKind(question->kind));
    answers.push_back(answer);
  }
  for (const auto& answer : answers) {
    if (phone.device->running()) phone.device->ask(answer);
  }
}

// ---------------------------------------------------------------- the pieces

Phone* Actors::any(std::optional<Role> role) {
  auto phones = cast_.phones(Phone::State::in_use);
  std::erase_if(phones, [&](const Phone* phone) {
    return phone->asleep || !phone->device->running() || (role && phone->owner->role != *role);
  });
  return one_of(phones);
}

bool Actors::crowded() const {
  return cast_.persons.size() >= max_accounts_;
}

bool Actors::set_up_staff(Phone& phone, Role role) {
  api::PrepareStaffT prepare;
  prepare.name = phone.owner->name;
  prepare.gateway_url = testing::kGatewayUrl;
  prepare.organisation = identity::encode_organisation(world_.organisation.facts);
  const auto* asked = world_.ask_until_stored(*phone.device, prepare).body.AsStaffRequest();
  if (asked == nullptr) return false;
  const auto request = decode_staff_request(asked->request);
  if (!request.ok()) return false;
  api::InstallCertificateT install;
  const auto certificate = certify_staff(world_.organisation, *request, role, world_.scheduler.now);
  if (!certificate.ok()) return false;
  install.certificate = *certificate;
  world_.ask_until_stored(*phone.device, install);
  const api::StatusT status = phone.device->status();
  if (status.membership != api::Membership::ready) return false;
  phone.state = Phone::State::in_use;
  phone.id = *DeviceId::from_bytes(status.device);
  phone.owner->account = *AccountId::from_bytes(status.account);
  return true;
}

std::string Actors::invite(Phone& by, api::MakeInviteT make) {
  make.page_url = testing::kPage;
  if (!by.device->running()) return {};
  // Asked once: a device that is offline, or dies over it, makes none, or one that nobody uses.
  const std::uint64_t request = by.device->ask(make);
  if (!world_.scheduler.run_until([&] { return by.device->answer(request) != nullptr; }, minutes(2))) return {};
  const auto* invite = by.device->answer(request)->body.AsInvite();
  return invite == nullptr ? std::string() : invite->url;
}

Phone& Actors::joiner(Person& owner, const std::string& link) {
  Phone& phone = cast_.phone(owner);
  phone.device->name = owner.name + "/" + std::to_string(owner.phones.size());
  phone.link = link;
  if (!wild_) return phone;
  // Clocks of phones are wrong by seconds, some by hours.
  const std::uint64_t wrong = cast_.dice.chance(15) ? 12 * 3'600'000 : 60'000;
  phone.device->clock_error = Duration(static_cast<std::int64_t>(cast_.dice.below(2 * wrong)) - static_cast<std::int64_t>(wrong));
  phone.device->store_options.max_delay_ms = cast_.dice.chance(80) ? 30 : 1'500;
  if (cast_.disks_fail) phone.device->store_options.fail_percent = 4, phone.device->store_options.fail_applied_percent = 3;
  return phone;
}

void Actors::gone(Phone& phone, bool may_run) {
  phone.state = Phone::State::gone;
  if (!may_run || cast_.dice.chance(50)) phone.device->crash();
}

}  // namespace steiger::sdk::histories
