#include "gateway/net/edge.h"

#include "gateway/net/version.h"
#include "gateway/transport/errors.h"

namespace steiger::gateway {

// The transport knows nothing of the wire's bounds; they must agree all the same.
static_assert(std::string_view(transport::kSubprotocol) == kSubprotocol);
static_assert(transport::kMaxFrameBytes >= kMaxFrameBytes && transport::kLowWaterBytes == kSinkLowWater);
static_assert(transport::kMaxQueuedBytes > kSinkHighWater + kMaxFrameBytes);

namespace {

// What a peer is told when the transport gives its connection up.
const Error& told_as(const Error& why) {
  if (why == transport::kQueueFull) return kTooSlow;
  if (why == transport::kServerFull) return kTooManyConnections;
  return why == transport::kFrameTooLong ? kFrameTooLarge : kTextFrame;
}

}  // namespace

void Edge::attach(transport::Server& server, Service& service) {
  context_.server = &server;
  context_.service = &service;
}

void Edge::on_open(transport::ConnectionId id) {
  sessions_.try_emplace(id, context_, id);
}

void Edge::on_frame(transport::ConnectionId id, ByteView frame) {
  if (const auto found = sessions_.find(id); found != sessions_.end()) found->second.receive(frame);
}

void Edge::on_refused(transport::ConnectionId id, const Error& why) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) found->second.refuse(0, told_as(why));
}

void Edge::on_drained(transport::ConnectionId id) {
  if (const auto found = sessions_.find(id); found != sessions_.end()) found->second.drained();
}

void Edge::on_close(transport::ConnectionId id) {
  if (const auto found = sessions_.find(id); found != sessions_.end()) {
    found->second.closed();
    sessions_.erase(found);
  }
  if (sessions_.empty() && idle_) idle_();
}

transport::HttpResponse Edge::on_http(const transport::HttpRequest& request) {
  return request.path == "/health" ? health() : files_.get(request.path);
}

transport::HttpResponse Edge::health() const {
  std::string text = "{\"status\":\"ok\",\"version\":\"" + std::string(kVersion) +
                     "\",\"protocol_min\":" + std::to_string(kProtocolVersionMin) +
                     ",\"protocol_max\":" + std::to_string(kProtocolVersionMax);
  if (show_counts_) {
    const ServiceCounts counts = context_.service->counts();
    text += ",\"connections\":" + std::to_string(sessions_.size()) + ",\"logged_in\":" + std::to_string(counts.logged_in) +
            ",\"accepted\":" + std::to_string(counts.accepted) + ",\"delivered\":" + std::to_string(counts.delivered) +
            ",\"rejected\":" + std::to_string(counts.rejected) + ",\"batches\":" + std::to_string(counts.batches) +
            ",\"failed_batches\":" + std::to_string(counts.failed_batches);
  }
  transport::HttpResponse response;
  response.content_type = "application/json";
  response.body = std::make_shared<const Bytes>(to_bytes(text + "}\n"));
  add_security_headers(response);
  return response;
}

}  // namespace steiger::gateway
