// Who comes into a room and who leaves it, against the real gateway Service: third parties by the jongere's grant (S8), handover on a
// signed offer (S10), and the questions that a person answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client-sdk/src/keys.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/room_records.h"
#include "client-sdk/src/testing/world.h"
#include "crypto/identity/invite.h"
#include "crypto/membership/errors.h"
#include "tests/property/service_gateway.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Duration kTwoDays = std::chrono::hours(48);

std::unique_ptr<GatewayEnd> make_service(Scheduler& scheduler, const identity::OrganisationPublic& organisation,
                                         std::uint64_t seed) {
  return std::make_unique<ServiceGateway>(scheduler, organisation, kGatewayOrigin, seed);
}

void set_up_staff(World& world, SimDevice& device, identity::Role role) {
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
std::optional<api::QuestionT> question(World& world, SimDevice& device) {
  const auto& answer = world.ask_until_answered(device, api::ListQuestionsT());
  for (const auto& each : answer.body.AsQuestionList()->questions) {
    if (!each->answered) return *each;
  }
  return std::nullopt;
}

std::string answer(World& world, SimDevice& device, const api::QuestionT& question, bool yes) {
  api::AnswerQuestionT body;
  body.question = question.id;
  body.yes = yes;
  const auto& event = world.ask_until_answered(device, body);
  const auto* failed = event.body.AsFailed();
  return failed == nullptr ? std::string() : failed->name;
}

class Members : public ::testing::Test {
 protected:
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
  api::MakeInviteT reading_along() {
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    make.purpose = api::InvitePurpose::third_party;
    make.label = "Bea van Schuldhulp";
    make.page_url = kPage;
    make.channel = noor.channels().front().id;
    make.until_ms = (world.scheduler.now + kTwoDays).ms;
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
    for (SimDevice* device : devices) EXPECT_THAT(causes(*device), IsEmpty()) << device->name;
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

  World world{51, make_service};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  SimDevice& bea = world.add_device("Bea");
};

// S8: nobody reads along without the jongere's yes; then everybody sees who, and until when.
TEST_F(Members, AThirdPartyComesInWithTheJongeresYes) {
  chatting();
  const Timestamp end = world.scheduler.now + kTwoDays;
  const auto asked = asked_in(api::InviteKind::link);
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->kind, api::QuestionKind::let_in);
  EXPECT_EQ(asked->name, "Bea van Schuldhulp");
  EXPECT_EQ(asked->reason, api::Reason::debts);
  EXPECT_EQ(asked->account, bea.status().account);
  EXPECT_EQ(asked->until_ms, end.ms);
  EXPECT_THAT(notices(sam), Contains(api::NoticeKind::asked_in));
  EXPECT_EQ(members(sam), 2u);
  EXPECT_EQ(bea.channels().size(), 0u);
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  EXPECT_EQ(answer(world, sam, *asked, false), kNoSuchQuestion.name) << "answered once";
  EXPECT_FALSE(question(world, sam).has_value());
  ASSERT_TRUE(until([&] { return bea.channels().size() == 1 && members(sam) == 3; }));
  for (SimDevice* device : {&noor, &sam, &bea}) {
    const auto rooms = device->channels();
    for (const auto& member : rooms.front().members) {
      if (member->account == bea.status().account) {
        EXPECT_EQ(member->until_ms, end.ms) << device->name;
        EXPECT_EQ(member->role, api::Role::other);
      }
    }
  }
  EXPECT_FALSE(has(bea, "hoi")) << "what was said before is not theirs";
  send(sam, "welkom");
  EXPECT_TRUE(until([&] { return has(bea, "welkom"); }));
  EXPECT_THAT(notices(noor), Contains(api::NoticeKind::joined));
  no_alarms({&noor, &sam, &bea});
}

TEST_F(Members, NoIsFineAndEndsTheInvite) {
  chatting();
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(answer(world, sam, *asked, false), "");
  EXPECT_TRUE(until([&] { return bea.status().membership == api::Membership::none; }));
  EXPECT_EQ(invite_state(), api::InviteState::refused);
  EXPECT_THAT(notices(noor), Contains(api::NoticeKind::refused_in));
  EXPECT_EQ(members(noor), 2u);
  no_alarms({&noor, &sam, &bea});
}

TEST_F(Members, TheCoachTakesAThirdPartyOut) {
  let_in();
  EXPECT_EQ(remove(bea, sam), "") << "the wish is taken";
  EXPECT_TRUE(until([&] { return !bea.alarms().empty(); }));
  EXPECT_THAT(bea.alarms(), ElementsAre(kChangeRefused.name)) << "and refused: a third party takes nobody out";
  EXPECT_EQ(remove(noor, bea), "");
  reads_nothing_more(bea, sam, noor);
  EXPECT_THAT(notices(sam), Contains(api::NoticeKind::left));
  EXPECT_THAT(notices(bea), Contains(api::NoticeKind::removed));
  no_alarms({&noor, &sam});
}

TEST_F(Members, TheJongereTakesAThirdPartyOut) {
  let_in();
  EXPECT_EQ(remove(sam, bea), "");
  EXPECT_TRUE(until([&] { return ended(bea); }));
  reads_nothing_more(bea, noor, sam);
  no_alarms({&noor, &sam, &bea});
}

// Law 7: who the room is for stays.
TEST_F(Members, TheCoachDoesNotTakeTheJongereOut) {
  chatting();
  EXPECT_EQ(remove(noor, sam), "");
  EXPECT_TRUE(until([&] { return !noor.alarms().empty(); }));
  EXPECT_THAT(noor.alarms(), ElementsAre(kChangeRefused.name));
  EXPECT_EQ(members(noor), 2u);
  send(sam, "ik ben er nog");
  EXPECT_TRUE(until([&] { return has(noor, "ik ben er nog"); }));
}

// S8: a purpose and an end. The gateway's certificate check is one thing; the room takes them out by itself.
TEST_F(Members, ReadingAlongEndsByItself) {
  let_in();
  world.scheduler.run_for(kTwoDays - std::chrono::hours(1));
  EXPECT_FALSE(ended(bea));
  world.scheduler.run_for(std::chrono::hours(1));
  EXPECT_TRUE(until([&] { return ended(bea); }));
  reads_nothing_more(bea, noor, sam);
  no_alarms({&noor, &sam, &bea});
}

// A coach's client that certifies for longer than the jongere said yes to.
TEST_F(Members, NobodyStaysLongerThanTheJongereAgreedTo) {
  chatting();
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  noor.crash();
  for (auto& [key, value] : noor.disk) {
    if (key.rfind(keys::kPurposePrefix, 0) != 0) continue;
    auto purpose = PurposeRecord::decode(value.bytes()).value();
    purpose.until = world.scheduler.now + 30 * kTwoDays;
    value = purpose.encode();
  }
  noor.boot();
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  ASSERT_TRUE(until([&] { return bea.channels().size() == 1 && members(sam) == 3; }));
  world.scheduler.run_for(kTwoDays + std::chrono::minutes(1));
  EXPECT_TRUE(until([&] { return ended(bea); }));
  reads_nothing_more(bea, noor, sam);
  no_alarms({&noor, &sam, &bea});
}

// S8: a coach's client that adds without the jongere's yes. The gateway refuses it, and the room goes on as it was; were it to let that
// pass, the jongere's device would not go along.
TEST_F(Members, WithoutAGrantNobodyComesIn) {
  chatting();
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  noor.crash();
  const auto self = SelfRecord::decode(noor.disk.at(keys::kSelf).bytes()).value();
  const SigningKey coach(SigningKey::Seed::from_bytes(self.account_seed.bytes()).value());
  for (auto& [key, value] : noor.disk) {
    if (key.rfind(keys::kInvitePrefix, 0) != 0) continue;
    auto invite = InviteRecord::decode(value.bytes()).value();
    const std::string purpose_key = keys::purpose(invite.id);
    if (noor.disk.count(purpose_key) == 0) continue;
    const auto purpose = PurposeRecord::decode(noor.disk.at(purpose_key).bytes()).value();
    const auto proof = identity::decode_redeem_proof(invite.proof).value();
    identity::Certificate certificate;
    certificate.organisation = world.organisation.facts.id;
    certificate.subject = purpose.account;
    certificate.subject_key = proof.account_key;
    certificate.role = identity::Role::third_party;
    certificate.channel = purpose.channel;
    certificate.not_before = world.scheduler.now;
    certificate.not_after = purpose.until;
    auto chain = identity::decode_chain(self.chain).value();
    chain.certificates.push_back(identity::issue_certificate(coach, certificate).value());
    invite.chain = identity::encode_chain({chain.certificates, proof.account_key, proof.device_list});
    invite.channel = purpose.channel;
    invite.state = InviteRecord::State::accepted;
    invite.todo = InviteRecord::Todo::accept;
    value = invite.encode();
    WishRecord wish;
    wish.number = 1;
    wish.kind = WishRecord::Kind::add_invited;
    wish.account = purpose.account;
    wish.invite = invite.id;
    noor.disk[keys::wish(purpose.channel, 1)] = wish.encode();
    break;
  }
  noor.boot();
  EXPECT_TRUE(until([&] { return !causes(noor).empty(); }));
  // The gateway refuses it by the rules of rooms; which rule stands in its log.
  EXPECT_THAT(causes(noor), ElementsAre(std::string(kChangeRefused.name) + ": " + gateway::kCommitNotAllowed.name));
  EXPECT_EQ(members(sam), 2u);
  send(sam, "onder ons");
  world.scheduler.run_for(std::chrono::minutes(1));
  EXPECT_FALSE(has(bea, "onder ons"));
}

TEST_F(Members, WhatAnInviteToReadAlongMustSay) {
  chatting();
  const auto refused = [&](SimDevice& by, const api::MakeInviteT& make) {
    const auto* failed = world.ask_until_answered(by, make).body.AsFailed();
    return failed == nullptr ? std::string() : failed->name;
  };
  auto make = reading_along();
  make.until_ms = (world.scheduler.now + std::chrono::hours(1)).ms;
  EXPECT_EQ(refused(noor, make), kBadRequest.name) << "shorter than a day";
  make.until_ms = (world.scheduler.now + identity::kMaxAccountCertificateLife + kTwoDays).ms;
  EXPECT_EQ(refused(noor, make), kBadRequest.name) << "longer than any certificate";
  make = reading_along();
  make.reason = static_cast<api::Reason>(77);
  EXPECT_EQ(refused(noor, make), kBadRequest.name);
  make = reading_along();
  make.channel = sam.status().account;
  EXPECT_EQ(refused(noor, make), kNoSuchChannel.name);
  EXPECT_EQ(refused(sam, reading_along()), kNotAllowedForRole.name);
}

// The other devices of the jongere are asked too, and hear the answer.
TEST_F(Members, OneAnswerIsEnoughForAllDevices) {
  chatting();
  SimDevice& tablet = world.add_device("tablet");
  api::MakeInviteT link;
  link.kind = api::InviteKind::qr;
  link.purpose = api::InvitePurpose::device;
  link.page_url = kPage;
  world.start_join(tablet, world.ask_until_stored(sam, link).body.AsInvite()->url);
  ASSERT_TRUE(until([&] { return tablet.channels().size() == 1; }));
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  ASSERT_TRUE(until([&] { return question(world, tablet).has_value(); }));
  EXPECT_EQ(question(world, tablet)->id, asked->id);
  ASSERT_EQ(answer(world, tablet, *asked, true), "");
  EXPECT_TRUE(until([&] { return !question(world, sam).has_value(); }));
  EXPECT_TRUE(until([&] { return bea.channels().size() == 1; }));
  no_alarms({&noor, &sam, &tablet, &bea});
}

// ---------------------------------------------------------------- handover (S10)

class HandingOver : public Members {
 protected:
  // A teamleider who offers Kees for Noor; until the jongere is asked.
  std::optional<api::QuestionT> offered() {
    set_up_staff(world, tess, identity::Role::teamleider);
    world.set_up_coach(kees);
    (void)until([&] { return kees.status().connection == api::Connection::online; });
    world.scheduler.run_for(std::chrono::seconds(30));  // his KeyPackages are there
    const auto* failed = world.ask_until_answered(tess, wanted()).body.AsFailed();
    EXPECT_EQ(failed, nullptr) << failed->name;
    std::optional<api::QuestionT> out;
    (void)until([&] { return (out = question(world, sam)).has_value(); });
    return out;
  }
  api::OfferHandoverT wanted() {
    api::OfferHandoverT offer;
    offer.channel = noor.channels().front().id;
    offer.leaving = noor.status().account;
    offer.successor = kees.status().account;
    offer.successor_key = kees.status().account_key_hash;
    return offer;
  }
  SimDevice& tess = world.add_device("Tess");
  SimDevice& kees = world.add_device("Kees");
};

TEST_F(HandingOver, WithTheJongeresYesTheSuccessorReadsOnAndTheOldCoachDoesNot) {
  chatting();
  const auto asked = offered();
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->kind, api::QuestionKind::handover);
  EXPECT_EQ(asked->account, kees.status().account);
  EXPECT_EQ(asked->role, api::Role::coach);
  EXPECT_TRUE(until([&] {
    const auto told = notices(noor);
    return std::count(told.begin(), told.end(), api::NoticeKind::handover_waits) == 1;
  }));
  EXPECT_FALSE(ended(noor)) << "the jongere decides";
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  EXPECT_TRUE(until([&] { return kees.channels().size() == 1; }));
  ASSERT_EQ(kees.channels().size(), 1u);
  send(kees, "ik ben Kees");
  ASSERT_TRUE(until([&] { return has(sam, "ik ben Kees"); }));
  reads_nothing_more(noor, sam, kees);
  EXPECT_THAT(notices(sam), Contains(api::NoticeKind::handover));
  EXPECT_FALSE(has(kees, "hoi"));
  no_alarms({&noor, &sam, &kees, &tess});
}

