#include "client-sdk/apps/cli/command_line.h"

namespace steiger::cli {

void CommandLine::add_staff() {
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

void CommandLine::add_invites() {
  auto& make = command(app_, "invite", "invite");
  device(make);
  auto* qr = make.add_flag("--qr", invite_.qr, texts_.text("help.invite.qr"));
  make.add_flag("--link", link_, texts_.text("help.invite.link"))->excludes(qr);  // what happens without either
  option(make, "--label", invite_.label, "help.invite.label", "NAME");
  option(make, "--page", invite_.page, "help.invite.page", "URL");
  auto* along = make.add_flag("--reading-along", reading_along_, texts_.text("help.invite.reading_along"));
  option(make, "--until", invite_.until, "help.invite.until", "DATE")->needs(along);
  option(make, "--reason", invite_.reason, "help.invite.reason", "REASON")->needs(along);
  auto* comeback = option(make, "--comeback", invite_.member, "help.invite.comeback", "MEMBER")->excludes(along);
  make.add_flag("--lost", invite_.lost, texts_.text("help.invite.lost"))->needs(comeback);
  option(make, "--channel", invite_.channel, "help.channel", "CHANNEL");
  make.add_flag("--no-wait", no_wait_, texts_.text("help.invite.no_wait"));
  timeout(make, long_timeout_);
  runs(make, [this](const Context& context) {
    if (reading_along_) invite_.purpose = api::InvitePurpose::third_party;
    if (!invite_.member.empty()) invite_.purpose = api::InvitePurpose::comeback;
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

}  // namespace steiger::cli
