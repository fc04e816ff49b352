// `steiger-gateway init DIR --organisation FILE`: a working configuration, its keys and its database for one organisation.
#pragma once

#include <string>

#include "gateway/app/gateway.h"

namespace steiger::gateway {

struct InitOptions {
  std::string directory;
  std::string organisation_file;
  std::string listen = "127.0.0.1:8443";
  std::string public_origin;  // empty: left out
  std::string web_directory;  // empty: left out
};

// Makes DIR (mode 0700) with gateway.toml, organisation.pub, store.key, audit.key (0600), gateway.db and
// head-key.pub, which readers of proofs need (S16). Refuses a directory that
// already holds one of them: nothing is overwritten. Prints what to do next.
ExitCode init_gateway(const InitOptions& options);

}  // namespace steiger::gateway
