// Events on their way from the core's thread to the app's thread; bounded, in order, with a descriptor for poll().
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "client-sdk/src/native/file_descriptor.h"
#include "crypto/base/bytes.h"
#include "crypto/base/clock.h"

namespace steiger::sdk {

class EventQueue {
 public:
  explicit EventQueue(std::size_t bound);

  // Waits while the queue is full; drops the event when the queue is closed.
  void push(Bytes event);
  // Timeout 0: do not wait; negative: wait forever.
  std::optional<Bytes> pop(Duration timeout);
  // Lets a waiting push() or pop() return.
  void close();
  [[nodiscard]] int descriptor() const { return readable_.get(); }

 private:
  std::size_t bound_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Bytes> events_;  // guarded by mutex_
  bool closed_ = false;       // guarded by mutex_
  FileDescriptor readable_;   // an eventfd: its counter is 1 while events wait
};

}  // namespace steiger::sdk
