// The bounds of limits.h that fill up slowly, filled by hand: up to each and one beyond. Either whoever asked hears of it and can ask
// again (design law 8), or what goes is the oldest, and what that costs is said in limits.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/members.h"
#include "client-sdk/src/opening.h"
#include "client-sdk/src/resending.h"
#include "client-sdk/src/testing/world.h"
#include "crypto/log/chain.h"

namespace steiger::sdk::testing {
namespace {

using Kind = WishRecord::Kind;

template <class T>
std::string refusal(const Result<T>& result) {
  return result.ok() ? "" : result.error().name;
}

class Bounds : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.set_up_coach(noor_);
    ASSERT_TRUE(world_.invite(noor_, sam_, api::InviteKind::qr));
  }
  // The engine on this device's store, without a network.
  Engine& engine_of(SimDevice& device) {
    device.crash();
    engine_ = std::make_unique<Engine>(CoreOptions(), State::load(device.disk).value(), rng_);
    (void)engine_->start(world_.scheduler.now);
    room_ = &engine_->state.channels.begin()->second;
    return *engine_;
  }
  // The name of the error that the app hears; empty: none.
  template <class Body>
  std::string ask(Body body) {
    api::RequestT request;
    request.id = ++requests_;
    request.body.Set(std::move(body));
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(api::Request::Pack(builder, &request), api::EventIdentifier());
    Bytes bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
    for (const Effect& effect : engine_->handle(world_.scheduler.now, ApiRequest{std::move(bytes)})) {
      const auto* told = std::get_if<ApiEvent>(&effect);
      if (told == nullptr) continue;
      const auto event = std::unique_ptr<api::EventT>(api::GetEvent(told->event.data())->UnPack());
      if (const auto* failed = event->body.AsFailed(); failed != nullptr && event->request == requests_) return failed->name;
    }
    return {};
  }
  WishRecord removal() {
    WishRecord wish;
    wish.kind = Kind::remove_device;
    wish.account = AccountId::random(rng_);
    wish.device = DeviceId::random(rng_);
    return wish;
  }
  void fill_wishes(std::size_t up_to) {
    while (room_->wishes.size() < up_to) ASSERT_TRUE(engine_->changes.wish(*room_, removal()).ok());
  }
  MemberRecord& other() {
    for (MemberRecord& member : room_->record.members) {
      if (member.account != engine_->state.self.account) return member;
    }
    std::abort();
  }
  api::RemoveMemberT remove_other() {
    api::RemoveMemberT out;
    out.channel = to_bytes(room_->record.id.bytes());
    out.account = to_bytes(other().account.bytes());
    return out;
  }

  // So many places without links, of which somebody then gives every one. Did they come back?
  bool all_come_back(std::uint64_t count) {
    engine_of(noor_);
    Channel& room = *room_;
    const std::uint64_t first = room.record.processed + 1;
    const std::uint64_t last = first + count - 1;
    std::vector<HistoryContent> answers(1);
    Hash head{};
    for (std::uint64_t seq = first; seq <= last; ++seq) {
      LinkRecord link;
      link.account = other().account;
      link.message = MessageId::random(rng_);
      head = log::chain_next(
          head, {room.record.id, seq, link.payload_hash, link.account, link.device, link.message, link.tag, link.accepted});
      if (answers.back().entries.size() == kMaxHistoryEntries) answers.emplace_back();
      answers.back().entries.push_back({seq, link, {}});
    }
    room.gaps.add(GapsRecord::Range{first, last});
    room.gaps.unlinked.push_back({{first, last}, {}, head});
    const DhPublicKey key = engine_->history.answer_key(room).public_key;
    LinkRecord from;
    from.account = other().account;
    for (const HistoryContent& answer : answers) {
      const auto sealed = seal_for_device(rng_, room.record.id, engine_->state.self.device, key,
                                          encode_history(answer, world_.scheduler.now), world_.scheduler.now);
      const auto content = decode_content(sealed->bytes());
      engine_->history.on_for_device(room, from, std::get<ForDeviceContent>(content->body));
    }
    return room.gaps.ranges.empty() && room.links.count(last) == 1;
  }

