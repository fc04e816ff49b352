// The directory of an organisation, on the beheerder's computer (S1: the root key is never on the gateway).
#pragma once

#include <filesystem>

#include "client-sdk/apps/cli/context.h"
#include "client-sdk/src/organisation.h"

namespace steiger::cli {

//   organisation.key          the root key; secret
//   organisation.key.next     its successor while a rotation is under way; secret
//   organisation.pub          what everybody may know of the organisation
//   organisation.successions  identity::encode_root_successions: for whoever knows an earlier root
//   status.key                signs status lists, appointed by the root; secret
//   status.book               the standings that the next list will say
class OrganisationFiles {
 public:
  explicit OrganisationFiles(std::filesystem::path dir) : dir_(std::move(dir)) {}
  [[nodiscard]] std::string secret() const { return (dir_ / "organisation.key").string(); }
  [[nodiscard]] std::string published() const { return (dir_ / "organisation.pub").string(); }
  [[nodiscard]] std::string successions() const { return (dir_ / "organisation.successions").string(); }
  [[nodiscard]] std::string next_secret() const { return (dir_ / "organisation.key.next").string(); }
  [[nodiscard]] std::string status_key() const { return (dir_ / "status.key").string(); }
  [[nodiscard]] std::string status_book() const { return (dir_ / "status.book").string(); }
  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }

 private:
  std::filesystem::path dir_;
};

// Nothing after having said why not.
std::optional<sdk::Organisation> read_organisation(const Context& context, const OrganisationFiles& files, ExitCode& exit);
std::optional<identity::OrganisationPublic> read_published(const Context& context, const std::string& file, ExitCode& exit);

// Certifies a staff request with the organisation's key; nothing after having said why not.
std::optional<Bytes> certify(const Context& context, const OrganisationFiles& files, const Bytes& request,
                             const std::string& role, ExitCode& exit);

}  // namespace steiger::cli
