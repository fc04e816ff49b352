// Who reads along in a room, against the real gateway Service: third parties by the jongere's grant and until its end (S8).
#include "client-sdk/src/room_records.h"
#include "crypto/identity/invite.h"
#include "crypto/membership/errors.h"
#include "tests/property/rooms_fixture.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

using Members = Rooms;

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
  api::ListNoticesT list;
  list.channel = sam.channels().front().id;
  const auto told = world.ask_until_answered(sam, list).body.AsNoticeList()->notices.back()->name;
  EXPECT_EQ(told, "Bea") << "whose name came after the notice";
  no_alarms({&noor, &sam, &bea});
}

// A certificate for one room only is no hindrance to having two devices: their own group needs none for it.
TEST_F(Members, AThirdPartyMayHaveTwoDevices) {
  let_in();
  SimDevice& tablet = world.add_device("tablet");
  api::MakeInviteT link;
  link.kind = api::InviteKind::qr;
  link.purpose = api::InvitePurpose::device;
  link.page_url = kPage;
  world.start_join(tablet, world.ask_until_stored(bea, link).body.AsInvite()->url);
  ASSERT_TRUE(until([&] { return tablet.channels().size() == 1; }));
  send(tablet, "op de tablet");
  EXPECT_TRUE(until([&] { return has(bea, "op de tablet") && has(sam, "op de tablet"); }));
  EXPECT_TRUE(until([&] { return tablet.channels().front().title == bea.channels().front().title; }));
  no_alarms({&noor, &sam, &bea, &tablet});
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
  world.scheduler.run_for(std::chrono::minutes(5));
  EXPECT_THAT(bea.channels(), ::testing::IsEmpty()) << "certified for longer than the yes says";
  EXPECT_EQ(members(sam), 2u);
  EXPECT_THAT(causes(noor), ElementsAre("change_refused: grant_outlived"));
  no_alarms({&sam, &bea});
}

// A device asks so much at a time; what was answered gives way, what was not stays. Who is not asked about has not been answered either.
TEST_F(Members, SoManyQuestionsWaitAtATime) {
  chatting();
  const auto fill = [&](bool answered) {
    world.scheduler.run_for(std::chrono::minutes(1));
    sam.crash();
    std::erase_if(sam.disk, [](const auto& entry) { return entry.first.rfind(keys::kQuestionPrefix, 0) == 0; });
    for (std::size_t i = 0; i < kMaxQuestions; ++i) {
      QuestionRecord old;
      old.id = QuestionId::random(world.rng);
      old.channel = ChannelId::random(world.rng);
      old.account = AccountId::random(world.rng);
      old.expires = world.scheduler.now + kTwoDays;
      old.answered = answered;
      sam.disk[keys::question(old.id)] = old.encode();
    }
    sam.boot();
  };
  const auto asked_about_bea = [&] {
    const auto& answer = world.ask_until_answered(sam, api::ListQuestionsT());
    const auto& all = answer.body.AsQuestionList()->questions;
    EXPECT_EQ(all.size(), kMaxQuestions);
    return std::any_of(all.begin(), all.end(), [&](const auto& each) { return each->account == bea.status().account; });
  };
  fill(false);
  (void)asked_in();
  ASSERT_TRUE(until([&] {
    const auto told = notices(sam);
    return std::count(told.begin(), told.end(), api::NoticeKind::asked_in) == 1;
  }));
  EXPECT_FALSE(asked_about_bea());
  EXPECT_NE(invite_state(), api::InviteState::refused) << "nobody said no";
  fill(true);
  SimDevice& bob = world.add_device("Bob");
  world.start_join(bob, world.ask_until_stored(noor, reading_along()).body.AsInvite()->url);
  EXPECT_TRUE(until([&] { return question(world, sam).has_value(); }));
  (void)asked_about_bea();
  no_alarms({&noor, &sam});
}

// S8: a coach's store that says to add somebody without the jongere's yes. The room goes on as it was.
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
  // By the rules of rooms, on this very device; the gateway and the others have the same ones (service_roster_test, lies_test).
  EXPECT_THAT(causes(noor), ElementsAre(std::string(kChangeRefused.name) + ": " + membership::kNoGrant.name));
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

}  // namespace
}  // namespace steiger::sdk::testing
