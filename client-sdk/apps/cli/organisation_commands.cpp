#include <sys/stat.h>

#include "client-sdk/apps/cli/commands.h"
#include "client-sdk/apps/cli/organisation_files.h"
#include "client-sdk/src/native/errors.h"
#include "client-sdk/src/native/files.h"
#include "client-sdk/src/organisation.h"

namespace steiger::cli {
namespace {

std::optional<identity::Role> staff_role(const std::string& name) {
  using identity::Role;
  for (const Role role : {Role::coach, Role::teamleider, Role::beheerder, Role::fg, Role::auditor, Role::agent}) {
    if (identity::role_name(role) == name) return role;
  }
  return std::nullopt;
}

ExitCode publish(const Context& context, const OrganisationFiles& files, const sdk::Organisation& organisation) {
  const Bytes facts = identity::encode_organisation(organisation.facts);
  if (!sdk::write_small_file(files.published(), facts, sdk::FileMode::published).ok()) {
    return context.fail("error.file_write", {files.published()}, ExitCode::environment);
  }
  context.say("organisation.created", {organisation.facts.name, files.secret(), files.published()});
  return ExitCode::ok;
}

// An earlier command died between its two files: the key is there, and the rest follows from it.
ExitCode publish_existing(const Context& context, const OrganisationFiles& files) {
  ExitCode exit = ExitCode::ok;
  const auto organisation = read_organisation(context, files, exit);
  return organisation ? publish(context, files, *organisation) : exit;
}

}  // namespace

std::optional<sdk::Organisation> read_organisation(const Context& context, const OrganisationFiles& files, ExitCode& exit) {
  auto secret = sdk::read_small_file(files.secret());
  if (!secret.ok()) {
    exit = context.fail("error.file_read", {files.secret()}, ExitCode::environment);
    return std::nullopt;
  }
  const SecretBytes key = SecretBytes::adopt(std::move(secret).value());
  auto organisation = sdk::Organisation::deserialize(key.bytes());
  if (!organisation.ok()) {
    exit = context.fail(organisation.error());
    return std::nullopt;
  }
  return std::move(organisation).value();
}

std::optional<identity::OrganisationPublic> read_published(const Context& context, const std::string& file, ExitCode& exit) {
  const auto bytes = sdk::read_small_file(file);
  if (!bytes.ok()) {
    exit = context.fail("error.file_read", {file}, ExitCode::environment);
    return std::nullopt;
  }
  auto organisation = identity::decode_organisation(*bytes);
  if (!organisation.ok()) {
    exit = context.fail(sdk::kBadOrganisation);
    return std::nullopt;
  }
  return std::move(organisation).value();
}

std::optional<Bytes> certify(const Context& context, const OrganisationFiles& files, const Bytes& request_bytes,
                             const std::string& role_name, ExitCode& exit) {
  const auto role = staff_role(role_name);
  if (!role) {
    exit = context.fail("error.role", {role_name}, ExitCode::usage);
    return std::nullopt;
  }
  const auto organisation = read_organisation(context, files, exit);
  if (!organisation) return std::nullopt;
  const auto request = sdk::decode_staff_request(request_bytes);
  if (!request.ok()) {
    exit = context.fail(request.error());
    return std::nullopt;
  }
  auto certificate = sdk::certify_staff(*organisation, *request, *role, context.time.clock->now());
  if (!certificate.ok()) {
    exit = context.fail(certificate.error());
    return std::nullopt;
  }
  return std::move(certificate).value();
}

ExitCode organisation_create(const Context& context, const OrganisationCreate& options) {
  const OrganisationFiles files(options.dir);
  auto organisation = sdk::Organisation::create(context.rng, options.name);
  if (!organisation.ok()) return context.fail(organisation.error());
  std::error_code failed;
  std::filesystem::create_directories(files.dir(), failed);
  if (failed) return context.fail("error.file_write", {options.dir}, ExitCode::environment);
  const SecretBytes secret = organisation->serialize();
  // The key first, and never over another: an organisation's key cannot be made again (S1: a lost root means re-intake).
  if (const auto written = sdk::create_small_file(files.secret(), secret.bytes(), sdk::FileMode::secret); !written.ok()) {
    const bool whole = std::filesystem::exists(files.published(), failed);
    if (written.error() == sdk::kDataInUse && !whole) return publish_existing(context, files);
    if (written.error() == sdk::kDataInUse) return context.fail("error.organisation_exists", {options.dir}, ExitCode::refused);
    return context.fail("error.file_write", {files.secret()}, ExitCode::environment);
  }
  return publish(context, files, *organisation);
}

ExitCode organisation_certify(const Context& context, const OrganisationCertify& options) {
  const auto request = sdk::read_small_file(options.request);
  if (!request.ok()) return context.fail("error.file_read", {options.request}, ExitCode::environment);
  ExitCode exit = ExitCode::ok;
  const auto certificate = certify(context, OrganisationFiles(options.dir), *request, options.role, exit);
  if (!certificate) return exit;
  const std::string output =
      options.output.empty() ? std::filesystem::path(options.request).replace_extension("certificate").string() : options.output;
  if (!sdk::write_small_file(output, *certificate, sdk::FileMode::published).ok()) {
    return context.fail("error.file_write", {output}, ExitCode::environment);
  }
  context.say("staff.certified", {output});
  return ExitCode::ok;
}

}  // namespace steiger::cli