  World world_{71};
  SimDevice& noor_ = world_.add_device("Noor");
  SimDevice& sam_ = world_.add_device("Sam");
  SeededRng rng_{72};
  std::unique_ptr<Engine> engine_;
  Channel* room_ = nullptr;
  std::uint64_t requests_ = 0;
};

// ---------------------------------------------------------------- kMaxWishes

TEST_F(Bounds, WhoAsksForOneChangeTooManyHearsItAndCanAskAgain) {
  engine_of(noor_);
  fill_wishes(kMaxWishes);
  EXPECT_EQ(ask(remove_other()), kTooManyChanges.name);
  EXPECT_EQ(room_->wishes.size(), kMaxWishes);
  room_->wishes.erase(room_->wishes.begin());
  EXPECT_EQ(ask(remove_other()), "");
  EXPECT_NE(engine_->changes.find(*room_, Kind::remove_account, other().account), nullptr);
  EXPECT_EQ(room_->wishes.size(), kMaxWishes);
  EXPECT_EQ(ask(remove_other()), "") << "it waits already";
  EXPECT_EQ(room_->wishes.size(), kMaxWishes);
}

TEST_F(Bounds, AYesToAHandoverThatCannotBeTakenLeavesTheQuestionOpen) {
  engine_of(sam_);
  QuestionRecord question;
  question.id = QuestionId::random(rng_);
  question.kind = static_cast<std::uint8_t>(api::QuestionKind::handover);
  question.channel = room_->record.id;
  question.account = AccountId::random(rng_);
  question.expires = world_.scheduler.now + kHandoverOfferLife;
  engine_->state.questions.emplace(question.id, question);
  const auto& kept = engine_->state.questions.at(question.id);
  fill_wishes(kMaxWishes);
  api::AnswerQuestionT yes;
  yes.question = to_bytes(question.id.bytes());
  yes.yes = true;
  EXPECT_EQ(ask(yes), kTooManyChanges.name);
  EXPECT_FALSE(kept.answered);
  room_->wishes.erase(room_->wishes.begin());
  EXPECT_EQ(ask(yes), "");
  EXPECT_TRUE(kept.answered && kept.yes);
  EXPECT_NE(engine_->changes.find(*room_, Kind::handover, question.account), nullptr);
}

// S2: an old device of one's own that nobody lists any more, after a comeback.
TEST_F(Bounds, AnObjectionThatCannotBeTakenIsNoDone) {
  engine_of(sam_);
  const DeviceId old = engine_->state.self.device;  // the leaf that the room has; this device is another one now
  engine_->state.self.device = DeviceId::random(rng_);
  engine_->state.chain->device_list.devices.clear();
  fill_wishes(kMaxWishes);
  api::RemoveDeviceT remove;
  remove.device = to_bytes(old.bytes());
  EXPECT_EQ(ask(remove), kTooManyChanges.name);
  room_->wishes.erase(room_->wishes.begin());
  EXPECT_EQ(ask(remove), "");
  EXPECT_NE(engine_->changes.find(*room_, Kind::remove_device, engine_->state.self.account, old), nullptr);
}

