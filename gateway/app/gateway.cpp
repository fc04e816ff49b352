#include "gateway/app/gateway.h"

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iostream>

#include "crypto/primitives/system_rng.h"
#include "gateway/net/edge.h"
#include "gateway/sqlcipher/errors.h"
#include "gateway/transport/server.h"

namespace steiger::gateway {
namespace {

constexpr std::size_t kMaxOrganisationFileBytes = 16 * 1024;
constexpr rlim_t kOtherDescriptors = 256;  // database, log, libraries, the listening socket

class LoopExecutor final : public Executor {
 public:
  explicit LoopExecutor(transport::EventLoop& loop) : loop_(loop) {}
  void post(std::function<void()> task) override { loop_.post(std::move(task)); }

 private:
  transport::EventLoop& loop_;
};

// libwebsockets sizes its tables by this limit, so it is set to what is needed rather than left at a container's million.
void limit_descriptors(std::size_t connections) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = connections + transport::kMaxSurplusConnections + kOtherDescriptors;
  limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string listen_problem(const Error& why, const std::string& where) {
  if (why == transport::kPortTaken)
    return "The port of " + where + " is taken: another program, or another gateway, listens there.";
  if (why == transport::kCannotListen) return "Cannot listen on " + where + ": not an address of this machine, or not allowed.";
  return "The event loop cannot start; is the package libwebsockets-evlib-ev installed?";
}

ExitCode fail(const std::string& sentence) {
  std::cerr << sentence << "\n";
  return ExitCode::environment;
}

// The head key is public: whoever is shown a proof needs it from the operator (S16).
void print_listening(const std::string& host, std::uint16_t port, const std::string& origin, const VerifyKey& head_key) {
  std::cout << "{\"event\":\"listening\",\"host\":\"" << host << "\",\"port\":" << port << ",\"origin\":\"" << origin
            << "\",\"head_key\":\"" << to_hex(head_key.bytes()) << "\"}\n"
            << std::flush;
}

}  // namespace

std::optional<identity::OrganisationPublic> read_organisation_file(const std::string& path, std::string& problem) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes(kMaxOrganisationFileBytes);
  if (!file) {
    problem = "Cannot read the organisation file " + path + ".";
    return std::nullopt;
  }
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  auto organisation = identity::decode_organisation(bytes);
  if (!organisation.ok()) {
    std::string_view text = as_text(bytes);
    text = text.substr(0, text.find_last_not_of(" \r\n") + 1);
    if (auto decoded = from_hex(text); decoded.ok()) organisation = identity::decode_organisation(*decoded);
  }
  if (organisation.ok()) return std::move(organisation).value();
  problem = "The file " + path + " is no organisation file; `steiger organisation create` makes one.";
  return std::nullopt;
}

std::optional<GatewayInputs> read_inputs(const Config& config, std::string& problem) {
  auto organisation = read_organisation_file(config.organisation_file, problem);
  if (!organisation) return std::nullopt;
  GatewayInputs inputs{std::move(*organisation), read_key(config.store_key, problem), std::nullopt};
  if (!inputs.store_key) return std::nullopt;
  inputs.audit_key = read_key(config.audit_key, problem);
  if (!inputs.audit_key) return std::nullopt;
  if (*inputs.store_key == *inputs.audit_key) {
    problem = "\"store.key\" and \"store.audit_key\" must be different keys.";
    return std::nullopt;
  }
  return inputs;
}

std::unique_ptr<Store> open_store(const Config& config, const GatewayInputs& inputs, Rng& rng, MissingStore missing,
                                  std::string& problem) {
  auto store = open_sql_store({config.store_path, sqlcipher::DatabaseKey(inputs.store_key->bytes()),
                               SecretboxKey(inputs.audit_key->bytes()), missing == MissingStore::create},
                              rng);
  if (store.ok()) return std::move(store).value();
  problem = "The store " + config.store_path + " does not open. " + explain_store_error(store.error());
  return nullptr;
}

ExitCode run_gateway(const Config& config, GatewayInputs inputs, ClockSource& clock_source) {
  std::string problem;
  const std::unique_ptr<Clock> clock = clock_source.open(is_loopback(config.listen_host), problem);
  if (clock == nullptr) return fail(problem);
  limit_descriptors(config.max_connections);
  SystemRng rng;

  // Order of making is the reverse of the order of going: connections end before the service, its writer before the store.
  auto loop = transport::EventLoop::create();
  const std::string where = host_and_port(config.listen_host, config.listen_port);
  if (!loop) return fail(listen_problem(loop.error(), where));
  LoopExecutor executor(**loop);
  std::unique_ptr<Store> store;
  std::unique_ptr<Service> service;
  Edge edge(*clock, rng);
  transport::ServerOptions listening{config.listen_host, config.listen_port};
  listening.max_connections = config.max_connections;
  auto server = transport::Server::create(**loop, listening, edge);  // nothing is served before the loop runs
  if (!server) return fail(listen_problem(server.error(), where));
  const std::uint16_t port = (*server)->port();
  const std::string origin =
      config.public_origin.empty() ? "http://" + host_and_port(config.listen_host, port) : config.public_origin;

  if (!config.web_directory.empty()) {
    auto files = StaticFiles::load(config.web_directory, origin, problem);
    if (!files) return fail(problem);
    edge.serve_files(std::move(*files));
  }
  store = open_store(config, inputs, rng, MissingStore::refuse, problem);
  if (store == nullptr) return fail(problem);
  ServiceOptions options;
  options.organisation = inputs.organisation.id;
  options.organisation_root = inputs.organisation.root_key;
  options.origin = origin;
  auto made = Service::create(std::move(options), *store, *clock, executor);
  if (!made) return fail("The store " + config.store_path + " cannot be used. " + explain_store_error(made.error()));
  service = std::move(made).value();
  edge.attach(**server, *service);
  edge.show_counts(config.health_counts);

  transport::Timer tick(**loop, [&] {
    service->tick();
    tick.start(kTickInterval);
  });
  tick.start(kTickInterval);

  // A graceful end: no new connections, everybody is told, and what is queued goes out; at most as long as a closing one may take.
  transport::Timer patience(**loop, [&] { (*loop)->stop(); });
  const auto end = [&] {
    (*server)->stop_listening();
    edge.on_idle([&] { (*loop)->stop(); });
    service->shut_down();
    patience.start(edge.sessions() == 0 ? Duration{0} : Duration(transport::kLinger));
  };
  (*loop)->on_signal(SIGTERM, end);
  (*loop)->on_signal(SIGINT, end);
  print_listening(config.listen_host, port, origin, service->hello().head_key);
  (*loop)->run();
  server->reset();
  service.reset();
  store.reset();
  log_event(*clock, LogLevel::info, "stopped");
  return ExitCode::ok;
}

}  // namespace steiger::gateway
