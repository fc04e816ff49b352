#include "client-sdk/apps/cli/command_line.h"

namespace steiger::cli {

void CommandLine::add_messages() {
  auto& talk = command(app_, "chat", "chat");
  device(talk);
  option(talk, "channel", chat_.channel, "help.channel", "CHANNEL");
  runs(talk, [this](const Context& context) { return chat(context, chat_); });

  auto& give = command(app_, "send", "send");
  device(give);
  option(give, "text", send_.text, "help.send.text", "TEXT")->required();
  option(give, "--channel", send_.channel, "help.channel", "CHANNEL");
  give.add_option("--until", until_, texts_.text("help.send.until"))
      ->type_name("STATE")
      ->check(CLI::IsMember({"saved", "accepted", "stored"}));
  timeout(give, timeout_);
  runs(give, [this](const Context& context) {
    send_.until = until_ == "saved" ? SendUntil::saved : until_ == "stored" ? SendUntil::stored : SendUntil::accepted;
    send_.timeout = seconds(timeout_);
    return send(context, send_);
  });

  auto& take = command(app_, "receive", "receive");
  device(take);
  option(take, "--channel", receive_.channel, "help.channel", "CHANNEL");
  auto* follow = take.add_flag("--follow", receive_.follow, texts_.text("help.receive.follow"));
  take.add_option("--count", receive_.count, texts_.text("help.receive.count"))
      ->type_name("N")
      ->check(not_negative())
      ->excludes(follow);
  timeout(take, timeout_);
  runs(take, [this](const Context& context) {
    receive_.timeout = seconds(timeout_);
    return receive(context, receive_);
  });

  auto& past = command(app_, "history", "history");
  device(past);
  option(past, "channel", history_.channel, "help.channel", "CHANNEL");
  runs(past, [this](const Context& context) { return history(context, history_); });

  auto& list = command(app_, "channels", "channels");
  device(list);
  runs(list, [](const Context& context) { return list_channels(context); });

  auto& state = command(app_, "status", "status");
  device(state);
  timeout(state, status_timeout_);
  auto& publish = command(state, "publish", "status.publish");
  device(publish);
  option(publish, "file", publish_.file, "help.status.publish.file", "FILE")->required();
  option(publish, "--successions", publish_.successions, "help.status.publish.successions", "FILE");
  runs(state, [this, &state](const Context& context) {
    if (state.got_subcommand("publish")) return publish_standing(context, publish_);
    return show_status(context, {seconds(status_timeout_)});
  });
}

}  // namespace steiger::cli
