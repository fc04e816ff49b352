// A local store that fails (a full disk) or does not keep up: the app hears it at once, nothing is promised, lost or sent twice (S21).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client-sdk/src/errors.h"
#include "client-sdk/src/limits.h"
#include "client-sdk/src/testing/world.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::ElementsAre;

class Storage : public ::testing::Test {
 protected:
  void chatting() {
    world.set_up_coach(noor);
    ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
    channel = sam.channels().front().id;
  }
  api::SendTextT text(std::string words) const {
    api::SendTextT out;
    out.channel = channel;
    out.text = std::move(words);
    return out;
  }
  static std::string failure(const api::EventT* event) {
    if (event == nullptr) return "no answer";
    const auto* failed = event->body.AsFailed();
    return failed == nullptr ? "no failure" : failed->name;
  }
  template <class Body>
  std::string ask(SimDevice& device, const Body& body) {
    return failure(&world.ask_until_answered(device, body));
  }
  static void breaks(SimDevice& device) { device.store_options.fail_percent = 100; }
  void works(SimDevice& device) {
    device.store_options.fail_percent = 0;
    world.scheduler.run_for(2 * kCommitRetry);
  }
  World world{8};
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  std::vector<std::uint8_t> channel;
};

TEST_F(Storage, AFullDiskIsHeardAtOnceAndHealsByItself) {
  chatting();
  breaks(noor);
  EXPECT_EQ(ask(noor, text("op de schijf?")), "local_storage");
  EXPECT_THAT(noor.alarms(), ElementsAre("local_storage"));
  // While it lasts: refusals and answers to questions without any wait, and no second alarm.
  const auto refused = noor.ask(text("en deze?"));
  EXPECT_EQ(failure(noor.answer(refused)), "local_storage");
  const auto asked = noor.ask(api::GetStatusT());
  ASSERT_NE(noor.answer(asked), nullptr);
  const auto* status = noor.answer(asked)->body.AsStatus();
  EXPECT_TRUE(status->storage_failing);
  EXPECT_EQ(status->connection, api::Connection::offline);
  EXPECT_EQ(status->waiting, 0u);
  api::ListMessagesT list;
  list.channel = channel;
  EXPECT_NE(noor.answer(noor.ask(list)), nullptr);
  world.send(sam, "hoor je mij?");
  world.scheduler.run_for(std::chrono::minutes(5));
  EXPECT_EQ(noor.alarms().size(), 1u);
  EXPECT_EQ(noor.messages(channel).size(), 0u);

  works(noor);
  EXPECT_FALSE(noor.status().storage_failing);
  EXPECT_EQ(ask(noor, text("nu dan")), "no failure");
  ASSERT_TRUE(world.settle({&noor, &sam}, 2));
  EXPECT_EQ(noor.messages(channel).size(), 2u);  // neither of the refused ones came back
  breaks(noor);
  EXPECT_EQ(ask(noor, text("weer vol")), "local_storage");
  EXPECT_EQ(noor.alarms().size(), 2u);
}

// What could not be stored is as if it had not been asked: asked again it works.
TEST_F(Storage, EveryCommandIsUndoneAndCanBeAskedAgain) {
  api::PrepareStaffT prepare;
  prepare.name = "Noor";
  prepare.gateway_url = kGatewayUrl;
  prepare.organisation = identity::encode_organisation(world.organisation.facts);
  breaks(noor);
  EXPECT_EQ(ask(noor, prepare), "local_storage");
  EXPECT_EQ(noor.status().membership, api::Membership::none);
  works(noor);
  const auto request = decode_staff_request(world.ask_until_answered(noor, prepare).body.AsStaffRequest()->request);
  api::InstallCertificateT install;
  install.certificate = certify_staff(world.organisation, *request, identity::Role::coach, world.scheduler.now).value();
  breaks(noor);
  EXPECT_EQ(ask(noor, install), "local_storage");
  EXPECT_EQ(noor.status().membership, api::Membership::waiting_for_certificate);
  works(noor);
  EXPECT_EQ(ask(noor, install), "no failure");
  world.scheduler.run_for(std::chrono::seconds(10));

  api::MakeInviteT make;
  breaks(noor);
  EXPECT_EQ(ask(noor, make), "local_storage");
  works(noor);
  EXPECT_TRUE(world.ask_until_answered(noor, api::ListInvitesT()).body.AsInviteList()->invites.empty());
  const std::string link = world.make_invite(noor, api::InviteKind::link);

  api::JoinT join;
  join.invite = link;
  join.gateway_url = kGatewayUrl;
  breaks(sam);
  EXPECT_EQ(ask(sam, join), "local_storage");
  EXPECT_EQ(sam.status().membership, api::Membership::none);
  works(sam);
  EXPECT_EQ(ask(sam, join), "no failure");
  world.scheduler.run_for(std::chrono::seconds(10));

  // A decision stays wanted: it is carried out when it can be stored.
  const auto id = world.ask_until_answered(noor, api::ListInvitesT()).body.AsInviteList()->invites.front()->id;
  api::ConfirmInviteT confirm;
  confirm.invite = id;
  breaks(noor);
  EXPECT_EQ(ask(noor, confirm), "local_storage");
  works(noor);
  world.scheduler.run_for(std::chrono::minutes(2));
  EXPECT_EQ(sam.channels().size(), 1u);

  api::ChangeSettingsT settings;
  settings.send_read_receipts = true;
  breaks(sam);
  EXPECT_EQ(ask(sam, settings), "local_storage");
  EXPECT_FALSE(sam.status().send_read_receipts);
  works(sam);
  EXPECT_EQ(ask(sam, settings), "no failure");
  EXPECT_TRUE(sam.status().send_read_receipts);
  sam.crash();
  sam.boot();
  EXPECT_TRUE(sam.status().send_read_receipts);
}

