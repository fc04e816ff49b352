#include "client-sdk/apps/cli/cli.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/usage_text.h"
#include "client-sdk/apps/cli/version.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::cli {
namespace {

constexpr double kDefaultTimeout = 30;  // seconds: a slow network, not a dead one
constexpr double kStatusTimeout = 5;    // seconds
constexpr double kForever = -1;

std::filesystem::path default_data_dir() {
  if (const char* set = std::getenv("STEIGER_DATA")) return set;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local" / "share" / "steiger";
}

// CLI11's own says "NONNEGATIVE" in every help text.
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

// The language decides the texts of the help, so it is read before the command line is described.
std::string language_argument(int argc, const char* const* argv) {
  constexpr std::string_view kOption = "--language";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == kOption && i + 1 < argc) return argv[i + 1];
    if (argument.starts_with(kOption) && argument.size() > kOption.size() && argument[kOption.size()] == '=') {
      return std::string(argument.substr(kOption.size() + 1));
    }
  }
  return "";
}

class CommandLine {
 public:
  CommandLine(const Catalogue& texts, ClockSource& clock_source) : texts_(texts), app_(texts.text("help.about"), "steiger") {
    describe(app_, "help.examples");
    app_.set_version_flag("--version", std::string("steiger ") + kVersion, texts_.text("help.version"));
    app_.require_subcommand(1);
    app_.fallthrough();
    clock_source.add_options(app_, texts_);
    add_organisation();
    add_staff();
    add_invites();
    add_messages();
    add_demo();
  }

  CLI::App& app() { return app_; }
  [[nodiscard]] const std::function<ExitCode(const Context&)>& selected() const { return selected_; }
  [[nodiscard]] const std::string& selected_name() const { return selected_name_; }
  // What followed it and was not.
  [[nodiscard]] std::string not_understood() const {
    const auto rest = app_.remaining(true);
    return rest.empty() ? "" : rest.front();
  }
  // The command as far as it was understood.
  [[nodiscard]] std::string begun() const {
    std::string words;
    for (const CLI::App* at = &app_; !at->get_subcommands().empty();) {
      at = at->get_subcommands().front();
      words += (words.empty() ? "" : " ") + at->get_name();
    }
    return words;
  }
  [[nodiscard]] std::filesystem::path data_dir() const {
    return data_.empty() ? default_data_dir() : std::filesystem::path(data_);
  }
  [[nodiscard]] bool json() const { return json_; }

