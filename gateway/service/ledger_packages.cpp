// Key packages (S14): what a device publishes so that others can add it while it sleeps. Each is handed out once, and only along a
// relation that exists.
#include <algorithm>
#include <set>

#include "crypto/identity/channel.h"
#include "crypto/identity/grant.h"
#include "crypto/identity/root_succession.h"
#include "crypto/mls/key_package.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {
namespace {

// Seconds since 1970 as a lifetime has them; far beyond every bound when it does not fit.
Timestamp time_of(std::uint64_t seconds) {
  constexpr std::uint64_t kMost = 1'000'000'000'000;
  return {static_cast<std::int64_t>(std::min(seconds, kMost)) * 1000};
}

}  // namespace

bool Ledger::in_roster(const Channel& channel, const AccountId& account) {
  return std::any_of(channel.members.begin(), channel.members.end(), [&](const Member& member) {
    return !member.gone && member.row.in_roster() && member.row.account == account;
  });
}

// Empty: not a package of this device that others could use.
Result<std::optional<KeyPackageRow>> Ledger::check_key_package(const Stream& stream, const AccountRow& account,
                                                               const Bytes& bytes, bool last_resort) {
  const std::optional<KeyPackageRow> bad;
  const auto package = mls::decode_key_package(bytes);
  // It must fit a group that is bound to its channel (S7), or nobody could add it.
  if (!package.ok() || !package->validate({{identity::kChannelExtension, {}}}).ok()) return bad;
  const auto owner = member_of_leaf(package->leaf);
  if (!owner.ok()) {
    if (is_store_error(owner.error())) return owner.error();
    return bad;
  }
  if (owner->device != stream.device) return bad;
  // The account's present key, certified now (S1): not an earlier one, and no list that this gateway has not seen.
  const Bytes* extension = mls::find_extension(package->leaf.extensions, identity::kIdentityExtension);
  if (*extension != account.chain) {
    STEIGER_TRY(const membership::Trust* known, trust());
    const auto chain = identity::decode_chain(*extension);
    const auto stored = identity::decode_chain(account.chain);
    if (!stored.ok()) return kStoreCorrupt;
    if (!chain.ok() || chain->account_key != account.key ||
        !identity::verify_chain_under(*chain, known->roots, identity_.organisation, now_).ok() ||
        !identity::check_device_list_successor(chain->device_list, stored->device_list).ok()) {
      return bad;
    }
  }
  const Timestamp begins = time_of(package->leaf.lifetime.not_before);
  const Timestamp ends = time_of(package->leaf.lifetime.not_after);
  const Duration life = last_resort ? kMaxLastResortLife : kMaxKeyPackageLife;
  if (begins > now_ + identity::kClockTolerance || ends <= now_ || ends > now_ + life + identity::kClockTolerance) return bad;
  return std::optional(KeyPackageRow{stream.device, sha256(bytes), ends, last_resort, false, bytes});
}

Result<void> Ledger::on(const Command& command, PutKeyPackagesCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  STEIGER_TRY(const auto account, store_.account(stream->account));
  if (!account) return kStoreCorrupt;
  std::vector<KeyPackageRow> rows;
  std::set<Hash> fresh;
  for (const Bytes& bytes : body.packages) {
    STEIGER_TRY(auto row, check_key_package(*stream, *account, bytes, false));
    if (!row) {
      answer(command, Refused{kBadKeyPackage});
      return {};
    }
    STEIGER_TRY(const bool had, store_.had_key_package(stream->device, row->hash));  // a resend
    if (!had && fresh.insert(row->hash).second) rows.push_back(std::move(*row));
  }
  STEIGER_TRY(const KeyPackageStock before, store_.key_package_stock(stream->device, now_));
  if (before.available + rows.size() > kMaxKeyPackages) {
    answer(command, Refused{kKeyPackageLimit});
    return {};
  }
  if (!body.last_resort.empty()) {
    STEIGER_TRY(auto row, check_key_package(*stream, *account, body.last_resort, true));
    if (!row || fresh.count(row->hash) != 0) {
      answer(command, Refused{kBadKeyPackage});
      return {};
    }
    rows.push_back(std::move(*row));
  }
  STEIGER_CHECK(store_.put_key_packages(
      rows, event("key_packages.put", {{"account", stream->account.text()}, {"device", stream->device.text()}})));
  STEIGER_TRY(const KeyPackageStock stock, store_.key_package_stock(stream->device, now_));
  answer(command, PackagesPut{stock});
  return {};
}

