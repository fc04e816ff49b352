// What an app may ask, and the named error at every bound (design law 8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/testing/world.h"
#include "gateway/protocol/frames.h"

namespace steiger::sdk::testing {
namespace {

std::string failure(const api::EventT& event) {
  const auto* failed = event.body.AsFailed();
  return failed == nullptr ? "no failure" : failed->name;
}

class ApiTest : public ::testing::Test {
 protected:
  void chatting() {
    world.set_up_coach(noor);
    ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
    channel = sam.channels().front().id;
  }
  template <class Body>
  std::string refusal(SimDevice& device, const Body& body) {
    return failure(world.ask_until_answered(device, body));
  }
  api::SendTextT text(std::string words) {
    api::SendTextT out;
    out.channel = channel;
    out.text = std::move(words);
    return out;
  }
  World world{3};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  std::vector<std::uint8_t> channel;
};

// Old phones: days behind or ahead, and a coach's laptop twenty minutes off.
TEST_F(ApiTest, WrongClocksDoNotLockAnybodyOut) {
  for (const Duration error : {Duration(std::chrono::hours(-72)), Duration(std::chrono::hours(72))}) {
    for (const Duration coach_error : {Duration(std::chrono::minutes(-20)), Duration(std::chrono::minutes(20))}) {
      World skewed(4);
      SimDevice& coach = skewed.add_device("Noor");
      skewed.set_up_coach(coach);
      coach.crash();
      coach.clock_error = coach_error;
      coach.boot();
      SimDevice& phone = skewed.add_device("Sam");
      phone.crash();
      phone.clock_error = error;
      phone.boot();
      ASSERT_TRUE(skewed.invite(coach, phone, api::InviteKind::qr));
      skewed.send(phone, "hoi");
      ASSERT_TRUE(skewed.settle({&coach, &phone}, 1));
      EXPECT_THAT(coach.alarms(), ::testing::IsEmpty());
      EXPECT_THAT(phone.alarms(), ::testing::IsEmpty());
    }
  }
}

// A tab or a process that ended before the answer came asks again: it is the same message, waiting, placed, or after a restart.
TEST_F(ApiTest, ATextAskedAgainUnderTheSameIdIsOneMessage) {
  chatting();
  api::SendTextT hoi = text("hoi");
  hoi.message.assign(kIdSize, 7);
  const auto ask = [&] {
    const auto* message = world.ask_until_answered(sam, hoi).body.AsMessage();
    return message != nullptr && message->id == hoi.message && message->text == "hoi";
  };
  EXPECT_TRUE(ask());
  EXPECT_TRUE(ask());
  ASSERT_TRUE(world.settle({&noor, &sam}, 1));
  EXPECT_TRUE(ask());
  sam.crash();
  sam.boot();
  EXPECT_TRUE(ask());
  world.scheduler.run_for(std::chrono::seconds(5));
  EXPECT_EQ(noor.messages(channel).size(), 1U);
  EXPECT_EQ(sam.messages(channel).size(), 1U);
  EXPECT_EQ(failure(world.ask_until_answered(noor, hoi)), "bad_request");  // somebody else's message
  hoi.message.assign(3, 7);
  EXPECT_EQ(failure(world.ask_until_answered(sam, hoi)), "bad_request");
}

// A connection that is open and says nothing any more: noticed as soon as something waits for its answer.
TEST_F(ApiTest, ADeadConnectionIsGivenUp) {
  chatting();
  world.network.tamper_up = [](const Bytes&) { return Bytes(); };
  noor.ask(text("hoort iemand mij?"));
  world.scheduler.run_for(std::chrono::seconds(25));
  world.network.tamper_up = nullptr;
  ASSERT_TRUE(world.settle({&noor, &sam}, 1, std::chrono::minutes(2)));
}

TEST_F(ApiTest, BytesThatAreNoRequestGetAnAnswerToo) {
  sam.feed(ApiRequest{Bytes{1, 2, 3}});
  sam.feed(ApiRequest{Bytes(kMaxRequestBytes + 1)});
  world.scheduler.run_for(std::chrono::seconds(1));
  std::vector<std::string> names;
  for (const auto& event : sam.events()) {
    if (event->body.AsFailed() != nullptr) names.push_back(failure(*event));
  }
  EXPECT_THAT(names, ::testing::ElementsAre("bad_request", "request_too_large"));
}

TEST_F(ApiTest, BeforeThereIsAnIdentity) {
  EXPECT_EQ(refusal(sam, api::MakeInviteT()), "not_allowed_for_role");
  EXPECT_EQ(refusal(sam, text("hoi")), "bad_request");  // no channel id
  EXPECT_EQ(refusal(sam, api::InstallCertificateT()), "not_set_up");
  EXPECT_EQ(refusal(sam, api::ChangeSettingsT()), "not_set_up");
}

TEST_F(ApiTest, WordsOfAnInviteAreChecked) {
  api::JoinT join;
  join.gateway_url = kGatewayUrl;
  join.invite = "ABCDE";
  EXPECT_EQ(refusal(sam, join), "invite_text_length");
  join.invite = "ABCDE-FGHJK-MNPQR-STVW%";
  EXPECT_EQ(refusal(sam, join), "invite_text_character");
  join.invite = "ABCDE-FGHJK-MNPQR-STVWX";
  join.gateway_url = "ftp://127.0.0.1/";
  EXPECT_EQ(refusal(sam, join), "bad_url");
  join.gateway_url = kGatewayUrl;
  join.name = std::string(kMaxNameBytes + 1, 'x');
  EXPECT_EQ(refusal(sam, join), "name_too_long");
}

TEST_F(ApiTest, AnInviteThatNobodyMadeFailsAndTheDeviceIsFreeAgain) {
  world.set_up_coach(noor);
  api::JoinT join;
  join.gateway_url = kGatewayUrl;
  join.invite = "ABCDE-FGHJK-MNPQR-STVWX";
  EXPECT_EQ(refusal(sam, join), "invite_unknown");
  EXPECT_EQ(sam.status().membership, api::Membership::none);
  EXPECT_TRUE(world.invite(noor, sam, api::InviteKind::link));
}

TEST_F(ApiTest, AnInviteExpires) {
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::qr);
  world.scheduler.run_for(std::chrono::minutes(16));
  api::JoinT join;
  join.gateway_url = kGatewayUrl;
  join.invite = link;
  EXPECT_EQ(refusal(sam, join), "invite_expired");
  const auto& list = world.ask_until_answered(noor, api::ListInvitesT());
  EXPECT_EQ(list.body.AsInviteList()->invites.front()->state, api::InviteState::expired);
}

TEST_F(ApiTest, ARefusedPersonHearsIt) {
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, api::InviteKind::link);
  world.start_join(sam, link);
  world.scheduler.run_for(std::chrono::seconds(10));
  const auto& list = world.ask_until_answered(noor, api::ListInvitesT());
  ASSERT_EQ(list.body.AsInviteList()->invites.front()->state, api::InviteState::to_confirm);
  api::RefuseInviteT refuse;
  refuse.invite = list.body.AsInviteList()->invites.front()->id;
  world.ask_until_answered(noor, refuse);
  world.scheduler.run_for(std::chrono::seconds(10));
  EXPECT_EQ(failure(*sam.events()[sam.events().size() - 2]), "invite_refused");
  EXPECT_EQ(sam.status().membership, api::Membership::none);
  EXPECT_EQ(refusal(noor, refuse), "invite_state");
}

