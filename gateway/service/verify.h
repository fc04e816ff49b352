// Invariants over a whole store, for tests and later for an operator's `verify`: what every member could check, checked on the rows.
#pragma once

#include <string>
#include <vector>

#include "gateway/store/store.h"

namespace steiger::gateway {

// Recomputes the chain of these channels from their rows (S15), checks that heads, positions and payloads fit them, and that audit rows
// are complete and open to their leaves (law 5). Empty: all holds; otherwise what does not, in words. Writer thread.
std::string verify_channels(Store& store, const std::vector<ChannelId>& channels);
std::string verify_audit(Store& store);

}  // namespace steiger::gateway
