// The search itself: what it must find, and what it must not take for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/leaks/leak_search.h"

namespace steiger::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::StartsWith;

// Its base64 and base64url differ at every alignment, so that each needs its own control.
constexpr std::string_view kMarker = "planted ~?>?~?>?~ 7d1e";

TEST(LeakSearch, EveryFormIsFoundAtEveryAlignmentAndNothingElseIsTakenForIt) {
  for (const Encoding encoding : kEncodings) {
    for (std::size_t before = 0; before < 7; ++before) {
      const std::string haystack = "before " + written(kMarker, encoding, before) + " after";
      const auto names = found(haystack, kMarker);
      EXPECT_THAT(names, Contains(name_of(encoding))) << before;
      // UTF-16 of one byte order is, one byte further on, that of the other.
      const bool wide = encoding == Encoding::utf16_little || encoding == Encoding::utf16_big;
      EXPECT_THAT(names, Each(wide ? testing::Matcher<std::string>(StartsWith("UTF-16")) : Eq(name_of(encoding)))) << before;
    }
  }
}

TEST(LeakSearch, RawSecretsAreFoundToo) {
  Bytes secret(32);
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::uint8_t>(251 * i + 3);
  EXPECT_EQ(found(written_in_every_form(as_text(secret)), as_text(secret)), every_form());
}

TEST(LeakSearch, AMarkerWithOneOtherByteIsNotFound) {
  // In base64 the outermost bytes share characters with their neighbours, which the search leaves out.
  for (std::size_t i = 1; i + 1 < kMarker.size(); ++i) {
    std::string other(kMarker);
    other[i] = static_cast<char>(other[i] ^ 0x10);
    EXPECT_THAT(found(written_in_every_form(other), kMarker), IsEmpty()) << i;
  }
}

TEST(LeakSearch, AShortMarkerIsRefused) {
  EXPECT_THAT(found("short", "short"), ElementsAre("the marker is too short"));
}

}  // namespace
}  // namespace steiger::test
