#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/organisation_files.h"
#include "client-sdk/src/native/files.h"

namespace steiger::cli {
namespace {

// Makes the keys on this device; the request for the beheerder, or nothing after having said why not.
std::optional<Bytes> prepare(const Context& context, Session& session, const std::string& name, const std::string& gateway,
                             Bytes organisation, ExitCode& exit) {
  api::PrepareStaffT request;
  request.name = name;
  request.gateway_url = gateway;
  request.organisation = std::move(organisation);
  Refusal refusal;
  const Event answer = session.ask(std::move(request), refusal);
  if (!answer || answer->body.AsStaffRequest() == nullptr) {
    exit = context.fail(refusal);
    return std::nullopt;
  }
  return answer->body.AsStaffRequest()->request;
}

ExitCode install(const Context& context, Session& session, Bytes certificate) {
  api::InstallCertificateT request;
  request.certificate = std::move(certificate);
  Refusal refusal;
  if (!session.ask(std::move(request), refusal)) return context.fail(refusal);
  const Event status = session.ask(api::GetStatusT(), refusal);
  if (!status || status->body.AsStatus() == nullptr) return context.fail(refusal);
  context.emit(*status);
  context.say("staff.installed", {status->body.AsStatus()->name});
  if (status->body.AsStatus()->role == api::Role::coach) context.say("proof.coach");
  return ExitCode::ok;
}

}  // namespace

ExitCode staff_prepare(const Context& context, const StaffPrepare& options) {
  auto organisation = sdk::read_small_file(options.organisation);
  if (!organisation.ok()) return context.fail("error.file_read", {options.organisation}, ExitCode::environment);
  ExitCode exit = ExitCode::ok;
  const auto session = context.open(sdk::OpenMode::create_if_absent, exit);
  if (!session) return exit;
  const auto request = prepare(context, *session, options.name, options.gateway, std::move(organisation).value(), exit);
  if (!request) return exit;
  const std::string output = options.output.empty() ? options.name + ".request" : options.output;
  if (!sdk::write_small_file(output, *request, sdk::FileMode::published).ok()) {
    return context.fail("error.file_write", {output}, ExitCode::environment);
  }
  context.say("staff.prepared", {output});
  return ExitCode::ok;
}

ExitCode staff_install(const Context& context, const StaffInstall& options) {
  auto certificate = sdk::read_small_file(options.certificate);
  if (!certificate.ok()) return context.fail("error.file_read", {options.certificate}, ExitCode::environment);
  ExitCode exit = ExitCode::ok;
  const auto session = context.open(sdk::OpenMode::existing, exit);
  if (!session) return exit;
  return install(context, *session, std::move(certificate).value());
}

ExitCode coach_create(const Context& context, const CoachCreate& options) {
  const OrganisationFiles files(options.organisation_dir);
  auto organisation = sdk::read_small_file(files.published());
  if (!organisation.ok()) return context.fail("error.file_read", {files.published()}, ExitCode::environment);
  ExitCode exit = ExitCode::ok;
  const auto session = context.open(sdk::OpenMode::create_if_absent, exit);
  if (!session) return exit;
  const auto request = prepare(context, *session, options.name, options.gateway, std::move(organisation).value(), exit);
  if (!request) return exit;
  auto certificate = certify(context, files, *request, "coach", exit);
  if (!certificate) return exit;
  return install(context, *session, std::move(*certificate));
}

}  // namespace steiger::cli
