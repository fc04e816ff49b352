// What was said before a new phone came (S17), against the real gateway Service.
#include "client-sdk/src/records.h"
#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/testing/tamper.h"
#include "crypto/mls/group.h"
#include "tests/property/rooms_fixture.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::ElementsAre;

class Earlier : public Rooms {
 protected:
  void SetUp() override {
    chatting();
    for (const char* number : {"een", "twee", "drie"}) {
      say(noor, std::string("vraag ") + number, sam);
      say(sam, std::string("antwoord ") + number, noor);
    }
    world.scheduler.run_for(std::chrono::minutes(1));
    room_ = *ChannelId::from_bytes(sam.channels().front().id);
  }
  void say(SimDevice& from, const std::string& text, SimDevice& to) {
    send(from, text);
    ASSERT_TRUE(until([&] { return has(to, text); })) << text;
  }
  static std::vector<std::string> said(SimDevice& device) {
    std::vector<std::string> out;
    for (const auto& message : device.messages(device.channels().front().id)) out.push_back(message.text);
    return out;
  }
  bool link_phone(SimDevice& of) {
    api::MakeInviteT link;
    link.kind = api::InviteKind::qr;
    link.purpose = api::InvitePurpose::device;
    link.page_url = kPage;
    return join_by(of, link);
  }
  bool come_back(SimDevice& of) {
    api::MakeInviteT make;
    make.kind = api::InviteKind::qr;
    make.purpose = api::InvitePurpose::comeback;
    make.page_url = kPage;
    make.channel = noor.channels().front().id;
    make.account = of.status().account;
    make.lost = true;
    of.crash();
    return join_by(noor, make);
  }
  bool join_by(SimDevice& inviter, const api::MakeInviteT& make) {
    const auto* invite = world.ask_until_stored(inviter, make).body.AsInvite();
    if (invite == nullptr) return false;
    const std::string url = invite->url;
    return until([&] {
      if (phone.status().membership == api::Membership::none) world.start_join(phone, url);
      return phone.channels().size() == 1;
    });
  }
  // Changes the records under this prefix at Noor's device.
  void change_at_noor(const std::string& prefix, const std::function<SecretBytes(ByteView)>& change) {
    noor.crash();
    for (auto& [key, value] : noor.disk) {
      if (key.rfind(prefix + room_.text(), 0) == 0) value = change(value.bytes());
    }
    noor.boot();
  }
  SimDevice& phone = world.add_device("Sam");
  ChannelId room_;
};

TEST_F(Earlier, ALinkedPhoneGetsWhatWasSaid) {
  world.network.options.break_percent = 2;
  ASSERT_TRUE(link_phone(sam));
  phone.crash();
  phone.boot();
  world.network.options.break_percent = 0;
  ASSERT_TRUE(until([&] { return said(phone) == said(sam); }));
  EXPECT_EQ(phone.transcript(), sam.transcript()) << "each in its place, once";
  EXPECT_EQ(phone.channels().front().unread, 0u) << "somebody has read it";
  say(phone, "vanaf de nieuwe", noor);
  EXPECT_TRUE(until([&] { return phone.transcript() == noor.transcript(); }));
  no_alarms({&noor, &sam, &phone});
  // It is the original: the new phone can prove what the old one can.
  api::DiscloseT choice;
  choice.channel = phone.channels().front().id;
  for (const auto& message : phone.messages(choice.channel)) choice.seqs.push_back(message.seq);
  EXPECT_NE(world.ask_until_answered(phone, choice).body.AsDisclosure(), nullptr);
}

// S17: the answer goes through the room. Bea, who was not there then, has everything that comes to her and the keys to open it.
TEST_F(Earlier, NobodyElseInTheRoomReadsTheAnswer) {
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  ASSERT_TRUE(until([&] { return bea.channels().size() == 1 && members(sam) == 3; }));
  world.scheduler.run_for(std::chrono::minutes(1));
  auto group = mls::Group::deserialize(bea.disk.at(keys::group(room_)).bytes()).value();
  std::map<std::uint64_t, std::pair<bool, Bytes>> sent;  // commit or not
  world.network.tamper_down = tamper<wire::DeliverT>([&](wire::DeliverT& deliver) {
    for (const auto& batch : deliver.batches) {
      std::uint64_t seq = batch->first_seq;
      for (const auto& envelope : batch->envelopes) {
        if (!envelope->payload.empty()) sent[seq] = {envelope->kind == wire::EnvelopeKind::commit, envelope->payload};
        ++seq;
      }
    }
  });
  const std::uint64_t from = ChannelRecord::decode(bea.disk.at(keys::channel(room_)).bytes()).value().processed;
  ASSERT_TRUE(link_phone(sam));
  ASSERT_TRUE(until([&] { return said(phone) == said(sam); }));
  world.scheduler.run_for(std::chrono::minutes(1));
  std::size_t read = 0;
  for (const auto& [seq, payload] : sent) {
    if (seq <= from) continue;
    if (payload.first) {
      auto next = group.handle_commit(payload.second, mls::no_psks());
      if (next.ok()) group = std::move(next->next);
      continue;
    }
    const auto opened = group.decrypt(payload.second);
    if (!opened.ok()) continue;
    ++read;
    const std::string_view text = as_text(opened->plaintext.bytes());
    EXPECT_EQ(text.find("vraag"), std::string_view::npos) << seq;
    EXPECT_EQ(text.find("antwoord"), std::string_view::npos) << seq;
  }
  EXPECT_GE(read, 2u) << "the question and the answer";
  EXPECT_FALSE(has(bea, "vraag een"));
}

