#include "tests/story/world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace steiger::story {
namespace {

// A port that is free now. The gateway needs the same one again after every kill, so it cannot choose for itself.
std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(probe);
  return bound ? ntohs(address.sin_port) : std::uint16_t{0};
}

// One request to a test clock's socket (gateway/transport/test_clock.h); whether it said "ok".
bool tell_clock(const std::filesystem::path& socket_path, const std::string& request) {
  const int line = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  bool done = ::connect(line, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  const std::string text = request + "\n";
  done = done && ::write(line, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  char answer[64] = {};
  done = done && ::read(line, answer, sizeof answer - 1) > 0 && std::string(answer).rfind("ok", 0) == 0;
  ::close(line);
  return done;
}

}  // namespace

World::World(std::filesystem::path bin, std::filesystem::path dir, Binaries binaries, std::filesystem::path page)
    : bin_(std::move(bin)), dir_(std::move(dir)), binaries_(binaries), page_(std::move(page)), port_(free_port()) {
  std::filesystem::create_directories(dir_);
}

std::string World::program(const std::string& name) const {
  return (bin_ / (binaries_ == Binaries::test_clock ? name + "-testclock" : name)).string();
}

Finished World::beheerder(Arguments arguments) {
  arguments.insert(arguments.begin(), {program("steiger"), "--language", "en"});
  return run(arguments, error_file("beheerder"));
}

bool World::make_organisation(const std::string& name) {
  return beheerder({"organisation", "create", organisation_dir().string(), "--name", name}).exit == 0;
}

bool World::init_gateway() {
  Arguments arguments = {program("steiger-gateway"),
                         "init",
                         gateway_dir().string(),
                         "--organisation",
                         (dir_ / "organisation" / "organisation.pub").string(),
                         "--listen",
                         "127.0.0.1:" + std::to_string(port_)};
  if (!page_.empty()) arguments.insert(arguments.end(), {"--web", page_.string()});
  return run(arguments, error_file("gateway")).exit == 0;
}

bool World::start_gateway() {
  Arguments arguments = {program("steiger-gateway"), "--config", (gateway_dir() / "gateway.toml").string()};
  if (binaries_ == Binaries::test_clock && gateway_time_ != 0) {
    arguments.insert(arguments.end(),
                     {"--test-clock", (dir_ / "clock").string(), "--test-clock-start", std::to_string(gateway_time_)});
  }
  gateway_.reset();
  gateway_.emplace(arguments, error_file("gateway"));
  const auto line = gateway_->read_line();
  const json parsed = line ? json::parse(*line, nullptr, false) : json();
  return parsed.is_object() && parsed.value("event", "") == "listening" && parsed.value("port", 0) == port_;
}

void World::kill_gateway() {
  if (gateway_) gateway_->kill_now();
  gateway_.reset();
}

std::optional<int> World::stop_gateway() {
  if (!gateway_) return std::nullopt;
  gateway_->signal(SIGTERM);
  const auto status = gateway_->wait();
  gateway_.reset();
  return status;
}

bool World::set_gateway_time(std::int64_t ms) {
  gateway_time_ = ms;
  return !gateway_ || tell_clock(dir_ / "clock", "set " + std::to_string(ms));
}

Arguments World::command(const std::string& device, Arguments arguments) const {
  arguments.insert(arguments.begin(), program("steiger"));
  arguments.insert(arguments.end(), {"--json", "--data", device_dir(device).string(), "--language", "en"});
  if (binaries_ == Binaries::test_clock && client_time_ != 0) {
    arguments.insert(arguments.end(),
                     {"--test-clock", (dir_ / (device + ".clock")).string(), "--test-clock-start", std::to_string(client_time_)});
  }
  return arguments;
}

Finished World::steiger(const std::string& device, Arguments arguments, const std::string& input) {
  return run(command(device, std::move(arguments)), error_file(device), input);
}

Process World::start_steiger(const std::string& device, Arguments arguments) {
  return Process(command(device, std::move(arguments)), error_file(device));
}

bool World::make_coach(const std::string& device, const std::string& name) {
  return steiger(device, {"coach", "create", "--name", name, "--gateway", gateway_url(), "--organisation",
                          (dir_ / "organisation").string()})
             .exit == 0;
}

bool World::enrol(const std::string& device, const std::string& name, const std::string& role) {
  const auto request = dir_ / (device + ".request");
  return steiger(device, {"staff", "prepare", "--name", name, "--gateway", gateway_url(), "--organisation",
                          (organisation_dir() / "organisation.pub").string(), "--output", request.string()})
                 .exit == 0 &&
         certify(device, request, role);
}

bool World::certify(const std::string& device, const std::filesystem::path& request, const std::string& role) {
  const std::string certificate = certificate_of(device).string();
  return beheerder(
             {"organisation", "certify", organisation_dir().string(), request.string(), "--role", role, "--output", certificate})
                 .exit == 0 &&
         steiger(device, {"staff", "install", certificate}).exit == 0;
}

bool World::introduce(const std::string& coach, const std::string& jongere, const std::string& name) {
  Process inviting = start_steiger(coach, {"invite", "--qr", "--label", name, "--page", page_url()});
  const json invite = wait_for(inviting, "Invite", [](const json& body) { return body["state"] == "open"; });
  if (invite.is_null()) return false;
  const Finished joined = steiger(jongere, {"join", "-", "--name", name}, invite["url"].get<std::string>() + "\n");
  return joined.exit == 0 && inviting.wait() == 0;
}

std::optional<std::vector<Shown>> World::history(const std::string& device) {
  const Finished shown = steiger(device, {"history"});
  if (shown.exit != 0) return std::nullopt;
  std::vector<Shown> out;
  for (const auto& line : shown.lines) {
    const json body = json::parse(line)["body"];
    out.push_back({body["id"], body["text"], body["seq"], body["mine"]});
  }
  return out;
}

json body_of(const std::vector<std::string>& lines, const std::string& body_type) {
  for (const auto& line : lines) {
    const json parsed = json::parse(line, nullptr, false);
    if (parsed.is_object() && parsed.value("body_type", "") == body_type) return parsed["body"];
  }
  return nullptr;
}

}  // namespace steiger::story
