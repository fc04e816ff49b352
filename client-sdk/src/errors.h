// Errors of the SDK core (20xx). Names are keys of the message catalogue of every app.
#pragma once

#include "crypto/base/error.h"

namespace steiger::sdk {

// ---- the app asked for something that cannot be
inline constexpr Error kBadRequest{2001, "bad_request", ErrorFamily::caller};
inline constexpr Error kRequestTooLarge{2002, "request_too_large", ErrorFamily::caller};
inline constexpr Error kNotSetUp{2003, "not_set_up", ErrorFamily::caller};          // no identity on this device yet
inline constexpr Error kAlreadySetUp{2004, "already_set_up", ErrorFamily::caller};  // this device already belongs to somebody
inline constexpr Error kNotAllowedForRole{2005, "not_allowed_for_role", ErrorFamily::caller};
inline constexpr Error kNoSuchChannel{2006, "no_such_channel", ErrorFamily::caller};
inline constexpr Error kNoSuchInvite{2007, "no_such_invite", ErrorFamily::caller};
inline constexpr Error kInviteState{2008, "invite_state", ErrorFamily::caller};  // the invite is not in a state that allows this
inline constexpr Error kTextEmpty{2009, "text_empty", ErrorFamily::caller};
inline constexpr Error kTextTooLong{2010, "text_too_long", ErrorFamily::caller};
inline constexpr Error kNameTooLong{2011, "name_too_long", ErrorFamily::caller};
inline constexpr Error kBadUrl{2012, "bad_url", ErrorFamily::caller};
inline constexpr Error kOutboxFull{2013, "outbox_full", ErrorFamily::caller, true};
inline constexpr Error kTooManyInvites{2014, "too_many_invites", ErrorFamily::caller};
inline constexpr Error kTooManyChannels{2015, "too_many_channels", ErrorFamily::caller};
inline constexpr Error kChannelFull{2016, "channel_full", ErrorFamily::caller};
inline constexpr Error kChannelStopped{2017, "channel_stopped", ErrorFamily::caller};  // an alarm stopped it
inline constexpr Error kBadOrganisation{2018, "bad_organisation", ErrorFamily::caller};
inline constexpr Error kBadCertificate{2019, "bad_certificate", ErrorFamily::caller};
inline constexpr Error kBadStaffRequest{2020, "bad_staff_request", ErrorFamily::caller};
inline constexpr Error kBadTextEncoding{2021, "bad_text_encoding", ErrorFamily::caller};  // not UTF-8
inline constexpr Error kRoomEnded{2022, "room_ended", ErrorFamily::caller};               // this device is no longer in it
inline constexpr Error kNoSuchMember{2023, "no_such_member", ErrorFamily::caller};
inline constexpr Error kNoSuchDevice{2024, "no_such_device", ErrorFamily::caller};
inline constexpr Error kNoSuchQuestion{2025, "no_such_question", ErrorFamily::caller};        // or answered already
inline constexpr Error kTooManyChanges{2026, "too_many_changes", ErrorFamily::caller, true};  // of one room, that wait

// ---- the beheerder's side (S1)
inline constexpr Error kBadStatusKey{2080, "bad_status_key", ErrorFamily::caller};  // no file of a status key, or of another one
inline constexpr Error kBadStatusBook{2081, "bad_status_book", ErrorFamily::caller};  // no file of standings
inline constexpr Error kStandingFinal{2082, "standing_final", ErrorFamily::caller};   // compromised stays compromised
inline constexpr Error kStatusBookFull{2083, "status_book_full", ErrorFamily::caller};
inline constexpr Error kNotAShare{2084, "share_unreadable", ErrorFamily::caller};
inline constexpr Error kShareLineMistyped{2085, "share_line_mistyped", ErrorFamily::caller};
inline constexpr Error kShareLineMissing{2086, "share_line_missing", ErrorFamily::caller};
inline constexpr Error kShareMistyped{2087, "share_mistyped", ErrorFamily::caller};  // every line is right, the whole is not
inline constexpr Error kSharesMixed{2088, "shares_mixed", ErrorFamily::caller};      // of different splittings
inline constexpr Error kShareTwice{2089, "share_twice", ErrorFamily::caller};
inline constexpr Error kSharesTooFew{2090, "shares_too_few", ErrorFamily::caller};
inline constexpr Error kSharesWrong{2091, "shares_wrong", ErrorFamily::caller};  // together they give another root

// ---- proving messages to others (S16)
inline constexpr Error kNoSuchMessage{2095, "no_such_message", ErrorFamily::caller};  // at this place there is none
inline constexpr Error kMessageNotProvable{2096, "message_not_provable",
                                           ErrorFamily::peer};  // links, sender or signature are gone

// ---- outcomes of an invite, at the redeemer
inline constexpr Error kInviteUsed{2030, "invite_used", ErrorFamily::peer};        // "al gebruikt, bel je coach"
inline constexpr Error kInviteRefused{2031, "invite_refused", ErrorFamily::peer};  // the coach said: this is not the person
inline constexpr Error kInviteExpired{2032, "invite_expired", ErrorFamily::peer};
inline constexpr Error kInviteCancelled{2033, "invite_cancelled", ErrorFamily::peer};
inline constexpr Error kInviteUnknown{2034, "invite_unknown", ErrorFamily::peer};
inline constexpr Error kInviteTerms{2035, "invite_terms", ErrorFamily::peer};  // what the gateway served does not hold together

// ---- alarms: something that must not happen did (S15, S16, S21)
inline constexpr Error kChainBroken{2040, "chain_broken", ErrorFamily::peer};      // recomputed chain value differs, or a gap
inline constexpr Error kHeadSignature{2041, "head_signature", ErrorFamily::peer};  // the gateway's signature over a head is wrong
inline constexpr Error kHistoryDiffers{2042, "history_differs", ErrorFamily::peer};  // another member saw another history
inline constexpr Error kFrankingFailed{2043, "franking_failed", ErrorFamily::peer};  // shown: nothing
inline constexpr Error kUnreadable{2044, "unreadable", ErrorFamily::peer};           // cannot be decrypted; shown: nothing
inline constexpr Error kSenderMismatch{2045, "sender_mismatch", ErrorFamily::peer};  // MLS sender is not the envelope's sender
inline constexpr Error kCommitRefused{2046, "commit_refused", ErrorFamily::peer};    // a commit that the profile forbids
inline constexpr Error kWelcomeRefused{2047, "welcome_refused",
                                       ErrorFamily::peer};  // without the invite's PSK, or of others (S5)
inline constexpr Error kRollbackDetected{2048, "rollback_detected", ErrorFamily::environment};  // never send again (S21)
inline constexpr Error kSecondProof{2049, "invite_second_proof", ErrorFamily::peer};            // somebody else has the link (S3)
inline constexpr Error kEchoDiffers{2050, "echo_differs", ErrorFamily::peer};  // our own message came back as something else
inline constexpr Error kHeadKeyChanged{2051, "head_key_changed", ErrorFamily::peer};
inline constexpr Error kWrongOrganisation{2052, "wrong_organisation", ErrorFamily::peer};  // the gateway serves another one
inline constexpr Error kProofInvalid{2053, "invite_proof_invalid", ErrorFamily::peer};     // MAC of S3 wrong: swapped keys
inline constexpr Error kGatewayBehind{2054, "gateway_behind", ErrorFamily::peer};          // it lost what it had accepted (S22)
inline constexpr Error kRepeatedMessage{2055, "repeated_message",
                                        ErrorFamily::peer};  // an id that the channel has had; not shown
inline constexpr Error kInviteNotAccepted{2056, "invite_not_accepted", ErrorFamily::peer};  // the invite could not be completed
inline constexpr Error kChannelFailed{2057, "channel_failed", ErrorFamily::peer};           // its opening was refused
inline constexpr Error kChangeRefused{2058, "change_refused", ErrorFamily::peer};  // a change of members that was asked here
inline constexpr Error kResyncLimit{2059, "resync_limit", ErrorFamily::peer};      // S11: out of step too often today

// ---- the connection, the store
inline constexpr Error kProtocol{2060, "protocol_violation", ErrorFamily::peer, true};  // the gateway said something out of turn
inline constexpr Error kVersion{2061, "version_unsupported", ErrorFamily::environment};
inline constexpr Error kNoAnswer{2062, "no_answer", ErrorFamily::environment, true};
inline constexpr Error kLocalStorage{2063, "local_storage", ErrorFamily::environment, true};  // the local store cannot write now
inline constexpr Error kLocalBusy{2067, "local_busy", ErrorFamily::environment, true, 1000};  // the local store does not keep up
inline constexpr Error kStoreFormat{2064, "store_format", ErrorFamily::environment};          // written by a newer version
inline constexpr Error kStoreCorrupt{2065, "store_corrupt", ErrorFamily::environment};
inline constexpr Error kGroupInfoRefused{2068, "group_info_refused", ErrorFamily::peer};  // S9: not the group that was followed
inline constexpr Error kHistoryRefused{2069, "history_refused", ErrorFamily::peer};       // S17: re-sent, and not the original
inline constexpr Error kExpiredTooSoon{2070, "expired_too_soon", ErrorFamily::peer};      // S13: the gateway withholds a message
inline constexpr Error kRejected{2066, "rejected", ErrorFamily::peer};  // the gateway refused a message for good

}  // namespace steiger::sdk