TEST_F(HandingOver, NoChangesNothingAndIsNotAskedAgain) {
  chatting();
  const auto asked = offered();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(answer(world, sam, *asked, false), "");
  sam.crash();
  sam.boot();
  world.network.cut_all();  // the gateway repeats the offer at every login
  world.scheduler.run_for(std::chrono::minutes(5));
  EXPECT_FALSE(question(world, sam).has_value());
  EXPECT_THAT(kees.channels(), IsEmpty());
  const auto told = notices(noor);
  EXPECT_EQ(std::count(told.begin(), told.end(), api::NoticeKind::handover_waits), 1);
  send(noor, "we gaan door");
  EXPECT_TRUE(until([&] { return has(sam, "we gaan door"); }));
  // A new offer is a new question.
  const auto* failed = world.ask_until_answered(tess, wanted()).body.AsFailed();
  EXPECT_EQ(failed, nullptr);
  EXPECT_TRUE(until([&] { return question(world, sam).has_value(); }));
  no_alarms({&noor, &sam, &kees, &tess});
}

TEST_F(HandingOver, OnlyATeamleiderOffers) {
  chatting();
  world.set_up_coach(kees);
  const auto refused = [&](SimDevice& by, const api::OfferHandoverT& offer) {
    const auto* failed = world.ask_until_answered(by, offer).body.AsFailed();
    return failed == nullptr ? std::string() : failed->name;
  };
  EXPECT_EQ(refused(noor, wanted()), kNotAllowedForRole.name);
  EXPECT_EQ(refused(sam, wanted()), kNotAllowedForRole.name);
  set_up_staff(world, tess, identity::Role::teamleider);
  auto other_key = wanted();
  other_key.successor_key[0] ^= 1;
  EXPECT_EQ(refused(tess, other_key), gateway::kBadOffer.name);
  auto short_key = wanted();
  short_key.successor_key.pop_back();
  EXPECT_EQ(refused(tess, short_key), kBadRequest.name);
  EXPECT_FALSE(question(world, sam).has_value());
}

