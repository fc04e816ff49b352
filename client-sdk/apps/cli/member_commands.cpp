// Who is in a conversation, what waits for a yes or no, what happened; and one's own devices.
#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/dates.h"
#include "client-sdk/apps/cli/lookup.h"
#include "client-sdk/apps/cli/member_output.h"
#include "client-sdk/apps/cli/text_safety.h"
#include "client-sdk/src/native/files.h"

namespace steiger::cli {
namespace {

// What only the gateway can answer: long enough for a reconnect.
constexpr Duration kGatewayWait = std::chrono::seconds(60);

// The one thing of `all` whose id begins with `wanted`; nullptr after having said that there is none.
template <class Thing, class Id>
const Thing* find_by_id(const Context& context, const std::vector<std::unique_ptr<Thing>>& all, const std::string& wanted, Id id,
                        std::string_view unknown, ExitCode& exit) {
  const Thing* found = nullptr;
  std::size_t matches = 0;
  for (const auto& each : all) {
    if (wanted.empty() || !to_hex(id(*each)).starts_with(wanted)) continue;
    found = each.get();
    ++matches;
  }
  if (matches == 1) return found;
  exit = context.fail(unknown, {}, ExitCode::refused);
  return nullptr;
}

// A whole id or hash in hexadecimal characters; nothing after having said what is wrong.
std::optional<Bytes> whole(const Context& context, const std::string& text, std::size_t size, ExitCode& exit) {
  const auto bytes = from_hex(text);
  if (bytes.ok() && bytes->size() == size) return *bytes;
  exit = context.fail("member.bad_id", {text}, ExitCode::usage);
  return std::nullopt;
}

ExitCode done(const Context& context, std::string_view key) {
  context.emit(event_of(api::DoneT()));
  context.say(key);
  return ExitCode::ok;
}

// Names of rooms, for texts about several of them.
std::string room_name(Session& session, const Bytes& channel) {
  Refusal ignored;
  const Event answer = session.ask(api::ListChannelsT(), ignored);
  const auto* list = answer ? answer->body.AsChannelList() : nullptr;
  if (list == nullptr) return short_id(channel);
  for (const auto& each : list->channels) {
    if (each->id == channel) return title_of(*each);
  }
  return short_id(channel);
}

}  // namespace

ExitCode list_members(const Context& context, const InRoom& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  const auto channel = find_channel(context, *session, options.channel, exit);
  if (!channel) return exit;
  context.emit(event_of(api::ChannelT(*channel)));
  if (context.json) return ExitCode::ok;
  for (const auto& member : channel->members) context.out << member_line(context, *member) << '\n';
  return ExitCode::ok;
}

ExitCode remove_member(const Context& context, const MemberRemove& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  const auto channel = find_channel(context, *session, options.channel, exit);
  if (!channel) return exit;
  const auto* member = find_by_id(
      context, channel->members, options.account, [](const api::MemberT& m) { return m.account; }, "error.no_such_member", exit);
  if (member == nullptr) return exit;
  api::RemoveMemberT request;
  request.channel = channel->id;
  request.account = member->account;
  Refusal refusal;
  if (!session->ask(std::move(request), refusal)) return context.fail(refusal);
  if (!session->drain(Deadline::after(kGatewayWait), refusal)) return context.fail(refusal);
  return done(context, "member.removing");
}

ExitCode list_questions(const Context& context) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  const Event answer = session->ask(api::ListQuestionsT(), refusal);
  if (!answer || answer->body.AsQuestionList() == nullptr) return context.fail(refusal);
  context.emit(*answer);
  if (context.json) return ExitCode::ok;
  bool any = false;
  for (const auto& question : answer->body.AsQuestionList()->questions) {
    if (question->answered) continue;
    any = true;
    context.out << question_text(context, *question, room_name(*session, question->channel)) << "\n\n";
  }
  if (!any) context.say("question.none");
  return ExitCode::ok;
}

ExitCode answer_question(const Context& context, const Answer& options) {
  const auto yes = yes_or_no(options.answer);
  if (!yes) return context.fail("question.yes_or_no", {}, ExitCode::usage);
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  const Event answer = session->ask(api::ListQuestionsT(), refusal);
  if (!answer || answer->body.AsQuestionList() == nullptr) return context.fail(refusal);
  auto& questions = answer->body.AsQuestionList()->questions;
  std::erase_if(questions, [](const auto& question) { return question->answered; });
  const auto* question = find_by_id(
      context, questions, options.question, [](const api::QuestionT& q) { return q.id; }, "error.no_such_question", exit);
  if (question == nullptr) return exit;
  api::AnswerQuestionT request;
  request.question = question->id;
  request.yes = *yes;
  if (!session->ask(std::move(request), refusal)) return context.fail(refusal);
  if (!session->drain(Deadline::after(kGatewayWait), refusal)) return context.fail(refusal);
  return done(context, *yes ? "question.said_yes" : "question.said_no");
}

