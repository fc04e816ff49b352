#include "gateway/transport/frame_pipe.h"

#include <libwebsockets.h>

namespace steiger::transport {

Result<bool> FrameAssembler::take(lws* wsi, const void* in, std::size_t size, ByteView& frame) {
  if (delivered_) {
    // One long frame must not cost its memory for the rest of an idle connection's life.
    if (pieces_.capacity() > kReceiveBufferBytes) Bytes().swap(pieces_);
    pieces_.clear();
    delivered_ = false;
  }
  if (lws_frame_is_binary(wsi) == 0) return kNotBinary;
  if (size > max_ - pieces_.size()) return kFrameTooLong;
  const ByteView piece(static_cast<const std::uint8_t*>(in), size);
  const bool last = lws_is_final_fragment(wsi) != 0;
  if (last && pieces_.empty()) {
    frame = piece;
    return true;
  }
  append(pieces_, piece);
  if (!last) return false;
  frame = pieces_;
  delivered_ = true;
  return true;
}

Result<void> SendQueue::push(ByteView frame) {
  if (frame.size() > max_ || bytes_ > max_ - frame.size()) return kQueueFull;
  Bytes padded;
  padded.reserve(LWS_PRE + frame.size());
  padded.resize(LWS_PRE);
  append(padded, frame);
  if (next_ > frames_.size() / 2) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }
  bytes_ += frame.size();
  frames_.push_back(std::move(padded));
  return {};
}

bool SendQueue::flush(lws* wsi) {
  while (!empty()) {
    if (lws_send_pipe_choked(wsi) != 0) {
      lws_callback_on_writable(wsi);
      return true;
    }
    Bytes& front = frames_[next_];
    const std::size_t size = front.size() - LWS_PRE;
    // libwebsockets buffers what the kernel does not take, and reports itself choked until that is gone.
    if (lws_write(wsi, front.data() + LWS_PRE, size, LWS_WRITE_BINARY) < static_cast<int>(size)) return false;
    bytes_ -= size;
    Bytes().swap(front);
    ++next_;
  }
  clear();
  return true;
}

void SendQueue::clear() {
  constexpr std::size_t kKeptFrames = 64;  // of capacity; a burst does not cost its memory for the rest of a connection's life
  if (frames_.capacity() > kKeptFrames) std::vector<Bytes>().swap(frames_);
  frames_.clear();
  next_ = 0;
  bytes_ = 0;
}

void set_deadline(EventLoop& loop, lws* wsi, int seconds) {
  lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, seconds);
  // On a foreign loop libwebsockets looks at its timers again only after an event of its own.
  lws_cancel_service(loop.websockets());
}

}  // namespace steiger::transport
