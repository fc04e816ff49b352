// Every bound of crypto/mls, and what happens at it (design law 8). Decoders answer kTooLarge unless said otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace steiger::mls {

// A channel has 3 to 7 devices; 1,024 leaves leaves room for tests and large rooms. Higher would let one GroupInfo cost
// seconds of validation. Adding beyond it: kTreeFull.
inline constexpr std::uint32_t kMaxLeaves = 1024;
inline constexpr std::size_t kMaxTreeNodes = 2 * kMaxLeaves - 1;
// Direct path of a leaf in the largest tree: log2(kMaxLeaves).
inline constexpr std::size_t kMaxPathNodes = 10;

inline constexpr std::size_t kMaxGroupIdSize = 255;
// The longest public key of any suite we may speak later is X-Wing's (1,216 bytes).
inline constexpr std::size_t kMaxKeySize = 2048;
inline constexpr std::size_t kMaxSignatureBytes = 1024;
inline constexpr std::size_t kMaxHashSize = 64;
inline constexpr std::size_t kMaxIdentitySize = 1024;
inline constexpr std::size_t kMaxCertificates = 8;
inline constexpr std::size_t kMaxCertificateSize = 16 * 1024;
// Values in one list of a Capabilities struct, GREASE included.
inline constexpr std::size_t kMaxCapabilityValues = 256;
inline constexpr std::size_t kMaxExtensions = 64;
// The ratchet_tree extension of a full tree with identity chains fits.
inline constexpr std::size_t kMaxExtensionSize = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxProposalsPerCommit = 512;
// Proposals waiting for a commit in one epoch: each of 7 devices may ask a few things. Beyond it: kTooManyProposals, and the
// sender commits by value or waits for the next epoch.
inline constexpr std::size_t kMaxStoredProposals = 64;
inline constexpr std::size_t kMaxExternalSenders = 16;
// Resumption PSKs kept per group, so that S11 can name the last epoch that all had in common. Older: kUnknownPsk.
inline constexpr std::size_t kMaxResumptionEpochs = 16;
inline constexpr std::size_t kMaxAuthenticatedDataSize = 64 * 1024;
inline constexpr std::size_t kMaxPskIdSize = 255;
inline constexpr std::size_t kMaxPsksPerCommit = 64;
// HPKE ciphertexts inside handshakes hold one path secret or one GroupSecrets.
inline constexpr std::size_t kMaxHpkeCiphertextSize = 64 * 1024;
// Application content is small: attachments travel as their own chunks. encrypt() answers kTooLarge beyond it.
inline constexpr std::size_t kMaxPlaintextSize = 1024 * 1024;
inline constexpr std::size_t kMaxCiphertextSize = kMaxPlaintextSize + 16 * 1024;

// PrivateMessage content is padded with zeros to a multiple of this, so that "ja" and "nee" look alike; one short message
// with its signature fills one unit. Larger hides more and costs bytes on a phone's data bundle.
inline constexpr std::size_t kPaddingUnit = 256;

// How far one message may move a sender's ratchet forward (RFC 9420 section 15.3). Delivery is in order, so gaps come only
// from expired or lost messages; 1,024 steps cost about 3 ms. Beyond it: kGenerationTooFar, before any key is derived.
inline constexpr std::uint32_t kMaxForwardSteps = 1024;
// Message keys kept per sender for messages that were overtaken. The oldest is dropped first: kGenerationConsumed.
inline constexpr std::size_t kMaxSkippedKeys = 256;

// S14: pool packages live 28 days, last-resort packages 60; one more day for clocks that are wrong. Longer: kLifetimeTooLong.
inline constexpr std::uint64_t kMaxLifetimeSeconds = 61ull * 24 * 60 * 60;

}  // namespace steiger::mls
