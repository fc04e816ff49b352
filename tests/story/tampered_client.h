// A coach whose client does not ask the jongere: what such a program would write into its own store.
#pragma once

#include <filesystem>
#include <optional>

#include "client-sdk/src/native/local_store.h"
#include "client-sdk/src/own_records.h"
#include "client-sdk/src/records.h"

namespace steiger::story {

// What is in the store of a device that is not running: who it is, and who redeemed its newest invite to read along, certified by the
// coach's key alone.
struct Tampered {
  sdk::LocalStore store;
  sdk::Snapshot snapshot;
  sdk::SelfRecord self;
  sdk::InviteRecord accepted;
  sdk::PurposeRecord purpose;
};
// Nothing when there is no such invite.
std::optional<Tampered> open_tampered(const std::filesystem::path& data_dir);

// Makes the device in `data_dir` want to add whoever redeemed its invite to read along, without a grant (S8). The device must not be
// running. False when there is no such invite.
bool want_a_ghost(const std::filesystem::path& data_dir);

}  // namespace steiger::story
