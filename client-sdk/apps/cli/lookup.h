// Finding what a person means: a whole id, the beginning of one, or a name.
#pragma once

#include "client-sdk/apps/cli/context.h"

namespace steiger::cli {

// The channel that `wanted` names; with an empty `wanted` the only one. nullptr after having said why not.
std::unique_ptr<api::ChannelT> find_channel(const Context& context, Session& session, const std::string& wanted, ExitCode& exit);

// The invite whose id begins with `wanted`. nullptr after having said why not.
std::unique_ptr<api::InviteT> find_invite(const Context& context, Session& session, const std::string& wanted, ExitCode& exit);

// The first characters of an id: enough to type, and what lists show.
std::string short_id(const Bytes& id);

// The coach's label and the name that the other person chose, without anything that could disturb a terminal; the short id when
// there is neither.
std::string title_of(const api::ChannelT& channel);

// Whether `wanted` is the label, the other person's name or the beginning of the id; an empty `wanted` is every channel.
bool is_called(const api::ChannelT& channel, const std::string& wanted);

}  // namespace steiger::cli
