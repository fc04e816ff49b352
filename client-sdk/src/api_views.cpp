// What the app is shown of the core's state.
#include <algorithm>

#include "client-sdk/src/alarms.h"
#include "client-sdk/src/api_fields.h"
#include "crypto/identity/invite.h"

namespace steiger::sdk {
namespace {

struct Shown {
  std::string text;
  Timestamp created;
  bool unknown_kind = false;
};
Shown shown(ByteView content_bytes) {
  const auto content = decode_content(content_bytes);
  if (!content.ok()) return {};
  if (const auto* text = std::get_if<TextContent>(&content->body)) return {text->text, content->created, false};
  if (const auto* unknown = std::get_if<UnknownVisible>(&content->body)) return {unknown->fallback, content->created, true};
  return {{}, content->created, true};
}

std::uint32_t devices_in(const Channel& channel, const AccountId& account) {
  std::uint32_t count = 0;
  if (!channel.group) return count;
  for (const mls::LeafIndex index : channel.group->tree().members()) {
    const auto who = identity::decode_credential(channel.group->member(index)->credential.identity);
    if (who.ok() && who->account == account) ++count;
  }
  return count;
}

}  // namespace

api::StatusT Api::status() const {
  const State& state = engine_.state;
  api::StatusT out;
  out.connection = engine_.session.online()       ? api::Connection::online
                   : engine_.session.connecting() ? api::Connection::connecting
                                                  : api::Connection::offline;
  out.membership = static_cast<api::Membership>(state.self.membership);
  out.role = static_cast<api::Role>(state.self.role);
  if (!state.self.account.is_none()) {
    out.account = bytes_of(state.self.account);
    out.device = bytes_of(state.self.device);
  }
  out.name = state.self.name;
  out.waiting = engine_.outbox.waiting();
  out.send_read_receipts = state.self.send_read_receipts;
  if (state.organisation) out.organisation_name = state.organisation->name;
  if (state.self.membership == Membership::stopped) out.stop = stop_kind(state.self.stop_code);
  out.storage_failing = engine_.journal.failing();
  out.status_stale = engine_.standing.stale();
  if (state.account_key) {
    const Hash hash = identity::key_hash(state.account_key->verify_key());
    out.account_key_hash.assign(hash.begin(), hash.end());
  }
  return out;
}

api::ChannelT Api::channel_view(const Channel& channel) const {
  const ChannelRecord& record = channel.record;
  api::ChannelT out;
  out.id = bytes_of(record.id);
  out.title = record.label;
  for (const MemberRecord& member : record.members) {
    auto view = std::make_unique<api::MemberT>();
    view->account = bytes_of(member.account);
    view->role = static_cast<api::Role>(member.role);
    view->name = member.name;
    view->self = member.account == engine_.state.self.account;
    view->verified_at_intake = member.verified_at_intake;
    view->devices = devices_in(channel, member.account);
    if (const auto chain = identity::decode_chain(member.chain); chain.ok() && !chain->certificates.empty()) {
      const identity::Certificate& own = chain->certificates.back();
      if (own.role == identity::Role::third_party) view->until_ms = own.not_after.ms;
    }
    if (!view->self && out.title.empty()) out.title = member.name;
    out.members.push_back(std::move(view));
  }
  out.last_seq = channel.messages.empty() ? 0 : channel.messages.rbegin()->first;
  out.read_seq = record.read_seq;
  for (auto at = channel.messages.upper_bound(record.read_seq); at != channel.messages.end(); ++at) {
    if (at->second.sender != engine_.state.self.account) ++out.unread;
  }
  out.stopped = record.stop_code != 0;
  out.stop = stop_kind(record.stop_code);
  out.ended = channel.room.ended;
  out.restoring = channel.restoring();
  out.awaits_coach = engine_.handover.awaits_coach(channel);
  return out;
}

api::InviteT Api::invite_view(const InviteRecord& invite) const {
  api::InviteT out;
  out.id = bytes_of(invite.id);
  out.kind = static_cast<api::InviteKind>(invite.kind);
  out.label = invite.label;
  out.state = static_cast<api::InviteState>(invite.state);
  out.expires_ms = invite.expires.ms;
  out.second_proof = invite.second_proof;
  out.purpose = static_cast<api::InvitePurpose>(invite.purpose.purpose);
  out.joined = invite.state == InviteRecord::State::accepted && invite.secret.empty();  // the merge erases the secret (S5)
  if (!invite.channel.is_none()) out.channel = bytes_of(invite.channel);
  const auto secret = identity::InviteSecret::from_bytes(static_cast<identity::InviteKind>(invite.kind), invite.secret.bytes());
  if (secret.ok() && invite.state == InviteRecord::State::open) {
    out.url = identity::invite_url(invite.page_url, *secret);
    if (secret->kind() == identity::InviteKind::link) out.typed = identity::invite_typed_text(*secret);
  }
  return out;
}

api::MessageT Api::message_view(const Channel& channel, std::uint64_t seq, const MessageRecord& message) const {
  api::MessageT out;
  out.id = bytes_of(message.id);
  out.channel = bytes_of(channel.record.id);
  out.seq = seq;
  out.sender = bytes_of(message.sender);
  out.mine = message.sender == engine_.state.self.account;
  Shown content = shown(message.content.bytes());
  out.text = std::move(content.text);
  out.created_ms = content.created.ms;
  out.unknown_kind = content.unknown_kind;
  out.accepted_ms = message.accepted.ms;
  for (const FormerRecord& was : channel.room.former) {
    if (was.account == message.sender) out.sender_name = was.name;  // who left keeps a name here
  }
  bool stored = true;
  bool read = true;
  for (const MemberRecord& member : channel.record.members) {
    if (member.account == message.sender) out.sender_name = member.name;
    if (member.account == engine_.state.self.account) continue;
    stored = stored && member.stored_up_to >= seq;
    read = read && member.read_up_to >= seq;
  }
  const auto& lost = channel.gaps.undelivered;
  const bool undelivered = out.mine && std::find(lost.begin(), lost.end(), seq) != lost.end();
  out.state = !out.mine     ? api::MessageState::received
              : undelivered ? api::MessageState::undelivered
              : read        ? api::MessageState::read
              : stored      ? api::MessageState::delivered
                            : api::MessageState::accepted;
  return out;
}

api::MessageT Api::waiting_view(const OutboxRecord& item) const {
  api::MessageT out;
  out.id = bytes_of(item.id);
  out.channel = bytes_of(item.channel);
  out.sender = bytes_of(engine_.state.self.account);
  out.sender_name = engine_.state.self.name;
  out.mine = true;
  Shown content = shown(item.content.bytes());
  out.text = std::move(content.text);
  out.created_ms = item.created.ms;
  out.state = item.failed != 0 ? api::MessageState::failed
              : item.accepted  ? api::MessageState::accepted
                               : api::MessageState::waiting;
  return out;
}

}  // namespace steiger::sdk
