// The next group generation (S11), against the real gateway Service: a commit that nobody can follow, with a GroupInfo by which nobody
// comes in again. The others go on in another group, whoever made that commit included; nothing that was accepted is lost.
#include "client-sdk/src/records.h"
#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/room_records.h"
#include "client-sdk/src/testing/lies.h"
#include "crypto/mls/group.h"
#include "gateway/protocol/frames.h"
#include "tests/property/rooms_fixture.h"
#include "tests/property/spoiled_group.h"

namespace steiger::sdk::testing {
namespace {

class GenerationStory : public Rooms {
 protected:
  GenerationStory() {
    world.network.tamper_up = [this](Bytes frame) {
      const wire::Frame* sent = wire::GetFrame(frame.data());
      if (const auto* submitted = sent->body_as_SubmitCommit()) last_commit = to_bytes(gateway::view_of(submitted->commit()));
      return sent->body_type() == lost ? Bytes() : frame;
    };
  }
  static ChannelId room(SimDevice& device) { return *ChannelId::from_bytes(device.channels().front().id); }
  static mls::Group group(SimDevice& device) {
    return mls::Group::deserialize(device.disk.at(keys::group(room(device))).bytes()).value();
  }
  static std::uint64_t generation(SimDevice& device) {
    return RoomRecord::decode(device.disk.at(keys::room(room(device))).bytes()).value().generation;
  }
  void same_group(const std::vector<SimDevice*>& devices) {
    const auto first = group(*devices.front());
    for (SimDevice* device : devices) {
      const auto other = group(*device);
      EXPECT_EQ(to_hex(first.epoch_authenticator()), to_hex(other.epoch_authenticator())) << device->name;
      EXPECT_EQ(device->disk.count(keys::opening(room(*device))), 0u) << device->name;
      EXPECT_EQ(device->disk.count(keys::carried(room(*device))), 0u) << device->name;
      EXPECT_EQ(device->disk.count(keys::step(room(*device))), 0u) << device->name;
    }
  }
  void let_tom_in() { let_in_too(tom); }
  void let_in_too(SimDevice& guest) {
    auto make = reading_along();
    make.label = guest.name + " van Wonen";
    const std::size_t before = members(sam);
    const auto* invite = world.ask_until_stored(noor, make).body.AsInvite();
    ASSERT_NE(invite, nullptr);
    world.start_join(guest, invite->url);
    std::optional<api::QuestionT> asked;
    ASSERT_TRUE(until([&] { return (asked = question(world, sam)).has_value(); }));
    ASSERT_EQ(answer(world, sam, *asked, true), "");
    ASSERT_TRUE(until([&] {
      return guest.channels().size() == 1 && members(sam) == before + 1 && members(noor) == before + 1 &&
             members(guest) == before + 1;
    }));
  }
  // All but what was said before she came.
  static std::vector<std::string> since_bea(SimDevice& device) {
    auto out = device.transcript();
    out.erase(out.begin());
    return out;
  }
  // The next commit of Noor's, which removes `who`, has a membership tag that is wrong for all and a GroupInfo with a key of no use; the
  // gateway cannot see either (S7). She does not notice herself.
  void commit_that_leads_nowhere(SimDevice& who) {
    const ChannelId id = room(noor);
    lost = wire::Body::SubmitCommit;
    ASSERT_EQ(remove(noor, who), "");
    ASSERT_TRUE(until([&] { return noor.disk.count(keys::pending(id)) != 0; }));
    noor.crash();
    lost = wire::Body::NONE;
    auto record = PendingRecord::decode(noor.disk.at(keys::pending(id)).bytes()).value();
    auto pending = mls::PendingCommit::deserialize(record.commit.bytes()).value();
    pending.commit.back() ^= 1;
    auto info = mls::decode_message<mls::GroupInfo>(pending.group_info).value();
    for (mls::Extension& extension : info.extensions) {
      if (extension.type != static_cast<std::uint16_t>(mls::ExtensionType::external_pub)) continue;
      std::fill(extension.data.begin() + 1, extension.data.end(), 0);  // of low order: no secret comes of it
    }
    const auto self = SelfRecord::decode(noor.disk.at(keys::kSelf).bytes()).value();
    info.sign(SigningKey(SigningKey::Seed::from_bytes(self.leaf_seed.bytes()).value()));
    pending.group_info = mls::encode_message(std::move(info));
    record.commit = pending.serialize();
    noor.disk.at(keys::pending(id)) = record.encode();
    noor.boot();
  }
  bool everybody_in(const std::vector<SimDevice*>& devices, std::uint64_t wanted = 1) {
    return until([&] {
      return std::all_of(devices.begin(), devices.end(), [&](SimDevice* device) {
        return generation(*device) == wanted && device->disk.count(keys::step(room(*device))) == 0 &&
               device->disk.count(keys::carried(room(*device))) == 0;
      });
    });
  }
  void everybody_talks(const std::vector<SimDevice*>& devices) {
    for (SimDevice* device : devices) send(*device, "van " + device->name);
    for (SimDevice* device : devices) {
      for (SimDevice* from : devices) {
        EXPECT_TRUE(until([&] { return has(*device, "van " + from->name); })) << device->name << " from " << from->name;
      }
    }
  }