// S14: only along an existing relation. Who has none learns nothing, not even whether the account exists.
Result<bool> Ledger::is_related(const Stream& stream, const AccountRow& account, const ClaimKeyPackagesCommand& body) {
  if (body.relation == wire::Relation::own) return account.account == stream.account;
  STEIGER_TRY(Channel * room, channel(body.channel));
  if (room == nullptr || !in_roster(*room, stream.account)) return false;
  if (body.relation == wire::Relation::room) {
    if (in_roster(*room, account.account)) return true;
    return may_return(*room, account.account);
  }
  if (body.relation == wire::Relation::offer) {
    STEIGER_TRY(const auto offers, store_.offers_of(body.channel));
    return std::any_of(offers.begin(), offers.end(), [&](const OfferRow& offer) {
      return offer.successor == account.account && now_ < offer.expires &&
             (body.evidence.empty() || body.evidence == offer.offer);
    });
  }
  if (body.relation != wire::Relation::grant) return false;
  // S8: the jongere of this room says who may enter.
  const auto grant = identity::decode_grant(body.evidence);
  if (!grant.ok() || !in_roster(*room, grant->by)) return false;
  STEIGER_TRY(const auto jongere, store_.account(grant->by));
  if (!jongere) return kStoreCorrupt;
  const auto role = identity::role_from_number(account.role);
  if (jongere->role != static_cast<RoleNumber>(identity::Role::jongere) || !role.ok()) return false;
  const identity::GrantUse use{
      identity_.organisation, body.channel, sha256(room->row.group_id), room->row.epoch, account.account, *role, now_, {}, {}};
  return identity::check_grant(*grant, jongere->account, jongere->key, use).ok();
}

Result<void> Ledger::on(const Command& command, ClaimKeyPackagesCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  STEIGER_TRY(const auto account, store_.account(body.account));
  bool related = false;
  if (account) {
    STEIGER_TRY(related, is_related(*stream, *account, body));
  }
  if (!related) {
    answer(command, Refused{kNoRelation});
    return {};
  }
  const auto chain = identity::decode_chain(account->chain);
  if (!chain.ok()) return kStoreCorrupt;
  PackagesClaimed out{account->account, account->chain, {}};
  std::vector<KeyPackageRow> claimed;
  std::string devices;
  for (const identity::ListedDevice& listed : chain->device_list.devices) {
    if (listed.device == stream->device || (body.device && listed.device != *body.device)) continue;
    STEIGER_TRY(const Device* known, device(listed.device));
    if (known == nullptr || known->row.revoked) continue;
    STEIGER_TRY(const bool refused, is_refused(known->row));
    std::optional<KeyPackageRow> next;
    if (!refused) {
      STEIGER_TRY(next, store_.next_key_package(listed.device, now_));
    }
    out.packages.push_back({listed.device, next ? next->key_package : Bytes(), next && next->last_resort});
    if (!next) continue;
    if (!devices.empty()) devices.push_back(' ');
    devices += listed.device.text();
    claimed.push_back(std::move(*next));
  }
  // A ghost that drains pools has an end; counted by account, so that more devices do not help.
  Claims& claims = claims_[stream->account];
  if (now_ - claims.since >= kClaimDay) claims = {now_, 0};
  if (claims.packages + claimed.size() > kMaxClaimsPerDay) {
    answer(command, Refused{kTooManyRequests});
    return {};
  }
  if (!claimed.empty()) {
    claims.packages += claimed.size();
    STEIGER_CHECK(store_.claim_key_packages(
        claimed, event("key_packages.claimed",
                       {{"account", stream->account.text()}, {"subject", account->account.text()}, {"devices", devices}})));
  }
  for (const KeyPackageRow& row : claimed) {
    STEIGER_TRY(const KeyPackageStock stock, store_.key_package_stock(row.device, now_));
    result_.stock.push_back({row.device, stock});
  }
  answer(command, std::move(out));
  return {};
}

Result<void> Ledger::drop_packages(const DeviceId& device) {
  STEIGER_CHECK(store_.drop_key_packages(device, event("key_packages.dropped", {{"device", device.text()}})));
  result_.stock.push_back({device, {}});
  return {};
}

}  // namespace steiger::gateway