// S2: all of a comeback or nothing: who comes in, and the devices of before that go.
TEST_F(Bounds, AComebackThatCannotBeTakenWaitsForTheCoach) {
  engine_of(noor_);
  InviteRecord invite;
  invite.id = InviteId::random(rng_);
  invite.state = InviteRecord::State::to_confirm;
  invite.todo = InviteRecord::Todo::nothing;
  invite.purpose.purpose = static_cast<std::uint8_t>(identity::InvitePurpose::comeback);
  invite.purpose.channel = room_->record.id;
  invite.purpose.account = other().account;
  const SigningKey key = SigningKey::generate(rng_);
  identity::ListedDevice phone;
  phone.device = DeviceId::random(rng_);
  phone.leaf_key = SigningKey::generate(rng_).verify_key();
  const auto list = identity::sign_device_list(key, other().account, 1, {phone});
  ASSERT_TRUE(list.ok());
  invite.proof = identity::encode_redeem_proof({Bytes{1}, key.verify_key(), *list, {}});
  const InviteId id = invite.id;
  engine_->state.invites.emplace(id, std::move(invite));
  fill_wishes(kMaxWishes);
  api::ConfirmInviteT confirm;
  confirm.invite = to_bytes(id.bytes());
  EXPECT_EQ(ask(confirm), kTooManyChanges.name);
  EXPECT_EQ(engine_->state.invites.at(id).state, InviteRecord::State::to_confirm);
  EXPECT_EQ(room_->wishes.size(), kMaxWishes) << "nor is it half taken";
  room_->wishes.erase(room_->wishes.begin());
  EXPECT_EQ(ask(confirm), "");
  EXPECT_EQ(engine_->state.invites.at(id).state, InviteRecord::State::accepted);
  EXPECT_EQ(room_->wishes.size(), kMaxWishes + 1) << "the addition, and the one device of before";
}

// No upkeep is lost: nobody would ask for it again.
TEST_F(Bounds, OwnUpkeepAndInvitedPeopleAreAlwaysTaken) {
  engine_of(noor_);
  fill_wishes(kMaxWishes);
  std::size_t taken = 0;
  for (const Kind kind : {Kind::add_device, Kind::refresh_self, Kind::update_self, Kind::carry_over, Kind::add_invited}) {
    WishRecord wish = removal();
    wish.kind = kind;
    EXPECT_TRUE(engine_->changes.wish(*room_, wish).ok()) << static_cast<int>(kind);
    EXPECT_EQ(room_->wishes.size(), kMaxWishes + ++taken);
  }
  for (const Kind kind : {Kind::remove_device, Kind::remove_account, Kind::add_back, Kind::handover}) {
    WishRecord wish = removal();
    wish.kind = kind;
    EXPECT_EQ(refusal(engine_->changes.wish(*room_, wish)), kTooManyChanges.name) << static_cast<int>(kind);
  }
  room_->wishes.erase(room_->wishes.begin());  // upkeep takes nobody's place
  EXPECT_TRUE(engine_->changes.wish(*room_, removal()).ok());
}

// Kind 9 was planned and never written. A store that has it is read, and the wish is nobody's.
TEST_F(Bounds, AWishOfAKindThatIsNoneIsDropped) {
  engine_of(noor_);
  WishRecord wish = removal();
  wish.kind = static_cast<Kind>(9);
  wish.number = 1;
  noor_.disk[keys::wish(room_->record.id, wish.number)] = wish.encode();
  engine_of(noor_);
  ASSERT_EQ(room_->wishes.size(), 1u);
  engine_->changes.on_merged(*room_);
  EXPECT_TRUE(room_->wishes.empty());
}

// ---------------------------------------------------------------- what an app may ask

TEST_F(Bounds, OneOfferTooManyIsBusy) {
  engine_of(noor_);
  engine_->state.chain->certificates.back().role = identity::Role::teamleider;
  api::OfferHandoverT offer;
  offer.channel = to_bytes(room_->record.id.bytes());
  offer.leaving = to_bytes(other().account.bytes());
  offer.successor = to_bytes(engine_->state.self.account.bytes());
  offer.successor_key.resize(std::tuple_size_v<Hash>);
  for (std::size_t i = 0; i < kMaxOffersUnderWay; ++i) EXPECT_EQ(ask(offer), "") << i;
  EXPECT_EQ(ask(offer), kLocalBusy.name);
}

TEST_F(Bounds, OneChannelTooManyIsRefused) {
  engine_of(noor_);
  auto& channels = engine_->state.channels;
  while (channels.size() < kMaxChannels - 1) channels.try_emplace(ChannelId::random(rng_));
  EXPECT_EQ(refusal(open_channel(*engine_, identity::RoomKind::one_to_one)), "");
  channels.try_emplace(ChannelId::random(rng_));
  EXPECT_EQ(refusal(open_channel(*engine_, identity::RoomKind::one_to_one)), kTooManyChannels.name);
}

