// Bounds of the service, beside those of the wire (protocol/limits.h). What happens at each stands behind it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/base/clock.h"

namespace steiger::gateway {

// Proofs kept for one invite. One is ordinary, a second is an alarm; more would let a stranger with the link fill the disk.
inline constexpr std::size_t kMaxProofsPerInvite = 5;  // invite_limit
// Undecided invites of one coach: a caseload is 10 to 90 people.
inline constexpr std::size_t kMaxOpenInvites = 200;  // invite_limit
// Channels one device is in: login sends the standing of each in one frame.
inline constexpr std::size_t kMaxChannelsPerDevice = 2000;  // too_many_channels
// Links in one DeliverWelcome: how far the chain may have moved since the committer looked.
inline constexpr std::uint64_t kMaxWelcomeLinks = 512;  // bad_bundle: the committer catches up and commits again
// S11: how often a device may come in again by itself, a day and channel. More is a loop, not a repair.
inline constexpr std::uint32_t kMaxResyncsPerDay = 3;  // resync_limit
// S11: who was heard of within this time counts when it is asked whether anybody can follow. Shorter would let a weekend decide, longer
// would wait for a telephone in a drawer.
inline constexpr std::int64_t kReachableDays = 7;
// S13: nazorg is monthly, and somebody may miss three of those: how long ciphertext waits, and how long a device may be silent.
inline constexpr std::int64_t kSilenceDays = 100;
inline constexpr Duration kMessageLife = std::chrono::hours(24 * kSilenceDays);
// How long a device is told again, at each login, what of its own was not fetched: until it has surely heard it once.
inline constexpr Duration kUndeliveredRepeat = std::chrono::hours(24 * 7);
// How often is looked for what only time brings (S13).
inline constexpr Duration kSweepInterval = std::chrono::hours(1);

// Requests of one session, submissions apart, that wait for their answer.
inline constexpr std::size_t kMaxOpenRequests = 32;  // too_many_requests
// All that waits for the writer, over all sessions; about a second of work.
inline constexpr std::size_t kMaxQueuedBytes = 64 * 1024 * 1024;  // overloaded

// S14: KeyPackages of one device, the last resort apart, and how long they live.
inline constexpr std::size_t kMaxKeyPackages = 20;                           // key_package_limit
inline constexpr Duration kMaxKeyPackageLife = std::chrono::hours(28 * 24);  // bad_key_package
inline constexpr Duration kMaxLastResortLife = std::chrono::hours(60 * 24);  // bad_key_package
inline constexpr std::size_t kMaxKeyPackageBytes = 16 * 1024;                // bad_key_package: as in a redeem proof
// Packages that one account may claim within a day: a coach who links a telephone claims one for each room, and nobody may empty the
// pools of others.
inline constexpr std::size_t kMaxClaimsPerDay = 200;  // too_many_requests
inline constexpr Duration kClaimDay = std::chrono::hours(24);
// S2: what a linked device gets: a seed, a name, the labels of up to kMaxChannelsPerDevice rooms.
inline constexpr std::size_t kMaxSealedBytes = 64 * 1024;  // bad_invite
// S10: coaches who leave one room at the same time.
inline constexpr std::size_t kMaxOffersPerRoom = 4;     // bad_offer
inline constexpr std::size_t kMaxOfferBytes = 1024;     // bad_offer
inline constexpr std::size_t kMaxEvidenceBytes = 4096;  // no_relation: a grant or an offer
// A status list of identity::kMaxStatusEntries has 820 KB; a frame holds it and the successions.
inline constexpr std::size_t kMaxStatusListBytes = 900 * 1024;      // bad_standing
inline constexpr std::size_t kMaxRootSuccessionsBytes = 16 * 1024;  // bad_standing
// How often expired packages and offers go, and keys whose end was announced ahead are refused.
inline constexpr Duration kLapseInterval = std::chrono::minutes(10);

// One writer transaction: enough to make an fsync cheap per message, short enough that nobody waits long for it.
inline constexpr std::size_t kMaxBatchBytes = 8 * 1024 * 1024;
// How long acknowledgements wait for a batch to ride along with. Longer saves nothing under load and keeps ciphertext when idle.
inline constexpr std::chrono::milliseconds kAcknowledgeDelay(20);
// Channels and devices cached by the writer; beyond it the cache starts anew after a batch.
inline constexpr std::size_t kMaxCachedChannels = 8192;
inline constexpr std::size_t kMaxCachedDevices = 32768;

// A batch goes to a session straight from memory up to this size; more is read from the store in portions.
inline constexpr std::size_t kMaxDirectBytes = 256 * 1024;
// Unanswered proofs that go to a coach's device in one portion, and their bytes: several follow each other, each when there is room.
inline constexpr std::size_t kMaxProofsPerRead = 64;
inline constexpr std::size_t kMaxProofReadBytes = 256 * 1024;
// Bytes of payload in one portion read from the store; with headers it stays below kMaxFrameBytes.
inline constexpr std::size_t kMaxReadBytes = 512 * 1024;

}  // namespace steiger::gateway
