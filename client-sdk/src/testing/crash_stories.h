// The two kinds of crash stories, for any gateway: one crash after the k-th effect of a device, and random histories on a bad
// network with a failing store. Both assert through GoogleTest that in the end both sides show the same messages in the same order
// exactly once, and that nobody raised an alarm (design laws 3 and 12).
#pragma once

#include "client-sdk/src/testing/world.h"

namespace steiger::sdk::testing {

struct StoryEffects {
  std::uint64_t coach = 0;
  std::uint64_t newcomer = 0;
};
// Invite, join, chat. A device dies after so many effects of its own (0: not at all) and comes back a second later. Returns how many
// effects each had, so that a sweep can visit them all.
StoryEffects play_story(const MakeGateway& make_gateway, api::InviteKind kind, std::uint64_t coach_dies,
                        std::uint64_t newcomer_dies);

// A coach and one to three jongeren, sixty random steps of writing, crashing, disconnecting. `trouble` is one more kind of bad luck,
// for example a gateway that is killed.
void random_history(const MakeGateway& make_gateway, std::uint64_t seed, const std::function<void(World&)>& trouble = nullptr);

}  // namespace steiger::sdk::testing
