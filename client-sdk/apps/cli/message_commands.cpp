#include <iostream>
#include <limits>
#include <map>
#include <set>

#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/lookup.h"
#include "client-sdk/apps/cli/text_safety.h"

namespace steiger::cli {
namespace {

// Messages of one ListMessages page.
constexpr std::uint32_t kPage = 500;
// `receive` without --follow and --count: after this much silence while connected nothing more is expected.
constexpr Duration kQuiet = std::chrono::milliseconds(700);
// Lines of standard input that are handed over before their acceptances are awaited; well below the SDK's outbox.
constexpr std::size_t kSendWindow = 1024;

using MessagePtr = std::unique_ptr<api::MessageT>;

bool at_least(api::MessageState state, SendUntil until) {
  switch (until) {
    case SendUntil::saved:
      return true;
    case SendUntil::accepted:
      return state == api::MessageState::accepted || state == api::MessageState::delivered || state == api::MessageState::read;
    case SendUntil::stored:
      return state == api::MessageState::delivered || state == api::MessageState::read;
  }
  return true;
}

void print(const Context& context, const api::MessageT& message) {
  if (context.json) {
    context.emit(event_of(api::MessageT(message)));
    return;
  }
  const std::string who = message.mine ? context.texts.text("chat.me") : terminal_safe(message.sender_name, " ");
  const auto when = message.accepted_ms != 0 ? message.accepted_ms : message.created_ms;
  context.out << time_text(when, context.time.clock->now()) << "  " << who << ": " << terminal_safe(message.text, "\n       ")
              << std::endl;
}

// `before_seq` beyond every message: a page from the end without those still waiting.
constexpr std::uint64_t kFromEnd = std::numeric_limits<std::uint64_t>::max();

// One page, newest first, moved into `out`; whether there are more, or nothing and `refusal`.
std::optional<bool> load_page(Session& session, const Bytes& channel, std::uint64_t before, std::vector<MessagePtr>& out,
                              Refusal& refusal) {
  api::ListMessagesT request;
  request.channel = channel;
  request.before_seq = before;
  request.limit = kPage;
  const Event answer = session.ask(std::move(request), refusal);
  auto* list = answer ? answer->body.AsMessageList() : nullptr;
  if (list == nullptr) return std::nullopt;
  std::move(list->messages.begin(), list->messages.end(), std::back_inserter(out));
  return list->more && !list->messages.empty();
}

// All messages of a channel after `after_seq`, oldest first; those still waiting (one page of them) come last.
bool load_messages(Session& session, const Bytes& channel, std::uint64_t after_seq, std::vector<MessagePtr>& out,
                   Refusal& refusal) {
  std::vector<MessagePtr> newest_first;
  if (!load_page(session, channel, 0, newest_first, refusal)) return false;
  // From here only what has its place; what got it between the two requests is then seen twice and taken once.
  std::vector<MessagePtr> placed;
  for (std::uint64_t before = kFromEnd;;) {
    const auto more = load_page(session, channel, before, placed, refusal);
    if (!more) return false;
    if (!*more || placed.back()->seq <= after_seq) break;
    before = placed.back()->seq;
  }
  std::set<Bytes> seen;
  out.clear();
  for (auto message = placed.rbegin(); message != placed.rend(); ++message) {
    seen.insert((*message)->id);
    if ((*message)->seq > after_seq) out.push_back(std::move(*message));
  }
  for (auto message = newest_first.rbegin(); message != newest_first.rend(); ++message) {
    if ((*message)->seq == 0 && seen.count((*message)->id) == 0) out.push_back(std::move(*message));
  }
  return true;
}

// Hands lines over and waits for what became of them.
class Sender {
 public:
  Sender(const Context& context, Session& session, Bytes channel, const Send& options)
      : context_(context),
        session_(session),
        channel_(std::move(channel)),
        options_(options),
        deadline_(Deadline::after(options.timeout)) {}

  ExitCode send_line(const std::string& line) {
    api::SendTextT request;
    request.channel = channel_;
    request.text = line;
    Refusal refusal;
    const Event answer = session_.ask(std::move(request), refusal);
    if (!answer) return context_.fail(refusal);
    if (const auto* message = answer->body.AsMessage()) {
      context_.emit(*answer);
      if (!at_least(message->state, options_.until)) open_.insert(message->id);
    }
    return open_.size() < kSendWindow ? ExitCode::ok : wait(kSendWindow / 2);
  }

  [[nodiscard]] Deadline deadline() const { return deadline_; }

