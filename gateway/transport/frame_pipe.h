// What server and client connections share: pieces of frames in, a bounded queue of whole frames out. For this folder only.
#pragma once

#include "crypto/base/bytes.h"
#include "gateway/transport/errors.h"
#include "gateway/transport/event_loop.h"
#include "gateway/transport/limits.h"

struct lws;

namespace steiger::transport {

// Puts the pieces that libwebsockets delivers together to whole binary frames. Holds at most one frame.
class FrameAssembler {
 public:
  explicit FrameAssembler(std::size_t max_frame_bytes) : max_(max_frame_bytes) {}
  // True when `frame` is now a whole frame, valid until the next call; false when more has to come. kNotBinary, kFrameTooLong.
  Result<bool> take(lws* wsi, const void* in, std::size_t size, ByteView& frame);

 private:
  std::size_t max_;
  Bytes pieces_;
  bool delivered_ = false;  // pieces_ was handed out by the previous call
};

// Frames waiting to be written, kept with the headroom that libwebsockets needs in front.
class SendQueue {
 public:
  explicit SendQueue(std::size_t max_bytes) : max_(max_bytes) {}
  // kQueueFull: nothing was added.
  Result<void> push(ByteView frame);
  // In a WRITEABLE callback: writes until the kernel's buffer is full. False when the connection is broken.
  bool flush(lws* wsi);
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return next_ == frames_.size(); }
  void clear();

 private:
  std::size_t max_;
  std::size_t bytes_ = 0;
  std::vector<Bytes> frames_;  // not a deque: an empty one holds half a kilobyte, a thousand times
  std::size_t next_ = 0;       // the first that is not written yet
};

// A deadline for this connection, from any place on the loop's thread; `seconds` may be LWS_TO_KILL_ASYNC.
void set_deadline(EventLoop& loop, lws* wsi, int seconds);

}  // namespace steiger::transport
