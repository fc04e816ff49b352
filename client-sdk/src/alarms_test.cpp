#include "client-sdk/src/alarms.h"

#include <gtest/gtest.h>

#include <set>

#include "client-sdk/src/errors.h"

namespace steiger::sdk {
namespace {

// Apps look up texts by name or by kind: both must lead to the same.
TEST(Alarms, EveryKindHasExactlyOneErrorOfItsName) {
  std::set<api::AlarmKind> found;
  for (std::uint32_t code = 1; code <= 0xffff; ++code) {
    const Error* alarm = find_alarm(static_cast<std::uint16_t>(code));
    if (alarm == nullptr) continue;
    const api::AlarmKind kind = alarm_kind(*alarm);
    EXPECT_STREQ(alarm->name, api::EnumNameAlarmKind(kind));
    EXPECT_TRUE(found.insert(kind).second) << alarm->name;
  }
  for (const api::AlarmKind kind : api::EnumValuesAlarmKind()) {
    EXPECT_EQ(found.count(kind), kind == api::AlarmKind::none ? 0u : 1u) << api::EnumNameAlarmKind(kind);
  }
}

TEST(Alarms, AStopCodeOfAnotherVersionStillStops) {
  EXPECT_EQ(stop_kind(0), api::AlarmKind::none);
  EXPECT_EQ(stop_kind(kChainBroken.code), api::AlarmKind::chain_broken);
  EXPECT_EQ(stop_kind(65535), api::AlarmKind::channel_failed);
  EXPECT_EQ(alarm_kind(kNoAnswer), api::AlarmKind::none);
}

}  // namespace
}  // namespace steiger::sdk
