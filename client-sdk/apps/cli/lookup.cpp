#include "client-sdk/apps/cli/lookup.h"

#include "client-sdk/apps/cli/text_safety.h"

namespace steiger::cli {
namespace {

constexpr std::size_t kShortId = 8;

}  // namespace

std::string short_id(const Bytes& id) {
  return to_hex(id).substr(0, kShortId);
}

namespace {

// The name that the other person chose; empty in a room of several.
std::string other_name(const api::ChannelT& channel) {
  std::string name;
  for (const auto& member : channel.members) {
    if (member->self) continue;
    if (!name.empty()) return "";
    name = member->name;
  }
  return name;
}

}  // namespace

std::string title_of(const api::ChannelT& channel) {
  const std::string title = terminal_safe(channel.title, " ");
  const std::string name = terminal_safe(other_name(channel), " ");
  if (title.empty()) return name.empty() ? short_id(channel.id) : name;
  return name.empty() || name == title ? title : title + " (" + name + ")";
}

bool is_called(const api::ChannelT& channel, const std::string& wanted) {
  if (wanted.empty()) return true;
  return channel.title == wanted || other_name(channel) == wanted || to_hex(channel.id).starts_with(wanted);
}

std::unique_ptr<api::ChannelT> find_channel(const Context& context, Session& session, const std::string& wanted, ExitCode& exit) {
  Refusal refusal;
  const Event answer = session.ask(api::ListChannelsT(), refusal);
  if (!answer || answer->body.AsChannelList() == nullptr) {
    exit = context.fail(refusal);
    return nullptr;
  }
  auto& channels = answer->body.AsChannelList()->channels;
  if (channels.empty()) {
    exit = context.fail("channel.none", {}, ExitCode::refused);
    return nullptr;
  }
  std::unique_ptr<api::ChannelT>* found = nullptr;
  std::size_t matches = 0;
  for (auto& channel : channels) {
    if (is_called(*channel, wanted)) {
      found = &channel;
      ++matches;
    }
  }
  if (matches != 1) {
    exit = context.fail(wanted.empty() ? "channel.many" : "channel.unknown", {}, ExitCode::refused);
    return nullptr;
  }
  return std::move(*found);
}

std::unique_ptr<api::InviteT> find_invite(const Context& context, Session& session, const std::string& wanted, ExitCode& exit) {
  Refusal refusal;
  const Event answer = session.ask(api::ListInvitesT(), refusal);
  if (!answer || answer->body.AsInviteList() == nullptr) {
    exit = context.fail(refusal);
    return nullptr;
  }
  std::unique_ptr<api::InviteT>* found = nullptr;
  std::size_t matches = 0;
  for (auto& invite : answer->body.AsInviteList()->invites) {
    if (!wanted.empty() && to_hex(invite->id).starts_with(wanted)) {
      found = &invite;
      ++matches;
    }
  }
  if (matches != 1) {
    exit = context.fail("invite.unknown", {}, ExitCode::refused);
    return nullptr;
  }
  return std::move(*found);
}

}  // namespace steiger::cli
