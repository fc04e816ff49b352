#include "client-sdk/src/api.h"

#include <algorithm>

#include "client-sdk/src/alarms.h"
#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/organisation.h"
#include "crypto/identity/invite.h"

namespace steiger::sdk {
namespace {

constexpr flatbuffers::uoffset_t kMaxRequestDepth = 4;
constexpr flatbuffers::uoffset_t kMaxRequestTables = 8;

template <class Tag>
std::vector<std::uint8_t> bytes_of(const Id<Tag>& id) {
  return to_bytes(id.bytes());
}

// UTF-8 of at most `max` bytes; an absent field is an empty text.
Result<std::string> text_of(const flatbuffers::String* field, std::size_t max, const Error& too_long) {
  if (field == nullptr) return std::string();
  if (field->size() > max) return too_long;
  std::string text(field->c_str(), field->size());
  if (!is_utf8(text)) return kBadTextEncoding;
  return text;
}

ByteView view_of(const flatbuffers::Vector<std::uint8_t>* field) {
  if (field == nullptr) return {};
  return {field->data(), field->size()};
}

template <class IdType>
Result<IdType> id_of(const flatbuffers::Vector<std::uint8_t>* field) {
  const auto id = IdType::from_bytes(view_of(field));
  if (!id.ok()) return kBadRequest;
  return *id;
}

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

template <class Body>
Bytes encode_event(std::uint64_t request, Body body) {
  api::EventT event;
  event.request = request;
  event.body.Set(std::move(body));
  flatbuffers::FlatBufferBuilder builder;
  api::FinishEventBuffer(builder, api::Event::Pack(builder, &event));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

api::FailedT failure_of(const Error& error) {
  api::FailedT out;
  out.code = error.code;
  out.name = error.name;
  out.family = static_cast<api::ErrorFamily>(error.family);
  out.retryable = error.retryable;
  out.retry_after_ms = error.retry_after_ms;
  return out;
}

}  // namespace

template <class Body>
void Api::send(std::uint64_t request, Body body, Journal::Event worth) {
  engine_.journal.app_event(encode_event(request, std::move(body)), worth, request);
}

void Api::done(std::uint64_t request) {
  send(request, api::DoneT());
}

void Api::failed(std::uint64_t request, const Error& error) {
  send(request, failure_of(error), Journal::Event::news);
}

void Api::refused(std::uint64_t request, const Error& error) {
  engine_.journal.now(ApiEvent{encode_event(request, failure_of(error))});
}

void Api::command(std::uint64_t request, std::function<void()> undo) {
  engine_.journal.command({request, std::move(undo)});
}

std::function<void()> Api::undo_of_self() const {
  auto before = std::make_shared<SecretBytes>(engine_.state.self.encode());
  return [this, before] {
    auto self = SelfRecord::decode(before->bytes());
    if (!self.ok()) return;
    engine_.state.self = std::move(self).value();
    (void)engine_.state.refresh_identity().ok();  // it held before
    engine_.save_self();
  };
}

void Api::alarm(const Error& error, const ChannelId& channel, const Error* cause) {
  api::AlarmT out;
  out.code = error.code;
  out.name = error.name;
  out.kind = alarm_kind(error);
  if (!channel.is_none()) out.channel = bytes_of(channel);
  if (cause != nullptr) out.cause = cause->name;
  send(0, std::move(out), Journal::Event::news);
}

// ---------------------------------------------------------------- requests

void Api::on_request(ByteView bytes) {
  if (bytes.size() > kMaxRequestBytes) return refused(0, kRequestTooLarge);
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMaxRequestDepth, kMaxRequestTables);
  if (!verifier.VerifyBuffer<api::Request>(api::EventIdentifier())) return refused(0, kBadRequest);
  const auto* request = flatbuffers::GetRoot<api::Request>(bytes.data());
  if (request->id() == 0 || request->body() == nullptr) return refused(request->id(), kBadRequest);
  if (engine_.journal.full()) return refused(request->id(), kLocalBusy);
  if (auto result = handle(request->id(), *request); !result.ok()) refused(request->id(), result.error());
}

Result<void> Api::handle(std::uint64_t request, const api::Request& body) {
  switch (body.body_type()) {  // what only reads
    case api::RequestBody::GetStatus:
      send(request, status(), Journal::Event::news);
      return {};
    case api::RequestBody::ListChannels:
      return list_channels(request);
    case api::RequestBody::ListMessages:
      return list_messages(request, *body.body_as_ListMessages());
    case api::RequestBody::ListInvites:
      return list_invites(request);
    default:
      break;
  }
  if (engine_.journal.failing()) return kLocalStorage;
  const bool stopped = engine_.state.self.membership == Membership::stopped;
  if (stopped && body.body_type() != api::RequestBody::MarkRead) return engine_.stop_reason();  // reading goes on
  const auto invite_request = [&](const flatbuffers::Vector<std::uint8_t>* id, auto&& act) -> Result<void> {
    STEIGER_TRY(const InviteId invite, id_of<InviteId>(id));
    STEIGER_CHECK(act(invite));
    command(request);
    done(request);
    return {};
  };
  switch (body.body_type()) {
    case api::RequestBody::PrepareStaff:
      return prepare_staff(request, *body.body_as_PrepareStaff());
    case api::RequestBody::InstallCertificate:
      return install_certificate(request, *body.body_as_InstallCertificate());
    case api::RequestBody::MakeInvite:
      return make_invite(request, *body.body_as_MakeInvite());
    case api::RequestBody::ConfirmInvite:
      return invite_request(body.body_as_ConfirmInvite()->invite(), [&](const auto& id) { return engine_.invites.confirm(id); });
    case api::RequestBody::RefuseInvite:
      return invite_request(body.body_as_RefuseInvite()->invite(), [&](const auto& id) { return engine_.invites.refuse(id); });
    case api::RequestBody::CancelInvite:
      return invite_request(body.body_as_CancelInvite()->invite(), [&](const auto& id) { return engine_.invites.cancel(id); });
    case api::RequestBody::Join:
      return join(request, *body.body_as_Join());
    case api::RequestBody::SendText:
      return send_text(request, *body.body_as_SendText());
    case api::RequestBody::MarkRead:
      return mark_read(request, *body.body_as_MarkRead());
    case api::RequestBody::ChangeSettings:
      return change_settings(request, *body.body_as_ChangeSettings());
    default:
      return kBadRequest;
  }
}

Result<void> Api::prepare_staff(std::uint64_t request, const api::PrepareStaff& body) {
  SelfRecord& self = engine_.state.self;
  STEIGER_TRY(std::string name, text_of(body.name(), kMaxNameBytes, kNameTooLong));
  STEIGER_TRY(std::string url, text_of(body.gateway_url(), kMaxUrlBytes, kBadUrl));
  STEIGER_CHECK(origin_of(url).ok() ? Result<void>() : Result<void>(kBadUrl));
  const auto organisation = identity::decode_organisation(view_of(body.organisation()));
  if (!organisation.ok()) return kBadOrganisation;
  if (self.membership == Membership::waiting_for_certificate && engine_.state.organisation == *organisation) {
    staff_request(request);  // the same again, for a file that was lost
    return {};
  }
  if (self.membership != Membership::none) return kAlreadySetUp;
  auto undo = undo_of_self();
  const SigningKey account_key = SigningKey::generate(engine_.rng);
  const SigningKey leaf_key = SigningKey::generate(engine_.rng);
  self.account = AccountId::random(engine_.rng);
  self.device = DeviceId::random(engine_.rng);
  STEIGER_TRY(auto devices,
              identity::sign_device_list(account_key, self.account, 1, {{self.device, leaf_key.verify_key(), engine_.now}}));
  self.membership = Membership::waiting_for_certificate;
  self.name = std::move(name);
  self.gateway_url = std::move(url);
  self.organisation = identity::encode_organisation(*organisation);
  self.account_seed = SecretBytes::copy_of(account_key.seed().bytes());
  self.leaf_seed = SecretBytes::copy_of(leaf_key.seed().bytes());
  self.chain = identity::encode_chain({{}, account_key.verify_key(), std::move(devices)});
  STEIGER_CHECK(engine_.state.refresh_identity());
  engine_.save_self();
  command(request, std::move(undo));
  staff_request(request);
  return {};
}

void Api::staff_request(std::uint64_t request) {
  const State& state = engine_.state;
  const StaffRequest out{state.organisation->id, state.self.name, state.account_key->verify_key(), state.chain->device_list};
  api::StaffRequestT event;
  event.request = encode_staff_request(out, *state.account_key);
  send(request, std::move(event));
}

Result<void> Api::install_certificate(std::uint64_t request, const api::InstallCertificate& body) {
  State& state = engine_.state;
  if (state.self.membership != Membership::waiting_for_certificate) {
    return state.self.membership == Membership::none ? kNotSetUp : kAlreadySetUp;
  }
  const auto certificate = identity::decode_certificate(view_of(body.certificate()));
  if (!certificate.ok()) return kBadCertificate;
  identity::IdentityChain chain = *state.chain;
  chain.certificates = {*certificate};
  STEIGER_TRY(const auto verified,
              identity::verify_chain(chain, state.organisation->root_key, state.organisation->id, engine_.now));
  if (verified.account != state.self.account) return kBadCertificate;
  auto undo = undo_of_self();
  state.self.role = verified.role == identity::Role::coach ? Role::coach : Role::other;
  state.self.send_read_receipts = state.self.role == Role::coach;  // C6: the coach's are on, the jongere's off
  state.self.chain = identity::encode_chain(chain);
  state.self.membership = Membership::ready;
  STEIGER_CHECK(state.refresh_identity());
  engine_.save_self();
  command(request, std::move(undo));
  done(request);
  engine_.session.wake();
  return {};
}

Result<void> Api::make_invite(std::uint64_t request, const api::MakeInvite& body) {
  STEIGER_TRY(std::string label, text_of(body.label(), kMaxNameBytes, kNameTooLong));
  STEIGER_TRY(std::string page, text_of(body.page_url(), kMaxUrlBytes, kBadUrl));
  if (body.kind() != api::InviteKind::qr && body.kind() != api::InviteKind::link) return kBadRequest;
  if (page.empty() && engine_.state.self.membership != Membership::none) {
    STEIGER_TRY(page, origin_of(engine_.state.self.gateway_url));  // the gateway serves the page
    page += '/';
  }
  STEIGER_TRY(const InviteId made,
              engine_.invites.create(request, static_cast<std::uint8_t>(body.kind()), std::move(label), std::move(page)));
  command(request, [this, made] { engine_.invites.withdraw(made); });
  return {};
}

Result<void> Api::join(std::uint64_t request, const api::Join& body) {
  if (body.invite() == nullptr) return kBadRequest;
  STEIGER_TRY(std::string name, text_of(body.name(), kMaxNameBytes, kNameTooLong));
  STEIGER_TRY(std::string url, text_of(body.gateway_url(), kMaxUrlBytes, kBadUrl));
  auto undo = undo_of_self();
  STEIGER_CHECK(engine_.joining.join(request, {body.invite()->c_str(), body.invite()->size()}, std::move(name), std::move(url)));
  command(request, [this, undo = std::move(undo)] {
    engine_.joining.withdraw();
    undo();
  });
  return {};
}

Result<Channel*> Api::find_channel(const flatbuffers::Vector<std::uint8_t>* id) {
  STEIGER_TRY(const ChannelId channel_id, id_of<ChannelId>(id));
  Channel* channel = engine_.channel(channel_id);
  if (channel == nullptr) return kNoSuchChannel;
  return channel;
}

// How the message with this id stands, waiting or placed.
std::optional<api::MessageT> Api::message_with_id(const Channel& channel, const MessageId& id) const {
  for (const auto& [order, item] : engine_.state.outbox) {
    if (item.id == id && item.channel == channel.record.id) return waiting_view(item);
  }
  // From the newest back: whoever asks again does so soon.
  for (auto at = channel.messages.rbegin(); at != channel.messages.rend(); ++at) {
    if (at->second.id == id) return message_view(channel, at->first, at->second);
  }
  return std::nullopt;
}

Result<void> Api::send_text(std::uint64_t request, const api::SendText& body) {
  STEIGER_TRY(Channel * channel, find_channel(body.channel()));
  std::optional<MessageId> id;
  if (body.message() != nullptr) {
    STEIGER_TRY(id, id_of<MessageId>(body.message()));
    if (id->is_none()) return kBadRequest;
    if (auto known = message_with_id(*channel, *id)) {
      if (!known->mine) return kBadRequest;
      send(request, std::move(*known));
      return {};
    }
  }
  STEIGER_TRY(const std::string text, text_of(body.text(), kMaxTextBytes, kTextTooLong));
  if (text.empty()) return kTextEmpty;
  if (channel->stopped()) return kChannelStopped;
  if (channel->messages.size() >= kMaxMessagesPerChannel) return kChannelFull;
  STEIGER_CHECK(engine_.outbox.send_content(*channel, encode_text(text, engine_.now), true, id));
  // The answer is the message as it now waits; its further states come unasked.
  const OutboxRecord& item = engine_.state.outbox.rbegin()->second;
  command(request, [this, order = item.order] { engine_.outbox.withdraw(order); });
  send(request, waiting_view(item));
  return {};
}

Result<void> Api::mark_read(std::uint64_t request, const api::MarkRead& body) {
  STEIGER_TRY(Channel * channel, find_channel(body.channel()));
  const std::uint64_t up_to = std::min(body.up_to_seq(), channel->record.processed);
  if (up_to > channel->record.read_seq) {
    channel->record.read_seq = up_to;
    channel->announce = true;
    Engine::record_changed(*channel);
    engine_.inbox.receipts_due();
    command(request);
  }
  done(request);
  return {};
}

Result<void> Api::list_channels(std::uint64_t request) {
  api::ChannelListT out;
  for (const auto& [id, channel] : engine_.state.channels) {
    out.channels.push_back(std::make_unique<api::ChannelT>(channel_view(channel)));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::list_messages(std::uint64_t request, const api::ListMessages& body) {
  STEIGER_TRY(const Channel* channel, find_channel(body.channel()));
  const std::size_t limit = std::clamp<std::uint32_t>(body.limit(), 1, kMaxListLimit);
  api::MessageListT out;
  out.channel = bytes_of(channel->record.id);
  const auto add = [&](api::MessageT message) {
    if (out.messages.size() == limit) {
      out.more = true;
      return false;
    }
    out.messages.push_back(std::make_unique<api::MessageT>(std::move(message)));
    return true;
  };
  bool room = true;
  if (body.before_seq() == 0) {
    for (auto at = engine_.state.outbox.rbegin(); room && at != engine_.state.outbox.rend(); ++at) {
      if (at->second.visible && at->second.channel == channel->record.id) room = add(waiting_view(at->second));
    }
  }
  auto at = body.before_seq() == 0 ? channel->messages.end() : channel->messages.lower_bound(body.before_seq());
  while (room && at != channel->messages.begin()) {
    --at;
    room = add(message_view(*channel, at->first, at->second));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::list_invites(std::uint64_t request) {
  api::InviteListT out;
  for (const auto& [id, invite] : engine_.state.invites) {
    out.invites.push_back(std::make_unique<api::InviteT>(invite_view(invite)));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::change_settings(std::uint64_t request, const api::ChangeSettings& body) {
  SelfRecord& self = engine_.state.self;
  if (self.membership == Membership::none) return kNotSetUp;
  if (body.send_read_receipts() && !self.send_read_receipts) {
    // Turned on: from now on. What was read before stays the reader's own affair (C6).
    for (auto& [id, channel] : engine_.state.channels) {
      channel.record.receipt_read_sent = std::max(channel.record.receipt_read_sent, channel.record.read_seq);
      Engine::record_changed(channel);
    }
  }
  command(request, [this, before = self.send_read_receipts] {
    engine_.state.self.send_read_receipts = before;
    engine_.save_self();
  });
  self.send_read_receipts = body.send_read_receipts();
  engine_.save_self();
  done(request);
  return {};
}

// ---------------------------------------------------------------- views

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
    if (!view->self && out.title.empty()) out.title = member.name;
    out.members.push_back(std::move(view));
  }
  out.last_seq = channel.messages.empty() ? 0 : channel.messages.rbegin()->first;
  out.read_seq = record.read_seq;
  for (auto at = channel.messages.upper_bound(record.read_seq); at != channel.messages.end(); ++at) {
    if (at->second.sender != engine_.state.self.account) ++out.unread;
  }
  out.stopped = channel.stopped();
  out.stop = stop_kind(record.stop_code);
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
  bool stored = true;
  bool read = true;
  for (const MemberRecord& member : channel.record.members) {
    if (member.account == message.sender) out.sender_name = member.name;
    if (member.account == engine_.state.self.account) continue;
    stored = stored && member.stored_up_to >= seq;
    read = read && member.read_up_to >= seq;
  }
  out.state = !out.mine ? api::MessageState::received
              : read    ? api::MessageState::read
              : stored  ? api::MessageState::delivered
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

void Api::message_changed(const OutboxRecord& item) {
  if (item.visible) send(0, waiting_view(item));
}

void Api::message_changed(const Channel& channel, std::uint64_t seq, const MessageRecord& message) {
  send(0, message_view(channel, seq, message));
}

void Api::invite_answer(std::uint64_t request, const InviteRecord& invite) {
  send(request, invite_view(invite));
}

void Api::settle() {
  for (auto& [id, channel] : engine_.state.channels) {
    if (!std::exchange(channel.announce, false)) continue;
    send(0, channel_view(channel));
  }
  api::StatusT now = status();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(api::Status::Pack(builder, &now));
  Bytes bytes(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  if (bytes == last_status_) return;
  last_status_ = std::move(bytes);
  send(0, std::move(now), Journal::Event::news);
}

}  // namespace steiger::sdk
