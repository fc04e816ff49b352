// `steiger chat`: a conversation line by line. Everything it shows comes from the SDK's events; it keeps no state of its own.
#include <poll.h>
#include <unistd.h>

#include <set>
#include <sstream>

#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/door.h"
#include "client-sdk/apps/cli/invite_output.h"
#include "client-sdk/apps/cli/lookup.h"
#include "client-sdk/apps/cli/member_output.h"
#include "client-sdk/apps/cli/screen.h"
#include "client-sdk/apps/cli/text_safety.h"

namespace steiger::cli {
namespace {

// Earlier messages shown at the start.
constexpr std::uint32_t kShownHistory = 20;
// After the end of piped input: how long to wait until what was typed is at the gateway.
constexpr Duration kLastMessages = std::chrono::seconds(5);

const char* mark_of(api::MessageState state) {
  switch (state) {
    case api::MessageState::waiting:
      return "◷";
    case api::MessageState::accepted:
      return "✓";
    case api::MessageState::delivered:
      return "✓✓";
    case api::MessageState::read:
      return "◉";
    case api::MessageState::failed:
      return "!";
    case api::MessageState::undelivered:
      return "✗";
    case api::MessageState::received:
      return "";
  }
  return "";
}

Deadline at_once() {
  return Deadline::after(Duration::zero());
}

class ChatWindow {
 public:
  ChatWindow(const Context& context, Session& session)
      : context_(context),
        session_(session),
        door_(Door::open(context.data_dir)),
        screen_(context.out, context.terminal && ::isatty(STDIN_FILENO) == 1) {}

  ExitCode run(const std::string& wanted) {
    screen_.print(text("chat.no_crisis"));
    if (!choose_channel(wanted)) announce_emptiness();
    while (!done_) {
      take_events();
      if (done_) break;
      std::vector<pollfd> watched = {{STDIN_FILENO, POLLIN, 0}, {session_.descriptor(), POLLIN, 0}};
      if (door_) door_->watch(watched);
      if (::poll(watched.data(), watched.size(), -1) < 0) continue;  // a signal, for example a resized window
      if (door_) door_->serve(session_);
      if (watched[0].revents != 0) take_input();
    }
    finish();
    return ExitCode::ok;
  }

 private:
  std::string text(std::string_view key, std::initializer_list<std::string_view> arguments = {}) const {
    return context_.texts.text(key, arguments);
  }
  void complain(const Refusal& refusal) { screen_.print(context_.texts.error(refusal.name)); }

  template <class Request>
  Event ask(Request request) {
    Refusal refusal;
    Event answer = session_.ask(std::move(request), refusal);
    if (!answer) complain(refusal);
    return answer;
  }

  // ---- channels

  std::vector<std::unique_ptr<api::ChannelT>> channels() {
    const Event answer = ask(api::ListChannelsT());
    auto* list = answer ? answer->body.AsChannelList() : nullptr;
    return list != nullptr ? std::move(list->channels) : std::vector<std::unique_ptr<api::ChannelT>>();
  }

  // Empty `wanted`: the first. False when there is none, or more than one has that name: nothing may reach the wrong person.
  bool choose_channel(const std::string& wanted) {
    const api::ChannelT* chosen = nullptr;
    std::size_t matches = 0;
    const auto all = channels();
    for (const auto& channel : all) {
      if (!is_called(*channel, wanted)) continue;
      if (chosen == nullptr) chosen = channel.get();
      ++matches;
    }
    if (chosen != nullptr && (wanted.empty() || matches == 1)) {
      open_channel(*chosen);
      return true;
    }
    if (!wanted.empty()) screen_.print(text("channel.unknown"));
    if (!channel_.empty()) screen_.print(text("chat.still_with", {title_}));
    return false;
  }

  void open_channel(const api::ChannelT& channel) {
    channel_ = channel.id;
    title_ = title_of(channel);
    screen_.print(text("chat.welcome", {title_}));
    say_why_stopped(channel.stop);
    api::ListMessagesT request;
    request.channel = channel.id;
    request.limit = kShownHistory;
    const Event answer = ask(std::move(request));
    if (!answer || answer->body.AsMessageList() == nullptr) return;
    auto& messages = answer->body.AsMessageList()->messages;
    for (auto message = messages.rbegin(); message != messages.rend(); ++message) show(**message);
  }

