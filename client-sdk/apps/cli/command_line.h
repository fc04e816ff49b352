// What can be typed after `steiger`, how it is explained, and which function runs (commands.h).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "client-sdk/apps/cli/cli.h"
#include "client-sdk/apps/cli/commands.h"

namespace steiger::cli {

inline constexpr double kDefaultTimeout = 30;  // seconds: a slow network, not a dead one
inline constexpr double kStatusTimeout = 5;    // seconds
inline constexpr double kForever = -1;

// CLI11's own says "NONNEGATIVE" in every help text.
CLI::Validator not_negative();
CLI::Validator not_blank();
// Negative: for ever.
Duration seconds(double value);

class CommandLine {
 public:
  CommandLine(const Catalogue& texts, ClockSource& clock_source);
  CommandLine(const CommandLine&) = delete;  // what was described points into it
  CommandLine& operator=(const CommandLine&) = delete;

  CLI::App& app() { return app_; }
  [[nodiscard]] const std::function<ExitCode(const Context&)>& selected() const { return selected_; }
  // What followed it and was not.
  [[nodiscard]] std::string not_understood() const;
  // The command as far as it was understood.
  [[nodiscard]] std::string begun() const;
  [[nodiscard]] std::filesystem::path data_dir() const;
  [[nodiscard]] bool json() const { return json_; }

 private:
  void describe(CLI::App& app, std::string_view footer);

  // A command: `name` is also the stem of its texts.
  CLI::App& command(CLI::App& parent, const std::string& name, const std::string& key);
  // A command that only has commands below it.
  CLI::App& group(CLI::App& parent, const std::string& name, const std::string& key);
  CLI::App& group(const std::string& name) { return group(app_, name, name); }
  template <class Run>
  void runs(CLI::App& command, Run run) {
    command.callback([this, run] { selected_ = run; });
  }
  CLI::Option* option(CLI::App& command, const char* name, std::string& value, const char* key, const char* type);
  void device(CLI::App& command);
  void timeout(CLI::App& command, double& value);

  // Each in a file of its own: command_line_<what>.cpp.
  void add_organisation();
  void add_root(CLI::App& organisation);
  void add_standings(CLI::App& organisation);
  void add_staff();
  void add_invites();
  void add_messages();
  void add_disclose();
  void add_members();
  void add_devices();
  void add_demo();

  const Catalogue& texts_;
  CLI::App app_;
  std::function<ExitCode(const Context&)> selected_;

  std::string data_, language_, until_ = "accepted";
  bool json_ = false;
  bool link_ = false;
  bool no_wait_ = false;
  bool reading_along_ = false;
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
  InRoom room_;
  MemberRemove member_remove_;
  Answer answer_;
  HandoverOffer handover_;
  StandingPublish publish_;
  DeviceRemove device_remove_;
  Join join_;
  Chat chat_;
  Send send_;
  Receive receive_;
  History history_;
  Demo demo_;
};

}  // namespace steiger::cli
