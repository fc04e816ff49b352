// Every bound of the transport, with what happens at it.
#pragma once

#include <chrono>
#include <cstddef>

namespace steiger::transport {

// The WebSocket subprotocol; a handshake that does not ask for it is refused.
inline constexpr const char* kSubprotocol = "steiger.v1";

// Longest frame accepted from a peer. Beyond it nothing more is read and the handler hears kFrameTooLong.
// Lower would not carry a Welcome for a large group; higher multiplies what one peer can make us hold.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{1} << 20;

// Bytes waiting to be written to one peer. Beyond it the connection is given up: what waits is thrown away, the peer is told why and has
// kLinger to read it. Service paces itself far below this.
inline constexpr std::size_t kMaxQueuedBytes = std::size_t{8} << 20;

// When a queue that was above this falls to it, the handler may send more.
inline constexpr std::size_t kLowWaterBytes = std::size_t{256} << 10;

// Connections at the same time. So many more may open, to be told that the server is full (kServerFull) and closed: at most
// kOpeningTimeout and kLinger each. HTTP is answered to them as to all, health included. Beyond both, connections are accepted and closed
// at once without a word, so that the listening queue does not fill with the dead.
inline constexpr std::size_t kMaxConnections = 10'000;
inline constexpr std::size_t kMaxSurplusConnections = 64;

// A connection that upgraded and then says nothing is closed; also bounds a slow TCP or HTTP opening.
inline constexpr std::chrono::seconds kOpeningTimeout{10};

// A silent peer is pinged, and without an answer given up: half-open connections do not pile up. Below common proxy limits (60
// s).
inline constexpr std::chrono::seconds kPingAfter{30};
inline constexpr std::chrono::seconds kHangUpAfter{45};

// How long a closing connection may take to read its last frames.
inline constexpr std::chrono::seconds kLinger{5};

// Per-connection receive buffer of libwebsockets; a longer frame arrives in pieces. Most of what an idle connection costs: at 4096
// a thousand of them took 2 MB more, and messages went no faster.
inline constexpr std::size_t kReceiveBufferBytes = 2048;

// Looking up a host name: how long (lookup_failed), how many of its addresses are tried one after the other, and how many lookups may hang in
// the system's resolver at the same time (lookup_failed); nothing can interrupt it.
inline constexpr std::chrono::seconds kLookupTimeout{10};
inline constexpr std::size_t kMaxAddresses = 4;
inline constexpr std::size_t kMaxLookups = 4;

// One socket read of the whole thread.
inline constexpr std::size_t kThreadBufferBytes = 32 * 1024;

}  // namespace steiger::transport
