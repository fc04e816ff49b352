// What the app asks and hears about who is in a room.
#include <algorithm>

#include "client-sdk/src/api_fields.h"
#include "client-sdk/src/members.h"

namespace steiger::sdk {
namespace {

api::NoticeT notice_view(const Channel& channel, const NoticeRecord& notice) {
  api::NoticeT out;
  out.channel = bytes_of(channel.record.id);
  out.seq = notice.seq;
  out.kind = static_cast<api::NoticeKind>(notice.kind);
  out.account = bytes_of(notice.account);
  if (!notice.device.is_none()) out.device = bytes_of(notice.device);
  out.name = notice.name;
  if (out.name.empty()) {  // who has just come in says a name a moment later
    const auto& members = channel.record.members;
    const auto is =
        std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.account == notice.account; });
    if (is != members.end()) out.name = is->name;
  }
  out.role = static_cast<api::Role>(notice.role);
  out.when_ms = notice.when.ms;
  return out;
}

api::QuestionT question_view(const QuestionRecord& question) {
  api::QuestionT out;
  out.id = bytes_of(question.id);
  out.kind = static_cast<api::QuestionKind>(question.kind);
  out.channel = bytes_of(question.channel);
  out.account = bytes_of(question.account);
  out.name = question.name;
  if (const auto role = identity::role_from_number(question.role); role.ok()) {
    out.role = static_cast<api::Role>(api_role(*role));
  }
  out.reason = static_cast<api::Reason>(question.reason);
  out.until_ms = question.until.ms;
  out.expires_ms = question.expires.ms;
  out.answered = question.answered;
  return out;
}

}  // namespace

void Api::notice_added(const Channel& channel, const NoticeRecord& notice) {
  send(0, notice_view(channel, notice));
}

void Api::question_changed(const QuestionRecord& question) {
  send(0, question_view(question));
}

Result<void> Api::list_questions(std::uint64_t request) {
  std::vector<const QuestionRecord*> all;
  for (const auto& [id, question] : engine_.state.questions) {
    if (question.expires > engine_.session.gateway_now()) all.push_back(&question);
  }
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->asked < b->asked; });
  api::QuestionListT out;
  for (const QuestionRecord* question : all) {
    out.questions.push_back(std::make_unique<api::QuestionT>(question_view(*question)));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::answer_question(std::uint64_t request, const api::AnswerQuestion& body) {
  STEIGER_TRY(const QuestionId id, id_of<QuestionId>(body.question()));
  STEIGER_CHECK(engine_.questions.answer(id, body.yes()));
  command(request);
  done(request);
  return {};
}

Result<void> Api::offer_handover(std::uint64_t request, const api::OfferHandover& body) {
  Handover::Wanted wanted;
  STEIGER_TRY(wanted.channel, id_of<ChannelId>(body.channel()));
  STEIGER_TRY(wanted.leaving, id_of<AccountId>(body.leaving()));
  STEIGER_TRY(wanted.successor, id_of<AccountId>(body.successor()));
  const ByteView key = view_of(body.successor_key());
  if (key.size() != wanted.successor_key.size() || wanted.leaving == wanted.successor) return kBadRequest;
  std::copy(key.begin(), key.end(), wanted.successor_key.begin());
  return engine_.handover.offer(request, wanted);
}

void Api::notices_changed(const Channel& channel, std::uint64_t seq) {
  for (const NoticeRecord& notice : channel.room.notices) {
    if (notice.seq == seq) send(0, notice_view(channel, notice));
  }
}

Result<void> Api::list_notices(std::uint64_t request, const api::ListNotices& body) {
  STEIGER_TRY(const Channel* channel, find_channel(body.channel()));
  api::NoticeListT out;
  out.channel = bytes_of(channel->record.id);
  for (const NoticeRecord& notice : channel->room.notices) {
    out.notices.push_back(std::make_unique<api::NoticeT>(notice_view(*channel, notice)));
  }
  send(request, std::move(out), Journal::Event::news);
  return {};
}

Result<void> Api::remove_member(std::uint64_t request, const api::RemoveMember& body) {
  STEIGER_TRY(Channel * channel, find_channel(body.channel()));
  STEIGER_TRY(const AccountId account, id_of<AccountId>(body.account()));
  if (channel->room.ended) return kRoomEnded;
  if (channel->stopped()) return kChannelStopped;
  if (channel->member(account) == nullptr) return kNoSuchMember;
  if (account == engine_.state.self.account) return kNotAllowedForRole;  // nobody removes themselves (RFC 9420 section 12.4)
  WishRecord wish;
  wish.kind = WishRecord::Kind::remove_account;
  wish.account = account;
  STEIGER_CHECK(engine_.changes.wish(*channel, std::move(wish)));
  command(request);
  done(request);
  return {};
}

}  // namespace steiger::sdk
