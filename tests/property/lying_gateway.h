// A gateway whose operator lies: the honest Service, and between it and the devices somebody who reads, changes, drops, keeps and invents
// frames for one device or another, and holds the gateway's own signing key.
#pragma once

#include "crypto/base/ids.h"
#include "tests/property/service_gateway.h"

namespace steiger::sdk::testing {

class LyingGateway final : public GatewayEnd {
 public:
  LyingGateway(Scheduler& scheduler, const identity::OrganisationPublic& organisation, const std::string& origin,
               std::uint64_t seed)
      : honest(scheduler, organisation, origin, seed) {}

  void opened(std::uint64_t connection, std::function<void(Bytes)> send, std::function<void()> close) override;
  void received(std::uint64_t connection, const Bytes& frame) override;
  void closed(std::uint64_t connection) override;

  // ---- the lies
  // A frame to or from `device` (nil before it said who it is) becomes another one; an empty one is dropped.
  using Tamper = std::function<Bytes(const DeviceId& device, Bytes frame)>;
  Tamper up, down;
  // A frame of the liar's own. False: that device is not connected.
  bool tell(const DeviceId& device, const Bytes& frame);
  // A frame to the honest Service in that device's name: whatever needs no key of the device.
  bool say_for(const DeviceId& device, const Bytes& frame);

  ServiceGateway honest;

 private:
  struct Line {
    std::function<void(Bytes)> send;
    DeviceId device;
  };
  [[nodiscard]] std::optional<std::uint64_t> connection_of(const DeviceId& device) const;

  std::map<std::uint64_t, Line> lines_;
};

}  // namespace steiger::sdk::testing
