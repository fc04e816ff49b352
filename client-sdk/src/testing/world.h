// A whole small world for tests: an organisation, a gateway, a network, a coach and as many jongeren as wanted, in virtual time.
#pragma once

#include "client-sdk/src/errors.h"
#include "client-sdk/src/organisation.h"
#include "client-sdk/src/testing/sim_device.h"

namespace steiger::sdk::testing {

inline constexpr char kGatewayUrl[] = "ws://127.0.0.1:8443/";
inline constexpr char kGatewayOrigin[] = "http://127.0.0.1:8443";
inline constexpr char kPage[] = "http://127.0.0.1:8443/";

// Makes the gateway's end for an organisation: the small one or the real Service.
using MakeGateway =
    std::function<std::unique_ptr<GatewayEnd>(Scheduler&, const identity::OrganisationPublic&, std::uint64_t seed)>;
std::unique_ptr<GatewayEnd> make_small_gateway(Scheduler& scheduler, const identity::OrganisationPublic& organisation,
                                               std::uint64_t seed);

class World {
 public:
  explicit World(std::uint64_t seed, const MakeGateway& make_gateway = make_small_gateway);

  // A started device with an empty store.
  SimDevice& add_device(const std::string& name);
  // PrepareStaff, certification by the beheerder, InstallCertificate; retried over crashes.
  void set_up_coach(SimDevice& device);
  // Coach makes an invite and gets its link; the newcomer joins with it; a link is confirmed. Until both have the channel.
  // False when that did not happen in ten virtual minutes.
  bool invite(SimDevice& coach, SimDevice& newcomer, api::InviteKind kind);

  // The pieces, for tests that look in between. They survive crashes of the device by asking again.
  std::string make_invite(SimDevice& coach, api::InviteKind kind, const std::string& label = "");
  void start_join(SimDevice& newcomer, const std::string& link);
  void confirm_when_asked(SimDevice& coach);

  // Asks until the request is answered, over crashes; returns the answer.
  template <class Body>
  const api::EventT& ask_until_answered(SimDevice& device, const Body& body) {
    for (int attempt = 0; attempt < 50; ++attempt) {
      if (!device.running()) device.boot();
      const std::uint64_t request = device.ask(body);
      const bool answered = scheduler.run_until([&] { return device.answer(request) != nullptr; }, std::chrono::seconds(30));
      if (answered) return *device.answer(request);
    }
    std::abort();
  }
  // The same, and again while the device's disk fails.
  template <class Body>
  const api::EventT& ask_until_stored(SimDevice& device, const Body& body) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      const api::EventT& answer = ask_until_answered(device, body);
      if (answer.body.AsFailed() == nullptr || answer.body.AsFailed()->name != kLocalStorage.name) return answer;
      scheduler.run_for(std::chrono::seconds(1));
    }
    std::abort();
  }
  void send(SimDevice& device, const std::string& text);
  // Until every device shows the same messages and nothing waits anywhere.
  bool settle(const std::vector<SimDevice*>& members, std::size_t messages, Duration at_most = std::chrono::minutes(10));
  // Without faults from here on: whatever happened before must come to rest.
  void calm();

  Scheduler scheduler;
  SeededRng rng;
  Organisation organisation;
  std::unique_ptr<GatewayEnd> gateway;
  Network network;
  std::vector<std::unique_ptr<SimDevice>> devices;
};

}  // namespace steiger::sdk::testing
