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
}

}  // namespace steiger::cli
