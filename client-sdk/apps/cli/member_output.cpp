#include "client-sdk/apps/cli/member_output.h"

#include "client-sdk/apps/cli/dates.h"
#include "client-sdk/apps/cli/lookup.h"
#include "client-sdk/apps/cli/text_safety.h"

namespace steiger::cli {
namespace {

struct ReasonWord {
  api::Reason reason;
  std::string_view key, dutch, english;
};
constexpr ReasonWord kReasons[] = {
    {api::Reason::guidance, "reason.guidance", "begeleiding", "guidance"},
    {api::Reason::debts, "reason.debts", "schulden", "debts"},
    {api::Reason::housing, "reason.housing", "wonen", "housing"},
    {api::Reason::care, "reason.care", "zorg", "care"},
    {api::Reason::school, "reason.school", "opleiding", "school"},
    {api::Reason::work, "reason.work", "werk", "work"},
    {api::Reason::other, "reason.other", "anders", "other"},
};

std::string_view role_key(api::Role role) {
  switch (role) {
    case api::Role::none:
      return "status.role.none";
    case api::Role::coach:
      return "status.role.coach";
    case api::Role::jongere:
      return "status.role.jongere";
    case api::Role::other:
      return "status.role.other";
  }
  return "status.role.none";
}

std::string_view notice_key(api::NoticeKind kind) {
  switch (kind) {
    case api::NoticeKind::joined:
      return "notice.joined";
    case api::NoticeKind::left:
      return "notice.left";
    case api::NoticeKind::new_device:
      return "notice.new_device";
    case api::NoticeKind::gone_device:
      return "notice.gone_device";
    case api::NoticeKind::new_key:
      return "notice.new_key";
    case api::NoticeKind::handover:
      return "notice.handover";
    case api::NoticeKind::resync:
      return "notice.resync";
    case api::NoticeKind::asked_in:
      return "notice.asked_in";
    case api::NoticeKind::refused_in:
      return "notice.refused_in";
    case api::NoticeKind::handover_waits:
      return "notice.handover_waits";
    case api::NoticeKind::removed:
      return "notice.removed";
    case api::NoticeKind::comeback:
      return "notice.comeback";
  }
  return "notice.other";
}

std::string called(const std::string& name, const Bytes& account) {
  const std::string safe = terminal_safe(name, " ");
  return safe.empty() ? short_id(account) : safe;
}

}  // namespace

std::optional<bool> yes_or_no(std::string_view answer) {
  for (const std::string_view yes : {"ja", "j", "yes", "y"}) {
    if (answer == yes) return true;
  }
  for (const std::string_view no : {"nee", "n", "no"}) {
    if (answer == no) return false;
  }
  return std::nullopt;
}

std::string_view reason_key(api::Reason reason) {
  for (const ReasonWord& each : kReasons) {
    if (each.reason == reason) return each.key;
  }
  return "reason.other";
}

std::optional<api::Reason> reason_of(std::string_view word) {
  for (const ReasonWord& each : kReasons) {
    if (each.dutch == word || each.english == word) return each.reason;
  }
  return std::nullopt;
}

std::string member_line(const Context& context, const api::MemberT& member) {
  const auto& texts = context.texts;
  const bool third_party = member.until_ms != 0;
  std::string out = short_id(member.account) + "  " + called(member.name, member.account) + "  " +
                    texts.text(third_party ? "member.reads_along" : role_key(member.role));
  if (third_party) out += " " + texts.text("member.until", {date_time_text({member.until_ms})});
  if (member.devices > 1) out += "  " + texts.text("member.devices", {std::to_string(member.devices)});
  if (member.verified_at_intake) out += "  " + texts.text("channel.verified");
  if (member.self) out += "  (" + texts.text("chat.me") + ")";
  return out;
}

std::string question_text(const Context& context, const api::QuestionT& question, const std::string& room) {
  const auto& texts = context.texts;
  std::string id = short_id(question.id);
  const std::string who = called(question.name, question.account);
  switch (question.kind) {
    case api::QuestionKind::let_in:
      return texts.text("question.let_in",
                        {who, texts.text(reason_key(question.reason)), date_time_text({question.until_ms}), id, room});
    case api::QuestionKind::handover:
      return texts.text("question.handover", {room, id, short_id(question.account)});
    case api::QuestionKind::new_key:
      return texts.text("question.new_key", {who, id});
  }
  return id;
}

std::string notice_line(const Context& context, const api::NoticeT& notice) {
  return date_time_text({notice.when_ms}) + "  " +
         context.texts.text(notice_key(notice.kind), {called(notice.name, notice.account)});
}

}  // namespace steiger::cli