 private:
  void describe(CLI::App& app, std::string_view footer) {
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

  // A command: `name` is also the stem of its texts.
  CLI::App& command(CLI::App& parent, const std::string& name, const std::string& key) {
    auto* added = parent.add_subcommand(name, texts_.text("help." + key));
    describe(*added, "help." + key + ".footer");
    added->group(texts_.text("help.commands"));
    return *added;
  }
  CLI::App& group(const std::string& name) {
    auto* added = app_.add_subcommand(name, texts_.text("help." + name));
    describe(*added, "help.group.footer");
    added->group(texts_.text("help.commands"));
    added->require_subcommand(1);
    return *added;
  }
  template <class Run>
  void runs(CLI::App& command, Run run) {
    command.callback([this, &command, run] {
      selected_ = run;
      const auto* parent = command.get_parent();
      selected_name_ = (parent != nullptr && parent != &app_ ? parent->get_name() + " " : "") + command.get_name();
    });
  }
  CLI::Option* option(CLI::App& command, const char* name, std::string& value, const char* key, const char* type) {
    return command.add_option(name, value, texts_.text(key))->type_name(type);
  }
  void device(CLI::App& command) {
    option(command, "--data", data_, "help.data", "DIR");
    command.add_flag("--json", json_, texts_.text("help.json"));
  }
  void timeout(CLI::App& command, double& value) {
    command.add_option("--timeout", value, texts_.text("help.timeout"))->type_name("SECONDS")->check(not_negative());
  }

  void add_organisation() {
    auto& organisation = group("organisation");
    auto& create = command(organisation, "create", "organisation.create");
    option(create, "dir", organisation_create_.dir, "help.organisation.dir", "DIR")->required();
    option(create, "--name", organisation_create_.name, "help.organisation.name", "NAME")->required()->check(not_blank());
    runs(create, [this](const Context& context) { return organisation_create(context, organisation_create_); });

    auto& certify = command(organisation, "certify", "organisation.certify");
    option(certify, "dir", organisation_certify_.dir, "help.organisation.dir", "DIR")->required();
    option(certify, "request", organisation_certify_.request, "help.organisation.request", "REQUEST")->required();
    option(certify, "--role", organisation_certify_.role, "help.organisation.role", "ROLE");
    option(certify, "--output", organisation_certify_.output, "help.output", "FILE");
    runs(certify, [this](const Context& context) { return organisation_certify(context, organisation_certify_); });
  }

  void add_staff() {
    auto& staff = group("staff");
    auto& prepare = command(staff, "prepare", "staff.prepare");
    device(prepare);
    option(prepare, "--name", staff_prepare_.name, "help.staff.name", "NAME")->required()->check(not_blank());
    option(prepare, "--gateway", staff_prepare_.gateway, "help.gateway", "URL")->required();
    option(prepare, "--organisation", staff_prepare_.organisation, "help.staff.organisation", "FILE")->required();
    option(prepare, "--output", staff_prepare_.output, "help.output", "FILE");
    runs(prepare, [this](const Context& context) { return staff_prepare(context, staff_prepare_); });

    auto& install = command(staff, "install", "staff.install");
    device(install);
    option(install, "certificate", staff_install_.certificate, "help.staff.certificate", "CERTIFICATE")->required();
    runs(install, [this](const Context& context) { return staff_install(context, staff_install_); });

    auto& coach = group("coach");
    auto& create = command(coach, "create", "coach.create");
    device(create);
    option(create, "--name", coach_create_.name, "help.staff.name", "NAME")->required()->check(not_blank());
    option(create, "--gateway", coach_create_.gateway, "help.gateway", "URL")->required();
    option(create, "--organisation", coach_create_.organisation_dir, "help.organisation.dir", "DIR")->required();
    runs(create, [this](const Context& context) { return coach_create(context, coach_create_); });
  }

  void add_invites() {
    auto& make = command(app_, "invite", "invite");
    device(make);
    auto* qr = make.add_flag("--qr", invite_.qr, texts_.text("help.invite.qr"));
    make.add_flag("--link", link_, texts_.text("help.invite.link"))->excludes(qr);  // what happens without either
    option(make, "--label", invite_.label, "help.invite.label", "NAME");
    option(make, "--page", invite_.page, "help.invite.page", "URL");
    make.add_flag("--no-wait", no_wait_, texts_.text("help.invite.no_wait"));
    timeout(make, long_timeout_);
    runs(make, [this](const Context& context) {
      invite_.wait = !no_wait_;
      invite_.timeout = seconds(long_timeout_);
      return invite(context, invite_);
    });

    auto& list = command(app_, "invites", "invites");
    device(list);
    runs(list, [](const Context& context) { return list_invites(context); });

    const auto decision = [this](const char* name, InviteDecision what) {
      auto& added = command(app_, name, name);
      device(added);
      option(added, "id", decide_.id, "help.invite.id", "ID")->required();
      added.add_flag("--no-wait", no_wait_, texts_.text("help.invite.no_wait"));
      timeout(added, timeout_);
      runs(added, [this, what](const Context& context) {
        decide_.decision = what;
        decide_.wait = !no_wait_;
        decide_.timeout = seconds(timeout_);
        return decide(context, decide_);
      });
    };
    decision("confirm", InviteDecision::confirm);
    decision("refuse", InviteDecision::refuse);
    decision("cancel", InviteDecision::cancel);

    auto& take = command(app_, "join", "join");
    device(take);
    option(take, "invite", join_.invite, "help.join.invite", "INVITE")->required();
    option(take, "--name", join_.name, "help.join.name", "NAME")->required()->check(not_blank());
    option(take, "--gateway", join_.gateway, "help.gateway", "URL");
    take.add_flag("--no-wait", no_wait_, texts_.text("help.join.no_wait"));
    timeout(take, long_timeout_);
    runs(take, [this](const Context& context) {
      join_.wait = !no_wait_;
      join_.timeout = seconds(long_timeout_);
      return join(context, join_);
    });
  }

  void add_messages() {
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
    runs(state, [this](const Context& context) { return show_status(context, {seconds(status_timeout_)}); });
  }

  void add_demo() {
    auto& demo = group("demo");
    auto& link = command(demo, "link", "demo.link");
    option(link, "--demo", demo_.dir, "help.demo.dir", "DIR");
    link.add_flag("--json", json_, texts_.text("help.json"));
    runs(link, [this](const Context& context) { return demo_link(context, demo_); });
    auto& talk = command(demo, "chat", "demo.chat");
    option(talk, "--demo", demo_.dir, "help.demo.dir", "DIR");
    runs(talk, [this](const Context& context) { return demo_chat(context, demo_); });
  }

  const Catalogue& texts_;
  CLI::App app_;
  std::function<ExitCode(const Context&)> selected_;
  std::string selected_name_;

  std::string data_, language_, until_ = "accepted";
  bool json_ = false;
  bool link_ = false;
  bool no_wait_ = false;
  double timeout_ = kDefaultTimeout;
  double long_timeout_ = kForever;
  double status_timeout_ = kStatusTimeout;
  OrganisationCreate organisation_create_;
  OrganisationCertify organisation_certify_;
  StaffPrepare staff_prepare_;
  StaffInstall staff_install_;
  CoachCreate coach_create_;
  Invite invite_;
  Decide decide_;
  Join join_;
  Chat chat_;
  Send send_;
  Receive receive_;
  History history_;
  Demo demo_;
};

}  // namespace

int run(int argc, const char* const* argv, ClockSource& clock_source) {
  const Catalogue texts(Catalogue::language_of(language_argument(argc, argv)));
  CommandLine command_line(texts, clock_source);
  try {
    command_line.app().parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return command_line.app().exit(asked, std::cout, std::cerr);
  } catch (const CLI::ParseError& wrong) {
    std::cerr << texts.text("error.prefix", {usage_text(texts, wrong, command_line.begun(), command_line.not_understood())})
              << std::endl;
    return static_cast<int>(ExitCode::usage);
  }
  auto time = clock_source.start();
  if (!time.ok()) {
    std::cerr << texts.text("error.prefix", {texts.error(time.error().name)}) << std::endl;
    return static_cast<int>(ExitCode::environment);
  }
  SystemRng rng;
  Context context{texts,
                  std::cout,
                  std::cerr,
                  rng,
                  std::move(time).value(),
                  command_line.data_dir(),
                  command_line.json(),
                  ::isatty(STDOUT_FILENO) == 1};
  const ExitCode exit = command_line.selected()(context);
  // A script must not take what it never got for all there was.
  if (!context.out.flush()) return static_cast<int>(context.fail({"output", ExitCode::environment}));
  return static_cast<int>(exit);
}

}  // namespace steiger::cli
