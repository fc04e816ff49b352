// A coach's client that asks nobody, not even itself: it makes the commit that lets a ghost in and hands it to the gateway (S8).
#pragma once

#include <filesystem>
#include <string>

namespace steiger::story {

// With the keys and the group of the device in `data_dir`, which must not be running: certifies whoever redeemed its invite to read along,
// commits the Add without the jongere's grant, and submits that over the wire. The name of what the gateway says; "accepted" when it took it;
// in brackets what went wrong before. The device's store stays as it was.
std::string submit_a_ghost(const std::filesystem::path& data_dir, const std::string& gateway_url);

}  // namespace steiger::story