  // Until at most `rest` messages are still under way.
  ExitCode wait(std::size_t rest) {
    while (open_.size() > rest) {
      const Event event = session_.next(deadline_);
      if (!event) return context_.fail(session_.silence());
      context_.hear(*event);
      const auto* message = event->body.AsMessage();
      if (message == nullptr || open_.find(message->id) == open_.end()) continue;
      context_.emit(*event);
      if (message->state == api::MessageState::failed) {
        open_.erase(message->id);
        return context_.fail({"message_failed", ExitCode::refused});
      }
      if (at_least(message->state, options_.until)) open_.erase(message->id);
    }
    return ExitCode::ok;
  }

 private:
  const Context& context_;
  Session& session_;
  Bytes channel_;
  const Send& options_;
  Deadline deadline_;
  std::set<Bytes> open_;
};

// Shows each message once and remembers how far each channel was shown.
class Receiver {
 public:
  Receiver(const Context& context, Session& session, const Receive& options)
      : context_(context), session_(session), options_(options) {}

  [[nodiscard]] bool finished() const { return options_.count != 0 && shown_ >= options_.count; }
  [[nodiscard]] std::uint64_t shown() const { return shown_; }

  bool show_unread(const api::ChannelT& channel, Refusal& refusal) {
    std::vector<MessagePtr> messages;
    auto& position = position_of(channel.id, channel.read_seq);
    if (!load_messages(session_, channel.id, position, messages, refusal)) return false;
    for (const auto& message : messages) {
      if (finished()) break;
      show(*message);
    }
    return mark(channel.id, refusal);
  }

  bool show_event(const api::MessageT& message, Refusal& refusal) {
    show(message);
    return mark(message.channel, refusal);
  }

 private:
  std::uint64_t& position_of(const Bytes& channel, std::uint64_t read_seq) {
    return positions_.try_emplace(channel, read_seq).first->second;
  }

  void show(const api::MessageT& message) {
    if (message.mine || message.seq == 0) return;
    auto& position = position_of(message.channel, 0);
    if (message.seq <= position) return;
    position = message.seq;
    marked_.erase(message.channel);
    print(context_, message);
    ++shown_;
  }

  // What was printed counts as seen; a crash before this prints it again, never skips it.
  bool mark(const Bytes& channel, Refusal& refusal) {
    const auto position = positions_.find(channel);
    if (position == positions_.end() || position->second == 0 || !marked_.insert(channel).second) return true;
    if (!context_.out.flush()) {  // a full disk: nobody has seen it
      refusal = {"output", ExitCode::environment};
      return false;
    }
    api::MarkReadT request;
    request.channel = channel;
    request.up_to_seq = position->second;
    return session_.ask(std::move(request), refusal) != nullptr;
  }

