#include "client-sdk/src/standing.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"

namespace steiger::sdk {
namespace {

// A row of roots is only ever made longer: a gateway that leaves out the newest root brings back no earlier one.
Result<bool> longer_row(const membership::Trust& trust, const std::vector<identity::TrustedRoot>& next) {
  if (next.size() <= trust.roots.size()) return false;
  for (const identity::TrustedRoot& known : trust.roots) {
    const bool kept =
        std::any_of(next.begin(), next.end(), [&](const identity::TrustedRoot& root) { return root.key == known.key; });
    if (!kept) return identity::kBadRootSuccession;
  }
  return true;
}

}  // namespace

const membership::Trust& Standing::trust() const {
  return engine_.state.trust;
}

bool Standing::stale() const {
  const auto& list = engine_.state.trust.status;
  if (!list) return false;
  const auto fresh = identity::check_status_fresh(*list, engine_.session.latest_now());
  return !fresh.ok() && fresh.error() == identity::kStatusStale;
}

std::optional<Timestamp> Standing::deadline() const {
  const auto& list = engine_.state.trust.status;
  if (!list || stale()) return std::nullopt;
  return list->next_update - (engine_.session.latest_now() - engine_.now);  // timers run in the device's time
}

Result<StandingRecord> Standing::judged(ByteView status_list, ByteView root_successions) const {
  const State& state = engine_.state;
  if (!state.organisation) return kNotSetUp;
  StandingRecord out = state.standing;
  std::vector<identity::TrustedRoot> roots = state.trust.roots;
  if (!root_successions.empty()) {
    STEIGER_TRY(const auto steps, identity::decode_root_successions(root_successions));
    STEIGER_TRY(auto row, identity::trusted_roots(state.organisation->root_key, steps, state.organisation->id));
    STEIGER_TRY(const bool longer, longer_row(state.trust, row));
    if (longer) {
      out.root_successions = to_bytes(root_successions);
      roots = std::move(row);
    }
  }
  if (!status_list.empty()) {
    STEIGER_TRY(const auto list, identity::decode_status_list(status_list));
    STEIGER_CHECK(identity::verify_status_list(list, roots.back().key, state.organisation->id));
    if (state.trust.status) STEIGER_CHECK(identity::check_status_successor(*state.trust.status, list));
    out.status_list = to_bytes(status_list);
  }
  return out;
}

void Standing::store(StandingRecord record) {
  StandingRecord& known = engine_.state.standing;
  if (record.status_list == known.status_list && record.root_successions == known.root_successions) return;
  known = std::move(record);
  (void)engine_.state.refresh_identity().ok();  // judged() has decoded all of it
  engine_.journal.put(keys::kStanding, known.encode());
  for (auto& [id, channel] : engine_.state.channels) channel.announce = true;  // its coach may have left (S10)
}

Result<void> Standing::on_standing(const wire::Standing& standing) {
  // One after the other: a list that does not hold is no reason to pass over a new root.
  if (auto roots = judged({}, gateway::view_of(standing.root_successions())); roots.ok()) store(std::move(roots).value());
  offer(gateway::view_of(standing.status_list()));
  return {};
}

void Standing::offer(ByteView status_list) {
  if (auto list = judged(status_list, {}); list.ok()) store(std::move(list).value());
}

// ---------------------------------------------------------------- publishing

Result<void> Standing::publish(std::uint64_t request, ByteView status_list, ByteView root_successions) {
  const SelfRecord& self = engine_.state.self;
  if (self.membership != Membership::ready) return kNotSetUp;
  if (self.role != Role::coach && self.role != Role::other) return kNotAllowedForRole;
  if (status_list.empty() && root_successions.empty()) return kBadRequest;
  if (publication_) return kLocalBusy;
  auto next = judged(status_list, root_successions);
  if (!next.ok()) return gateway::kBadStanding;  // as the gateway would say: one sentence for whoever publishes
  publication_ = Publication{request, {}};
  publication_->body.status_list = std::move(next->status_list);  // both parts, or the gateway would take one as withdrawn
  publication_->body.root_successions = std::move(next->root_successions);
  if (engine_.session.online()) send();
  return {};
}

void Standing::send() {
  engine_.session.ask({WireRequest::About::publish_standing, {}}, publication_->body);
}

void Standing::on_login() {
  if (publication_) send();
}

void Standing::on_published() {
  if (!publication_) return;
  if (auto record = judged(publication_->body.status_list, publication_->body.root_successions); record.ok()) {
    store(std::move(record).value());
  }
  engine_.api.done(publication_->request);
  publication_.reset();
}

void Standing::on_problem(const Error& error) {
  if (!publication_ || error.retryable) return;  // asked again at the next login
  engine_.api.failed(publication_->request, error);
  publication_.reset();
}

}  // namespace steiger::sdk
