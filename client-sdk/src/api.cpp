#include "client-sdk/src/api.h"

#include "client-sdk/src/alarms.h"
#include "client-sdk/src/api_fields.h"

namespace steiger::sdk {
namespace {

constexpr flatbuffers::uoffset_t kMaxRequestDepth = 4;
constexpr flatbuffers::uoffset_t kMaxRequestTables = 8;

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
    if (!std::exchange(channel.announce, false) || channel.own_devices_only()) continue;
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
    case api::RequestBody::Disclose:
      return disclose(request, *body.body_as_Disclose());
    case api::RequestBody::ListInvites:
      return list_invites(request);
    case api::RequestBody::ListNotices:
      return list_notices(request, *body.body_as_ListNotices());
    case api::RequestBody::ListQuestions:
      return list_questions(request);
    case api::RequestBody::ListDevices:
      return list_devices(request);
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
    case api::RequestBody::SendAgain:
      return send_again(request, *body.body_as_SendAgain());
    case api::RequestBody::MarkRead:
      return mark_read(request, *body.body_as_MarkRead());
    case api::RequestBody::RemoveMember:
      return remove_member(request, *body.body_as_RemoveMember());
    case api::RequestBody::ChangeSettings:
      return change_settings(request, *body.body_as_ChangeSettings());
    case api::RequestBody::RemoveDevice:
      return remove_device(request, *body.body_as_RemoveDevice());
    case api::RequestBody::AnswerQuestion:
      return answer_question(request, *body.body_as_AnswerQuestion());
    case api::RequestBody::OfferHandover:
      return offer_handover(request, *body.body_as_OfferHandover());
    case api::RequestBody::PublishStanding:
      return publish_standing(request, *body.body_as_PublishStanding());
    default:
      return kBadRequest;
  }
}

}  // namespace steiger::sdk
