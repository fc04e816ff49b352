#include "tests/gateway/raw_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace steiger::test {
namespace {

// RFC 6455 section 5.2.
constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kTwoByteLength = 126;
constexpr std::uint8_t kEightByteLength = 127;

std::size_t big_endian(const std::uint8_t* bytes, std::size_t count) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < count; ++i) out = (out << 8U) | bytes[i];
  return out;
}

}  // namespace

RawSocket::RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

RawSocket::~RawSocket() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawSocket::write(const std::string& bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

std::string RawSocket::read_to_the_end() {
  std::string out;
  char buffer[4096];
  for (ssize_t size = ::recv(fd_, buffer, sizeof buffer, 0); size > 0; size = ::recv(fd_, buffer, sizeof buffer, 0)) {
    out.append(buffer, static_cast<std::size_t>(size));
  }
  return out;
}

std::string RawSocket::upgrade_request() {
  return "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: steiger.v1\r\n\r\n";
}

bool RawSocket::upgrade() {
  if (!write(upgrade_request())) return false;
  std::string head;
  std::uint8_t byte = 0;
  while (head.size() < 4 || head.compare(head.size() - 4, 4, "\r\n\r\n") != 0) {
    if (!read_exactly(&byte, 1)) return false;
    head.push_back(static_cast<char>(byte));
  }
  return head.find(" 101 ") != std::string::npos;
}

bool RawSocket::write_frame(const Bytes& payload) {
  std::string out(1, static_cast<char>(kFinal | kBinary));
  if (payload.size() < kTwoByteLength) {
    out.push_back(static_cast<char>(kMasked | payload.size()));
  } else {
    out.push_back(static_cast<char>(kMasked | kEightByteLength));
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.push_back(static_cast<char>((static_cast<std::uint64_t>(payload.size()) >> shift) & 0xffU));
    }
  }
  out.append(4, '\0');  // the mask: zeros change nothing
  out.append(as_text(payload));
  return write(out);
}

std::optional<RawSocket::Frame> RawSocket::read_frame() {
  std::uint8_t head[2];
  if (!read_exactly(head, sizeof head)) return std::nullopt;
  Frame out;
  out.opcode = head[0] & 0x0fU;
  std::size_t size = head[1];
  std::uint8_t longer[8];
  if (size == kTwoByteLength || size == kEightByteLength) {
    const std::size_t count = size == kTwoByteLength ? 2 : 8;
    if (!read_exactly(longer, count)) return std::nullopt;
    size = big_endian(longer, count);
  }
  out.payload.resize(size);
  if (!read_exactly(out.payload.data(), size)) return std::nullopt;
  return out;
}

bool RawSocket::read_exactly(std::uint8_t* out, std::size_t size) {
  for (std::size_t have = 0; have < size;) {
    const ssize_t got = ::recv(fd_, out + have, size - have, 0);
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace steiger::test