// Power may fail at any moment of letting somebody in, on either side: the story ends the same way.
TEST(LettingIn, SurvivesACrashAtEveryStep) {
  struct Effects {
    std::uint64_t coach, jongere;
  };
  const auto story = [](std::uint64_t coach_dies, std::uint64_t jongere_dies) -> Effects {
    World world{88, make_service};
    SimDevice& noor = world.add_device("Noor");
    SimDevice& sam = world.add_device("Sam");
    SimDevice& bea = world.add_device("Bea");
    world.set_up_coach(noor);
    EXPECT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    make.purpose = api::InvitePurpose::third_party;
    make.page_url = kPage;
    make.channel = noor.channels().front().id;
    make.until_ms = (world.scheduler.now + kTwoDays).ms;
    const std::string url = world.ask_until_stored(noor, make).body.AsInvite()->url;
    const Effects before{noor.effects(), sam.effects()};
    if (coach_dies != 0) noor.crash_after_effects(coach_dies);
    if (jongere_dies != 0) sam.crash_after_effects(jongere_dies);
    world.start_join(bea, url);
    for (int round = 0; round < 120 && bea.channels().empty(); ++round) {
      world.scheduler.run_for(std::chrono::seconds(3));
      if (const auto asked = question(world, sam)) (void)answer(world, sam, *asked, true);
    }
    EXPECT_EQ(bea.channels().size(), 1u);
    if (::testing::Test::HasFailure()) return {};
    for (SimDevice* device : {&noor, &sam, &bea}) world.send(*device, "van " + device->name);
    bool heard = false;
    for (int i = 0; i < 100 && !heard; ++i) {
      world.scheduler.run_for(std::chrono::seconds(5));
      const auto lines = bea.transcript();
      const auto all = [&](SimDevice& device) {
        const auto shown = device.transcript();
        return std::all_of(lines.begin(), lines.end(),
                           [&](const auto& line) { return std::count(shown.begin(), shown.end(), line) == 1; });
      };
      heard = !lines.empty() && bea.status().waiting == 0 && sam.status().waiting == 0 && noor.status().waiting == 0 &&
              all(noor) && all(sam);
    }
    EXPECT_TRUE(heard);
    for (SimDevice* device : {&noor, &sam, &bea}) EXPECT_THAT(device->alarms(), IsEmpty()) << device->name;
    return {noor.effects() - before.coach, sam.effects() - before.jongere};
  };
  const Effects whole = story(0, 0);
  for (std::uint64_t k = 1; k <= whole.coach && k < 80 && !::testing::Test::HasFailure(); k += 3) {
    SCOPED_TRACE("coach dies after effect " + std::to_string(k));
    story(k, 0);
  }
  for (std::uint64_t k = 2; k <= whole.jongere && k < 80 && !::testing::Test::HasFailure(); k += 3) {
    SCOPED_TRACE("jongere dies after effect " + std::to_string(k));
    story(0, k);
  }
}

}  // namespace
}  // namespace steiger::sdk::testing
