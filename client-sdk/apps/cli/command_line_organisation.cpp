#include "client-sdk/apps/cli/command_line.h"

namespace steiger::cli {

void CommandLine::add_organisation() {
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

  add_root(organisation);
  add_standings(organisation);
}

void CommandLine::add_root(CLI::App& organisation) {
  auto& backup = command(organisation, "backup", "organisation.backup");
  auto kept = std::make_shared<OrganisationBackup>();
  option(backup, "dir", kept->dir, "help.organisation.dir", "DIR")->required();
  option(backup, "--out", kept->out, "help.organisation.backup.out", "FOLDER")->required();
  runs(backup, [kept](const Context& context) { return organisation_backup(context, *kept); });

  auto& restore = command(organisation, "restore", "organisation.restore");
  auto restored = std::make_shared<OrganisationRestore>();
  option(restore, "dir", restored->dir, "help.organisation.dir", "DIR")->required();
  restore.add_option("--share", restored->shares, texts_.text("help.organisation.restore.share"))
      ->type_name("FILE")
      ->required()
      ->allow_extra_args(false);
  runs(restore, [restored](const Context& context) { return organisation_restore(context, *restored); });

  auto& rotate = command(organisation, "rotate", "organisation.rotate");
  auto rotated = std::make_shared<OrganisationRotate>();
  option(rotate, "dir", rotated->dir, "help.organisation.dir", "DIR")->required();
  runs(rotate, [rotated](const Context& context) { return organisation_rotate(context, *rotated); });
}

void CommandLine::add_standings(CLI::App& organisation) {
  auto& status = group(organisation, "status", "standing");
  const auto options_of = [&](auto options, const char* name, const char* key, auto run) {
    auto& added = command(status, name, key);
    auto kept = std::make_shared<decltype(options)>(std::move(options));
    option(added, "dir", kept->dir, "help.organisation.dir", "DIR")->required();
    runs(added, [kept, run](const Context& context) { return run(context, *kept); });
    return std::pair<CLI::App&, std::shared_ptr<decltype(options)>>(added, kept);
  };
  const auto [delegate, delegation] = options_of(StandingDelegate(), "delegate", "standing.delegate", standing_delegate);
  delegate.add_flag("--new-key", delegation->new_key, texts_.text("help.standing.new_key"));

  const auto note = [&](const char* name, const char* key, identity::Standing standing) {
    StandingNote empty;
    empty.standing = standing;
    const auto [added, kept] = options_of(std::move(empty), name, key, standing_note);
    auto* certificate = option(added, "--certificate", kept->certificate, "help.standing.certificate", "FILE");
    option(added, "--key", kept->key, "help.standing.key", "HEX")->excludes(certificate);
    option(added, "--since", kept->since, "help.standing.since", "TIME");
  };
  note("end", "standing.end", identity::Standing::ended);
  note("replace", "standing.replace", identity::Standing::replaced);
  note("compromise", "standing.compromise", identity::Standing::compromised);

  options_of(StandingShow(), "show", "standing.show", standing_show);

  const auto [sign, signing] = options_of(StandingSign(), "sign", "standing.sign", standing_sign);
  option(sign, "--out", signing->out, "help.output", "FILE")->required();
}

}  // namespace steiger::cli
