#include "tests/property/service_gateway.h"

#include <cstdlib>

namespace steiger::sdk::testing {

void ServiceGateway::Later::post(std::function<void()> task) {
  queue.push_back(std::move(task));
  scheduler.after(Duration(static_cast<std::int64_t>(scheduler.random.below(5))), [this] {
    if (queue.empty()) return;
    const auto next = std::move(queue.front());
    queue.pop_front();
    next();
  });
}

ServiceGateway::ServiceGateway(Scheduler& scheduler, const identity::OrganisationPublic& organisation, std::string origin,
                               std::uint64_t seed, const MakeStore& make_store)
    : scheduler_(scheduler), rng_(seed), clock_(scheduler), executor_(scheduler), store_(make_store(rng_)) {
  options_.organisation = organisation.id;
  options_.organisation_root = organisation.root_key;
  options_.origin = std::move(origin);
  options_.threaded = false;
  start();
  tick();
}

void ServiceGateway::tick() {
  service_->tick();
  scheduler_.after(std::chrono::minutes(1), [this] { tick(); });
}

ServiceGateway::~ServiceGateway() = default;

void ServiceGateway::start() {
  auto service = gateway::Service::create(options_, *store_, clock_, executor_);
  if (!service.ok()) std::abort();
  service_ = std::move(service).value();
}

void ServiceGateway::restart() {
  lines_.clear();
  executor_.queue.clear();
  service_.reset();
  executor_.queue.clear();
  start();
}

SigningKey ServiceGateway::head_key() {
  auto identity = store_->bind(options_.organisation, options_.organisation_root, clock_.now());
  if (!identity.ok()) std::abort();
  return std::move(identity->head_key);
}

void ServiceGateway::opened(std::uint64_t connection, std::function<void(Bytes)> send, std::function<void()> close) {
  auto line = std::make_unique<Line>();
  line->out = std::move(send);
  line->shut = std::move(close);
  line->tell_forbidden = forbidden;
  lines_[connection] = std::move(line);
}

void ServiceGateway::received(std::uint64_t connection, const Bytes& bytes) {
  const auto found = lines_.find(connection);
  if (found == lines_.end() || found->second->ended) return;
  Line& line = *found->second;
  const auto frame = gateway::verify_frame(bytes);
  if (!frame.ok()) std::abort();  // the core sends well-formed frames only
  if ((*frame)->body_type() != gateway::wire::Body::Hello) {
    if (!line.session) std::abort();
    if ((*frame)->body_type() == gateway::wire::Body::Ping) {
      return line.out(gateway::encode_frame((*frame)->request(), gateway::wire::PongT()));
    }
    return service_->handle(*line.session, **frame);
  }
  ByteArray<32> nonce{};
  rng_.fill(nonce);
  line.session = service_->open(line, nonce);
  const gateway::HelloFacts facts = service_->hello();
  gateway::wire::HelloReplyT reply;
  reply.version = gateway::kProtocolVersionMax;
  reply.organisation = gateway::wire_pointer(facts.organisation);
  reply.incarnation = std::make_unique<gateway::wire::Id16>(flatbuffers::span<const std::uint8_t, kIdSize>(facts.incarnation));
  reply.nonce = gateway::wire_pointer(nonce);
  reply.head_key = gateway::wire_pointer(facts.head_key);
  reply.time_ms = clock_.now().ms;
  reply.limits = std::make_unique<gateway::wire::LimitsT>();
  reply.limits->max_outstanding = facts.limits.max_outstanding;
  reply.limits->max_items_per_frame = facts.limits.max_items_per_frame;
  line.out(gateway::encode_frame((*frame)->request(), std::move(reply)));
}

void ServiceGateway::closed(std::uint64_t connection) {
  const auto found = lines_.find(connection);
  if (found == lines_.end()) return;
  if (found->second->session && !found->second->ended) service_->closed(*found->second->session);
  lines_.erase(found);
}

}  // namespace steiger::sdk::testing