TEST_F(Bounds, AFullChannelTakesNoMoreOfOnesOwn) {
  engine_of(noor_);
  auto& messages = room_->messages;
  for (std::uint64_t seq = 1'000'000; messages.size() < kMaxMessagesPerChannel - 1; ++seq) {
    messages.emplace_hint(messages.end(), seq, MessageRecord());
  }
  api::SendTextT text;
  text.channel = to_bytes(room_->record.id.bytes());
  text.text = "nog een";
  EXPECT_EQ(ask(text), "");
  messages.emplace_hint(messages.end(), 2'000'000, MessageRecord());
  EXPECT_EQ(ask(text), kChannelFull.name);
}

// ---------------------------------------------------------------- what is remembered

TEST_F(Bounds, TheOldestNoticeGoes) {
  engine_of(noor_);
  room_->room.notices.clear();
  for (std::uint64_t seq = 1; seq <= kMaxNotices; ++seq) add_notice(*room_, {seq, 1, {}, {}, {}, Role::none, {}});
  EXPECT_EQ(room_->room.notices.size(), kMaxNotices);
  EXPECT_EQ(room_->room.notices.front().seq, 1u);
  add_notice(*room_, {kMaxNotices + 1, 1, {}, {}, {}, Role::none, {}});
  EXPECT_EQ(room_->room.notices.size(), kMaxNotices);
  EXPECT_EQ(room_->room.notices.front().seq, 2u);
  EXPECT_EQ(room_->room.notices.back().seq, kMaxNotices + 1);
}

// Own devices that come and go push nobody out whose return is barred (S8) or due (S13).
TEST_F(Bounds, WhoIsInGoesFirstOfTheFormerDevicesThenTheOldest) {
  engine_of(noor_);
  const auto& trust = engine_->standing.trust();
  const auto roster = membership::read_roster(room_->group->tree(), known_certificates(engine_->state, *room_), trust,
                                              membership::certified_for(room_->binding));
  ASSERT_TRUE(roster.ok());
  auto& former = room_->room.former;
  const auto add = [&](const AccountId& account, bool silent) {
    former.push_back({account, DeviceId::random(rng_), {}, former.size(), silent, Role::other, {}});
    return former.back().device;
  };
  const auto knows = [&](const DeviceId& device) {
    return std::any_of(former.begin(), former.end(), [&](const FormerRecord& f) { return f.device == device; });
  };
  const AccountId self = engine_->state.self.account;
  const DeviceId third_party = add(AccountId::random(rng_), false);
  const DeviceId own_silent = add(self, true);
  const DeviceId own = add(self, false);
  while (former.size() < kMaxFormer) add(AccountId::random(rng_), false);
  // One more device of Noor's goes, and another, and the bound is crossed each time.
  const auto one_goes = [&] {
    membership::Roster before = *roster;
    membership::Seat gone = before.front();
    gone.who = {self, DeviceId::random(rng_)};
    before.push_back(gone);
    take_roster(*room_, before, *roster, {}, 9);
    EXPECT_EQ(former.size(), kMaxFormer);
    return gone.who.device;
  };
  const DeviceId first = one_goes();
  EXPECT_FALSE(knows(own));
  EXPECT_TRUE(knows(third_party) && knows(own_silent) && knows(first));
  const DeviceId second = one_goes();
  EXPECT_FALSE(knows(first));
  EXPECT_TRUE(knows(third_party) && knows(own_silent) && knows(second));
  std::erase_if(former, [&](const FormerRecord& f) { return f.device == second; });
  add(AccountId::random(rng_), false);
  std::rotate(former.begin(), former.begin() + 1, former.begin() + 2);  // Noor's silent device is the oldest
  const DeviceId third = one_goes();
  EXPECT_TRUE(knows(third_party) && knows(own_silent)) << "what has just gone was the one of those who are in";
  EXPECT_FALSE(knows(third));
}

