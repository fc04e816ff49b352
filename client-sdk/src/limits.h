// Every bound of the SDK core, what happens there, and what a lower or higher value would do (design law 8).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "crypto/base/clock.h"

namespace steiger::sdk {

// ---- what an app may ask (crossing one: Failed with the error named here, nothing changed)

// Text of one message, UTF-8. kTextTooLong. A pasted cover letter fits ten times; more would cross the gateway's payload limit.
inline constexpr std::size_t kMaxTextBytes = 32 * 1024;
// Names and labels, UTF-8. kNameTooLong.
inline constexpr std::size_t kMaxNameBytes = 128;
inline constexpr std::size_t kMaxUrlBytes = 2048;
// One API request as bytes. kRequestTooLarge.
inline constexpr std::size_t kMaxRequestBytes = 128 * 1024;
// Messages waiting in the outbox. kOutboxFull. Weeks of writing without a network; each costs memory and start-up time.
inline constexpr std::size_t kMaxOutbox = 4096;
// Invites that are open or wait for confirmation. kTooManyInvites. A caseload is at most 90 (domain section 1).
inline constexpr std::size_t kMaxOpenInvites = 256;
// Channels of one device. kTooManyChannels. The gateway takes fewer (gateway/service/limits.h), so rooms come no further than that.
inline constexpr std::size_t kMaxChannels = 2048;
// Messages of one ListMessages answer; a higher wish is lowered to this.
inline constexpr std::uint32_t kMaxListLimit = 500;
// Shown messages of one channel. Sending is refused with kChannelFull; received ones are still stored, because losing is worse.
inline constexpr std::size_t kMaxMessagesPerChannel = 200'000;

// ---- rooms and their members

// Removals, returns and handovers of one room that wait; kTooManyChanges. Own upkeep and invited people are not counted (changes.h).
inline constexpr std::size_t kMaxWishes = 64;
// The end of reading along that was not taken for that is wished again so much later.
inline constexpr Duration kChangesAgain = std::chrono::minutes(15);
// Devices that were in a room and are remembered. Beyond it one of somebody who is in goes, which matters to nobody; else the oldest, and
// with it that a grant of before, which lives for identity::kMaxGrantLife, may not bring it back (S8), or that it may come back (S13).
inline constexpr std::size_t kMaxFormer = 256;
// Beyond it the oldest goes of somebody who is here or of whom a later one is kept (S16): what was said stays readable, and who wants to
// prove it hears kMessageNotProvable.
inline constexpr std::size_t kMaxEarlierChains = 64;
// Questions of one device, answered ones included. The oldest answered one makes room; when all wait for an answer, the new one is dropped:
// nobody answers 64 questions, and whoever asks them asks again.
inline constexpr std::size_t kMaxQuestions = 64;
// S8, S2: how long a question whether somebody may read along, or goes on under a new key, waits for an answer. As long as the answer,
// a grant, would count (identity::kMaxGrantLife).
inline constexpr Duration kQuestionLife = std::chrono::hours(24 * 14);
// S8: reading along for less than a day is a conversation, not a membership.
inline constexpr Duration kShortestGuest = std::chrono::hours(24);
// S10: how long a handover offer stands; long enough for a jongere's summer holiday (identity::kMaxHandoverOfferLife is the most).
inline constexpr Duration kHandoverOfferLife = std::chrono::hours(24 * 60);
// Handover offers on their way to the gateway; more: kLocalBusy.
inline constexpr std::size_t kMaxOffersUnderWay = 16;
// What happened in a room, kept to be read. Beyond it the oldest goes: it was told when it happened, and who is in the room stays known.
inline constexpr std::size_t kMaxNotices = 200;
// A device that had no KeyPackage is asked for again, first soon (it was just linked), then twice as late each time: it makes new ones when
// it is online.
inline constexpr Duration kClaimFirst = std::chrono::seconds(5);
inline constexpr Duration kClaimAgain = std::chrono::minutes(15);

// S11: coming in again by oneself, at most so often a day and room (UTC days, as the gateway counts). Beyond it: kResyncLimit, tomorrow.
inline constexpr std::size_t kMaxResyncsPerDay = 3;
// After a refusal that says nothing final.
inline constexpr Duration kResyncAgain = std::chrono::minutes(1);

// S11: who opens a generation waits so long for the others' KeyPackages, then goes on with those that it has.
inline constexpr Duration kGenerationWait = std::chrono::seconds(30);
// Who came into a generation brings back who is missing, when the one that opened it has not by then.
inline constexpr Duration kCarryOverTurn = std::chrono::minutes(10);

// Comings and goings of a room that are remembered, so that nobody is re-sent what was said while they were out.
inline constexpr std::size_t kMaxStayEvents = 512;
// Missed places that are asked for at a time, and the ranges they may be in; the rest in the next request. A day's queue of a busy room.
inline constexpr std::uint64_t kMaxHistoryPlaces = 512;
inline constexpr std::size_t kMaxHistoryRanges = 32;
// Missed places of one room, as ranges; beyond it the two oldest become one, and what lies between is asked for again: nothing is lost.
inline constexpr std::size_t kMaxGapRanges = 1024;
// One answer: several messages when there is more. With its one largest text it stays below what a message may carry.
inline constexpr std::size_t kMaxHistoryEntries = 64;
inline constexpr std::size_t kMaxHistoryBytes = 36 * 1024;
// The same, sealed, with what says of each place who wrote it and when.
inline constexpr std::size_t kMaxForDeviceBytes = 60 * 1024;
// Answers about places without links, kept until all of a range are there. At the bound no more are taken: a store that is older than this
// many messages comes back without them, as kRollbackDetected has told its owner; the others still have them.
inline constexpr std::size_t kMaxHistoryCandidates = 16 * 1024;
// Whom was asked and does not answer is passed over: first soon, then twice as late each time.
inline constexpr Duration kHistoryFirst = std::chrono::seconds(30);
inline constexpr Duration kHistoryMost = std::chrono::hours(6);
// S17: what a new device of a known account is given of before: places, receipts included. What is older stays with the others.
inline constexpr std::uint64_t kMaxEarlierPlaces = 20'000;
// How long it asks; who has it may be on holiday.
inline constexpr Duration kEarlierTime = std::chrono::hours(24 * 30);
// S21: how long an item that may have been accepted before the store was put back waits for the links that tell. Then it has failed.
inline constexpr Duration kDoubtTime = std::chrono::hours(24);
// Own messages of one room that are marked as undelivered; the oldest marks go: those messages stay, as sent. Nobody was there for them
// for 100 days, and more than this many times.
inline constexpr std::size_t kMaxUndelivered = 256;
inline constexpr Duration kResyncAgainMost = std::chrono::hours(1);

// ---- what a gateway may send (crossing one: the connection ends with the error)

inline constexpr std::size_t kMaxFrameBytes = 1024 * 1024;
inline constexpr std::size_t kMaxEnvelopesPerFrame = 4096;
inline constexpr std::size_t kMaxLinksPerWelcome = 4096;
// Different proofs remembered per invite; the gateway stores fewer. Later ones only repeat the alarm.
inline constexpr std::size_t kMaxProofsPerInvite = 8;

// ---- our own pace

// The most that the gateway's clock may move ours: phones with an empty battery are days off, a lying gateway could stretch
// invites and certificates by no more than this.
inline constexpr Duration kMaxClockOffset = std::chrono::hours(7 * 24);

// Submissions under way when the gateway names no limit, and the most we use of what it allows.
inline constexpr std::uint32_t kMaxOutstanding = 256;
// Bytes of one Submit frame: several messages travel together, one large one does not hold up the rest.
inline constexpr std::size_t kSubmitFrameBytes = 256 * 1024;
// Wait before the next connection attempt: doubled each time, with jitter so that devices do not return in step after an outage.
inline constexpr Duration kBackoffFirst = std::chrono::milliseconds(250);
inline constexpr Duration kBackoffMost = std::chrono::seconds(60);
// A connection that lasts this long, or carried something, makes the next wait a short one again.
inline constexpr Duration kStableAfter = std::chrono::seconds(10);
// A connection that is up but does not answer hello or login for this long is given up.
inline constexpr Duration kAnswerTimeout = std::chrono::seconds(20);
// A quiet connection is asked after this whether anybody is there, and then has kAnswerTimeout. Shorter wakes a phone's radio more
// often; longer leaves a message unnoticed behind a connection that died without a word.
inline constexpr Duration kProbeAfter = std::chrono::seconds(45);
// Receipts wait this long for company: one covers everything stored until then.
inline constexpr Duration kReceiptDelay = std::chrono::milliseconds(300);
// Frames and events that wait until the local store has what they rest on. kLocalBusy: requests are refused and the connection ends
// until it reports. A healthy store reports within milliseconds; a delivery window of messages makes a thousand events.
inline constexpr std::size_t kMaxHeldEffects = 16 * 1024;
inline constexpr std::size_t kMaxHeldBytes = 32 * 1024 * 1024;
// Wait before a failed local transaction is tried again.
inline constexpr Duration kCommitRetry = std::chrono::seconds(1);

// ---- own devices (S2)

// What a device that was just linked needs to log in and publish its KeyPackages, before it is added to rooms.
inline constexpr Duration kLinkedDeviceNeeds = std::chrono::seconds(3);
// S2: how long a live old device may object to a comeback, before the coach's device removes what was there before.
inline constexpr Duration kObjectionTime = std::chrono::hours(24 * 7);

// S13: nothing heard of a device for this long, and a member takes it out. As the gateway counts (gateway/service/limits.h), so that what it
// says of somebody who spoke in a room since is not believed there.
inline constexpr Duration kSilence = std::chrono::hours(24 * 100);
// S13: ciphertext waits 100 days at the gateway; a day less, for clocks. What is said to have expired before that has not.
inline constexpr Duration kShortestMessageLife = std::chrono::hours(24 * 99);

// ---- KeyPackages (S14)

// The pool that others may claim from while this device is away; refilled when fewer than this are left. A device that is added to every
// room of a caseload at once needs more than 20 only for its last rooms, and has its last resort for those.
inline constexpr std::size_t kPackagePool = 20;
inline constexpr std::size_t kRefillBelow = 10;
// From a day before it was made (clocks that run behind) to its end: 28 days, and 60 for the last resort. The last resort is renewed
// after 30, so that there always is a valid one for a device that is away for a month.
inline constexpr Duration kClocksBehind = std::chrono::hours(24);
inline constexpr Duration kPackageLife = std::chrono::hours(24 * 28);
inline constexpr Duration kLastResortLife = std::chrono::hours(24 * 60);
inline constexpr Duration kLastResortRenewal = std::chrono::hours(24 * 30);
// How long the secrets of an expired package stay, for a Welcome that was made just before.
inline constexpr Duration kPackageGrace = std::chrono::hours(24);
// Secrets of packages kept at a time, handed out ones included. At the bound the pool is not refilled: somebody claims and does not add.
inline constexpr std::size_t kMaxStoredPackages = 256;
// Devices of an account: identity::kMaxDevicesPerAccount; packages of one KeyPackages answer beyond it end the connection.

}  // namespace steiger::sdk
