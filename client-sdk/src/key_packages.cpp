#include "client-sdk/src/key_packages.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"

namespace steiger::sdk {

// ---------------------------------------------------------------- own packages

Result<void> KeyPackages::on_count(const wire::KeyPackageCount& count, bool answer) {
  if (answer) on_put();
  counted_ = true;
  if (answer || putting_) return {};
  std::size_t missing = 0;
  if (count.available() < kRefillBelow) missing = kPackagePool - count.available();
  const std::size_t room = kMaxStoredPackages - std::min(kMaxStoredPackages, engine_.state.packages.size());
  const auto due = renewal();
  const bool last_resort = !count.last_resort() || !due || *due <= engine_.session.gateway_now();
  put(std::min(missing, room), last_resort && room > 0);
  return {};
}

void KeyPackages::put(std::size_t count, bool last_resort) {
  if (count == 0 && !last_resort) return;
  wire::PutKeyPackagesT out;
  for (std::size_t i = 0; i < count; ++i) {
    auto item = std::make_unique<wire::KeyPackageBytesT>();
    item->key_package = make(false);
    out.packages.push_back(std::move(item));
  }
  if (last_resort) out.last_resort = make(true);
  putting_ = true;
  engine_.session.ask({WireRequest::About::put_packages, {}}, std::move(out));
}

Bytes KeyPackages::make(bool last_resort) {
  const Timestamp now = engine_.session.gateway_now();
  PackageRecord record;
  record.last_resort = last_resort;
  record.made = now;
  record.expires = now - kClocksBehind + (last_resort ? kLastResortLife : kPackageLife);
  mls::KeyPackageOptions options = leaf_options(engine_.state.self, now);
  options.lifetime.not_after =
      options.lifetime.not_before +
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(record.expires - now + kClocksBehind).count());
  const auto made = mls::make_key_package(engine_.rng, *engine_.state.leaf_key, options);
  record.key_package = mls::encode_key_package_message(made.key_package);
  record.secrets = made.secrets.serialize();
  Bytes message = record.key_package;
  const mls::KeyPackageRef reference = made.key_package.ref();
  engine_.journal.put(keys::package(reference), record.encode());
  engine_.state.packages.insert_or_assign(reference, std::move(record));
  return message;
}

std::optional<OwnPackage> KeyPackages::find(const mls::KeyPackageRef& reference) const {
  const auto found = engine_.state.packages.find(reference);
  if (found == engine_.state.packages.end()) return std::nullopt;
  auto key_package = mls::decode_key_package(found->second.key_package);
  auto secrets = mls::KeyPackageSecrets::deserialize(found->second.secrets.bytes());
  if (!key_package.ok() || !secrets.ok()) return std::nullopt;
  return OwnPackage{std::move(key_package).value(), std::move(secrets).value()};
}

void KeyPackages::used(const mls::KeyPackageRef& reference) {
  const auto found = engine_.state.packages.find(reference);
  if (found == engine_.state.packages.end() || found->second.last_resort) return;
  engine_.state.packages.erase(found);
  engine_.journal.erase(keys::package(reference));
}

std::optional<OwnPackage> KeyPackages::take(const mls::KeyPackageRef& reference) {
  auto out = find(reference);
  if (out) used(reference);
  return out;
}

void KeyPackages::refill() {
  if (!engine_.session.online()) return;  // the count after login says that there are none
  if (putting_) {
    refill_ = true;
  } else {
    put(kPackagePool, true);
  }
}

void KeyPackages::on_put() {
  putting_ = false;
  if (std::exchange(refill_, false)) put(kPackagePool, true);
}

std::optional<Timestamp> KeyPackages::renewal() const {
  std::optional<Timestamp> newest;
  for (const auto& [reference, record] : engine_.state.packages) {
    if (record.last_resort && (!newest || record.made > *newest)) newest = record.made;
  }
  if (newest) *newest = *newest + kLastResortRenewal;
  return newest;
}

