// Bounds of the wire, shared by client and gateway (design law 8). What happens at each is the named error behind it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/base/clock.h"

namespace steiger::gateway {

inline constexpr std::uint16_t kProtocolVersionMin = 1;
inline constexpr std::uint16_t kProtocolVersionMax = 1;
inline constexpr char kSubprotocol[] = "steiger.v1";  // of the WebSocket

// One frame. Large enough for a GroupInfo with a tree of a thousand lean leaves; more would let one connection hold much memory.
inline constexpr std::size_t kMaxFrameBytes = 1024 * 1024;  // frame_too_large
// One application message: 64 KiB of content (an attachment chunk) plus what MLS, padding and franking add.
inline constexpr std::size_t kMaxPayloadBytes = 64 * 1024 + 4 * 1024;  // payload_too_large
inline constexpr std::size_t kMaxItemsPerFrame = 256;                  // too_many_items: submissions, positions, before items
inline constexpr std::size_t kMaxOutstanding = 256;                    // outstanding_limit
inline constexpr std::size_t kDeliveryWindow = 512;                    // the gateway waits for acknowledgements
inline constexpr std::size_t kMaxClientNameBytes = 64;                 // malformed_frame

// Inside FlatBuffers: how deep and how many tables the verifier follows. A frame of 256 items needs about 260 tables.
inline constexpr unsigned kMaxTableDepth = 8;
inline constexpr unsigned kMaxTables = 2048;

// Invites (S3). Terms and proofs are a few certificates and a KeyPackage: 2 to 4 KiB.
inline constexpr std::size_t kMaxTermsBytes = 16 * 1024;          // bad_invite
inline constexpr std::size_t kMaxProofBytes = 16 * 1024;          // malformed_frame
inline constexpr std::size_t kMaxIdentityChainBytes = 16 * 1024;  // bad_login, bad_chain
inline constexpr std::size_t kMaxNackBytes = 1024;                // malformed_frame: five ids, a hash and a signature
// How long invites live and may be decided on is in crypto/identity/limits.h. A device whose clock runs ahead may ask for a little more than the lifetime; the gateway shortens it to the bound.
inline constexpr Duration kInviteClockTolerance = std::chrono::minutes(5);

}  // namespace steiger::gateway
