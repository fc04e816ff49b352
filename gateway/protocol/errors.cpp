#include "gateway/protocol/errors.h"

namespace steiger::gateway {
namespace {

constexpr const Error* kAll[] = {
    &kMalformedFrame,
    &kFrameTooLarge,
    &kTooManyItems,
    &kUnknownBody,
    &kWrongState,
    &kUnsupportedVersion,
    &kTextFrame,
    &kBadLogin,
    &kUnknownDevice,
    &kRevokedDevice,
    &kReplaced,
    &kCounterGap,
    &kOutstandingLimit,
    &kPayloadTooLarge,
    &kBadMessage,
    &kBadAcknowledgement,
    &kTooSlow,
    &kShuttingDown,
    &kStorageFailed,
    &kTooManyConnections,
    &kTooManyRequests,
    &kNotAMember,
    &kUnknownChannel,
    &kStaleEpoch,
    &kEpochAhead,
    &kBadBundle,
    &kUnsupportedCommit,
    &kChannelExists,
    &kChannelFull,
    &kTooManyChannels,
    &kUnknownMember,
    &kInviteUnknown,
    &kInviteExpired,
    &kInviteLimit,
    &kInviteExists,
    &kInviteDecided,
    &kBadInvite,
    &kBadChain,
    &kNotAllowed,
    &kOverloaded,
    &kCommitNotAllowed,
    &kNoRelation,
    &kBadKeyPackage,
    &kKeyPackageLimit,
    &kBadStanding,
    &kStatusStale,
    &kBadOffer,
    &kBadNack,
    &kResyncLimit,
    &kGenerationTaken,
    &kGenerationUnfounded,
    &kGenerationReplaced,
};

}  // namespace

const Error* find_wire_error(std::uint16_t code) {
  for (const Error* error : kAll) {
    if (error->code == code) return error;
  }
  return nullptr;
}

}  // namespace steiger::gateway
