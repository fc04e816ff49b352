// What the app asks and hears: client-sdk/schema/client_api.fbs on one side, the parts of the core on the other. Every request gets
// exactly one answer (Done, Failed, or what it asked for) unless the device restarts first.
#pragma once

#include <memory>
#include <string>

#include "client-sdk/schema/client_api_generated.h"
#include "client-sdk/src/journal.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class Engine;

class Api {
 public:
  explicit Api(Engine& engine) : engine_(engine) {}

  void on_request(ByteView bytes);

  // ---- events; they leave when everything changed so far is on disk
  void done(std::uint64_t request);
  void failed(std::uint64_t request, const Error& error);
  // Of a request that changed nothing: leaves at once, whatever the store does.
  void refused(std::uint64_t request, const Error& error);
  // `cause` may be nullptr.
  void alarm(const Error& error, const ChannelId& channel, const Error* cause);
  void message_changed(const OutboxRecord& item);
  void message_changed(const Channel& channel, std::uint64_t seq, const MessageRecord& message);
  void invite_changed(const InviteRecord& invite) { invite_answer(0, invite); }
  void invite_answer(std::uint64_t request, const InviteRecord& invite);
  void staff_request(std::uint64_t request);
  // The room has new notices of the commit at `seq`.
  void notices_changed(const Channel& channel, std::uint64_t seq);
  void notice_added(const Channel& channel, const NoticeRecord& notice);
  void question_changed(const QuestionRecord& question);
  // Once at the end of every input: channels that want announcing, and the status when it changed.
  void settle();

 private:
  Result<void> handle(std::uint64_t request, const api::Request& body);
  Result<void> prepare_staff(std::uint64_t request, const api::PrepareStaff& body);
  Result<void> install_certificate(std::uint64_t request, const api::InstallCertificate& body);
  Result<void> make_invite(std::uint64_t request, const api::MakeInvite& body);
  Result<void> join(std::uint64_t request, const api::Join& body);
  Result<void> send_text(std::uint64_t request, const api::SendText& body);
  Result<void> write(std::uint64_t request, Channel& channel, std::string_view text, const std::optional<MessageId>& id);
  Result<void> send_again(std::uint64_t request, const api::SendAgain& body);
  [[nodiscard]] std::optional<api::MessageT> message_with_id(const Channel& channel, const MessageId& id) const;
  Result<void> mark_read(std::uint64_t request, const api::MarkRead& body);
  Result<void> list_channels(std::uint64_t request);
  Result<void> disclose(std::uint64_t request, const api::Disclose& body);
  Result<void> list_messages(std::uint64_t request, const api::ListMessages& body);
  Result<void> list_invites(std::uint64_t request);
  Result<void> list_notices(std::uint64_t request, const api::ListNotices& body);
  Result<void> remove_member(std::uint64_t request, const api::RemoveMember& body);
  Result<void> list_questions(std::uint64_t request);
  Result<void> answer_question(std::uint64_t request, const api::AnswerQuestion& body);
  Result<void> offer_handover(std::uint64_t request, const api::OfferHandover& body);
  Result<void> change_settings(std::uint64_t request, const api::ChangeSettings& body);
  Result<void> list_devices(std::uint64_t request);
  Result<void> remove_device(std::uint64_t request, const api::RemoveDevice& body);
  Result<void> publish_standing(std::uint64_t request, const api::PublishStanding& body);

  [[nodiscard]] api::StatusT status() const;
  [[nodiscard]] api::ChannelT channel_view(const Channel& channel) const;
  [[nodiscard]] api::InviteT invite_view(const InviteRecord& invite) const;
  [[nodiscard]] api::MessageT message_view(const Channel& channel, std::uint64_t seq, const MessageRecord& message) const;
  [[nodiscard]] api::MessageT waiting_view(const OutboxRecord& item) const;
  Result<Channel*> find_channel(const flatbuffers::Vector<std::uint8_t>* id);

  template <class Body>
  void send(std::uint64_t request, Body body, Journal::Event worth = Journal::Event::promise);
  // The request now being handled changed something, which `undo` takes back if it cannot be stored.
  void command(std::uint64_t request, std::function<void()> undo = {});
  // Takes back a change of the device's identity.
  std::function<void()> undo_of_self() const;

  Engine& engine_;
  Bytes last_status_;
};

}  // namespace steiger::sdk