ExitCode list_notices(const Context& context, const InRoom& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  const auto channel = find_channel(context, *session, options.channel, exit);
  if (!channel) return exit;
  api::ListNoticesT request;
  request.channel = channel->id;
  Refusal refusal;
  const Event answer = session->ask(std::move(request), refusal);
  if (!answer || answer->body.AsNoticeList() == nullptr) return context.fail(refusal);
  context.emit(*answer);
  const auto& notices = answer->body.AsNoticeList()->notices;
  if (notices.empty()) context.say("notice.none");
  if (context.json) return ExitCode::ok;
  for (const auto& notice : notices) context.out << notice_line(context, *notice) << '\n';
  return ExitCode::ok;
}

ExitCode offer_handover(const Context& context, const HandoverOffer& options) {
  ExitCode exit = ExitCode::ok;
  api::OfferHandoverT request;
  const auto channel = whole(context, options.channel, kIdSize, exit);
  const auto leaving = channel ? whole(context, options.leaving, kIdSize, exit) : std::nullopt;
  const auto successor = leaving ? whole(context, options.successor, kIdSize, exit) : std::nullopt;
  const auto key = successor ? whole(context, options.key, 2 * kIdSize, exit) : std::nullopt;
  if (!key) return exit;
  request.channel = *channel;
  request.leaving = *leaving;
  request.successor = *successor;
  request.successor_key = *key;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  if (!session->ask(std::move(request), refusal, Deadline::after(kGatewayWait))) return context.fail(refusal);
  return done(context, "handover.offered");
}

ExitCode publish_standing(const Context& context, const StandingPublish& options) {
  api::PublishStandingT request;
  auto list = sdk::read_small_file(options.file);
  if (!list.ok()) return context.fail("error.file_read", {options.file}, ExitCode::environment);
  request.status_list = std::move(list).value();
  if (!options.successions.empty()) {
    auto successions = sdk::read_small_file(options.successions);
    if (!successions.ok()) return context.fail("error.file_read", {options.successions}, ExitCode::environment);
    request.root_successions = std::move(successions).value();
  }
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  if (!session->ask(std::move(request), refusal, Deadline::after(kGatewayWait))) return context.fail(refusal);
  return done(context, "status.published");
}

ExitCode list_devices(const Context& context) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  const Event answer = session->ask(api::ListDevicesT(), refusal);
  if (!answer || answer->body.AsDeviceList() == nullptr) return context.fail(refusal);
  context.emit(*answer);
  if (context.json) return ExitCode::ok;
  for (const auto& device : answer->body.AsDeviceList()->devices) {
    context.out << short_id(device->id) << "  " << context.texts.text("device.since", {date_time_text({device->added_ms})})
                << (device->self ? "  " + context.texts.text("device.this") : "") << '\n';
  }
  return ExitCode::ok;
}

ExitCode remove_device(const Context& context, const DeviceRemove& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  const Event list = session->ask(api::ListDevicesT(), refusal);
  if (!list || list->body.AsDeviceList() == nullptr) return context.fail(refusal);
  api::RemoveDeviceT request;
  request.lost = options.lost;
  const auto* device = find_by_id(
      context, list->body.AsDeviceList()->devices, options.device, [](const api::DeviceT& d) { return d.id; },
      "error.no_such_device", exit);
  if (device == nullptr) return exit;
  request.device = device->id;
  const Event answer = session->ask(std::move(request), refusal);
  if (!answer) return context.fail(refusal);
  if (!session->drain(Deadline::after(kGatewayWait), refusal)) return context.fail(refusal);
  const auto* staff = answer->body.AsStaffRequest();
  if (staff == nullptr) return done(context, options.lost ? "device.lost" : "device.removed");
  // S2: staff go on under a new key when the beheerder has certified it.
  const std::string output = options.output.empty() ? std::string("new-key.request") : options.output;
  if (!sdk::write_small_file(output, staff->request, sdk::FileMode::published).ok()) {
    return context.fail("error.file_write", {output}, ExitCode::environment);
  }
  context.emit(*answer);
  context.say("device.lost_staff", {output});
  return ExitCode::ok;
}

}  // namespace steiger::cli
