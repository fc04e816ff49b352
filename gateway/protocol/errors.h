// What one end of the wire tells the other (10xx). Client and gateway share this list: the name travels in wire::Problem.
// "fatal": the connection closes after it (design law 9: nothing else suffers). "refusal": answers one request, the session goes
// on.
#pragma once

#include "crypto/base/error.h"

namespace steiger::gateway {

// ---- fatal: the frame itself
inline constexpr Error kMalformedFrame{1001, "malformed_frame",
                                       ErrorFamily::peer};  // not a Frame, or a required field is missing
inline constexpr Error kFrameTooLarge{1002, "frame_too_large", ErrorFamily::peer};
inline constexpr Error kTooManyItems{1003, "too_many_items", ErrorFamily::peer};
inline constexpr Error kUnknownBody{1004, "unknown_body", ErrorFamily::peer};
inline constexpr Error kWrongState{1005, "wrong_state", ErrorFamily::peer};  // a known body at the wrong moment
inline constexpr Error kUnsupportedVersion{1006, "unsupported_version", ErrorFamily::peer};
inline constexpr Error kTextFrame{1007, "text_frame", ErrorFamily::peer};  // WebSocket text instead of binary

// ---- fatal: the session
inline constexpr Error kBadLogin{1010, "bad_login", ErrorFamily::peer};  // signature or identity chain does not hold (S6, S1)
inline constexpr Error kUnknownDevice{1011, "unknown_device", ErrorFamily::peer};  // log in with the identity chain
inline constexpr Error kRevokedDevice{1012, "revoked_device", ErrorFamily::peer};
inline constexpr Error kReplaced{1013, "replaced", ErrorFamily::peer};  // a newer login of the same device
inline constexpr Error kCounterGap{1014, "counter_gap", ErrorFamily::peer};
inline constexpr Error kOutstandingLimit{1015, "outstanding_limit", ErrorFamily::peer};
inline constexpr Error kPayloadTooLarge{1016, "payload_too_large", ErrorFamily::peer};
inline constexpr Error kBadMessage{1017, "bad_message",
                                   ErrorFamily::peer};  // not a PrivateMessage of this group and epoch, or wrong tag
inline constexpr Error kBadAcknowledgement{1018, "bad_acknowledgement", ErrorFamily::peer};  // beyond the channel's head
inline constexpr Error kTooSlow{1019, "too_slow", ErrorFamily::peer, true};                  // does not read what it is sent
inline constexpr Error kShuttingDown{1020, "shutting_down", ErrorFamily::environment, true, 1000};
inline constexpr Error kStorageFailed{1021, "storage_failed", ErrorFamily::environment, true, 5000};
inline constexpr Error kTooManyConnections{1022, "too_many_connections", ErrorFamily::environment, true, 5000};
inline constexpr Error kTooManyRequests{1023, "too_many_requests", ErrorFamily::peer, true,
                                        1000};                                                 // more unanswered than allowed
inline constexpr Error kOverloaded{1024, "overloaded", ErrorFamily::environment, true, 2000};  // too much waits for the disk

// ---- refusals of a submission: the counter stays free
inline constexpr Error kNotAMember{1030, "not_a_member", ErrorFamily::peer};
inline constexpr Error kUnknownChannel{1031, "unknown_channel", ErrorFamily::peer};
inline constexpr Error kStaleEpoch{1032, "stale_epoch", ErrorFamily::peer, true};  // S12: process what was delivered, then again
inline constexpr Error kEpochAhead{1033, "epoch_ahead", ErrorFamily::peer};        // an epoch the gateway never accepted
inline constexpr Error kBadBundle{1034, "bad_bundle", ErrorFamily::peer};  // commit, Welcome and GroupInfo do not fit (S7)
inline constexpr Error kUnsupportedCommit{1035, "unsupported_commit", ErrorFamily::peer};
inline constexpr Error kChannelExists{1036, "channel_exists", ErrorFamily::peer};
inline constexpr Error kChannelFull{1037, "channel_full", ErrorFamily::peer};  // members or sequence numbers at their bound
inline constexpr Error kTooManyChannels{1038, "too_many_channels", ErrorFamily::peer};
inline constexpr Error kUnknownMember{1039, "unknown_member", ErrorFamily::peer};  // a leaf of an account not registered here

// ---- refusals of invite requests
inline constexpr Error kInviteUnknown{1040, "invite_unknown", ErrorFamily::peer};
inline constexpr Error kInviteExpired{1041, "invite_expired", ErrorFamily::peer};
inline constexpr Error kInviteLimit{1042, "invite_limit", ErrorFamily::peer};  // too many open invites, or proofs for one
inline constexpr Error kInviteExists{1043, "invite_exists", ErrorFamily::peer};
inline constexpr Error kInviteDecided{1044, "invite_decided", ErrorFamily::peer};  // already accepted, refused or cancelled
inline constexpr Error kBadInvite{1045, "bad_invite", ErrorFamily::peer};    // expiry beyond its kind's bound, terms too large
inline constexpr Error kBadChain{1046, "bad_chain", ErrorFamily::peer};      // the accepted identity chain does not hold (S1)
inline constexpr Error kNotAllowed{1047, "not_allowed", ErrorFamily::peer};  // this role, or somebody else's invite

// ---- refusals of what the rules of membership forbid; the rule's own name goes to the gateway's log
inline constexpr Error kCommitNotAllowed{1050, "commit_not_allowed", ErrorFamily::peer};  // S8 to S13: crypto/membership says why
inline constexpr Error kNoRelation{1051, "no_relation", ErrorFamily::peer};               // S14: nothing entitles to this account
inline constexpr Error kBadKeyPackage{1052, "bad_key_package", ErrorFamily::peer};  // not of this device, or it lives too long
inline constexpr Error kKeyPackageLimit{1053, "key_package_limit", ErrorFamily::peer};  // the pool is full
inline constexpr Error kBadStanding{1054, "bad_standing", ErrorFamily::peer};  // not signed for, or older than what is known
inline constexpr Error kStatusStale{1055, "status_stale",
                                    ErrorFamily::environment};                 // S1: nobody new until there is a fresh list
inline constexpr Error kBadOffer{1056, "bad_offer", ErrorFamily::peer};        // S10
inline constexpr Error kBadNack{1057, "bad_nack", ErrorFamily::peer};          // S11
inline constexpr Error kResyncLimit{1058, "resync_limit", ErrorFamily::peer};  // S11: three a day
inline constexpr Error kGenerationTaken{1059, "generation_taken", ErrorFamily::peer};          // S11: somebody else was first
inline constexpr Error kGenerationUnfounded{1060, "generation_unfounded", ErrorFamily::peer};  // S11: somebody can still follow
inline constexpr Error kGenerationReplaced{1061, "generation_replaced", ErrorFamily::peer};    // S11: its Welcome is on its way

// The error with this code, or nullptr: how a client turns wire::Problem back into an Error.
const Error* find_wire_error(std::uint16_t code);

}  // namespace steiger::gateway
