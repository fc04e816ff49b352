// Errors of membership (47x-48x of identity's area): which rule a commit breaks. Both ends use the same names.
#pragma once

#include "crypto/base/error.h"

namespace steiger::membership {

inline constexpr Error kContextChange{470, "context_change", ErrorFamily::peer};      // binding, policy or external senders (S8)
inline constexpr Error kReinitRefused{471, "reinit_refused", ErrorFamily::peer};      // S8
inline constexpr Error kDeviceTwice{472, "device_twice", ErrorFamily::peer};          // one leaf per device
inline constexpr Error kIdentityChanged{473, "identity_changed", ErrorFamily::peer};  // a leaf became somebody else's (S1)
inline constexpr Error kNoGrant{474, "no_grant", ErrorFamily::peer};  // an account entered without the jongere's yes (S8)
inline constexpr Error kForeignDevice{475, "foreign_device",
                                      ErrorFamily::peer};  // a device added to somebody else's account (S8)
inline constexpr Error kNotNewer{476, "key_not_newer",
                                 ErrorFamily::peer};  // another account key without a later certificate (S2)
inline constexpr Error kNotRedeemed{477, "not_redeemed", ErrorFamily::peer};  // let in by invite, but without its PSK (S5)
inline constexpr Error kRemovalNotAllowed{478, "removal_not_allowed", ErrorFamily::peer};
inline constexpr Error kBadResync{479, "bad_resync", ErrorFamily::peer};               // S9
inline constexpr Error kAgentNotAllowed{480, "agent_not_allowed", ErrorFamily::peer};  // outside reminder channels (S8)
inline constexpr Error kBadHandover{481, "bad_handover", ErrorFamily::peer};           // not what the offer says (S10)
inline constexpr Error kRoomKind{482, "room_kind", ErrorFamily::peer};  // this kind of room does not hold such members

}  // namespace steiger::membership