  const Context& context_;
  Session& session_;
  const Receive& options_;
  std::map<Bytes, std::uint64_t> positions_;
  std::set<Bytes> marked_;
  std::uint64_t shown_ = 0;
};

}  // namespace

ExitCode send(const Context& context, const Send& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  const auto channel = find_channel(context, *session, options.channel, exit);
  if (!channel) return exit;
  Sender sender(context, *session, channel->id, options);
  if (options.text == "-") {
    for (std::string line; std::getline(std::cin, line);) {
      if (line.empty()) continue;
      if (exit = sender.send_line(line); exit != ExitCode::ok) return exit;
    }
  } else if (exit = sender.send_line(options.text); exit != ExitCode::ok) {
    return exit;
  }
  if (exit = sender.wait(0); exit != ExitCode::ok) {
    if (exit == ExitCode::environment) context.say("send.saved");
    return exit;
  }
  // What an earlier command left behind goes along; with an empty input that is all there is to do.
  Refusal refusal;
  if (options.until != SendUntil::saved && !session->drain(sender.deadline(), refusal)) return context.fail(refusal);
  context.say(options.until == SendUntil::saved ? "send.saved" : "send.done");
  return ExitCode::ok;
}

ExitCode receive(const Context& context, const Receive& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Bytes only;
  if (!options.channel.empty()) {
    const auto channel = find_channel(context, *session, options.channel, exit);
    if (!channel) return exit;
    only = channel->id;
  }
  Refusal refusal;
  Receiver receiver(context, *session, options);
  const Event listed = session->ask(api::ListChannelsT(), refusal);
  if (!listed || listed->body.AsChannelList() == nullptr) return context.fail(refusal);
  for (const auto& channel : listed->body.AsChannelList()->channels) {
    if (!only.empty() && channel->id != only) continue;
    if (!receiver.show_unread(*channel, refusal)) return context.fail(refusal);
    if (receiver.finished()) return ExitCode::ok;
  }

  const Deadline deadline = options.follow ? Deadline::never() : Deadline::after(options.timeout);
  bool online = false;
  for (;;) {
    const bool until_quiet = !options.follow && options.count == 0 && online;
    const Event event = session->next(until_quiet ? deadline.at_most(kQuiet) : deadline);
    if (!event) {
      if (options.count != 0 || options.follow || session->lost()) return context.fail(session->silence());
      if (receiver.shown() == 0) context.say("receive.none");
      // Without a connection nobody can say that there is nothing new.
      return online ? ExitCode::ok : context.fail(session->silence());
    }
    if (const auto* status = event->body.AsStatus()) online = status->connection == api::Connection::online;
    context.hear(*event);
    // What a script that follows must not miss; a person sees it in the chat.
    const bool about_people = event->body.AsQuestion() != nullptr || event->body.AsNotice() != nullptr;
    if (about_people || event->body.AsInvite() != nullptr || event->body.AsStatus() != nullptr) context.emit(*event);
    const auto* message = event->body.AsMessage();
    if (message == nullptr || (!only.empty() && message->channel != only)) continue;
    if (!receiver.show_event(*message, refusal)) return context.fail(refusal);
    if (receiver.finished()) return ExitCode::ok;
  }
}

ExitCode history(const Context& context, const History& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  const auto channel = find_channel(context, *session, options.channel, exit);
  if (!channel) return exit;
  std::vector<MessagePtr> messages;
  Refusal refusal;
  if (!load_messages(*session, channel->id, 0, messages, refusal)) return context.fail(refusal);
  for (const auto& message : messages) print(context, *message);
  return ExitCode::ok;
}

ExitCode list_channels(const Context& context) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  Refusal refusal;
  const Event answer = session->ask(api::ListChannelsT(), refusal);
  if (!answer || answer->body.AsChannelList() == nullptr) return context.fail(refusal);
  context.emit(*answer);
  const auto& channels = answer->body.AsChannelList()->channels;
  if (channels.empty()) context.say("channel.none");
  if (context.json) return ExitCode::ok;
  for (const auto& channel : channels) {
    context.out << short_id(channel->id) << "  " << title_of(*channel);
    if (channel->unread != 0) context.out << "  " << context.texts.text("channel.unread", {std::to_string(channel->unread)});
    for (const auto& member : channel->members) {
      if (!member->self && member->verified_at_intake) context.out << "  " << context.texts.text("channel.verified");
    }
    if (channel->stopped) context.out << "  " << context.texts.text("channel.stopped");
    if (channel->awaits_coach) context.out << "  " << context.texts.text("channel.awaits_coach");
    if (channel->restoring) context.out << "  " << context.texts.text("channel.restoring");
    context.out << '\n';
  }
  return ExitCode::ok;
}

ExitCode show_status(const Context& context, const ShowStatus& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open_or_knock(exit);
  if (!session) return exit;
  // Whether there is a connection shows only after trying; everything else is known at once.
  const Deadline deadline = Deadline::after(options.timeout);
  Refusal refusal;
  Event answer = session->ask(api::GetStatusT(), refusal);
  if (!answer || answer->body.AsStatus() == nullptr) return context.fail(refusal);
  while (answer->body.AsStatus()->connection != api::Connection::online) {
    Event event = session->next(deadline);
    if (!event) break;
    context.hear(*event);
    if (event->body.AsStatus() != nullptr) answer = std::move(event);
  }
  const auto& status = *answer->body.AsStatus();
  context.emit(*answer);
  if (context.json) return ExitCode::ok;
  const auto key = [](std::string_view prefix, std::string_view name) { return std::string(prefix) + std::string(name); };
  const auto membership = context.texts.text(key("status.membership.", api::EnumNameMembership(status.membership)));
  context.say("status.lines",
              {terminal_safe(status.name, " "), context.texts.text(key("status.role.", api::EnumNameRole(status.role))),
               terminal_safe(status.organisation_name, " "), membership,
               context.texts.text(key("status.connection.", api::EnumNameConnection(status.connection))),
               std::to_string(status.waiting)});
  if (status.stop != api::AlarmKind::none) context.out << context.texts.alarm(api::EnumNameAlarmKind(status.stop)) << std::endl;
  if (status.storage_failing) {
    context.out << context.texts.alarm(api::EnumNameAlarmKind(api::AlarmKind::local_storage)) << std::endl;
  }
  return ExitCode::ok;
}

}  // namespace steiger::cli
