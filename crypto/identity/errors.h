// Errors of identity (4xx): what is wrong with a certificate, a device list, a login or an invite.
#pragma once

#include "crypto/base/error.h"

namespace steiger::identity {

// Certificates and chains (S1)
inline constexpr Error kNotCertified{401, "not_certified", ErrorFamily::peer};             // a chain without certificates
inline constexpr Error kPathTooLong{402, "certificate_path_too_long", ErrorFamily::peer};  // more than root -> coach -> account
inline constexpr Error kWrongOrganisation{403, "wrong_organisation", ErrorFamily::peer};
inline constexpr Error kWrongIssuer{404, "wrong_issuer", ErrorFamily::peer};  // issued by another key
inline constexpr Error kBadCertificateSignature{405, "bad_certificate_signature", ErrorFamily::peer};
inline constexpr Error kRoleNotAllowed{406, "role_not_allowed", ErrorFamily::peer};  // this issuer may not give this role
inline constexpr Error kCertificateNotYetValid{407, "certificate_not_yet_valid", ErrorFamily::peer};
inline constexpr Error kCertificateExpired{408, "certificate_expired", ErrorFamily::peer};
inline constexpr Error kCertificateLifeTooLong{409, "certificate_life_too_long", ErrorFamily::peer};
inline constexpr Error kChannelRequired{410, "certificate_needs_channel", ErrorFamily::peer};  // a third party without a channel
inline constexpr Error kChannelNotAllowed{411, "certificate_may_not_name_channel", ErrorFamily::peer};
inline constexpr Error kIssuerNotValid{412, "issuer_not_valid_at_issue", ErrorFamily::peer};
inline constexpr Error kAccountKeyMismatch{413, "account_key_mismatch", ErrorFamily::peer};
inline constexpr Error kAccountMismatch{414, "account_mismatch", ErrorFamily::peer};
inline constexpr Error kWrongChannel{415, "wrong_channel", ErrorFamily::peer};  // a third party outside its channel

// Device lists (S1, S2)
inline constexpr Error kBadDeviceListSignature{420, "bad_device_list_signature", ErrorFamily::peer};
inline constexpr Error kBadDeviceList{421, "bad_device_list",
                                      ErrorFamily::peer};  // empty, too many, or the same device or key twice
inline constexpr Error kDeviceListRollback{422, "device_list_rollback", ErrorFamily::peer};
inline constexpr Error kDeviceListFork{423, "device_list_fork", ErrorFamily::peer};  // two lists under one version number
inline constexpr Error kDeviceNotListed{424, "device_not_listed", ErrorFamily::peer};
inline constexpr Error kBadCredential{425, "bad_credential", ErrorFamily::peer};  // not AccountId || DeviceId

// Login (S6)
inline constexpr Error kBadLoginSignature{430, "bad_login_signature", ErrorFamily::peer};

// Invites (S3-S5)
inline constexpr Error kInviteTextLength{440, "invite_text_length", ErrorFamily::caller};  // a character too few or too many
inline constexpr Error kInviteTextCharacter{441, "invite_text_character", ErrorFamily::caller};  // not of the alphabet
inline constexpr Error kInviteExpired{442, "invite_expired", ErrorFamily::peer};
inline constexpr Error kInviteKindMismatch{443, "invite_kind_mismatch", ErrorFamily::peer};
inline constexpr Error kInviterNotCoach{444, "inviter_not_coach", ErrorFamily::peer};
inline constexpr Error kBadRedeemMac{445, "bad_redeem_mac",
                                     ErrorFamily::peer};  // made without the secret, or for other terms or keys

// Standing of keys (S1)
inline constexpr Error kBadDelegation{450, "bad_delegation", ErrorFamily::peer};   // not by the root, not for this, not now
inline constexpr Error kBadStatusList{451, "bad_status_list", ErrorFamily::peer};  // unsorted, too long, too far ahead
inline constexpr Error kBadStatusSignature{452, "bad_status_signature", ErrorFamily::peer};
inline constexpr Error kStatusRollback{453, "status_list_rollback", ErrorFamily::peer};
inline constexpr Error kStatusFork{454, "status_list_fork", ErrorFamily::peer};          // two lists under one version
inline constexpr Error kStatusStale{455, "status_list_stale", ErrorFamily::peer, true};  // chat goes on, nobody new comes in
inline constexpr Error kKeyRevoked{456, "key_revoked", ErrorFamily::peer};
inline constexpr Error kIssuerEnded{457, "issuer_ended", ErrorFamily::peer};  // certified after the issuer had left
inline constexpr Error kIssuerCompromised{458, "issuer_compromised", ErrorFamily::peer};
inline constexpr Error kBadRootSuccession{459, "bad_root_succession", ErrorFamily::peer};

// Grants, handover, NACKs (S8, S10, S11)
inline constexpr Error kBadGrant{460, "bad_grant", ErrorFamily::peer};  // breaks its own rules
inline constexpr Error kBadGrantSignature{461, "bad_grant_signature", ErrorFamily::peer};
inline constexpr Error kGrantMismatch{462, "grant_mismatch", ErrorFamily::peer};  // for another channel, account or role
inline constexpr Error kGrantExpired{463, "grant_expired", ErrorFamily::peer};    // its time or its epochs are over
// A third party is to stay for longer than the jongere agreed to.
inline constexpr Error kGrantOutlived{466, "grant_outlived", ErrorFamily::peer};
inline constexpr Error kBadHandoverOffer{464, "bad_handover_offer", ErrorFamily::peer};
inline constexpr Error kBadNack{465, "bad_nack", ErrorFamily::peer};

}  // namespace steiger::identity
