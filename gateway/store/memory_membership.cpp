// The in-memory store's key packages, standing and offers.
#include <algorithm>

#include "gateway/store/memory_store.h"

namespace steiger::gateway {

Result<std::vector<EarlierKeyRow>> MemoryStore::earlier_keys(const AccountId& account) {
  const auto found = earlier_keys_.find(account);
  std::vector<EarlierKeyRow> out = found == earlier_keys_.end() ? std::vector<EarlierKeyRow>() : found->second;
  if (out.size() > kMaxEarlierKeys) out.resize(kMaxEarlierKeys);
  return out;
}

Result<KeyPackageStock> MemoryStore::key_package_stock(const DeviceId& device, Timestamp now) {
  KeyPackageStock out;
  for (auto at = key_packages_.lower_bound({device, Hash{}}); at != key_packages_.end() && at->first.first == device; ++at) {
    const KeyPackageRow& row = at->second;
    if (row.claimed || row.expires <= now) continue;
    if (row.last_resort) {
      out.last_resort = true;
    } else {
      ++out.available;
    }
  }
  return out;
}

Result<bool> MemoryStore::had_key_package(const DeviceId& device, const Hash& hash) {
  return key_packages_.count({device, hash}) != 0;
}

Result<void> MemoryStore::put_key_packages(std::span<const KeyPackageRow> rows, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  for (const KeyPackageRow& row : rows) {
    if (key_packages_.count({row.device, row.hash}) != 0) continue;
    if (row.last_resort) {
      for (auto at = key_packages_.lower_bound({row.device, Hash{}});
           at != key_packages_.end() && at->first.first == row.device;) {
        const auto key = at->first;
        const bool replaced = at->second.last_resort;
        ++at;
        if (replaced) erase(key_packages_, key);
      }
    }
    put(key_packages_, {row.device, row.hash}, row);
  }
  return {};
}

Result<std::optional<KeyPackageRow>> MemoryStore::next_key_package(const DeviceId& device, Timestamp now) {
  const KeyPackageRow* best = nullptr;
  for (auto at = key_packages_.lower_bound({device, Hash{}}); at != key_packages_.end() && at->first.first == device; ++at) {
    const KeyPackageRow& row = at->second;
    if (row.expires <= now || (row.claimed && !row.last_resort)) continue;
    const auto order = [](const KeyPackageRow& each) { return std::make_tuple(each.last_resort, each.expires, each.hash); };
    if (best == nullptr || order(row) < order(*best)) best = &row;
  }
  return best == nullptr ? std::optional<KeyPackageRow>() : std::optional(*best);
}

Result<void> MemoryStore::claim_key_packages(std::span<const KeyPackageRow> rows, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  for (const KeyPackageRow& row : rows) {
    const auto found = key_packages_.find({row.device, row.hash});
    if (found == key_packages_.end() || (found->second.claimed && !found->second.last_resort)) return kStoreMisuse;
    KeyPackageRow claimed = found->second;
    claimed.claimed = true;
    if (!claimed.last_resort) claimed.key_package.clear();
    put(key_packages_, found->first, std::move(claimed));
  }
  return {};
}

Result<void> MemoryStore::drop_key_packages(const DeviceId& device, const AuditEvent& event) {
  if (!open_) return kStoreMisuse;
  auto at = key_packages_.lower_bound({device, Hash{}});
  if (at != key_packages_.end() && at->first.first == device) STEIGER_CHECK(record(event));
  while (at != key_packages_.end() && at->first.first == device) {
    const auto key = at->first;
    ++at;
    erase(key_packages_, key);
  }
  return {};
}

Result<std::vector<DeviceId>> MemoryStore::devices_with_key_packages() {
  std::vector<DeviceId> out;
  for (const auto& [key, row] : key_packages_) {
    if (out.empty() || out.back() != key.first) out.push_back(key.first);
  }
  return out;
}

Result<void> MemoryStore::sweep_key_packages(Timestamp now, const AuditEvent& event) {
  if (!open_) return kStoreMisuse;
  bool recorded = false;
  for (auto at = key_packages_.begin(); at != key_packages_.end();) {
    const auto key = at->first;
    const bool expired = at->second.expires <= now;
    ++at;
    if (!expired) continue;
    if (!recorded) STEIGER_CHECK(record(event));
    recorded = true;
    erase(key_packages_, key);
  }
  return {};
}

Result<std::optional<StandingRow>> MemoryStore::standing() {
  return standing_;
}
Result<void> MemoryStore::put_standing(const StandingRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  assign(standing_, std::optional(row));
  return {};
}

Result<std::vector<OfferRow>> MemoryStore::offers() {
  std::vector<OfferRow> out;
  for (const auto& [key, row] : offers_) out.push_back(row);
  return out;
}
Result<std::vector<OfferRow>> MemoryStore::offers_of(const ChannelId& channel) {
  std::vector<OfferRow> out;
  for (const auto& [key, row] : offers_) {
    if (row.channel == channel) out.push_back(row);
  }
  return out;
}
Result<std::vector<OfferRow>> MemoryStore::offers_naming(const AccountId& successor) {
  std::vector<OfferRow> out;
  for (const auto& [key, row] : offers_) {
    if (row.successor == successor) out.push_back(row);
  }
  return out;
}
Result<void> MemoryStore::put_offer(const OfferRow& row, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  put(offers_, {row.channel, row.leaving}, row);
  return {};
}
Result<void> MemoryStore::remove_offer(const ChannelId& channel, const AccountId& leaving, const AuditEvent& event) {
  STEIGER_CHECK(record(event));
  erase(offers_, {channel, leaving});
  return {};
}

}  // namespace steiger::gateway
