// Login (S6) and what the gateway learns of accounts and devices from identity chains (S1).
#include <algorithm>

#include "crypto/identity/chain.h"
#include "crypto/identity/login.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {

Result<void> Ledger::on(const Command& command, LoginCommand& body) {
  if (!body.chain.empty()) {
    auto learned = learn_chain(body);
    if (!learned.ok()) {
      if (is_store_error(learned.error())) return learned;
      answer(command, Broken{learned.error()});
      return {};
    }
  }
  STEIGER_TRY(Device * known, device(body.device));
  if (known == nullptr || known->row.account != body.account) {
    answer(command, Broken{kUnknownDevice});
    return {};
  }
  if (known->row.revoked) {
    answer(command, Broken{kRevokedDevice});
    return {};
  }
  const identity::LoginChallenge challenge{options_.origin, options_.organisation, body.nonce, body.account, body.device};
  if (!identity::verify_login(known->row.key, challenge, body.signature).ok()) {
    answer(command, Broken{kBadLogin});
    return {};
  }
  // The account's own certificate must still be valid: an expired one needs a newer chain.
  STEIGER_TRY(const auto account, store_.account(body.account));
  if (!account) return kStoreCorrupt;
  const auto chain = identity::decode_chain(account->chain);
  if (!chain.ok() || chain->certificates.empty() || !identity::check_valid_at(chain->certificates.back(), now_).ok()) {
    answer(command, Broken{kBadLogin});
    return {};
  }
  streams_[command.session] = Stream{body.device, body.account, account->role, std::nullopt};
  live_[body.device] = command.session;

  const bool may_invite = account->role == static_cast<RoleNumber>(identity::Role::coach);
  LoggedIn logged_in{body.account, body.device, known->row.accepted_counter, {}, may_invite};
  answer(command, std::move(logged_in));
  deferred_.push_back({{command.session, command.request, CloseCommand{}}, result_.answers.size() - 1});
  return {};
}

Result<void> Ledger::learn_chain(const LoginCommand& login) {
  STEIGER_TRY(auto account, store_.account(login.account));
  if (account && account->chain == login.chain) return {};  // verified when it was stored; its time is checked by the caller
  const auto chain = identity::decode_chain(login.chain);
  if (!chain.ok()) return kBadLogin;
  const auto verified = identity::verify_chain(*chain, identity_.organisation_root, identity_.organisation, now_);
  if (!verified.ok() || verified->account != login.account) return kBadLogin;
  // Jongeren and third parties come in through AcceptInvite only.
  if (!account && !identity::is_staff(verified->role)) return kUnknownDevice;
  if (account) {
    if (account->key != verified->account_key || account->role != static_cast<RoleNumber>(verified->role)) return kBadLogin;
    const auto stored = identity::decode_chain(account->chain);
    if (!stored.ok()) return kStoreCorrupt;
    const auto newer = identity::check_device_list_successor(stored->device_list, verified->devices);
    // An older list than ours is not news: the stored chain decides whether this device may log in.
    if (!newer.ok() && newer.error() == identity::kDeviceListRollback) return {};
    if (!newer.ok()) return kBadLogin;
  }
  const identity::ListedDevice* listed = verified->devices.find(login.device);
  if (listed == nullptr) return kUnknownDevice;
  // Before anything is written: whoever shows somebody else's public chain has registered nothing.
  const identity::LoginChallenge challenge{options_.origin, options_.organisation, login.nonce, login.account, login.device};
  if (!identity::verify_login(listed->leaf_key, challenge, login.signature).ok()) return kBadLogin;

  std::vector<DeviceRow> devices;
  for (const identity::ListedDevice& device : verified->devices.devices) {
    STEIGER_TRY(const auto known, store_.device(device.device));
    if (known && known->account != login.account) return kBadLogin;
    devices.push_back({device.device, login.account, device.leaf_key, 0, false, verified->account_key});
  }
  if (account) {  // listed before and no longer: revoked
    STEIGER_TRY(const auto earlier, store_.devices_of(login.account));
    for (DeviceRow row : earlier) {
      if (verified->devices.find(row.device) != nullptr) continue;
      row.revoked = true;
      devices.push_back(row);
    }
  }
  const Timestamp registered = account ? account->registered : now_;
  const AccountRow row{login.account, verified->account_key, static_cast<RoleNumber>(verified->role), login.chain, registered};
  STEIGER_CHECK(store_.put_account(
      row, devices,
      event(account ? "account.updated" : "account.registered", {{"account", login.account.text()},
                                                                 {"role", std::string(identity::role_name(verified->role))},
                                                                 {"chain", to_hex(sha256(login.chain))}})));
  refresh(devices);
  return {};
}

// Cached counters are newer than stored ones; only keys and revocation change.
void Ledger::refresh(const std::vector<DeviceRow>& devices) {
  for (const DeviceRow& device : devices) {
    const auto cached = devices_.find(device.device);
    if (cached == devices_.end()) continue;
    cached->second.row.key = device.key;
    cached->second.row.revoked = device.revoked;
    cached->second.row.account_key = device.account_key;
  }
}

Result<bool> Ledger::had_key(const AccountRow& account, const VerifyKey& key) {
  if (account.key == key) return true;
  STEIGER_TRY(const auto earlier, store_.earlier_keys(account.account));
  return std::any_of(earlier.begin(), earlier.end(), [&](const EarlierKeyRow& row) { return row.key == key; });
}

Result<void> Ledger::on(const Command& command, CloseCommand&) {
  const auto stream = streams_.find(command.session);
  if (stream == streams_.end()) return {};
  const auto live = live_.find(stream->second.device);
  if (live != live_.end() && live->second == command.session) live_.erase(live);
  streams_.erase(stream);
  return {};
}

}  // namespace steiger::gateway
