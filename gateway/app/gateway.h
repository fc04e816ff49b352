// A running gateway: everything the configuration names, put together. The exit codes and sentences of the program are made here.
#pragma once

#include <optional>
#include <string>

#include "crypto/identity/chain.h"
#include "gateway/app/clock_source.h"
#include "gateway/app/config.h"
#include "gateway/store/sql_store.h"

namespace steiger::gateway {

enum class ExitCode : std::uint8_t {
  ok = 0,
  configuration = 2,  // the command line, the configuration or a file that it names
  environment = 3,    // port, store or operating system
};

// What a configuration names, read and checked, before anything is opened or listened on.
struct GatewayInputs {
  identity::OrganisationPublic organisation;
  std::optional<RawKey> store_key;
  std::optional<RawKey> audit_key;
};

// Absent, and a sentence in `problem`. Reads files, changes nothing.
std::optional<GatewayInputs> read_inputs(const Config& config, std::string& problem);

// The organisation file of `steiger organisation create`: the encoded OrganisationPublic, or that in hexadecimal.
std::optional<identity::OrganisationPublic> read_organisation_file(const std::string& path, std::string& problem);

// Opens the store under the configured keys; a sentence in `problem`. Only `init` makes a new one: a gateway whose store is gone
// must not begin again in silence.
enum class MissingStore { create, refuse };
std::unique_ptr<Store> open_store(const Config& config, const GatewayInputs& inputs, Rng& rng, MissingStore missing,
                                  std::string& problem);

// Runs until SIGTERM or SIGINT. Prints {"event":"listening",...,"head_key":...} on stdout when devices can connect, sentences on stderr.
ExitCode run_gateway(const Config& config, GatewayInputs inputs, ClockSource& clock_source);

}  // namespace steiger::gateway
