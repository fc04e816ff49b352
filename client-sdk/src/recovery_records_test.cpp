#include "client-sdk/src/recovery_records.h"

#include <gtest/gtest.h>

#include "client-sdk/src/limits.h"

namespace steiger::sdk {
namespace {

using Ranges = std::vector<GapsRecord::Range>;

TEST(Gaps, PlacesJoinAndSplit) {
  GapsRecord gaps;
  for (const std::uint64_t seq : {3u, 4u, 5u, 9u}) gaps.add(seq);
  EXPECT_EQ(gaps.ranges, (Ranges{{3, 5}, {9, 9}}));
  gaps.add(4);
  EXPECT_EQ(gaps.ranges, (Ranges{{3, 5}, {9, 9}})) << "known already";
  gaps.remove(4);
  EXPECT_EQ(gaps.ranges, (Ranges{{3, 3}, {5, 5}, {9, 9}}));
  gaps.remove(9);
  gaps.remove(3);
  gaps.remove(7);
  EXPECT_EQ(gaps.ranges, (Ranges{{5, 5}}));
  EXPECT_TRUE(gaps.has(5));
  EXPECT_FALSE(gaps.has(4));
}

TEST(Gaps, BeyondTheBoundTheTwoOldestBecomeOne) {
  GapsRecord gaps;
  for (std::uint64_t i = 1; i <= kMaxGapRanges + 1; ++i) gaps.add(2 * i);
  EXPECT_EQ(gaps.ranges.size(), kMaxGapRanges);
  EXPECT_EQ(gaps.ranges.front(), (GapsRecord::Range{2, 4}));
  for (std::uint64_t i = 1; i <= kMaxGapRanges + 1; ++i) EXPECT_TRUE(gaps.has(2 * i)) << "nothing is lost";
  EXPECT_FALSE(gaps.has(5));
  EXPECT_TRUE(GapsRecord::decode(gaps.encode().bytes()).ok());
}

TEST(Gaps, ComeBackAsTheyWere) {
  GapsRecord gaps;
  gaps.add(GapsRecord::Range{3, 8});
  gaps.unlinked.push_back({{3, 8}, {1}, {2}});
  gaps.doubt_before = 4;
  gaps.doubt_until = {5};
  gaps.undelivered = {1, 2};
  const auto back = GapsRecord::decode(gaps.encode().bytes());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(to_hex(back->encode().bytes()), to_hex(gaps.encode().bytes()));
  EXPECT_EQ(back->unlinked.front().places, (GapsRecord::Range{3, 8}));
  gaps.ranges = {{3, 8}, {8, 9}};
  EXPECT_EQ(GapsRecord::decode(gaps.encode().bytes()).error(), kStoreCorrupt) << "one place twice";
  gaps.ranges = {{3, 2}};
  EXPECT_EQ(GapsRecord::decode(gaps.encode().bytes()).error(), kStoreCorrupt);
}

TEST(Stays, WhoWasOutIsGivenNothing) {
  const AccountId bea = AccountId::from_bytes(Bytes(kIdSize, 2)).value();
  const AccountId sam = AccountId::from_bytes(Bytes(kIdSize, 3)).value();
  StaysRecord stays;
  EXPECT_TRUE(stays.was_there(bea, 1)) << "there from the beginning";
  stays.add({bea, 5, true});
  stays.add({bea, 9, false});
  stays.add({bea, 12, true});
  for (std::uint64_t seq = 1; seq <= 20; ++seq) {
    EXPECT_EQ(stays.was_there(bea, seq), (seq > 5 && seq <= 9) || seq > 12) << seq;
    EXPECT_TRUE(stays.was_there(sam, seq)) << seq;
  }
  const auto back = StaysRecord::decode(stays.encode().bytes());
  ASSERT_TRUE(back.ok());
  EXPECT_FALSE(back->was_there(bea, 10));
  EXPECT_FALSE(stays.is_out(bea));
  EXPECT_FALSE(stays.is_out(sam));
  stays.add({bea, 20, false});
  EXPECT_TRUE(stays.is_out(bea));
}

TEST(Stays, WhatWasForgottenIsNotAssumed) {
  const AccountId bea = AccountId::from_bytes(Bytes(kIdSize, 2)).value();
  StaysRecord stays;
  for (std::uint64_t seq = 1; seq <= kMaxStayEvents + 3; ++seq) stays.add({AccountId(), seq, seq % 2 == 0});
  EXPECT_EQ(stays.events.size(), kMaxStayEvents);
  EXPECT_FALSE(stays.was_there(bea, 2));
  EXPECT_TRUE(stays.was_there(bea, kMaxStayEvents));
}

}  // namespace
}  // namespace steiger::sdk
