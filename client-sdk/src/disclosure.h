// Disclosures from what this device has stored (S16): crypto/disclosure knows what they say and prove.
#pragma once

#include "client-sdk/src/state.h"
#include "crypto/disclosure/disclosure.h"

namespace steiger::sdk {

// An encoded disclosure of the messages at `seqs` (any order, each counts once), verified as its reader will. Also for a channel that an
// alarm stopped: up to the last head that the gateway signed.
// kBadRequest (none, or more than disclosure::kMaxMessages), kNoSuchMessage (nothing shown at one of these places),
// disclosure::kDisclosureTooLong (too far back), kMessageNotProvable (a link, a sender's certificates or a signature is not there).
Result<Bytes> make_disclosure(const State& state, const Channel& channel, std::vector<std::uint64_t> seqs);

}  // namespace steiger::sdk
