// The fixture of the tests about rooms against the real gateway Service: Noor (coach) and Sam (jongere), who talk, and Bea, who may come
// to read along; and what such tests ask of people and look at.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/testing/world.h"
#include "tests/property/service_gateway.h"

namespace steiger::sdk::testing {

constexpr Duration kTwoDays = std::chrono::hours(48);

inline std::unique_ptr<GatewayEnd> make_service(Scheduler& scheduler, const identity::OrganisationPublic& organisation,
                                                std::uint64_t seed) {
  return std::make_unique<ServiceGateway>(scheduler, organisation, kGatewayOrigin, seed);
}

inline void set_up_staff(World& world, SimDevice& device, identity::Role role) {
  api::PrepareStaffT prepare;
  prepare.name = device.name;
  prepare.gateway_url = kGatewayUrl;
  prepare.organisation = identity::encode_organisation(world.organisation.facts);
  const auto request = decode_staff_request(world.ask_until_answered(device, prepare).body.AsStaffRequest()->request);
  api::InstallCertificateT install;
  install.certificate = certify_staff(world.organisation, request.value(), role, world.scheduler.now).value();
  world.ask_until_answered(device, install);
}

// The one question that waits at `device`, if there is one.
inline std::optional<api::QuestionT> question(World& world, SimDevice& device) {
  const auto& answer = world.ask_until_answered(device, api::ListQuestionsT());
  for (const auto& each : answer.body.AsQuestionList()->questions) {
    if (!each->answered) return *each;
  }
  return std::nullopt;
}

inline std::string answer(World& world, SimDevice& device, const api::QuestionT& question, bool yes) {
  api::AnswerQuestionT body;
  body.question = question.id;
  body.yes = yes;
  const auto& event = world.ask_until_answered(device, body);
  const auto* failed = event.body.AsFailed();
  return failed == nullptr ? std::string() : failed->name;
}

class Rooms : public ::testing::Test {
 protected:
  explicit Rooms(const MakeGateway& make_gateway = make_service) : world(51, make_gateway) {}
  void chatting() {
    world.set_up_coach(noor);
    ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
    send(noor, "hoi");
    ASSERT_TRUE(until([&] { return has(sam, "hoi"); }));
  }
  bool until(const std::function<bool()>& condition, Duration at_most = std::chrono::minutes(10)) {
    const Timestamp end = world.scheduler.now + at_most;
    while (!condition()) {
      if (world.scheduler.now >= end) return false;
      world.scheduler.run_for(std::chrono::seconds(2));
    }
    return true;
  }
  // `successor` for Noor, in her first room.
  api::OfferHandoverT handover_to(SimDevice& successor) {
    api::OfferHandoverT offer;
    offer.channel = sam.channels().front().id;
    offer.leaving = noor.status().account;
    offer.successor = successor.status().account;
    offer.successor_key = successor.status().account_key_hash;
    return offer;
  }
  api::MakeInviteT reading_along() {
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    make.purpose = api::InvitePurpose::third_party;
    make.label = "Bea van Schuldhulp";
    make.page_url = kPage;
    make.channel = noor.channels().front().id;
    make.until_ms = (world.scheduler.now + reading_time).ms;
    make.reason = api::Reason::debts;
    return make;
  }
  // Bea redeems the coach's invite; until the jongere is asked.
  std::optional<api::QuestionT> asked_in(api::InviteKind kind = api::InviteKind::qr) {
    auto make = reading_along();
    make.kind = kind;
    const auto* invite = world.ask_until_stored(noor, make).body.AsInvite();
    if (invite == nullptr) return std::nullopt;
    world.start_join(bea, invite->url);
    std::optional<api::QuestionT> out;
    (void)until([&] {
      if (kind == api::InviteKind::link) world.confirm_when_asked(noor);
      return (out = question(world, sam)).has_value();
    });
    return out;
  }
  void let_in() {
    chatting();
    const auto asked = asked_in();
    ASSERT_TRUE(asked.has_value());
    ASSERT_EQ(answer(world, sam, *asked, true), "");
    ASSERT_TRUE(until([&] { return bea.channels().size() == 1 && members(noor) == 3 && members(sam) == 3; }));
    send(bea, "dag allemaal");
    ASSERT_TRUE(until([&] { return has(noor, "dag allemaal") && has(sam, "dag allemaal"); }));
  }
  static void send(SimDevice& device, const std::string& text) {
    api::SendTextT body;
    body.channel = device.channels().front().id;
    body.text = text;
    device.ask(body);
  }
  static bool has(SimDevice& device, const std::string& text) {
    const auto channels = device.channels();
    if (channels.empty()) return false;
    const auto shown = device.messages(channels.front().id);
    return std::any_of(shown.begin(), shown.end(), [&](const auto& m) { return m.seq != 0 && m.text == text; });
  }
  static std::size_t members(SimDevice& device) { return device.channels().front().members.size(); }
  static bool ended(SimDevice& device) { return device.channels().front().ended; }
  std::string remove(SimDevice& by, SimDevice& who) {
    api::RemoveMemberT body;
    body.channel = by.channels().front().id;
    body.account = who.status().account;
    const auto* failed = world.ask_until_answered(by, body).body.AsFailed();
    return failed == nullptr ? std::string() : failed->name;
  }
  // Kinds of the room's notices at `device`, in order.
  std::vector<api::NoticeKind> notices(SimDevice& device) {
    api::ListNoticesT list;
    list.channel = device.channels().front().id;
    std::vector<api::NoticeKind> out;
    for (const auto& notice : world.ask_until_answered(device, list).body.AsNoticeList()->notices) out.push_back(notice->kind);
    return out;
  }
  void no_alarms(const std::vector<SimDevice*>& devices) {
    for (SimDevice* device : devices) EXPECT_THAT(causes(*device), ::testing::IsEmpty()) << device->name;
  }
  // "alarm: what is behind it", over all lives.
  static std::vector<std::string> causes(SimDevice& device) {
    std::vector<std::string> out;
    for (const auto& event : device.events()) {
      if (const auto* alarm = event->body.AsAlarm()) out.push_back(alarm->name + ": " + alarm->cause);
    }
    return out;
  }
  // Whoever is out reads nothing of what is said from then on (S12).
  void reads_nothing_more(SimDevice& out, SimDevice& from, SimDevice& to) {
    ASSERT_TRUE(until([&] { return ended(out); }));
    EXPECT_EQ(out.disk.count(keys::group(*ChannelId::from_bytes(out.channels().front().id))), 0u) << "keys are gone";
    send(from, "onder ons");
    EXPECT_TRUE(until([&] { return has(to, "onder ons"); }));
    world.scheduler.run_for(std::chrono::minutes(1));
    EXPECT_FALSE(has(out, "onder ons"));
  }
  api::InviteState invite_state() {
    for (const auto& invite : world.ask_until_answered(noor, api::ListInvitesT()).body.AsInviteList()->invites) {
      if (invite->purpose == api::InvitePurpose::third_party) return invite->state;
    }
    return {};
  }

  Duration reading_time = kTwoDays;
  World world;
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  SimDevice& bea = world.add_device("Bea");
};

}  // namespace steiger::sdk::testing
