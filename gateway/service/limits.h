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
// Requests of one session, submissions apart, that wait for their answer.
inline constexpr std::size_t kMaxOpenRequests = 32;  // too_many_requests
// All that waits for the writer, over all sessions; about a second of work.
inline constexpr std::size_t kMaxQueuedBytes = 64 * 1024 * 1024;  // overloaded

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