  Bytes last_commit;                   // that was sent
  wire::Body lost = wire::Body::NONE;  // frames to the gateway that are lost on the way
  SimDevice& tom = world.add_device("Tom");
  SimDevice& kim = world.add_device("Kim");
};

TEST_F(GenerationStory, TheRoomGoesOnInAnotherGroup) {
  let_in();
  commit_that_leads_nowhere(bea);
  bool registered = false;
  std::optional<bool> takes_along;  // the first commit of the generation
  world.network.tamper_up = [&, inner = world.network.tamper_up](Bytes frame) {
    const wire::Frame& sent = *wire::GetFrame(frame.data());
    if (sent.body_type() == wire::Body::RegisterChannel) registered = true;
    const auto* commit = sent.body_as_SubmitCommit();
    if (registered && commit != nullptr && !takes_along) takes_along = commit->welcome() != nullptr;
    return inner(std::move(frame));
  };
  send(noor, "nog in de oude groep");
  send(sam, "wacht op de nieuwe");
  ASSERT_TRUE(everybody_in({&noor, &sam})) << ::testing::PrintToString(causes(sam)) << ::testing::PrintToString(causes(noor));
  EXPECT_EQ(takes_along, true) << "whoever opens it may die right after";
  EXPECT_TRUE(until([&] { return ended(bea); }));
  everybody_talks({&noor, &sam});
  EXPECT_TRUE(has(noor, "wacht op de nieuwe"));
  EXPECT_TRUE(until([&] { return has(sam, "nog in de oude groep"); })) << "asked of Noor";
  same_group({&noor, &sam});
  EXPECT_EQ(members(noor), 2u);
  EXPECT_EQ(noor.transcript(), sam.transcript());
  no_alarms({&noor, &sam, &bea});
}

// Two try at once: one opens it, the other waits for its Welcome.
TEST_F(GenerationStory, OneOfTheOthersOpensIt) {
  let_in();
  let_tom_in();
  commit_that_leads_nowhere(tom);
  ASSERT_TRUE(everybody_in({&noor, &sam, &bea}))
      << ::testing::PrintToString(causes(sam)) << ::testing::PrintToString(causes(bea));
  everybody_talks({&noor, &sam, &bea});
  same_group({&noor, &sam, &bea});
  EXPECT_TRUE(until([&] { return ended(tom); }));
  EXPECT_EQ(noor.transcript(), sam.transcript());
  EXPECT_EQ(since_bea(sam), bea.transcript());
  for (SimDevice* device : {&noor, &sam, &bea}) EXPECT_EQ(members(*device), 3u) << device->name;
  no_alarms({&noor, &sam, &bea, &tom});
}

// S11: the PSK is of the last epoch that all of them were in, not of the last that the one who opens it was in.
TEST_F(GenerationStory, WhoIsStuckLongerComesToo) {
  let_in();
  let_tom_in();
  let_in_too(kim);
  world.scheduler.run_for(std::chrono::minutes(1));
  const ChannelId id = room(bea);
  bea.crash();
  ASSERT_EQ(remove(noor, kim), "");
  ASSERT_TRUE(until([&] { return ended(kim) && members(sam) == 4; }));
  ASSERT_TRUE(spoil_group(bea, id, last_commit));
  lost = wire::Body::FetchGroupInfo;  // she does not get back in by herself
  bea.boot();
  ASSERT_TRUE(until([&] { return bea.disk.count(keys::step(id)) != 0; }));
  world.scheduler.run_for(std::chrono::seconds(10));  // the others hear of it
  const std::uint64_t common = group(bea).epoch();
  ASSERT_LT(common, group(sam).epoch());
  commit_that_leads_nowhere(tom);
  ASSERT_TRUE(everybody_in({&noor, &sam, &bea})) << ::testing::PrintToString(causes(bea));
  everybody_talks({&noor, &sam, &bea});
  same_group({&noor, &sam, &bea});
  no_alarms({&noor, &sam, &bea});
}

// S11: every device that can be reached; who cannot comes later, over what it missed, to the same group.
TEST_F(GenerationStory, WhoWasAwayComesLater) {
  reading_time = std::chrono::hours(24 * 60);
  let_in();
  let_tom_in();
  const std::vector<SimDevice*> all{&noor, &sam, &bea, &tom};
  for (SimDevice* device : all) device->crash();
  world.scheduler.run_for(std::chrono::hours(24 * 9));
  for (SimDevice* device : all) {
    if (device != &bea) device->boot();
  }
  world.scheduler.run_for(std::chrono::minutes(1));
  commit_that_leads_nowhere(tom);
  ASSERT_TRUE(everybody_in({&noor, &sam}));
  everybody_talks({&noor, &sam});
  bea.boot();
  ASSERT_TRUE(everybody_in({&noor, &sam, &bea})) << ::testing::PrintToString(causes(bea));
  everybody_talks({&noor, &sam, &bea});
  same_group({&noor, &sam, &bea});
  EXPECT_TRUE(until([&] { return since_bea(sam) == bea.transcript(); }));
  no_alarms({&noor, &sam, &bea});
}

// S8, S13: who came while another one was away for long has not seen it go; the Welcome says that it may come back.
TEST_F(GenerationStory, WhoCameLaterLetsTheSilentOneBackIn) {
  reading_time = std::chrono::hours(24 * 200);
  let_in();
  bea.crash();
  for (int times = 0; times < 4; ++times) {
    for (SimDevice* device : {&noor, &sam}) device->crash();
    world.scheduler.run_for(std::chrono::hours(24 * 25 + 12));
    for (SimDevice* device : {&noor, &sam}) device->boot();
    world.scheduler.run_for(std::chrono::minutes(1));
  }
  ASSERT_TRUE(until([&] { return members(noor) == 2 && members(sam) == 2; }, std::chrono::hours(24 * 2)));
  let_tom_in();
  ASSERT_EQ(members(tom), 3u);
  bea.boot();
  ASSERT_TRUE(until([&] { return members(tom) == 4; }, std::chrono::hours(24))) << ::testing::PrintToString(causes(tom));
  everybody_talks({&noor, &sam, &bea, &tom});
  same_group({&noor, &sam, &bea, &tom});
  no_alarms({&noor, &sam, &bea, &tom});
}

// Law 12: a death after any effect of opening it.
class GenerationThroughCrashes : public GenerationStory, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(GenerationThroughCrashes, ItIsOpenedOnce) {
  let_in();
  sam.crash();
  commit_that_leads_nowhere(bea);
  world.scheduler.run_for(std::chrono::seconds(10));
  sam.boot();
  sam.crash_after_effects(GetParam());
  world.scheduler.run_for(std::chrono::seconds(10));
  ASSERT_TRUE(until([&] { return sam.running(); }));
  ASSERT_TRUE(everybody_in({&noor, &sam})) << ::testing::PrintToString(causes(sam));
  send(sam, "weer daar");
  world.scheduler.run_for(std::chrono::minutes(1));
  if (!has(noor, "weer daar")) send(sam, "weer daar");  // died before it was stored
  ASSERT_TRUE(until([&] { return has(noor, "weer daar") && has(sam, "weer daar"); }));
  everybody_talks({&noor, &sam});
  same_group({&noor, &sam});
  EXPECT_EQ(noor.transcript(), sam.transcript());
  no_alarms({&noor, &sam});
}

INSTANTIATE_TEST_SUITE_P(Deaths, GenerationThroughCrashes, ::testing::Range<std::uint64_t>(1, 44, 3));

}  // namespace
}  // namespace steiger::sdk::testing
