#include "tests/property/lying_gateway.h"

namespace steiger::sdk::testing {

void LyingGateway::opened(std::uint64_t connection, std::function<void(Bytes)> send, std::function<void()> close) {
  lines_[connection] = {std::move(send), {}};
  honest.opened(
      connection,
      [this, connection](Bytes frame) {
        const auto found = lines_.find(connection);
        if (found == lines_.end()) return;
        if (down) frame = down(found->second.device, std::move(frame));
        if (!frame.empty()) found->second.send(std::move(frame));
      },
      std::move(close));
}

void LyingGateway::received(std::uint64_t connection, const Bytes& frame) {
  const auto found = lines_.find(connection);
  if (found == lines_.end()) return;
  const auto* login = gateway::wire::GetFrame(frame.data())->body_as_Login();
  if (login != nullptr) found->second.device = *gateway::field<DeviceId>(login->device());
  Bytes changed = up ? up(found->second.device, frame) : frame;
  if (!changed.empty()) honest.received(connection, changed);
}

void LyingGateway::closed(std::uint64_t connection) {
  lines_.erase(connection);
  honest.closed(connection);
}

std::optional<std::uint64_t> LyingGateway::connection_of(const DeviceId& device) const {
  std::optional<std::uint64_t> newest;
  for (const auto& [connection, line] : lines_) {
    if (line.device == device) newest = connection;
  }
  return newest;
}

bool LyingGateway::tell(const DeviceId& device, const Bytes& frame) {
  const auto connection = connection_of(device);
  if (connection) lines_.at(*connection).send(frame);
  return connection.has_value();
}

bool LyingGateway::say_for(const DeviceId& device, const Bytes& frame) {
  const auto connection = connection_of(device);
  if (connection) honest.received(*connection, frame);
  return connection.has_value();
}

}  // namespace steiger::sdk::testing
