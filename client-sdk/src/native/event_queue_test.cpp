#include "client-sdk/src/native/event_queue.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

namespace steiger::sdk {
namespace {

bool readable(const EventQueue& queue) {
  pollfd watched{queue.descriptor(), POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

TEST(EventQueue, TheDescriptorIsReadableExactlyWhileEventsWait) {
  EventQueue queue(8);
  EXPECT_FALSE(readable(queue));
  queue.push({1});
  queue.push({2});
  EXPECT_TRUE(readable(queue));
  EXPECT_EQ(queue.pop(Duration::zero()), Bytes{1});
  EXPECT_TRUE(readable(queue));
  EXPECT_EQ(queue.pop(Duration::zero()), Bytes{2});
  EXPECT_FALSE(readable(queue));
  EXPECT_FALSE(queue.pop(Duration::zero()));
}

TEST(EventQueue, AFullQueueHoldsTheWriterAndLosesNothing) {
  constexpr int kEvents = 2000;
  EventQueue queue(4);
  std::thread writer([&] {
    for (int i = 0; i < kEvents; ++i) queue.push({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)});
  });
  for (int i = 0; i < kEvents; ++i) {
    const auto event = queue.pop(Duration(-1));
    ASSERT_TRUE(event);
    ASSERT_EQ((*event)[0] + ((*event)[1] << 8), i);
  }
  writer.join();
  EXPECT_FALSE(readable(queue));
}

TEST(EventQueue, ClosingReleasesAWaitingWriterAndReader) {
  EventQueue full(1);
  full.push({1});
  std::thread writer([&] { full.push({2}); });
  full.close();
  writer.join();
  EXPECT_EQ(full.pop(Duration(-1)), Bytes{1});  // what was there is still given out
  EXPECT_FALSE(full.pop(Duration(-1)));
}

}  // namespace
}  // namespace steiger::sdk