// S2: a device that was declared lost hears that, not that its data is old.
TEST_F(ApiTest, ARevokedDeviceSaysSo) {
  chatting();
  world.network.tamper_down = [](Bytes frame) {
    if (wire::GetFrame(frame.data())->body_type() != wire::Body::LoginReply) return frame;
    return gateway::problem_frame(0, gateway::kRevokedDevice, true);
  };
  world.network.cut_all();
  world.scheduler.run_for(std::chrono::minutes(1));
  const auto status = noor.status();
  EXPECT_EQ(status.membership, api::Membership::stopped);
  EXPECT_EQ(status.stop, api::AlarmKind::revoked_device);
  EXPECT_EQ(refusal(noor, text("hoi")), "revoked_device");
  EXPECT_EQ(refusal(noor, api::MakeInviteT()), "revoked_device");
  api::MarkReadT read;
  read.channel = channel;
  EXPECT_EQ(refusal(noor, read), "no failure");
  EXPECT_THAT(noor.alarms(), ::testing::ElementsAre("revoked_device"));
}

TEST_F(ApiTest, TextsHaveBounds) {
  chatting();
  EXPECT_EQ(refusal(sam, text("")), "text_empty");
  EXPECT_EQ(refusal(sam, text(std::string(kMaxTextBytes + 1, 'x'))), "text_too_long");
  EXPECT_EQ(refusal(sam, text("\xff")), "bad_text_encoding");
  api::SendTextT elsewhere = text("hoi");
  elsewhere.channel[0] ^= 1;
  EXPECT_EQ(refusal(sam, elsewhere), "no_such_channel");
  EXPECT_EQ(refusal(sam, api::MakeInviteT()), "not_allowed_for_role");
  const std::string longest(kMaxTextBytes, 'x');
  sam.ask(text(longest));
  ASSERT_TRUE(world.settle({&noor, &sam}, 1));
  EXPECT_EQ(noor.messages(channel).front().text, longest);
}