  std::string room_of(const Bytes& id) {
    for (const auto& channel : channels()) {
      if (channel->id == id) return title_of(*channel);
    }
    return short_id(id);
  }

  // An alarm of before this window was opened.
  void say_why_stopped(api::AlarmKind stop) {
    if (stop != api::AlarmKind::none) screen_.print(context_.texts.alarm(api::EnumNameAlarmKind(stop)));
  }

  void announce_emptiness() {
    const Event status = ask(api::GetStatusT());
    const bool coach = status && status->body.AsStatus() != nullptr && status->body.AsStatus()->role == api::Role::coach;
    screen_.print(text(coach ? "chat.empty" : "chat.empty_jongere"));
  }

  // ---- what happens

  void take_events() {
    for (Event event = session_.next(at_once()); event; event = session_.next(at_once())) take_event(*event);
  }

  void take_event(api::EventT& event) {
    if (door_ && door_->pass_on(event)) return;
    if (const auto* message = event.body.AsMessage()) take_message(*message);
    if (const auto* status = event.body.AsStatus()) take_status(*status);
    if (const auto* channel = event.body.AsChannel()) take_channel(*channel);
    if (const auto* invite = event.body.AsInvite()) take_invite(*invite);
    if (const auto* question = event.body.AsQuestion(); question != nullptr && !question->answered) {
      screen_.print(question_text(context_, *question, room_of(question->channel)));
    }
    const auto* notice = event.body.AsNotice();  // without a name it says nothing yet: the person's first message brings it
    if (notice != nullptr && !notice->name.empty()) screen_.print(notice_line(context_, *notice));
    // Of something that failed later by itself; the answers to requests are taken where they were asked.
    if (const auto* failed = event.body.AsFailed()) screen_.print(context_.texts.error(failed->name));
    if (const auto* alarm = event.body.AsAlarm()) screen_.print(context_.texts.alarm(alarm->name, alarm->cause));
  }

  void take_message(const api::MessageT& message) {
    if (message.channel != channel_) {
      const std::string who = terminal_safe(message.sender_name, " ");
      if (!message.mine) screen_.print(text("chat.elsewhere", {who, who.empty() ? short_id(message.channel) : who}));
      return;
    }
    show(message);
    if (message.state == api::MessageState::failed)
      screen_.print(text("chat.failed_message", {terminal_safe(message.text, " ")}));
    if (message.state == api::MessageState::undelivered)
      screen_.print(text("chat.undelivered_message", {terminal_safe(message.text, " ")}));
  }

  // A new line, or a new mark in front of the old one.
  void show(const api::MessageT& message) {
    const auto id = to_hex(message.id);
    const std::string mark = mark_of(message.state);
    if (!shown_.insert(id).second) {
      screen_.change_mark(id, mark);
      return;
    }
    const auto when = time_text(message.accepted_ms != 0 ? message.accepted_ms : message.created_ms, context_.time.clock->now());
    const std::string who = message.mine ? text("chat.me") : terminal_safe(message.sender_name, " ");
    screen_.print_marked(id, mark, when + " " + who + ": " + terminal_safe(message.text, "\n         "));
    if (message.mine || message.seq == 0) return;
    api::MarkReadT read;
    read.channel = message.channel;
    read.up_to_seq = message.seq;
    Refusal ignored;  // a full disk: the alarm has said so
    session_.ask(std::move(read), ignored);
  }

  void take_status(const api::StatusT& status) {
    if (storage_failing_ && !status.storage_failing) screen_.print(text("chat.storage_works"));
    storage_failing_ = status.storage_failing;
    // Every new attempt to connect goes through `connecting`; a person hears only of what changed for them.
    const bool online = status.connection == api::Connection::online;
    tried_ = tried_ || status.connection != api::Connection::offline;
    if (!tried_ || status.connection == api::Connection::connecting || told_online_ == online) return;
    told_online_ = online;
    if (online) screen_.print(text("chat.online"));
    if (!online) screen_.print(text("chat.offline"));
  }

  void take_channel(const api::ChannelT& channel) {
    if (channel_.empty()) {
      open_channel(channel);
    } else if (channel.id == channel_) {
      title_ = title_of(channel);
    }
  }

  void take_invite(const api::InviteT& invite) {
    if (const auto news = invite_news(context_, invite); !news.empty()) screen_.print(news);
  }

  // ---- what is typed

