// Login (S6) and what the gateway learns of accounts and devices from identity chains (S1, S2).
#include <algorithm>

#include "crypto/identity/chain.h"
#include "crypto/identity/login.h"
#include "crypto/identity/root_succession.h"
#include "crypto/identity/status_list.h"
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
  // S1, S2, S10: the device, or the key that listed it, counts no more; that of a coach who left neither.
  STEIGER_TRY(const bool refused, is_refused(known->row));
  if (known->row.revoked || refused) {
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
  saw(*known);

  answer(command, LoggedIn{body.account, body.device, known->row.accepted_counter, {}});
  deferred_.push_back({{command.session, command.request, CloseCommand{}}, result_.answers.size() - 1});
  return {};
}

Result<void> Ledger::complete_login(LoggedIn& login) {
  STEIGER_TRY(const membership::Trust* known, trust());
  static_cast<void>(known);
  login.standing = standing_;
  STEIGER_TRY(login.packages, store_.key_package_stock(login.device, now_));
  STEIGER_TRY(login.offers, store_.offers_naming(login.account));
  STEIGER_TRY(const auto channels, store_.channels_of(login.device));
  for (const ChannelId& id : channels) {
    STEIGER_TRY(Channel * room, channel(id));
    if (room == nullptr || room->find(login.device) == nullptr) continue;  // only its last messages wait for it
    STEIGER_TRY(auto offers, store_.offers_of(id));
    for (OfferRow& offer : offers) {
      if (offer.successor != login.account) login.offers.push_back(std::move(offer));
    }
  }
  std::vector<OfferRow> waiting;
  for (OfferRow& offer : login.offers) {
    STEIGER_TRY(const bool done, is_carried_out(offer));
    if (!done && now_ < offer.expires) waiting.push_back(std::move(offer));
  }
  login.offers = std::move(waiting);
  return {};
}

Result<void> Ledger::learn_chain(const LoginCommand& login) {
  STEIGER_TRY(const auto account, store_.account(login.account));
  STEIGER_TRY(const ShownChain shown, judge_chain(account, login.account, login.device, login.chain, kBadLogin));
  if (!shown.news) return {};
  // Before anything is written: whoever shows somebody else's public chain has registered nothing.
  const identity::LoginChallenge challenge{options_.origin, options_.organisation, login.nonce, login.account, login.device};
  if (!identity::verify_login(shown.who.devices.find(login.device)->leaf_key, challenge, login.signature).ok()) return kBadLogin;
  return take_chain(account, shown.who, login.chain, account && account->key != shown.who.account_key);
}

// S8: a third party's time gets no longer by another certificate; that takes the jongere's yes, and an invite.
bool Ledger::stretches(const AccountRow& known, ByteView chain) {
  const auto earlier = identity::decode_chain(known.chain);
  const auto later = identity::decode_chain(chain);
  if (!earlier.ok() || !later.ok() || earlier->certificates.empty() || later->certificates.empty()) return true;
  const identity::Certificate& last = later->certificates.back();
  return last.role == identity::Role::third_party && last.not_after > earlier->certificates.back().not_after;
}

Result<Ledger::ShownChain> Ledger::judge_chain(const std::optional<AccountRow>& known, const AccountId& account,
                                               const DeviceId& device, const Bytes& bytes, const Error& bad) {
  ShownChain out;
  if (known && known->chain == bytes) return out;  // verified when it was stored; its time is checked by the caller
  STEIGER_TRY(const membership::Trust* trusted, trust());
  const auto chain = identity::decode_chain(bytes);
  if (!chain.ok()) return bad;
  const auto verified = identity::verify_chain_under(*chain, trusted->roots, identity_.organisation, now_);
  if (!verified.ok() || verified->account != account) return bad;
  if (trusted->status) {
    const auto stands = identity::check_standing(*trusted->status, *chain, now_);
    if (!stands.ok()) return stands.error() == identity::kKeyRevoked ? kRevokedDevice : bad;
  }
  out.who = *verified;
  if (!known) {
    // Jongeren and third parties come in through AcceptInvite only; nobody new with a stale list (S1).
    if (!identity::is_staff(verified->role)) return kUnknownDevice;
    STEIGER_CHECK(check_fresh());
  } else {
    const auto stored = identity::decode_chain(known->chain);
    if (!stored.ok() || stored->certificates.empty()) return kStoreCorrupt;
    const identity::Certificate& earlier = stored->certificates.back();
    if (earlier.role != verified->role || earlier.channel != verified->only_channel || stretches(*known, bytes)) return bad;
    const Timestamp certified = chain->certificates.back().not_before;
    if (verified->account_key == known->key) {
      const auto newer = identity::check_device_list_successor(stored->device_list, verified->devices);
      // An older list than ours is not news, nor is another under the same number, which two devices of one account may make at the same
      // moment: the stored chain decides whether this device may log in.
      const bool other_order =
          !newer.ok() && (newer.error() == identity::kDeviceListRollback || newer.error() == identity::kDeviceListFork);
      if (other_order) return out;
      if (!newer.ok()) return bad;
      if (certified < earlier.not_before) return out;
    } else {
      // S2: another key for the same account needs a later certificate, and comes from a device that the account has: whoever
      // could certify such a key would otherwise take the account over. Staff who lost every device come back by the root's word,
      // once the status list says too that the earlier key counts no more.
      STEIGER_TRY(const bool had, had_key(*known, verified->account_key));
      if (certified <= earlier.not_before) {
        if (had) return out;
        return bad;
      }
      STEIGER_TRY(const auto row, store_.device(device));
      const identity::ListedDevice* asking = verified->devices.find(device);
      const bool by_own_device =
          row && row->account == account && !row->revoked && asking != nullptr && asking->leaf_key == row->key;
      const identity::StatusEntry* ended = trusted->status ? trusted->status->find(known->key) : nullptr;
      const bool by_the_root = identity::is_staff(verified->role) && ended != nullptr && ended->since <= now_ &&
                               ended->standing != identity::Standing::ended;
      if (!by_own_device && !by_the_root) return bad;
    }
  }
  if (out.who.devices.find(device) == nullptr) return kUnknownDevice;
  STEIGER_CHECK(check_listed(out.who, bad));
  out.news = true;
  return out;
}

