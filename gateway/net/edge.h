// The gateway's outer wall: gives every WebSocket connection its DeviceSession, and answers HTTP: /health and the page's files.
// Everything happens on the transport thread.
#pragma once

#include <functional>
#include <map>
#include <unordered_map>

#include "gateway/net/device_session.h"
#include "gateway/net/static_files.h"

namespace steiger::gateway {

class Edge final : public transport::ServerHandler {
 public:
  Edge(const Clock& clock, Rng& rng) : log_(clock), context_{nullptr, nullptr, clock, rng, log_} {}

  // Before the loop runs. Both outlive the edge's connections.
  void attach(transport::Server& server, Service& service);
  void serve_files(StaticFiles files) { files_ = std::move(files); }
  void show_counts(bool on) { show_counts_ = on; }
  // Called when the last connection ended.
  void on_idle(std::function<void()> handler) { idle_ = std::move(handler); }

  void on_open(transport::ConnectionId id) override;
  void on_frame(transport::ConnectionId id, ByteView frame) override;
  void on_refused(transport::ConnectionId id, const Error& why) override;
  void on_drained(transport::ConnectionId id) override;
  void on_close(transport::ConnectionId id) override;
  transport::HttpResponse on_http(const transport::HttpRequest& request) override;

  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

 private:
  [[nodiscard]] transport::HttpResponse health() const;

  PeerLog log_;
  SessionContext context_;
  StaticFiles files_;
  bool show_counts_ = false;
  std::function<void()> idle_;
  std::unordered_map<transport::ConnectionId, DeviceSession> sessions_;  // stable addresses: sessions are sinks of the service
};

}  // namespace steiger::gateway
