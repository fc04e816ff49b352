#include "client-sdk/apps/cli/door_frames.h"

#include <gtest/gtest.h>

#include "crypto/base/error.h"

namespace steiger::cli {
namespace {

constexpr std::size_t kLargest = 1000;

TEST(DoorFrames, ComeOutWholeHoweverTheyArrive) {
  const std::vector<Bytes> messages = {to_bytes("one"), {}, Bytes(kLargest, 7), to_bytes("last")};
  Bytes stream;
  for (const auto& message : messages) append(stream, door_frame(message));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{257}, stream.size()}) {
    DoorFrames frames(kLargest);
    std::vector<Bytes> out;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      frames.add(ByteView(stream).subspan(at, std::min(piece, stream.size() - at)));
      for (auto next = frames.next(); next.ok() && *next; next = frames.next()) out.push_back(**next);
    }
    EXPECT_EQ(out, messages) << piece;
  }
}

TEST(DoorFrames, RefuseOneThatIsTooLargeBeforeItArrives) {
  DoorFrames frames(kLargest);
  frames.add(ByteView(door_frame(Bytes(kLargest + 1))).first(4));
  const auto next = frames.next();
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error(), kTooLarge);
}

TEST(DoorFrames, HalfOfOneIsNoneYet) {
  DoorFrames frames(kLargest);
  const Bytes frame = door_frame(to_bytes("hoi"));
  frames.add(ByteView(frame).first(frame.size() - 1));
  const auto next = frames.next();
  ASSERT_TRUE(next.ok());
  EXPECT_FALSE(next->has_value());
}

}  // namespace
}  // namespace steiger::cli
