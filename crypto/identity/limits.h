// The bounds of identity, each with its reason. Crossing one is a named error, never a silent cut.
#pragma once

#include "crypto/base/clock.h"

namespace steiger::identity {

using Days = std::chrono::duration<std::int64_t, std::ratio<86400>>;

// S1: staff are certified for at most 13 months, so that a forgotten leaver ends by himself. The longest 13 months have 397 days.
inline constexpr Duration kMaxStaffCertificateLife = Days(397);
// A trajectory with its aftercare ends well within five years; higher would let a forgotten account live on, lower would make a
// coach certify again in the middle of one.
inline constexpr Duration kMaxAccountCertificateLife = Days(1827);
// How far a peer's clock may run ahead of ours before a fresh certificate is refused. Telephones without network time drift
// minutes.
inline constexpr Duration kClockTolerance = std::chrono::minutes(10);

// S1: a status list says when the next one comes; later than this nobody new is let in.
inline constexpr Duration kMaxStatusListLife = Days(14);
// Whoever signs status lists is appointed anew every year.
inline constexpr Duration kMaxDelegationLife = Days(397);
// Leavers and lost phones of a large region over the five years that a certificate may live. More: kBadStatusList.
inline constexpr std::size_t kMaxStatusEntries = 20'000;
// A root is replaced when a beheerder leaves or every few years; a device that slept through more of them does a new intake.
inline constexpr std::size_t kMaxRootSuccessions = 16;
// S8: a grant is answered by a commit within days, and its window of epochs survives a few lost races.
inline constexpr Duration kMaxGrantLife = Days(14);
inline constexpr std::uint64_t kMaxGrantEpochs = 16;
// S10: a jongere who is on holiday can still answer.
inline constexpr Duration kMaxHandoverOfferLife = Days(60);

// As MLS allows.
inline constexpr std::size_t kMaxNackGroupId = 255;

// Root -> coach -> account (S1: path length 1 below the coach).
inline constexpr std::size_t kMaxChainCertificates = 2;
// Certificates of the accounts that one commit adds, issuers included.
inline constexpr std::size_t kMaxHandshakeCertificates = 32;
// Who one commit lets in by grant, whose newer chains it shows, and how many silent or returned devices it names: a room has 3 to 7
// devices, a self group ten.
inline constexpr std::size_t kMaxHandshakeGrants = 8;
inline constexpr std::size_t kMaxHandshakeChains = 4;
inline constexpr std::size_t kMaxHandshakeDevices = 16;
// Devices that were silent for 100 days, and accounts that are yet to come into a new group: several times what a room holds. What is
// beyond it is not told to who joins, the oldest first.
inline constexpr std::size_t kMaxRoomPast = 64;
// Telephone, tablet, laptop, browsers, and a few that were lost and not yet removed.
inline constexpr std::size_t kMaxDevicesPerAccount = 10;

inline constexpr std::size_t kMaxOrganisationName = 200;  // bytes of UTF-8
inline constexpr std::size_t kMaxOrigin = 300;            // scheme, host name (at most 253) and port
inline constexpr std::size_t kMaxKeyPackageSize = 16 * 1024;

// S3: face to face, so the paper or screen is in front of the person.
inline constexpr Duration kQrInviteLife = std::chrono::minutes(15);
// S3: over a known other route, and people answer letters late.
inline constexpr Duration kLinkInviteLife = Days(7);
// S3: how long after the invite's end a proof that came in time may still be decided on. The coach's device may have been off for a
// fortnight's holiday; then both ends forget it: the gateway tells the redeemer `expired`, the coach's device wipes the secret. With
// the 7 days of a link it stays below the 28 days of the KeyPackage in the proof.
inline constexpr Duration kInviteDecisionTime = Days(14);

}  // namespace steiger::identity
