// The simulated network: ordered connections with random delays that may break at any moment, like TCP.
#pragma once

#include <memory>

#include "client-sdk/src/testing/scheduler.h"
#include "crypto/base/bytes.h"

namespace steiger::sdk::testing {

// The gateway's end of the wire: our own small one, or the real Service.
class GatewayEnd {
 public:
  virtual ~GatewayEnd() = default;
  // `send` and `close` may be used until closed() was called for this connection.
  virtual void opened(std::uint64_t connection, std::function<void(Bytes)> send, std::function<void()> close) = 0;
  virtual void received(std::uint64_t connection, const Bytes& frame) = 0;
  virtual void closed(std::uint64_t connection) = 0;
};

struct NetworkOptions {
  std::int64_t max_delay_ms = 20;
  unsigned break_percent = 0;   // chance per frame that the connection breaks instead
  unsigned refuse_percent = 0;  // chance that opening fails
};

class Network {
 public:
  Network(Scheduler& scheduler, GatewayEnd& gateway) : scheduler_(scheduler), gateway_(gateway) {}

  struct Client {
    std::function<void()> connected;
    std::function<void()> disconnected;
    std::function<void(Bytes)> received;
  };
  // A frame on its way up or down may be changed, or dropped by returning an empty one: how tests make the gateway lie.
  using Tamper = std::function<Bytes(Bytes)>;

  std::uint64_t open(Client client) {
    const std::uint64_t id = next_++;
    connections_[id] = {std::move(client), scheduler_.now, scheduler_.now, false};
    scheduler_.after(delay(), [this, id] {
      if (!alive(id)) return;
      if (scheduler_.random.chance(options.refuse_percent)) return cut(id);
      connections_[id].open = true;
      gateway_.opened(
          id, [this, id](Bytes frame) { down(id, std::move(frame)); }, [this, id] { close_after_queue(id); });
      if (alive(id)) connections_[id].client.connected();
    });
    return id;
  }
  void up(std::uint64_t id, Bytes frame) {
    if (!alive(id)) return;
    if (scheduler_.random.chance(options.break_percent)) return scheduler_.after(delay(), [this, id] { cut(id); });
    if (tamper_up) frame = tamper_up(std::move(frame));
    auto& ready = connections_[id].up_ready;
    ready = std::max(ready, scheduler_.now + delay()) + Duration(0);
    ready.ms += 1;  // keeps the order
    scheduler_.at(ready, [this, id, frame = std::move(frame)] {
      if (alive(id) && !frame.empty()) gateway_.received(id, frame);
    });
  }
  // The client closes: nothing more is reported to it.
  void close(std::uint64_t id) {
    if (!alive(id)) return;
    const bool open = connections_[id].open;
    connections_.erase(id);
    ++closed_by_clients;
    if (open) scheduler_.after(delay(), [this, id] { gateway_.closed(id); });
  }
  // Breaks every connection.
  void cut_all() {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, connection] : connections_) ids.push_back(id);
    for (const std::uint64_t id : ids) cut(id);
  }

  NetworkOptions options;
  Tamper tamper_up;
  Tamper tamper_down;
  std::uint64_t closed_by_clients = 0;

 private:
  struct Connection {
    Client client;
    Timestamp up_ready;
    Timestamp down_ready;
    bool open = false;
  };
  [[nodiscard]] bool alive(std::uint64_t id) const { return connections_.count(id) != 0; }
  Duration delay() {
    return Duration(static_cast<std::int64_t>(scheduler_.random.below(static_cast<std::uint64_t>(options.max_delay_ms) + 1)));
  }
  void down(std::uint64_t id, Bytes frame) {
    if (!alive(id)) return;
    if (scheduler_.random.chance(options.break_percent)) return scheduler_.after(delay(), [this, id] { cut(id); });
    if (tamper_down) frame = tamper_down(std::move(frame));
    auto& ready = connections_[id].down_ready;
    ready = std::max(ready, scheduler_.now + delay());
    ready.ms += 1;
    scheduler_.at(ready, [this, id, frame = std::move(frame)] {
      if (alive(id) && !frame.empty()) connections_[id].client.received(frame);
    });
  }
  void close_after_queue(std::uint64_t id) {
    if (!alive(id)) return;
    scheduler_.at(connections_[id].down_ready + Duration(1), [this, id] { cut(id); });
  }
  void cut(std::uint64_t id) {
    if (!alive(id)) return;
    const Connection connection = connections_[id];
    connections_.erase(id);
    if (connection.open) gateway_.closed(id);
    connection.client.disconnected();
  }

  Scheduler& scheduler_;
  GatewayEnd& gateway_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t next_ = 1;
};

}  // namespace steiger::sdk::testing
