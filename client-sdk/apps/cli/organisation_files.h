// The directory of an organisation, on the beheerder's computer (S1: the root key is never on the gateway).
#pragma once

#include <filesystem>

#include "client-sdk/apps/cli/context.h"

namespace steiger::cli {

class OrganisationFiles {
 public:
  explicit OrganisationFiles(std::filesystem::path dir) : dir_(std::move(dir)) {}
  [[nodiscard]] std::string secret() const { return (dir_ / "organisation.key").string(); }
  [[nodiscard]] std::string published() const { return (dir_ / "organisation.pub").string(); }
  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }

 private:
  std::filesystem::path dir_;
};

// Certifies a staff request with the organisation's key; nothing after having said why not.
std::optional<Bytes> certify(const Context& context, const OrganisationFiles& files, const Bytes& request,
                             const std::string& role, ExitCode& exit);

}  // namespace steiger::cli