void KeyPackages::on_timer() {
  const Timestamp now = engine_.session.gateway_now();
  for (auto at = engine_.state.packages.begin(); at != engine_.state.packages.end();) {
    if (at->second.expires + kPackageGrace > now) {
      ++at;
      continue;
    }
    engine_.journal.erase(keys::package(at->first));
    at = engine_.state.packages.erase(at);
  }
  if (!engine_.session.online() || !counted_ || putting_) return;
  if (const auto due = renewal(); due && *due <= now) put(0, true);
}

std::optional<Timestamp> KeyPackages::deadline() const {
  std::optional<Timestamp> first;
  for (const auto& [reference, record] : engine_.state.packages) {
    const Timestamp end = record.expires + kPackageGrace;
    if (!first || end < *first) first = end;
  }
  if (const auto due = renewal(); due && engine_.session.online() && counted_ && !putting_ && (!first || *due < *first))
    first = due;
  // Timers run in the device's time.
  if (first) *first = *first - (engine_.session.gateway_now() - engine_.now);
  return first;
}

// ---------------------------------------------------------------- packages of others

void KeyPackages::claim(const ChannelId& channel, const AccountId& account, const std::optional<DeviceId>& device,
                        wire::Relation relation, ByteView evidence) {
  const bool asked = std::any_of(claims_.begin(), claims_.end(), [&](const auto& entry) {
    return entry.second.channel == channel && entry.second.account == account && entry.second.device == device;
  });
  if (asked) return;
  const std::uint64_t number = next_claim_++;
  const auto& kept = claims_.emplace(number, Claim{channel, account, device, relation, to_bytes(evidence)}).first->second;
  if (engine_.session.online()) send(number, kept);
}

void KeyPackages::send(std::uint64_t number, const Claim& claim) {
  wire::ClaimKeyPackagesT out;
  out.account = gateway::wire_pointer(claim.account);
  if (claim.device) out.device = gateway::wire_pointer(*claim.device);
  out.relation = claim.relation;
  out.channel = gateway::wire_pointer(claim.channel);
  out.evidence = claim.evidence;
  WireRequest about{WireRequest::About::claim_packages, {}};
  about.number = number;
  engine_.session.ask(about, std::move(out));
}

void KeyPackages::on_login() {
  putting_ = counted_ = refill_ = false;
  for (const auto& [number, claim] : claims_) send(number, claim);
}

Result<void> KeyPackages::on_packages(const WireRequest& about, const wire::KeyPackages& packages) {
  const auto found = claims_.find(about.number);
  if (found == claims_.end()) return {};
  const Claim claim = std::move(found->second);
  claims_.erase(found);
  STEIGER_TRY(const AccountId account, gateway::field<AccountId>(packages.account()));
  if (account != claim.account) return kProtocol;
  std::vector<Bytes> out;
  if (packages.packages() != nullptr) {
    if (packages.packages()->size() > identity::kMaxDevicesPerAccount) return kProtocol;
    for (const wire::ClaimedKeyPackage* package : *packages.packages()) {
      const ByteView bytes = gateway::view_of(package->key_package());
      if (!bytes.empty()) out.push_back(to_bytes(bytes));
    }
  }
  if (claimed) claimed(claim.channel, claim.account, std::move(out), to_bytes(gateway::view_of(packages.chain())));
  return {};
}

void KeyPackages::on_problem(const WireRequest& about, const Error& error) {
  if (about.about == WireRequest::About::put_packages) {
    return on_put();  // the next count says what is missing
  }
  const auto found = claims_.find(about.number);
  if (found == claims_.end()) return;
  const Claim claim = std::move(found->second);
  claims_.erase(found);
  if (error.retryable) {
    if (claimed) claimed(claim.channel, claim.account, {}, {});  // none for now: asked again later
  } else if (refused) {
    refused(claim.channel, claim.account, error);
  }
}

}  // namespace steiger::sdk
