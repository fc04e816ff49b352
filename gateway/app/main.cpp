// steiger-gateway: command line only; gateway.cpp does the work.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "gateway/app/gateway.h"
#include "gateway/app/init_command.h"
#include "gateway/net/version.h"

namespace {

constexpr const char* kAbout =
    "Relays, orders and stores end-to-end encrypted messages. It never reads them.\n\n"
    "First time:   steiger-gateway init DIR --organisation organisation.pub\n"
    "              (steiger organisation create makes that file)\n"
    "Then:         steiger-gateway --config DIR/gateway.toml\n";

constexpr const char* kMore = R"(
The configuration (TOML; paths start at its own directory):

  listen = "127.0.0.1:8443"                  # numeric address and port; port 0: any free one
  public_origin = "https://chat.example.nl"  # what apps call this gateway; needed when not on loopback
  organisation = "organisation.pub"          # from: steiger organisation create
  web = "web"                                # optional: the page's files
  [store]
  path = "gateway.db"
  key = "file:store.key"                     # 64 hexadecimal characters; file:PATH with mode 0600,
  audit_key = "file:audit.key"               # environment:NAME, or credential:NAME (systemd)
  [limits]
  max_connections = 10000
  [health]
  counts = false                             # totals on /health

TLS is the work of a proxy in front; see public_origin. When devices can connect, one JSON line "listening" goes to stdout;
JSON log lines without personal data go to stderr. SIGTERM or SIGINT ends it properly; kill -9 loses nothing either.
Exit codes: 0 ended as asked, 2 configuration or command line, 3 port, store or operating system.)";

int exit_with(steiger::gateway::ExitCode code) {
  return static_cast<int>(code);
}

int run(int argc, char** argv) {
  namespace gateway = steiger::gateway;
  const auto clock_source = gateway::make_clock_source();
  CLI::App app(kAbout, "steiger-gateway");
  app.set_version_flag("--version", gateway::kVersion);
  app.footer(kMore);
  std::string config_file;
  bool check_only = false;
  app.add_option("--config", config_file, "Configuration file")->type_name("FILE");
  app.add_flag("--check-config", check_only, "Read and check the configuration and the files it names, then end");
  clock_source->add_options(app);

  gateway::InitOptions init;
  CLI::App* init_command = app.add_subcommand("init", "Make a configuration, keys and an empty store for an organisation");
  init_command->add_option("DIR", init.directory, "New or empty directory")->required();
  init_command->add_option("--organisation", init.organisation_file, "The organisation's public file")
      ->required()
      ->type_name("FILE");
  init_command->add_option("--listen", init.listen, "Numeric address and port")->type_name("HOST:PORT")->capture_default_str();
  init_command->add_option("--public-origin", init.public_origin, "What apps call this gateway")->type_name("URL");
  init_command->add_option("--web", init.web_directory, "Directory of the page")->type_name("DIR");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_with(gateway::ExitCode::ok) : exit_with(gateway::ExitCode::configuration);
  }
  if (init_command->parsed()) return exit_with(gateway::init_gateway(init));
  if (config_file.empty()) {
    std::cerr << "Say which configuration: steiger-gateway --config FILE (--help explains).\n";
    return exit_with(gateway::ExitCode::configuration);
  }

  const gateway::ConfigResult loaded = gateway::load_config(config_file);
  for (const std::string& problem : loaded.problems) std::cerr << config_file << ": " << problem << "\n";
  if (!loaded.config) return exit_with(gateway::ExitCode::configuration);
  std::string problem;
  auto inputs = gateway::read_inputs(*loaded.config, problem);
  if (!inputs) {
    std::cerr << config_file << ": " << problem << "\n";
    return exit_with(gateway::ExitCode::configuration);
  }
  if (check_only) {
    std::cout << "The configuration is in order.\n";
    return exit_with(gateway::ExitCode::ok);
  }
  return exit_with(gateway::run_gateway(*loaded.config, std::move(*inputs), *clock_source));
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed connection is an error value, not a death
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "Unexpected: " << error.what() << "\n";
    return exit_with(steiger::gateway::ExitCode::environment);
  }
}
