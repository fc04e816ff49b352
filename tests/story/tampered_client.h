// A coach whose client does not ask the jongere: what such a program would write into its own store.
#pragma once

#include <filesystem>

namespace steiger::story {

// Makes the device in `data_dir` want to add whoever redeemed its invite to read along, without a grant (S8). The device must not be
// running. False when there is no such invite.
bool want_a_ghost(const std::filesystem::path& data_dir);

}  // namespace steiger::story
