#include "client-sdk/apps/cli/command_line.h"

#include <cstdlib>

#include "client-sdk/apps/cli/version.h"

namespace steiger::cli {
namespace {

std::filesystem::path default_data_dir() {
  if (const char* set = std::getenv("STEIGER_DATA")) return set;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local" / "share" / "steiger";
}

}  // namespace

CLI::Validator not_negative() {
  return {[](const std::string& text) { return CLI::NonNegativeNumber(text); }, ""};
}

CLI::Validator not_blank() {
  return {[](const std::string& text) {
            return text.find_first_not_of(" \t") == std::string::npos ? std::string("is blank") : std::string();
          },
          ""};
}

Duration seconds(double value) {
  return value < 0 ? Duration(-1) : Duration(static_cast<std::int64_t>(value * 1000));
}

CommandLine::CommandLine(const Catalogue& texts, ClockSource& clock_source)
    : texts_(texts), app_(texts.text("help.about"), "steiger") {
  describe(app_, "help.examples");
  app_.set_version_flag("--version", std::string("steiger ") + kVersion, texts_.text("help.version"));
  app_.require_subcommand(1);
  app_.fallthrough();
  clock_source.add_options(app_, texts_);
  add_organisation();
  add_staff();
  add_invites();
  add_messages();
  add_disclose();
  add_members();
  add_devices();
  add_demo();
}

std::string CommandLine::not_understood() const {
  const auto rest = app_.remaining(true);
  return rest.empty() ? "" : rest.front();
}

std::string CommandLine::begun() const {
  std::string words;
  for (const CLI::App* at = &app_; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    words += (words.empty() ? "" : " ") + at->get_name();
  }
  return words;
}

std::filesystem::path CommandLine::data_dir() const {
  return data_.empty() ? default_data_dir() : std::filesystem::path(data_);
}

void CommandLine::describe(CLI::App& app, std::string_view footer) {
  auto formatter = std::make_shared<CLI::Formatter>();
  formatter->column_width(34);
  formatter->label("Usage", texts_.text("help.usage"));
  formatter->label("OPTIONS", texts_.text("help.options"));
  formatter->label("Positionals", texts_.text("help.arguments"));
  formatter->label("SUBCOMMAND", "COMMAND");
  formatter->label("REQUIRED", texts_.text("help.required"));
  formatter->label("EXCLUDES", "- " + texts_.text("help.excludes"));
  app.formatter(formatter);
  app.option_defaults()->group(texts_.text("help.options"));
  app.set_help_flag("-h,--help", texts_.text("help.help"));
  app.add_option("--language", language_, texts_.text("help.language"))
      ->type_name("nl|en")
      ->check(CLI::Validator(CLI::IsMember({"nl", "en"})).description(""));
  app.footer("\n" + texts_.text(footer));
}

CLI::App& CommandLine::command(CLI::App& parent, const std::string& name, const std::string& key) {
  auto* added = parent.add_subcommand(name, texts_.text("help." + key));
  describe(*added, "help." + key + ".footer");
  added->group(texts_.text("help.commands"));
  return *added;
}

CLI::App& CommandLine::group(CLI::App& parent, const std::string& name, const std::string& key) {
  auto* added = parent.add_subcommand(name, texts_.text("help." + key));
  describe(*added, "help.group.footer");
  added->group(texts_.text("help.commands"));
  added->require_subcommand(1);
  return *added;
}

CLI::Option* CommandLine::option(CLI::App& command, const char* name, std::string& value, const char* key, const char* type) {
  return command.add_option(name, value, texts_.text(key))->type_name(type);
}

void CommandLine::device(CLI::App& command) {
  option(command, "--data", data_, "help.data", "DIR");
  command.add_flag("--json", json_, texts_.text("help.json"));
}

void CommandLine::timeout(CLI::App& command, double& value) {
  command.add_option("--timeout", value, texts_.text("help.timeout"))->type_name("SECONDS")->check(not_negative());
}

void CommandLine::add_demo() {
  auto& demo = group("demo");
  auto& link = command(demo, "link", "demo.link");
  option(link, "--demo", demo_.dir, "help.demo.dir", "DIR");
  link.add_flag("--json", json_, texts_.text("help.json"));
  runs(link, [this](const Context& context) { return demo_link(context, demo_); });
  auto& talk = command(demo, "chat", "demo.chat");
  option(talk, "--demo", demo_.dir, "help.demo.dir", "DIR");
  runs(talk, [this](const Context& context) { return demo_chat(context, demo_); });
}

}  // namespace steiger::cli
