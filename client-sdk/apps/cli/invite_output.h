// How an invite looks on a terminal; shared by `steiger invite` and the chat.
#pragma once

#include "client-sdk/apps/cli/context.h"

namespace steiger::cli {

// Link, QR code (for a QR invite on a terminal), typed form and term. The link is the secret: shown because it must be, never logged.
std::string invite_text(const Context& context, const api::InviteT& invite);

// What became of it, as one line; empty while it is open.
std::string invite_news(const Context& context, const api::InviteT& invite);

std::string label_of(const api::InviteT& invite);
std::string_view state_key(api::InviteState state);

}  // namespace steiger::cli
