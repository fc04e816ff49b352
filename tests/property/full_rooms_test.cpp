// What happens at the bounds of a room (client-sdk/src/limits.h) against the real gateway Service: what does not fit now is done later.
#include "client-sdk/src/records.h"
#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/room_records.h"
#include "tests/property/rooms_fixture.h"

namespace steiger::sdk::testing {
namespace {

class FullRooms : public Rooms {
 protected:
  // As many changes as may wait in its first room. They wait until `end`; then each is over, because nobody has another key (S2).
  void fill(SimDevice& device, Timestamp end) {
    const ChannelId room = *ChannelId::from_bytes(device.channels().front().id);
    device.crash();
    const auto about = SelfRecord::decode(sam.disk.at(keys::kSelf).bytes());
    ASSERT_TRUE(about.ok());
    for (std::uint64_t number = 1; number <= kMaxWishes; ++number) {
      WishRecord wish;
      wish.number = number;
      wish.kind = WishRecord::Kind::remove_device;
      wish.account = about->account;
      wish.device = about->device;
      wish.invite = InviteId::random(world.rng);
      wish.not_before = end;
      device.disk[keys::wish(room, number)] = wish.encode();
    }
    device.boot();
  }
  static std::size_t wishes(const SimDevice& device) {
    return static_cast<std::size_t>(std::count_if(
        device.disk.begin(), device.disk.end(), [](const auto& entry) { return entry.first.rfind(keys::kWishPrefix, 0) == 0; }));
  }
};

// S8: the jongere agreed to so long and no longer, whatever else waits.
TEST_F(FullRooms, ReadingAlongEndsAsSoonAsTheChangeIsTaken) {
  let_in();
  for (SimDevice* device : {&noor, &sam, &bea}) device->crash();  // Bea's certificate ends: she does not come back
  world.scheduler.run_for(kTwoDays);
  for (SimDevice* device : {&noor, &sam}) device->boot();
  const Timestamp end = world.scheduler.now + std::chrono::minutes(20);
  for (SimDevice* device : {&noor, &sam}) fill(*device, end);
  world.scheduler.run_for(std::chrono::minutes(15));
  EXPECT_EQ(members(noor), 3u);
  EXPECT_EQ(wishes(noor), kMaxWishes);
  EXPECT_EQ(wishes(sam), kMaxWishes);
  const Duration soon = std::chrono::minutes(5) + kChangesAgain + std::chrono::minutes(1);
  EXPECT_TRUE(until([&] { return members(noor) == 2 && members(sam) == 2; }, soon));
  no_alarms({&noor, &sam});
}

// S2: face to face, and the room takes nothing now: the coach confirms it later, and nobody makes a new invite.
TEST_F(FullRooms, AComebackByQrThatDoesNotFitWaitsForTheCoach) {
  chatting();
  SimDevice& phone = world.add_device("Sam");
  api::MakeInviteT make;
  make.kind = api::InviteKind::qr;
  make.purpose = api::InvitePurpose::comeback;
  make.page_url = kPage;
  make.channel = noor.channels().front().id;
  make.account = sam.status().account;
  sam.crash();
  fill(noor, world.scheduler.now + std::chrono::minutes(10));
  const auto* invite = world.ask_until_stored(noor, make).body.AsInvite();
  ASSERT_NE(invite, nullptr);
  const auto id = invite->id;
  world.start_join(phone, invite->url);
  const auto waits = [&] {
    for (const auto& each : world.ask_until_answered(noor, api::ListInvitesT()).body.AsInviteList()->invites) {
      if (each->id == id) return each->state == api::InviteState::to_confirm;
    }
    return false;
  };
  ASSERT_TRUE(until(waits));
  api::ConfirmInviteT confirm;
  confirm.invite = id;
  const auto* full = world.ask_until_answered(noor, confirm).body.AsFailed();
  ASSERT_NE(full, nullptr);
  EXPECT_EQ(full->name, kTooManyChanges.name);
  ASSERT_TRUE(until([&] { return wishes(noor) == 0; }, std::chrono::minutes(15)));
  EXPECT_EQ(world.ask_until_answered(noor, confirm).body.AsFailed(), nullptr);
  EXPECT_TRUE(until([&] { return phone.channels().size() == 1; }));
  no_alarms({&noor, &phone});
}

// S17: with so many places of before, a new device of a known account asks for no more; with one fewer it does.
TEST_F(FullRooms, ANewDeviceAsksForSoManyEarlierPlacesAndNoMore) {
  chatting();
  const ChannelId room = *ChannelId::from_bytes(sam.channels().front().id);
  noor.crash();  // nobody answers, so the question stands
  for (const std::uint64_t fewer : {std::uint64_t{1}, std::uint64_t{0}}) {
    sam.crash();
    const auto record = ChannelRecord::decode(sam.disk.at(keys::channel(room)).bytes());
    ASSERT_TRUE(record.ok());
    ASSERT_GT(record->base_seq, 0u);
    const EarlierRecord earlier{record->base_seq + kMaxEarlierPlaces - fewer, world.scheduler.now + kEarlierTime};
    sam.disk[keys::earlier(room)] = earlier.encode();
    sam.boot();
    EXPECT_EQ(until([&] { return sam.disk.count(keys::answer(room)) == 1; }, std::chrono::minutes(1)), fewer == 1);
    const auto after = EarlierRecord::decode(sam.disk.at(keys::earlier(room)).bytes());
    ASSERT_TRUE(after.ok());
    EXPECT_EQ(after->ask_until == Timestamp(), fewer == 0);
    sam.disk.erase(keys::answer(room));
  }
}

}  // namespace
}  // namespace steiger::sdk::testing
