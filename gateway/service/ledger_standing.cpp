// The standing of keys (S1): the newest status list and root successions, what they do to who is connected, and what is over by time.
#include "crypto/identity/root_succession.h"
#include "crypto/identity/status_list.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {
namespace {

// kBadStanding unless both parts hold for this organisation; an absent part is empty.
Result<membership::Trust> read_standing(const StandingRow& row, const StoreIdentity& store) {
  membership::Trust out{store.organisation, {}, {}};
  std::vector<identity::RootSuccession> steps;
  if (!row.root_successions.empty()) {
    auto decoded = identity::decode_root_successions(row.root_successions);
    if (!decoded.ok()) return kBadStanding;
    steps = std::move(*decoded);
  }
  auto roots = identity::trusted_roots(store.organisation_root, steps, store.organisation);
  if (!roots.ok()) return kBadStanding;
  out.roots = std::move(*roots);
  if (row.status_list.empty()) return out;
  auto list = identity::decode_status_list(row.status_list);
  if (!list.ok() || !identity::verify_status_list(*list, out.roots.back().key, store.organisation).ok()) return kBadStanding;
  out.status = std::move(*list);
  return out;
}

// May `next` follow `known`: no root and no list is taken back, and there is something new in it.
bool is_successor(const membership::Trust& known, const membership::Trust& next, const Bytes& successions, Timestamp now) {
  const auto steps = identity::decode_root_successions(successions);
  const auto newest = identity::newest_root(known.roots.back().key, steps.ok() ? *steps : std::vector<identity::RootSuccession>(),
                                            known.organisation);
  if (!newest.ok() || *newest != next.roots.back().key) return false;
  if (!next.status) return !known.status && next.roots.size() > known.roots.size();
  if (!identity::check_status_fresh(*next.status, now).ok()) return false;
  return !known.status || identity::check_status_successor(*known.status, *next.status).ok();
}

}  // namespace

Result<const membership::Trust*> Ledger::trust() {
  if (!trust_) {
    STEIGER_TRY(const auto row, store_.standing());
    auto read = read_standing(row ? *row : StandingRow{}, identity_);
    if (!read.ok()) return kStoreCorrupt;
    trust_ = std::move(*read);
    standing_ = row ? std::make_shared<const StandingRow>(*row) : nullptr;
  }
  return &*trust_;
}

Result<void> Ledger::check_fresh() {
  STEIGER_TRY(const membership::Trust* known, trust());
  if (known->status && !identity::check_status_fresh(*known->status, now_).ok()) return kStatusStale;
  return {};
}

Result<void> Ledger::on(const Command& command, PublishStandingCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  const auto role = identity::role_from_number(stream->role);
  if (!role.ok() || !identity::is_staff(*role)) {
    answer(command, Refused{kNotAllowed});
    return {};
  }
  STEIGER_TRY(const membership::Trust* known, trust());
  if (standing_ != nullptr && *standing_ == body.row) {  // a resend, or a colleague was first
    answer(command, CarriedOut{});
    return {};
  }
  auto next = read_standing(body.row, identity_);
  if (!next.ok() || !is_successor(*known, *next, body.row.root_successions, now_)) {
    answer(command, Refused{kBadStanding});
    return {};
  }
  STEIGER_CHECK(store_.put_standing(
      body.row, event("standing.published", {{"account", stream->account.text()},
                                             {"list", to_hex(sha256(body.row.status_list))},
                                             {"root", to_hex(next->roots.back().key.bytes())},
                                             {"version", std::to_string(next->status ? next->status->version : 0)}})));
  trust_ = std::move(*next);
  standing_ = std::make_shared<const StandingRow>(std::move(body.row));
  result_.standing = standing_;
  answer(command, CarriedOut{});
  return enforce_standing();
}

Result<bool> Ledger::is_refused(const DeviceRow& device) {
  STEIGER_TRY(const membership::Trust* known, trust());
  if (!known->status) return false;
  const identity::StatusEntry* entry = known->status->find(device.account_key);
  return entry != nullptr && entry->since <= now_;
}

Result<void> Ledger::enforce_standing() {
  std::vector<DeviceId> refused;
  for (const auto& [id, session] : live_) {
    STEIGER_TRY(const Device* known, device(id));
    if (known == nullptr) return kStoreCorrupt;
    STEIGER_TRY(const bool out, is_refused(known->row));
    if (out) refused.push_back(id);
  }
  for (const DeviceId& id : refused) end_session(id);
  STEIGER_TRY(const auto with_packages, store_.devices_with_key_packages());
  for (const DeviceId& id : with_packages) {
    STEIGER_TRY(const auto row, store_.device(id));
    if (!row) return kStoreCorrupt;
    STEIGER_TRY(const bool out, is_refused(*row));
    if (out) STEIGER_CHECK(drop_packages(id));
  }
  return {};
}

void Ledger::end_session(const DeviceId& device) {
  if (live_.count(device) != 0 && ended_.insert(device).second) result_.ended.push_back({device, kRevokedDevice});
}

Result<void> Ledger::on(const Command&, LapseCommand&) {
  STEIGER_CHECK(store_.sweep_key_packages(now_, event("key_packages.expired", {})));
  STEIGER_CHECK(lapse_offers());
  std::erase_if(claims_, [&](const auto& each) { return now_ - each.second.since >= kClaimDay; });
  return enforce_standing();
}

}  // namespace steiger::gateway
