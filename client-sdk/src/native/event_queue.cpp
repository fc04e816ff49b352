#include "client-sdk/src/native/event_queue.h"

#include <sys/eventfd.h>

#include <cstdlib>

namespace steiger::sdk {

EventQueue::EventQueue(std::size_t bound) : bound_(bound), readable_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!readable_.valid()) std::abort();  // out of descriptors before anything started
}

void EventQueue::push(Bytes event) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || events_.size() < bound_; });
  if (closed_) return;
  events_.push_back(std::move(event));
  if (events_.size() == 1) ::eventfd_write(readable_.get(), 1);
  changed_.notify_all();
}

std::optional<Bytes> EventQueue::pop(Duration timeout) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] { return closed_ || !events_.empty(); };
  if (timeout.count() < 0) {
    changed_.wait(lock, ready);
  } else if (timeout.count() > 0) {
    changed_.wait_for(lock, timeout, ready);
  }
  if (events_.empty()) return std::nullopt;
  Bytes event = std::move(events_.front());
  events_.pop_front();
  if (events_.empty()) {
    eventfd_t ignored = 0;
    ::eventfd_read(readable_.get(), &ignored);
  }
  changed_.notify_all();
  return event;
}

void EventQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace steiger::sdk
