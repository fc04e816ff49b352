#include "client-sdk/src/testing/crash_stories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace steiger::sdk::testing {
namespace {

// Texts of a transcript, sorted: what was said, whatever the order.
std::vector<std::string> said(SimDevice& device) {
  std::vector<std::string> out;
  for (const auto& line : device.transcript()) out.push_back(line.substr(line.find(": ") + 2));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

StoryEffects play_story(const MakeGateway& make_gateway, api::InviteKind kind, std::uint64_t coach_dies,
                        std::uint64_t newcomer_dies) {
  World world(7, make_gateway);
  SimDevice& noor = world.add_device("Noor");
  world.set_up_coach(noor);
  const std::string link = world.make_invite(noor, kind);
  SimDevice& sam = world.add_device("Sam");
  const std::uint64_t coach_before = noor.effects();
  const std::uint64_t newcomer_before = sam.effects();
  if (coach_dies != 0) noor.crash_after_effects(coach_dies);
  if (newcomer_dies != 0) sam.crash_after_effects(newcomer_dies);

  for (int round = 0; round < 60 && (sam.channels().empty() || noor.channels().empty()); ++round) {
    if (sam.status().membership == api::Membership::none) world.start_join(sam, link);
    world.scheduler.run_for(std::chrono::seconds(3));
    if (kind == api::InviteKind::link) world.confirm_when_asked(noor);
  }
  EXPECT_EQ(noor.channels().size(), 1u);
  EXPECT_EQ(sam.channels().size(), 1u);
  if (::testing::Test::HasFailure()) return {};
  for (int i = 0; i < 3; ++i) {
    world.send(noor, "n" + std::to_string(i));
    world.send(sam, "s" + std::to_string(i));
  }
  EXPECT_TRUE(world.settle({&noor, &sam}, 0));
  // A text whose request died with the device was never promised: what both show must agree, without doubles or strangers.
  const auto all = said(noor);
  EXPECT_EQ(noor.transcript(), sam.transcript());
  EXPECT_TRUE(std::adjacent_find(all.begin(), all.end()) == all.end()) << "doubled";
  if (coach_dies == 0 && newcomer_dies == 0) {
    EXPECT_EQ(all.size(), 6u);
  }
  EXPECT_GE(all.size(), 3u);
  EXPECT_THAT(noor.alarms(), ::testing::IsEmpty());
  EXPECT_THAT(sam.alarms(), ::testing::IsEmpty());
  const auto channels = noor.channels();
  for (const auto& member : channels.front().members) EXPECT_FALSE(member->name.empty());
  return {noor.effects() - coach_before, sam.effects() - newcomer_before};
}

void random_history(const MakeGateway& make_gateway, std::uint64_t seed, const std::function<void(World&)>& trouble) {
  World world(seed, make_gateway);
  SeededRng dice(seed * 77 + 1);
  SimDevice& noor = world.add_device("Noor");
  world.set_up_coach(noor);
  world.network.options.break_percent = 3;
  world.network.options.refuse_percent = 10;
  noor.store_options = {30, 5, 3};

  std::vector<SimDevice*> jongeren;
  const std::size_t people = 1 + dice.below(3);
  for (std::size_t i = 0; i < people; ++i) {
    SimDevice& device = world.add_device("Jongere " + std::to_string(i));
    device.store_options = {30, 5, 3};
    ASSERT_TRUE(world.invite(noor, device, dice.chance(50) ? api::InviteKind::qr : api::InviteKind::link));
    jongeren.push_back(&device);
  }

  // What an app was told is waiting was promised; what a crash cut off before the answer was not.
  struct Sent {
    SimDevice* device;
    std::uint64_t request;
    std::string text;
  };
  std::vector<Sent> sent;
  int number = 0;
  for (int step = 0; step < 60; ++step) {
    SimDevice& device = dice.chance(50) ? noor : *jongeren[dice.below(people)];
    switch (dice.below(7)) {
      case 0:
        device.crash();
        world.scheduler.after(Duration(static_cast<std::int64_t>(dice.below(5000))), [&device] { device.boot(); });
        break;
      case 1:
        world.network.cut_all();
        break;
      case 2:
        if (device.running()) device.crash_after_effects(1 + dice.below(12));
        break;
      case 3:
        if (trouble) trouble(world);
        break;
      default: {
        if (!device.running()) break;
        const auto channels = device.channels();
        if (channels.empty() || !device.running()) break;
        api::SendTextT body;
        body.channel = channels[dice.below(channels.size())].id;
        body.text = device.name + " " + std::to_string(++number);
        sent.push_back({&device, device.ask(body), body.text});
      }
    }
    world.scheduler.run_for(Duration(static_cast<std::int64_t>(dice.below(3000))));
  }
  world.calm();
  for (SimDevice* device : jongeren) device->crash_after_effects(1'000'000);
  noor.crash_after_effects(1'000'000);

  // Every jongere's channel agrees with the coach's view of it.
  const auto agree = [&] {
    std::set<std::string> coach;
    for (const auto& line : noor.transcript()) coach.insert(line);
    std::size_t lines = 0;
    for (SimDevice* device : jongeren) {
      if (device->status().waiting != 0) return false;
      for (const auto& line : device->transcript()) {
        ++lines;
        if (coach.count(line) == 0) return false;
      }
    }
    return lines == coach.size() && noor.status().waiting == 0;
  };
  bool agreed = false;
  for (int i = 0; i < 200 && !agreed; ++i) {
    world.scheduler.run_for(std::chrono::seconds(5));
    agreed = agree();
  }
  EXPECT_TRUE(agreed);
  const auto all = said(noor);
  EXPECT_TRUE(std::adjacent_find(all.begin(), all.end()) == all.end()) << "doubled";
  for (const auto& item : sent) {
    const auto* answer = item.device->answer(item.request);
    const bool promised = answer != nullptr && answer->body.AsMessage() != nullptr;
    const bool there = std::find(all.begin(), all.end(), item.text) != all.end();
    EXPECT_TRUE(there || !promised) << item.text << " was lost";
  }
  // The disks failed now and then, and said so; nothing else went wrong.
  for (SimDevice* device : jongeren) EXPECT_THAT(device->alarms(), ::testing::Each(std::string("local_storage")));
  EXPECT_THAT(noor.alarms(), ::testing::Each(std::string("local_storage")));
}

}  // namespace steiger::sdk::testing
