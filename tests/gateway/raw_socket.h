// A peer without a WebSocket library: it alone decides when its socket is read, and what it writes need not make sense. Blocking.
#pragma once

#include <optional>
#include <string>

#include "crypto/base/bytes.h"

namespace steiger::test {

class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port);  // to 127.0.0.1; not connected when that fails
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  bool write(const std::string& bytes);
  // Everything until the other end closes.
  std::string read_to_the_end();

  // ---- as a WebSocket client
  // Asks for the upgrade and reads the answer's head; false unless it is 101.
  bool upgrade();
  // One masked binary frame.
  bool write_frame(const Bytes& payload);
  struct Frame {
    unsigned opcode = 0;
    Bytes payload;
  };
  // The next frame; nothing at the end of the stream, or when it ends inside a frame.
  std::optional<Frame> read_frame();

  static constexpr unsigned kBinary = 2;
  static constexpr unsigned kClose = 8;
  static std::string upgrade_request();

 private:
  bool read_exactly(std::uint8_t* out, std::size_t size);
  int fd_ = -1;
};

}  // namespace steiger::test
