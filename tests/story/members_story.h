// The second act of `deploy/quickstart --check`: who is in a conversation. A coach with two devices, a begeleider who may read along
// and goes again, a ghost, a lost phone, a handover, and a proof.
#pragma once

#include <filesystem>

#include "tests/story/transcript.h"

namespace steiger::story {

// `bin`: the programs that ship. `work`: a new directory for everything that it makes.
void play_members(const std::filesystem::path& bin, const std::filesystem::path& work, Transcript& transcript);

}  // namespace steiger::story
