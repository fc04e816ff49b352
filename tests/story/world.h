// A small world of real programs in one directory: an organisation, its gateway, devices. Shared by the story and the kill loop.
#pragma once

#include <nlohmann/json.hpp>

#include "tests/story/process.h"

namespace steiger::story {

using nlohmann::json;

// Which binaries play: the ones that ship, or those whose clock moves by command.
enum class Binaries { shipped, test_clock };

// A message as a device shows it.
struct Shown {
  std::string id, text;
  std::uint64_t seq = 0;
  bool mine = false;
  friend bool operator==(const Shown& a, const Shown& b) { return a.id == b.id && a.text == b.text && a.seq == b.seq; }
};

class World {
 public:
  // `bin`: where the binaries are. `dir` is made and must not be there. `page`: directory of the web page, or empty.
  World(std::filesystem::path bin, std::filesystem::path dir, Binaries binaries, std::filesystem::path page = {});

  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] std::string gateway_url() const { return "ws://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string page_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  // ---- the gateway
  bool make_organisation(const std::string& name);
  bool init_gateway();
  // True when it says "listening" on its port.
  bool start_gateway();
  void kill_gateway();
  [[nodiscard]] bool gateway_runs() const { return gateway_.has_value(); }
  [[nodiscard]] pid_t gateway_pid() const { return gateway_ ? gateway_->pid() : -1; }
  std::optional<int> stop_gateway();  // SIGTERM; its exit code
  bool set_gateway_time(std::int64_t ms);

  // ---- the command line
  // `steiger ARGUMENTS --data DIR/<device> --json`; with the test clock at `time_` for those binaries.
  [[nodiscard]] Arguments command(const std::string& device, Arguments arguments) const;
  Finished steiger(const std::string& device, Arguments arguments, const std::string& input = "");
  Process start_steiger(const std::string& device, Arguments arguments);
  void set_client_time(std::int64_t ms) { client_time_ = ms; }

  // `steiger ARGUMENTS`, at no device: the beheerder, or a reader of proofs.
  Finished beheerder(Arguments arguments);
  bool make_coach(const std::string& device, const std::string& name);
  // The way of staff whose beheerder sits elsewhere: request, certificate (DIR/<device>.certificate), installed.
  bool enrol(const std::string& device, const std::string& name, const std::string& role);
  // The beheerder certifies a request of the device, which installs it.
  bool certify(const std::string& device, const std::filesystem::path& request, const std::string& role);
  // Coach and jongere in one room by a QR invite. False when any step failed.
  bool introduce(const std::string& coach, const std::string& jongere, const std::string& name);
  // As the device shows it, without network; nothing when the command failed.
  std::optional<std::vector<Shown>> history(const std::string& device);

  [[nodiscard]] std::filesystem::path error_file(const std::string& who) const { return dir_ / (who + ".stderr"); }
  [[nodiscard]] std::filesystem::path device_dir(const std::string& device) const { return dir_ / device; }
  [[nodiscard]] std::filesystem::path gateway_dir() const { return dir_ / "gateway"; }
  [[nodiscard]] std::filesystem::path organisation_dir() const { return dir_ / "organisation"; }
  [[nodiscard]] std::filesystem::path certificate_of(const std::string& device) const { return dir_ / (device + ".certificate"); }

 private:
  [[nodiscard]] std::string program(const std::string& name) const;

  std::filesystem::path bin_, dir_;
  Binaries binaries_;
  std::filesystem::path page_;
  std::uint16_t port_;
  std::optional<Process> gateway_;
  std::int64_t gateway_time_ = 0;
  std::int64_t client_time_ = 0;
};

// The body of the first line with this body_type; null when there is none.
json body_of(const std::vector<std::string>& lines, const std::string& body_type);
// Reads lines until one with this body_type that `accept` likes comes.
template <class Accept>
json wait_for(Process& process, const std::string& body_type, Accept accept) {
  while (const auto line = process.read_line()) {
    const json parsed = json::parse(*line, nullptr, false);
    if (parsed.is_object() && parsed.value("body_type", "") == body_type && accept(parsed["body"])) return parsed["body"];
  }
  return nullptr;
}

}  // namespace steiger::story
