// Another coach takes over, against the real gateway Service: on a teamleider's signed offer, with the jongere's yes (S10).
#include "client-sdk/src/testing/lies.h"
#include "crypto/disclosure/disclosure.h"
#include "crypto/membership/errors.h"
#include "tests/property/rooms_fixture.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

class HandingOver : public Rooms {
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
  api::OfferHandoverT wanted() { return handover_to(kees); }
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

// S12, S21: a store of the first stay, and the Welcome into the second comes before the gateway has said that the first is over.
TEST_F(HandingOver, ACoachWhoReturnsWithAStoreOfTheFirstStayIsBack) {
  chatting();
  const auto asked = offered();
  ASSERT_TRUE(asked.has_value());
  world.scheduler.run_for(std::chrono::minutes(1));
  Snapshot first_stay;
  for (const auto& [key, value] : noor.disk) first_stay.emplace(key, value.clone());
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  ASSERT_TRUE(until([&] { return kees.channels().size() == 1 && ended(noor); }));
  send(kees, "ik ben Kees");
  ASSERT_TRUE(until([&] { return has(sam, "ik ben Kees"); }));
  auto back = handover_to(noor);
  back.leaving = kees.status().account;
  noor.crash();
  noor.disk = std::move(first_stay);
  const auto* failed = world.ask_until_answered(tess, back).body.AsFailed();
  ASSERT_EQ(failed, nullptr) << failed->name;
  std::optional<api::QuestionT> returns;
  ASSERT_TRUE(until([&] { return (returns = question(world, sam)).has_value(); }));
  world.network.tamper_up = [](Bytes frame) {  // nothing that asks about the room comes to the gateway
    return wire::GetFrame(frame.data())->body_type() == wire::Body::FetchGroupInfo ? Bytes() : frame;
  };
  noor.boot();
  ASSERT_TRUE(until([&] { return noor.status().connection == api::Connection::online; }));
  ASSERT_FALSE(ended(noor));
  ASSERT_EQ(answer(world, sam, *returns, true), "");
  ASSERT_TRUE(until([&] { return ended(kees); }));
  send(sam, "welkom terug");
  EXPECT_TRUE(until([&] { return has(noor, "welkom terug"); }));
  EXPECT_FALSE(has(noor, "ik ben Kees"));
  send(noor, "hier ben ik weer");
  EXPECT_TRUE(until([&] { return has(sam, "hier ben ik weer"); }));
  EXPECT_THAT(causes(noor), ::testing::Each(std::string(kRollbackDetected.name) + ": "));
  EXPECT_THAT(causes(noor), ::testing::SizeIs(1));
  no_alarms({&sam, &kees, &tess});
}

// S16: who left took the certificates of the room's leaves along; what was said stays provable, beside what the successor says.
TEST_F(HandingOver, WhatTheOldCoachSaidCanStillBeProven) {
  chatting();
  const auto asked = offered();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  ASSERT_TRUE(until([&] { return kees.channels().size() == 1; }));
  send(kees, "ik ben Kees");
  ASSERT_TRUE(until([&] { return has(sam, "ik ben Kees"); }));
  sam.crash();
  sam.boot();
  api::DiscloseT choice;
  choice.channel = sam.channels().front().id;
  for (const auto& message : sam.messages(choice.channel)) choice.seqs.push_back(message.seq);
  const auto* made = world.ask_until_answered(sam, choice).body.AsDisclosure();
  ASSERT_NE(made, nullptr);
  const auto read = disclosure::decode_disclosure(made->bytes);
  ASSERT_TRUE(read.ok());
  const auto proven = disclosure::verify_disclosure(*read, {world.organisation.facts, read->head_key});
  ASSERT_TRUE(proven.ok()) << proven.error().name;
  ASSERT_EQ(proven->size(), 2u);
  EXPECT_EQ(to_bytes(proven->front().account.bytes()), noor.status().account);
  EXPECT_EQ(to_bytes(proven->back().account.bytes()), kees.status().account);
  for (const auto& message : *proven) EXPECT_EQ(message.role, identity::Role::coach);
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

}  // namespace
}  // namespace steiger::sdk::testing