  void take_input() {
    const EditResult input = screen_.read_input();
    for (const auto& line : input.lines) {
      if (!line.empty()) take_line(line);
    }
    if (input.end) done_ = true;
  }

  void take_line(const std::string& line) {
    if (line.front() == '/') {
      take_command(line);
      return;
    }
    if (channel_.empty()) {
      announce_emptiness();
      return;
    }
    api::SendTextT request;
    request.channel = channel_;
    request.text = line;
    const Event answer = ask(std::move(request));
    if (answer && answer->body.AsMessage() != nullptr) show(*answer->body.AsMessage());
  }

  void take_command(const std::string& line) {
    const auto space = line.find(' ');
    const std::string command = line.substr(0, space);
    const std::string argument = space == std::string::npos ? "" : line.substr(space + 1);
    if (command == "/quit" || command == "/q") {
      done_ = true;
    } else if (command == "/help") {
      screen_.print(text("chat.help"));
    } else if (command == "/invite" || command == "/link") {
      make_invite(command == "/invite", argument);
    } else if (command == "/invites") {
      list_all_invites();
    } else if (command == "/confirm" || command == "/refuse") {
      decide_invite(command == "/confirm", argument);
    } else if (command == "/channel") {
      choose_channel(argument);
    } else if (command == "/channels") {
      for (const auto& channel : channels()) screen_.print(short_id(channel->id) + "  " + title_of(*channel));
    } else if (command == "/status") {
      show_connection();
    } else {
      screen_.print(text("chat.unknown_command"));
    }
  }

  void make_invite(bool qr, const std::string& label) {
    api::MakeInviteT request;
    request.kind = qr ? api::InviteKind::qr : api::InviteKind::link;
    request.label = label;
    const Event answer = ask(std::move(request));
    if (answer && answer->body.AsInvite() != nullptr) screen_.print(invite_text(context_, *answer->body.AsInvite()));
  }

  void list_all_invites() {
    const Event answer = ask(api::ListInvitesT());
    if (!answer || answer->body.AsInviteList() == nullptr) return;
    const auto& invites = answer->body.AsInviteList()->invites;
    if (invites.empty()) screen_.print(text("invite.none"));
    for (const auto& invite : invites)
      screen_.print(short_id(invite->id) + "  " + label_of(*invite) + "  " + text(state_key(invite->state)));
  }

  void decide_invite(bool yes, const std::string& id) {
    std::ostringstream said;  // into the window, not across the line being typed
    const Context aside{context_.texts, said, said, context_.rng, context_.time, context_.data_dir, false, false};
    ExitCode ignored = ExitCode::ok;
    const auto invite = find_invite(aside, session_, id, ignored);
    if (!invite) {
      std::string text = said.str();
      while (!text.empty() && text.back() == '\n') text.pop_back();
      screen_.print(text);
      return;
    }
    if (yes) {
      api::ConfirmInviteT request;
      request.invite = invite->id;
      ask(std::move(request));
    } else {
      api::RefuseInviteT request;
      request.invite = invite->id;
      ask(std::move(request));
    }
  }

  void show_connection() {
    const Event answer = ask(api::GetStatusT());
    if (!answer || answer->body.AsStatus() == nullptr) return;
    const auto& status = *answer->body.AsStatus();
    screen_.print(text(std::string("status.connection.") + api::EnumNameConnection(status.connection)));
    say_why_stopped(status.stop);
    if (status.waiting != 0) screen_.print(text("chat.still_waiting", {std::to_string(status.waiting)}));
  }

  // Nobody new comes in while the last messages leave. A pipe ends right after its last line: give those messages a moment. What is not gone yet stays in the outbox.
  void finish() {
    door_.reset();
    Refusal refusal;
    if (!session_.drain(Deadline::after(kLastMessages), refusal)) show_connection();
    take_events();
  }

  const Context& context_;
  Session& session_;
  std::unique_ptr<Door> door_;
  Screen screen_;
  Bytes channel_;
  std::string title_;
  std::set<std::string> shown_;
  bool tried_ = false;  // to connect
  std::optional<bool> told_online_;
  bool storage_failing_ = false;
  bool done_ = false;
};

}  // namespace

ExitCode chat(const Context& context, const Chat& options) {
  ExitCode exit = ExitCode::ok;
  const auto session = context.open(sdk::OpenMode::existing, exit);
  if (!session) return exit;
  return ChatWindow(context, *session).run(options.channel);
}

}  // namespace steiger::cli
