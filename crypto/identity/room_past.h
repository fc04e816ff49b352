// What who joins a room must know of before: who may come back without asking anybody again. In the GroupInfo of a Welcome, signed by its
// committer. Without it a joiner would take for a ghost whom all the others let in (S8). The joiner believes it, as it believes who is in the
// room; the gateway and the members of before judge by what they have seen. A jongere's first room has none. Thread-safe.
#pragma once

#include <vector>

#include "crypto/identity/chain.h"

namespace steiger::identity {

// Private-use GroupInfo extension type (RFC 9420 section 17.3).
inline constexpr std::uint16_t kRoomPastExtension = 0xF5A5;

struct RoomPast {
  // Removed for silence (S13): may be added back under this account key.
  struct Silent {
    AccountId account;
    DeviceId device;
    VerifyKey account_key;
    friend bool operator==(const Silent&, const Silent&) = default;
  };
  // At most kMaxRoomPast of each.
  std::vector<Silent> silent;
  std::vector<AccountId> carried_over;  // of the group generation before, not back yet (S11)
  std::vector<AccountId> jongeren_out;  // may come back under a later key, with an invite of their coach (S2)
  std::vector<IdentityChain> chains;    // complete: as what those who are out may come back (S8)

  friend bool operator==(const RoomPast&, const RoomPast&) = default;
};

// Canonical: what decodes encodes to the same bytes.
Bytes encode_room_past(const RoomPast& past);
Result<RoomPast> decode_room_past(ByteView bytes);

}  // namespace steiger::identity