TEST_F(Earlier, WhoLostTheirPhoneGetsItFromTheCoach) {
  const auto was = said(sam);
  ASSERT_TRUE(come_back(sam));
  ASSERT_TRUE(until([&] { return said(phone) == was; }));
  EXPECT_EQ(phone.transcript(), noor.transcript());
  no_alarms({&noor, &phone});
}

TEST_F(Earlier, AMessageThatIsNotTheOriginalIsNotShown) {
  change_at_noor(keys::kMessagePrefix, [](ByteView bytes) {
    auto message = MessageRecord::decode(bytes).value();
    if (as_text(message.content.bytes()).find("vraag twee") != std::string_view::npos) {
      Bytes changed = to_bytes(message.franked.bytes());
      changed.back() ^= 1;
      message.franked = SecretBytes::copy_of(changed);
    }
    return message.encode();
  });
  auto was = said(sam);
  std::erase(was, "vraag twee");
  ASSERT_TRUE(come_back(sam));
  EXPECT_TRUE(until([&] { return said(phone) == was; }));
  EXPECT_THAT(causes(phone), ElementsAre("franking_failed: history_refused"));
}

// S15: who gives another sender, time or order does not arrive at the value that the gateway signed.
TEST_F(Earlier, AChangedPlaceIsRefusedWithAllThatLeadsToIt) {
  change_at_noor(keys::kLinkPrefix, [](ByteView bytes) {
    auto link = LinkRecord::decode(bytes).value();
    link.accepted = link.accepted + Duration(1);
    return link.encode();
  });
  ASSERT_TRUE(come_back(sam));
  ASSERT_TRUE(until([&] { return !causes(phone).empty(); }));
  EXPECT_THAT(causes(phone), ElementsAre("franking_failed: history_refused"));
  EXPECT_TRUE(said(phone).empty());
  say(noor, "en verder", phone);
}

// S8: what was said before somebody came is not theirs, whatever their device asks.
TEST_F(Earlier, WhoWasNotThereGetsNothing) {
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  ASSERT_TRUE(until([&] { return bea.channels().size() == 1 && members(sam) == 3; }));
  bea.crash();
  EarlierRecord wants;
  wants.joined_at = ChannelRecord::decode(bea.disk.at(keys::channel(room_)).bytes()).value().base_seq;
  wants.ask_until = world.scheduler.now + kTwoDays;
  bea.disk[keys::earlier(room_)] = wants.encode();
  bea.boot();
  ASSERT_TRUE(until([&] {
    const auto now = EarlierRecord::decode(bea.disk.at(keys::earlier(room_)).bytes());
    return now->ask_until == Timestamp();
  })) << "both said that they have nothing for her";
  EXPECT_TRUE(said(bea).empty());
}

// It has not seen who came and went: what it got goes no further than its own account.
TEST_F(Earlier, APhoneDoesNotPassOnWhatItWasGiven) {
  ASSERT_TRUE(link_phone(sam));
  ASSERT_TRUE(until([&] { return said(phone) == said(sam); }));
  const auto asked = asked_in();
  ASSERT_TRUE(asked.has_value());
  ASSERT_EQ(answer(world, sam, *asked, true), "");
  ASSERT_TRUE(until([&] { return bea.channels().size() == 1 && members(phone) == 3; }));
  // As if it had always been there for all that it knows: nothing is remembered of who came when.
  phone.crash();
  phone.disk.erase(keys::stays(room_));
  phone.boot();
  noor.crash();
  sam.crash();
  bea.crash();
  EarlierRecord wants;
  wants.joined_at = ChannelRecord::decode(bea.disk.at(keys::channel(room_)).bytes()).value().base_seq;
  wants.ask_until = world.scheduler.now + kTwoDays;
  bea.disk[keys::earlier(room_)] = wants.encode();
  bea.boot();
  world.scheduler.run_for(std::chrono::hours(12));
  for (const auto& text : said(bea)) EXPECT_EQ(text.find("vraag"), std::string::npos) << text;
}

}  // namespace
}  // namespace steiger::sdk::testing
