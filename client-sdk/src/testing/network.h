// The simulated network: ordered connections with random delays that may break at any moment, like TCP.
#pragma once

#include <algorithm>
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
  // Chance per frame that it arrives and the connection breaks right behind it.
  unsigned break_after_percent = 0;
  // Of the connections that break: how many do so at one end only. The other end hears of it up to `max_half_open_ms` later; what is on
  // its way to the end that still stands arrives, beside what comes over the next connection; what that end sends is lost.
  unsigned half_open_percent = 0;
  std::int64_t max_half_open_ms = 30'000;
  // Chance per frame that it, and what follows it, is held up for up to `max_slow_ms`.
  unsigned slow_percent = 0;
  std::int64_t max_slow_ms = 20'000;
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
    connections_[id] = {std::move(client), scheduler_.now, scheduler_.now};
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
    if (!alive(id) || connections_[id].gateway_gone) return;
    if (lost(connections_[id].up_lost, id)) return;
    if (tamper_up) frame = tamper_up(std::move(frame));
    const Timestamp ready = next_ready(connections_[id].up_ready);
    scheduler_.at(ready, [this, id, frame = std::move(frame)] {
      if (alive(id) && !connections_[id].gateway_gone && !frame.empty()) gateway_.received(id, frame);
    });
    if (happens(options.break_after_percent)) scheduler_.at(ready + Duration(1), [this, id] { break_off(id); });
  }
  // The client closes: nothing more is reported to it.
  void close(std::uint64_t id) {
    if (!alive(id)) return;
    ++closed_by_clients;
    if (connections_[id].open && !connections_[id].gateway_gone && happens(options.half_open_percent)) {
      connections_[id].client_gone = true;
      return linger(id);
    }
    const bool told = connections_[id].open && !connections_[id].gateway_gone;
    connections_.erase(id);
    if (told) scheduler_.after(delay(), [this, id] { gateway_.closed(id); });
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
    bool up_lost = false;  // a frame was lost in this direction: nothing behind it arrives
    bool down_lost = false;
    bool client_gone = false;   // the client knows that it ended, the gateway does not
    bool gateway_gone = false;  // the other way round
  };
  [[nodiscard]] bool alive(std::uint64_t id) const { return connections_.count(id) != 0; }
  // Without a throw of the dice when it cannot happen, so that a test that does not use a fault keeps its history.
  bool happens(unsigned percent) { return percent != 0 && scheduler_.random.chance(percent); }
  Duration below(std::int64_t most_ms) {
    return Duration(static_cast<std::int64_t>(scheduler_.random.below(static_cast<std::uint64_t>(most_ms) + 1)));
  }
  Duration delay() { return below(options.max_delay_ms); }
  // Is this frame lost? Then the connection breaks soon.
  bool lost(bool& before, std::uint64_t id) {
    if (before) return true;
    if (!scheduler_.random.chance(options.break_percent)) return false;
    before = true;
    scheduler_.after(delay(), [this, id] { break_off(id); });
    return true;
  }
  // When the next frame arrives in this direction: later than the one before it.
  Timestamp next_ready(Timestamp& ready) {
    ready =
        std::max(ready, scheduler_.now + delay() + (happens(options.slow_percent) ? below(options.max_slow_ms) : Duration(0)));
    ready.ms += 1;  // keeps the order
    return ready;
  }
  void down(std::uint64_t id, Bytes frame) {
    if (!alive(id) || connections_[id].client_gone) return;
    if (lost(connections_[id].down_lost, id)) return;
    if (tamper_down) frame = tamper_down(std::move(frame));
    const Timestamp ready = next_ready(connections_[id].down_ready);
    scheduler_.at(ready, [this, id, frame = std::move(frame)] {
      if (alive(id) && !connections_[id].client_gone && !frame.empty()) connections_[id].client.received(frame);
    });
    if (happens(options.break_after_percent)) scheduler_.at(ready + Duration(1), [this, id] { break_off(id); });
  }
  void close_after_queue(std::uint64_t id) {
    if (!alive(id)) return;
    scheduler_.at(connections_[id].down_ready + Duration(1), [this, id] { cut(id); });
  }
  // At both ends at once, or at one end first.
  void break_off(std::uint64_t id) {
    if (!alive(id)) return;
    Connection& connection = connections_[id];
    if (!connection.open || connection.client_gone || connection.gateway_gone || !happens(options.half_open_percent)) {
      return cut(id);
    }
    if (scheduler_.random.chance(50)) {
      connection.client_gone = true;
      const auto disconnected = connection.client.disconnected;
      linger(id);
      disconnected();
    } else {
      connection.gateway_gone = true;
      linger(id);
      gateway_.closed(id);
    }
  }
  void linger(std::uint64_t id) {
    scheduler_.after(below(options.max_half_open_ms), [this, id] { cut(id); });
  }
  void cut(std::uint64_t id) {
    if (!alive(id)) return;
    const Connection connection = connections_[id];
    connections_.erase(id);
    if (connection.open && !connection.gateway_gone) gateway_.closed(id);
    if (!connection.client_gone) connection.client.disconnected();
  }

  Scheduler& scheduler_;
  GatewayEnd& gateway_;
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t next_ = 1;
};

}  // namespace steiger::sdk::testing
