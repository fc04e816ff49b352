// Letting somebody in while the power fails.
#include "tests/property/rooms_fixture.h"

namespace steiger::sdk::testing {
namespace {

using ::testing::IsEmpty;

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