// S16: one account that changes its chain over and over takes away no other's only one.
TEST_F(Bounds, OfTheEarlierChainsTheOldestOfWhoeverHasALaterOneGoes) {
  engine_of(noor_);
  const auto roster = membership::read_roster(room_->group->tree(), known_certificates(engine_->state, *room_),
                                              engine_->standing.trust(), membership::certified_for(room_->binding));
  ASSERT_TRUE(roster.ok());
  const auto chain_of = [&](const AccountId& account, std::uint32_t version) {
    identity::IdentityChain chain = *engine_->state.chain;
    chain.device_list.account = account;
    chain.device_list.version = version;
    return identity::encode_chain(chain);
  };
  auto& kept = room_->room.earlier_chains;
  kept = {chain_of(AccountId::random(rng_), 1)};
  const Bytes of_another = kept.front();
  // Each time the member's chain is another one, which goes to the earlier ones.
  const auto change = [&](std::uint32_t version) {
    for (MemberRecord& member : room_->record.members) {
      if (member.account == engine_->state.self.account) member.chain = chain_of(member.account, version);
    }
    take_roster(*room_, *roster, *roster, {}, 9);
  };
  for (std::uint32_t version = 100; kept.size() < kMaxEarlierChains; ++version) change(version);
  EXPECT_EQ(kept.front(), of_another);
  change(1000);
  EXPECT_EQ(kept.size(), kMaxEarlierChains);
  EXPECT_EQ(kept.front(), of_another);
  EXPECT_EQ(kept.back(), chain_of(engine_->state.self.account, 1000));
  EXPECT_EQ(std::count(kept.begin(), kept.end(), chain_of(engine_->state.self.account, 100)), 0);
}

TEST_F(Bounds, TheOldestMarkOfAnUndeliveredMessageGoes) {
  engine_of(noor_);
  const Timestamp long_ago = world_.scheduler.now - std::chrono::hours(24 * 101);
  for (MemberRecord& member : room_->record.members) member.stored_up_to = 0;
  const auto expire = [&](std::uint64_t seq) {
    MessageRecord message;
    message.id = MessageId::random(rng_);
    message.sender = engine_->state.self.account;
    message.accepted = long_ago;
    wire::UndeliveredT told;
    told.channel = gateway::wire_pointer(room_->record.id);
    told.id = gateway::wire_pointer(message.id);
    told.seq = seq;
    room_->messages.emplace(seq, std::move(message));
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(wire::Undelivered::Pack(builder, &told));
    return engine_->history.on_undelivered(*flatbuffers::GetRoot<wire::Undelivered>(builder.GetBufferPointer())).ok();
  };
  const auto& marks = room_->gaps.undelivered;
  for (std::uint64_t seq = 1001; seq <= 1000 + kMaxUndelivered; ++seq) ASSERT_TRUE(expire(seq));
  ASSERT_EQ(marks.size(), kMaxUndelivered);
  EXPECT_EQ(marks.front(), 1001u);
  ASSERT_TRUE(expire(1001 + kMaxUndelivered));
  EXPECT_EQ(marks.size(), kMaxUndelivered);
  EXPECT_EQ(marks.front(), 1002u);
  EXPECT_EQ(room_->messages.count(1001), 1u) << "the message itself stays";
}

// S21: of a store that is as much older as the bound, all comes back; of one that is older than that, nothing is taken for the whole.
TEST_F(Bounds, AsManyUnlinkedPlacesAsTheBoundComeBack) {
  EXPECT_TRUE(all_come_back(kMaxHistoryCandidates));
}

TEST_F(Bounds, OneUnlinkedPlaceMoreDoesNotComeBack) {
  EXPECT_FALSE(all_come_back(kMaxHistoryCandidates + 1));
}

}  // namespace
}  // namespace steiger::sdk::testing