TEST_F(ApiTest, StatesOfAMessage) {
  chatting();
  const auto request = noor.ask(text("hoi"));
  ASSERT_TRUE(world.scheduler.run_until([&] { return noor.answer(request) != nullptr; }, std::chrono::seconds(5)));
  EXPECT_EQ(noor.answer(request)->body.AsMessage()->state, api::MessageState::waiting);
  world.scheduler.run_for(std::chrono::seconds(20));
  auto mine = noor.messages(channel).front();
  EXPECT_EQ(mine.state, api::MessageState::delivered);  // Sam's device stored it (a `stored` receipt)
  auto theirs = sam.messages(channel).front();
  EXPECT_EQ(theirs.state, api::MessageState::received);
  EXPECT_EQ(theirs.sender_name, "Noor");
  EXPECT_EQ(sam.channels().front().unread, 1u);

  // C6: the jongere's read receipts are off by default.
  api::MarkReadT read;
  read.channel = channel;
  read.up_to_seq = theirs.seq;
  world.ask_until_answered(sam, read);
  world.scheduler.run_for(std::chrono::seconds(20));
  EXPECT_EQ(sam.channels().front().unread, 0u);
  EXPECT_EQ(noor.messages(channel).front().state, api::MessageState::delivered);

  // Turned on they hold from now on.
  api::ChangeSettingsT settings;
  settings.send_read_receipts = true;
  world.ask_until_answered(sam, settings);
  noor.ask(text("nog een"));
  world.scheduler.run_for(std::chrono::seconds(20));
  read.up_to_seq = sam.messages(channel).back().seq;
  world.ask_until_answered(sam, read);
  world.scheduler.run_for(std::chrono::seconds(20));
  EXPECT_EQ(noor.messages(channel).back().state, api::MessageState::read);
}

TEST_F(ApiTest, ListsComeInPages) {
  chatting();
  for (int i = 0; i < 7; ++i) noor.ask(text("bericht " + std::to_string(i)));
  ASSERT_TRUE(world.settle({&noor, &sam}, 7));
  api::ListMessagesT list;
  list.channel = channel;
  list.limit = 3;
  std::vector<std::string> seen;
  for (bool more = true; more;) {
    const auto* page = world.ask_until_answered(sam, list).body.AsMessageList();
    more = page->more;
    for (const auto& message : page->messages) seen.push_back(message->text);
    list.before_seq = page->messages.back()->seq;
  }
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(seen.front(), "bericht 6");
  EXPECT_EQ(seen.back(), "bericht 0");
}

TEST_F(ApiTest, MessagesWaitWithoutANetwork) {
  chatting();
  world.network.options.refuse_percent = 100;
  world.network.cut_all();
  noor.ask(text("later"));
  world.scheduler.run_for(std::chrono::hours(30));  // keeps trying
  EXPECT_EQ(noor.status().waiting, 1u);
  EXPECT_EQ(noor.messages(channel).back().state, api::MessageState::waiting);
  world.network.options.refuse_percent = 0;
  ASSERT_TRUE(world.settle({&noor, &sam}, 1));
}

TEST(Origin, OfAWebSocketAddress) {
  EXPECT_EQ(origin_of("ws://127.0.0.1:8443/").value(), "http://127.0.0.1:8443");
  EXPECT_EQ(origin_of("wss://Chat.Example.nl/ws?x=1").value(), "https://chat.example.nl");
  EXPECT_EQ(origin_of("wss://chat.example.nl:443").value(), "https://chat.example.nl");
  EXPECT_EQ(origin_of("ws://[::1]:80/").value(), "http://[::1]");
  for (const char* bad : {"", "http://a/", "ws://", "ws:///x", "ws://:80", "ws://a b/", "ws://user@host/"}) {
    EXPECT_EQ(origin_of(bad).error(), kBadUrl) << bad;
  }
}

}  // namespace
}  // namespace steiger::sdk::testing