// People who write on while disks fail now and then, and write again what was refused: everything arrives exactly once.
class FailingDisks : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(FailingDisks, LoseAndDoubleNothing) {
  World world(GetParam());
  SeededRng dice(GetParam() * 13 + 5);
  SimDevice& noor = world.add_device("Noor");
  SimDevice& sam = world.add_device("Sam");
  world.set_up_coach(noor);
  ASSERT_TRUE(world.invite(noor, sam, api::InviteKind::qr));
  api::SendTextT body;
  body.channel = sam.channels().front().id;
  world.network.options.break_percent = 2;
  noor.store_options = sam.store_options = {40, 25, 15};
  std::vector<std::string> texts;
  std::size_t refused = 0;
  for (int i = 0; i < 40; ++i) {
    SimDevice& device = dice.chance(50) ? noor : sam;
    body.text = std::to_string(i);
    texts.push_back(body.text);
    const std::size_t burst = 1 + dice.below(3);
    for (std::size_t j = 1; j < burst; ++j) {  // several at once: some of them in the batch that fails
      api::SendTextT more = body;
      more.text += "." + std::to_string(j);
      const auto request = device.ask(more);
      world.scheduler.run_until([&] { return device.answer(request) != nullptr; }, std::chrono::minutes(1));
      ASSERT_NE(device.answer(request), nullptr);
      if (device.answer(request)->body.AsFailed() == nullptr) texts.push_back(more.text);
    }
    for (;;) {
      const auto& answer = world.ask_until_answered(device, body);
      if (answer.body.AsFailed() == nullptr) break;
      ASSERT_STREQ(answer.body.AsFailed()->name.c_str(), "local_storage");
      ++refused;
      world.scheduler.run_for(std::chrono::milliseconds(700));
    }
    world.scheduler.run_for(Duration(static_cast<std::int64_t>(dice.below(1500))));
  }
  EXPECT_GT(refused, 0u);
  world.calm();
  ASSERT_TRUE(world.settle({&noor, &sam}, texts.size()));
  std::vector<std::string> shown;
  for (const auto& message : noor.messages(body.channel)) shown.push_back(message.text);
  std::sort(texts.begin(), texts.end());
  std::sort(shown.begin(), shown.end());
  EXPECT_EQ(shown, texts);
  for (SimDevice* device : {&noor, &sam}) {
    for (const auto& alarm : device->alarms()) EXPECT_EQ(alarm, "local_storage");
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FailingDisks, ::testing::Range<std::uint64_t>(300, 312));

// Law 8: a store that takes minutes does not make the core grow without bound.
TEST_F(Storage, AStoreThatDoesNotKeepUpIsBusy) {
  chatting();
  noor.store_options.max_delay_ms = 1'000'000;
  noor.ask(text("een"));
  api::ChangeSettingsT settings;
  std::uint64_t last = 0;
  std::size_t asked = 0;
  while (last == 0 || noor.answer(last) == nullptr) {
    ASSERT_LT(++asked, kMaxHeldEffects + 10);
    last = noor.ask(settings);
  }
  EXPECT_EQ(failure(noor.answer(last)), "local_busy");
  // What arrives now is not taken either: the connection ends, and it comes again later.
  const std::uint64_t closed = world.network.closed_by_clients;
  world.send(sam, "twee");
  world.scheduler.run_for(std::chrono::milliseconds(500));
  EXPECT_EQ(world.network.closed_by_clients, closed + 1);
  noor.store_options.max_delay_ms = 10;
  world.scheduler.run_for(std::chrono::hours(1));
  ASSERT_TRUE(world.settle({&noor, &sam}, 2));
}

}  // namespace
}  // namespace steiger::sdk::testing