Result<void> Ledger::check_listed(const identity::VerifiedIdentity& who, const Error& bad) {
  for (const identity::ListedDevice& listed : who.devices.devices) {
    STEIGER_TRY(const auto row, store_.device(listed.device));
    if (row && (row->account != who.account || row->key != listed.leaf_key || row->revoked)) return bad;
  }
  return {};
}

Result<void> Ledger::take_chain(const std::optional<AccountRow>& known, const identity::VerifiedIdentity& who, const Bytes& chain,
                                bool revoke_earlier) {
  std::vector<DeviceRow> devices;
  for (const identity::ListedDevice& listed : who.devices.devices) {
    devices.push_back({listed.device, who.account, listed.leaf_key, 0, false, who.account_key});
  }
  std::vector<DeviceId> revoked, renewed;
  std::string revoked_text;
  if (known) {
    STEIGER_TRY(const auto earlier, store_.devices_of(who.account));
    for (DeviceRow row : earlier) {
      if (who.devices.find(row.device) != nullptr) {
        if (row.account_key != who.account_key) renewed.push_back(row.device);
        continue;
      }
      if (row.revoked || (row.account_key != who.account_key && !revoke_earlier)) continue;
      row.revoked = true;
      devices.push_back(row);
      revoked.push_back(row.device);
      STEIGER_TRY(const auto channels, store_.channels_of(row.device));
      result_.with_tasks.insert(result_.with_tasks.end(), channels.begin(), channels.end());
      if (!revoked_text.empty()) revoked_text.push_back(' ');
      revoked_text += row.device.text();
    }
  }
  const AccountRow row{who.account, who.account_key, static_cast<RoleNumber>(who.role), chain, known ? known->registered : now_};
  STEIGER_CHECK(store_.put_account(
      row, devices,
      event(known ? "account.updated" : "account.registered", {{"account", who.account.text()},
                                                               {"role", std::string(identity::role_name(who.role))},
                                                               {"chain", to_hex(sha256(chain))},
                                                               {"revoked", revoked_text}})));
  refresh(devices);
  // S2: no login, no packages; every room's next committer removes the leaf.
  for (const DeviceId& device : revoked) {
    STEIGER_CHECK(drop_packages(device));
    end_session(device);
  }
  // Packages that carry the earlier key would bring it into rooms once more.
  for (const DeviceId& device : renewed) STEIGER_CHECK(drop_packages(device));
  return {};
}

Result<void> Ledger::on(const Command& command, UpdateChainCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  STEIGER_TRY(const auto account, store_.account(stream->account));
  if (!account) return kStoreCorrupt;
  const auto shown = judge_chain(account, stream->account, stream->device, body.chain, kBadChain);
  if (!shown.ok()) {
    if (is_store_error(shown.error())) return shown.error();
    const bool unlisted = shown.error() == kUnknownDevice || shown.error() == kRevokedDevice;  // fatal ones, for a login
    answer(command, Refused{unlisted ? kBadChain : shown.error()});
    return {};
  }
  if (shown->news) {
    STEIGER_CHECK(take_chain(account, shown->who, body.chain, shown->who.account_key != account->key));
  } else if (account->chain != body.chain) {
    answer(command, Refused{kBadChain});  // older than what is known
    return {};
  }
  answer(command, CarriedOut{});
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
