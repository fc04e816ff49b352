#include "client-sdk/src/changes.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/members.h"
#include "crypto/identity/invite.h"

namespace steiger::sdk {
namespace {

using Kind = WishRecord::Kind;

bool one_device(const WishRecord& wish) {
  return wish.kind == Kind::add_device || wish.kind == Kind::add_back;
}

// S2: this device is said to be off its account's list; whoever removes it shows the newer chain.
bool by_newer_chain(const WishRecord& wish, const AccountId& own) {
  return wish.kind == Kind::remove_device && wish.account != own && !wish.silent && wish.invite.is_none();
}

// A claim about this device only. Of one that is to be removed the gateway has no packages, but the account's chain.
bool names_device(const WishRecord& wish) {
  return one_device(wish) || wish.kind == Kind::remove_device;
}

// A chain of this account that does not list the device; the rules judge the rest of it.
bool lists_no_more(const Bytes& chain, const WishRecord& wish) {
  const auto decoded = identity::decode_chain(chain);
  return decoded.ok() && decoded->device_list.account == wish.account && decoded->device_list.find(wish.device) == nullptr;
}

bool is_of(const Bytes& package, const DeviceId& device) {
  const auto decoded = mls::decode_key_package(package);
  if (!decoded.ok()) return false;
  const auto who = identity::decode_credential(decoded->leaf.credential.identity);
  return who.ok() && who->device == device;
}

bool same_wish(const WishRecord& a, const WishRecord& b) {
  return a.kind == b.kind && a.account == b.account && a.device == b.device && a.invite == b.invite;
}

// Every leaf's credential; the chains were checked when they came in.
std::vector<std::pair<mls::LeafIndex, identity::DeviceIdentity>> leaves(const mls::Group& group) {
  std::vector<std::pair<mls::LeafIndex, identity::DeviceIdentity>> out;
  for (const mls::LeafIndex index : group.tree().members()) {
    const auto who = identity::decode_credential(group.member(index)->credential.identity);
    if (who.ok()) out.emplace_back(index, *who);
  }
  return out;
}

bool has_device(const mls::Group& group, const AccountId& account, const DeviceId& device) {
  const auto all = leaves(group);
  return std::any_of(all.begin(), all.end(), [&](const auto& leaf) {
    return leaf.second == identity::DeviceIdentity{account, device};
  });
}

// S13: nobody else comes back on the gateway's word.
bool left_for_silence(const Channel& channel, const AccountId& account, const DeviceId& device) {
  const auto& former = channel.room.former;
  return std::any_of(former.begin(), former.end(),
                     [&](const FormerRecord& was) { return was.silent && was.account == account && was.device == device; });
}

bool has_account(const mls::Group& group, const AccountId& account) {
  const auto all = leaves(group);
  return std::any_of(all.begin(), all.end(), [&](const auto& leaf) { return leaf.second.account == account; });
}

// S2: the devices of before go after the time to object; but somebody did object, and no leaf of the account has a later key any more.
bool objected(const mls::Group& group, const WishRecord& wish) {
  if (wish.kind != Kind::remove_device || wish.invite.is_none() || !has_device(group, wish.account, wish.device)) return false;
  std::vector<VerifyKey> keys;
  for (const auto& [index, who] : leaves(group)) {
    const Bytes* shown = mls::find_extension(group.member(index)->extensions, identity::kIdentityExtension);
    const auto chain = shown == nullptr ? Result<identity::IdentityChain>(kBadValue) : identity::decode_chain(*shown);
    if (who.account == wish.account && chain.ok()) keys.push_back(chain->account_key);
  }
  return std::all_of(keys.begin(), keys.end(), [&](const VerifyKey& key) { return key == keys.front(); });
}

// S2: can members see for themselves that this device is out? Its certificate ran out, the status list says so, or another leaf of the
// account shows a chain that no longer lists it.
bool shown_revoked(const membership::Roster& roster, const membership::Trust& trust, const identity::DeviceIdentity& who,
                   Timestamp now) {
  const membership::Seat* seat = membership::find_device(roster, who);
  if (seat == nullptr) return false;
  if (seat->certified_until <= now) return true;
  if (trust.status && !identity::check_standing(*trust.status, seat->chain, now).ok()) return true;
  return std::any_of(roster.begin(), roster.end(), [&](const membership::Seat& other) {
    if (other.who.account != who.account || other.chain.device_list.find(who.device) != nullptr) return false;
    return other.account_key == seat->account_key ? other.chain.device_list.version > seat->chain.device_list.version
                                                  : other.certified_from > seat->certified_from;
  });
}

// Not without end: one for each own device, for the own leaf, for each account of the room, for each invite.
bool bounded_by_itself(const WishRecord& wish) {
  return wish.kind == Kind::add_device || wish.kind == Kind::refresh_self || wish.kind == Kind::update_self ||
         wish.kind == Kind::carry_over || wish.kind == Kind::add_invited;
}

// Nobody here asked for it: the gateway said that it waits for a member.
bool of_task(const WishRecord& wish, const AccountId& own) {
  return wish.silent || wish.kind == Kind::add_back || wish.kind == Kind::carry_over || by_newer_chain(wish, own);
}

}  // namespace

Changes::Changes(Engine& engine) : engine_(engine) {
  engine.key_packages.claimed = [this](const ChannelId& channel, const AccountId& account, const std::vector<Bytes>& packages,
                                       const Bytes& chain) {
    if (channel.is_none()) return engine_.devices.on_chain_there(chain);
    on_packages(channel, account, packages, chain);
  };
  engine.key_packages.refused = [this](const ChannelId& channel, const AccountId& account, const Error& error) {
    on_claim_refused(channel, account, error);
  };
}

// ---------------------------------------------------------------- wishes

const WishRecord* Changes::find(const Channel& channel, Kind kind, const AccountId& account, const DeviceId& device) const {
  for (const auto& [number, wish] : channel.wishes) {
    if (wish.kind == kind && wish.account == account && wish.device == device) return &wish;
  }
  return nullptr;
}

Result<void> Changes::has_room_for(const Channel& channel, std::size_t more) const {
  const auto counted = std::count_if(channel.wishes.begin(), channel.wishes.end(),
                                     [](const auto& entry) { return !bounded_by_itself(entry.second); });
  return static_cast<std::size_t>(counted) + more <= kMaxWishes ? Result<void>() : kTooManyChanges;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): kept
Result<void> Changes::wish(Channel& channel, WishRecord wish) {
  if (channel.room.ended) return kRoomEnded;
  for (const auto& [number, known] : channel.wishes) {
    if (same_wish(known, wish)) return {};
  }
  if (!bounded_by_itself(wish)) STEIGER_CHECK(has_room_for(channel, 1));
  wish.number = channel.wishes.empty() ? 1 : channel.wishes.rbegin()->first + 1;
  save(channel, wish);
  channel.wishes.emplace(wish.number, std::move(wish));
  return {};
}

void Changes::save(const Channel& channel, const WishRecord& wish) {
  engine_.journal.put(keys::wish(channel.record.id, wish.number), wish.encode());
}

void Changes::erase(Channel& channel, std::uint64_t number) {
  engine_.journal.erase(keys::wish(channel.record.id, number));
  channel.wishes.erase(number);
}

// What the gateway has to hand out first: KeyPackages, or only the chain that comes with them, as proof that a device is out.
bool Changes::needs_packages(const Channel& channel, const WishRecord& wish) const {
  if (by_newer_chain(wish, engine_.state.self.account)) return wish.chains.empty() && !proves_revoked(channel, wish);
  const bool adds = wish.kind == Kind::add_device || wish.kind == Kind::add_back || wish.kind == Kind::handover ||
                    wish.kind == Kind::carry_over;
  return adds && wish.packages.empty();
}

bool Changes::invited_is_in(const mls::Group& group, const WishRecord& wish) const {
  const auto found = engine_.state.invites.find(wish.invite);
  if (found == engine_.state.invites.end()) return false;
  const auto proof = identity::decode_redeem_proof(found->second.proof);
  const auto package = proof.ok() ? mls::decode_key_package(proof->key_package) : Result<mls::KeyPackage>(kBadRequest);
  const auto who = package.ok() ? identity::decode_credential(package->leaf.credential.identity)
                                : Result<identity::DeviceIdentity>(kBadRequest);
  return who.ok() && has_device(group, who->account, who->device);
}

bool Changes::fulfilled(const Channel& channel, const WishRecord& wish) const {
  const mls::Group& group = *channel.group;
  switch (wish.kind) {
    case Kind::add_invited:
      return invited_is_in(group, wish);  // over with its own merge; or with one in a life that the store has forgotten (S21)
    case Kind::add_device: {              // or dropped before it came in (S2)
      const auto& chain = engine_.state.chain;
      const bool dropped = chain && wish.account == engine_.state.self.account && !chain->device_list.find(wish.device);
      return dropped || has_device(group, wish.account, wish.device);
    }
    case Kind::add_back:
      return has_device(group, wish.account, wish.device);
    case Kind::remove_device:
      return !has_device(group, wish.account, wish.device);
    case Kind::remove_account:
      return !has_account(group, wish.account);
    case Kind::carry_over:
      return has_account(group, wish.account);
    case Kind::handover: {
      const auto offer = identity::decode_handover_offer(wish.evidence);
      return !offer.ok() || !has_account(group, offer->leaving);
    }
    case Kind::refresh_self: {
      const Bytes* chain = mls::find_extension(group.member(group.own_leaf())->extensions, identity::kIdentityExtension);
      return chain != nullptr && *chain == engine_.state.self.chain;
    }
    case Kind::update_self:
      return group.member(group.own_leaf())->source == mls::LeafNodeSource::commit;
  }
  return true;
}

// ---------------------------------------------------------------- claims

Changes::ClaimKey Changes::claim_key(const ChannelId& channel, const WishRecord& wish) {
  return {channel, wish.account, names_device(wish) ? wish.device : DeviceId()};
}

void Changes::claim(const Channel& channel, const WishRecord& wish) {
  const auto [asked, first] = claimed_.try_emplace(claim_key(channel.record.id, wish));
  if (!first) {
    if (engine_.now < asked->second.at + asked->second.wait) return;
    asked->second.wait = std::min(2 * asked->second.wait, kClaimAgain);
  }
  asked->second.at = engine_.now;
  const std::optional<DeviceId> device = names_device(wish) ? std::optional(wish.device) : std::nullopt;
  const wire::Relation relation = wish.account == engine_.state.self.account ? wire::Relation::own
                                  : wish.kind == Kind::handover              ? wire::Relation::offer
                                                                             : wire::Relation::room;
  const bool shows = relation == wire::Relation::offer;
  engine_.key_packages.claim(channel.record.id, wish.account, device, relation, shows ? ByteView(wish.evidence) : ByteView());
}

void Changes::on_packages(const ChannelId& id, const AccountId& account, const std::vector<Bytes>& packages, const Bytes& chain) {
  Channel* channel = engine_.channel(id);
  if (channel == nullptr) return;
  for (auto at = channel->wishes.begin(); at != channel->wishes.end();) {
    WishRecord& wish = (at++)->second;
    if (wish.account != account || !needs_packages(*channel, wish)) continue;
    if (wish.kind == Kind::add_back && lists_no_more(chain, wish)) {  // dropped before it was back
      erase(*channel, wish.number);
      continue;
    }
    if (by_newer_chain(wish, engine_.state.self.account)) {
      if (!lists_no_more(chain, wish)) continue;
      wish.chains = {chain};
      save(*channel, wish);
      continue;
    }
    if (packages.empty()) continue;  // none there now: asked again later
    wish.packages = packages;
    if (one_device(wish)) std::erase_if(wish.packages, [&](const Bytes& package) { return !is_of(package, wish.device); });
    if (wish.packages.empty()) continue;
    wish.package_chains = {chain};
    save(*channel, wish);
    return;  // claimed once: for one wish
  }
}

void Changes::on_claim_refused(const ChannelId& id, const AccountId& account, const Error& error) {
  Channel* channel = engine_.channel(id);
  if (channel == nullptr || error.retryable) return;
  for (auto at = channel->wishes.begin(); at != channel->wishes.end();) {
    const WishRecord& wish = (at++)->second;
    if (wish.account != account || !needs_packages(*channel, wish)) continue;
    if (!of_task(wish, engine_.state.self.account)) engine_.alarm(kChangeRefused, id, &error);
    erase(*channel, wish.number);
  }
}

void Changes::on_login() {
  claimed_.clear();
}

// ---------------------------------------------------------------- the gateway's tasks

Result<void> Changes::on_tasks(const wire::RosterTasks& tasks) {
  if (tasks.tasks() == nullptr) return kProtocol;
  for (const wire::RosterTask* task : *tasks.tasks()) {
    STEIGER_TRY(const ChannelId id, gateway::field<ChannelId>(task->channel()));
    WishRecord wish;
    STEIGER_TRY(wish.account, gateway::field<AccountId>(task->account()));
    STEIGER_TRY(wish.device, gateway::field<DeviceId>(task->device()));
    Channel* channel = engine_.channel(id);
    if (channel == nullptr || channel->stopped()) continue;
    const bool own = wish.account == engine_.state.self.account;
    if (own && wish.device == engine_.state.self.device) continue;
    // Silence is the gateway's word: only the two people whom the room is for act on it, or the account itself.
    const bool may_believe = own || engine_.state.self.role == Role::coach || engine_.state.self.role == Role::jongere;
    switch (task->kind()) {
      case wire::RosterTaskKind::remove_revoked:
        wish.kind = Kind::remove_device;
        break;
      case wire::RosterTaskKind::remove_silent:
        if (!may_believe) continue;
        if (spoke_since(*channel, {wish.account, wish.device}, engine_.session.gateway_now() - kSilence)) continue;
        wish.kind = Kind::remove_device;
        wish.silent = true;
        break;
      case wire::RosterTaskKind::add_back:
        if (!may_believe || !left_for_silence(*channel, wish.account, wish.device)) continue;
        wish.kind = Kind::add_back;
        break;
      default:
        continue;  // of a later version
    }
    (void)this->wish(*channel, std::move(wish)).ok();  // what is not taken now is on the gateway's list at the next login
  }
  return {};
}

bool Changes::proves_revoked(const Channel& channel, const WishRecord& wish) const {
  if (!channel.group) return false;
  const auto roster = membership::read_roster(channel.group->tree(), known_certificates(engine_.state, channel),
                                              engine_.standing.trust(), membership::certified_for(channel.binding));
  return roster.ok() &&
         shown_revoked(*roster, engine_.standing.trust(), {wish.account, wish.device}, engine_.session.gateway_now());
}

// ---------------------------------------------------------------- commits

bool Changes::may_commit(const Channel& channel) const {
  return channel.group && !channel.stopped() && channel.in_step() && !channel.pending &&
         !engine_.invites.holds_back(channel.record.id);
}

void Changes::pump() {
  if (!engine_.session.online()) return;
  for (auto& [id, channel] : engine_.state.channels) {
    if (!may_commit(channel)) continue;
    for (auto at = channel.wishes.begin(); at != channel.wishes.end() && !channel.pending;) {
      WishRecord& wish = (at++)->second;
      if (fulfilled(channel, wish)) {
        if (wish.kind == Kind::add_invited) engine_.invites.on_merged(channel, wish.invite);
        erase(channel, wish.number);
        continue;
      }
      if (wish.not_before > engine_.session.gateway_now()) continue;
      if (objected(*channel.group, wish)) {
        erase(channel, wish.number);
        continue;
      }
      if (needs_packages(channel, wish)) {
        claim(channel, wish);
        continue;
      }
      auto built = build(channel, wish);
      if (!built.ok()) {
        if (!of_task(wish, engine_.state.self.account)) {
          engine_.alarm(kChangeRefused, id, &built.error());
        }
        erase(channel, wish.number);
        continue;
      }
      wish.committed = true;
      save(channel, wish);
      channel.pending.emplace(std::move(built).value());
      Engine::group_changed(channel);
      engine_.save_pending(channel);
      engine_.outbox.send_commit(channel);
    }
  }
}

bool Changes::claim_carried(Channel& channel) {
  bool all = true;
  for (const auto& [number, wish] : channel.wishes) {
    if (wish.kind != Kind::carry_over || !needs_packages(channel, wish)) continue;
    claim(channel, wish);
    all = false;
  }
  return all;
}

std::optional<Timestamp> Changes::deadline() const {
  std::optional<Timestamp> first;
  const auto consider = [&](Timestamp when) {
    if (when > engine_.now && (!first || when < *first)) first = when;
  };
  for (const auto& [id, channel] : engine_.state.channels) {
    for (const auto& [number, wish] : channel.wishes) {
      consider(wish.not_before - (engine_.session.gateway_now() - engine_.now));  // timers run in the device's time
      const auto asked = claimed_.find(claim_key(id, wish));
      if (needs_packages(channel, wish) && asked != claimed_.end()) consider(asked->second.at + asked->second.wait);
    }
  }
  return first;
}

Changes::Rebuilt Changes::rebuild(Channel& channel) {
  for (auto& [number, wish] : channel.wishes) {
    if (!wish.committed) continue;
    if (fulfilled(channel, wish)) return Rebuilt::fulfilled;
    auto built = build(channel, wish);
    if (!built.ok()) return Rebuilt::impossible;
    channel.pending.emplace(std::move(built).value());
    Engine::group_changed(channel);
    engine_.save_pending(channel);
    return Rebuilt::ready;
  }
  return engine_.invites.rebuild_commit(channel).ok() ? Rebuilt::ready : Rebuilt::impossible;
}

void Changes::forget_pending(Channel& channel) {
  channel.pending.reset();
  engine_.journal.erase(keys::pending(channel.record.id));
  for (auto at = channel.wishes.begin(); at != channel.wishes.end();) {
    const WishRecord& wish = (at++)->second;
    if (wish.committed) erase(channel, wish.number);
  }
}

void Changes::begin_again(Channel& channel, const InviteId& invite) {
  bool of_wish = false;
  for (auto& [number, wish] : channel.wishes) {
    if (!std::exchange(wish.committed, false)) continue;
    of_wish = true;
    save(channel, wish);
  }
  const auto found = engine_.state.invites.find(invite);
  if (of_wish || found == engine_.state.invites.end()) return;
  WishRecord wish;
  wish.kind = Kind::add_invited;
  wish.invite = invite;
  if (const auto chain = identity::decode_chain(found->second.chain); chain.ok()) wish.account = chain->device_list.account;
  (void)this->wish(channel, std::move(wish)).ok();  // always taken
}

bool Changes::give_up(Channel& channel, const Error& error) {
  const auto ours =
      std::find_if(channel.wishes.begin(), channel.wishes.end(), [](const auto& entry) { return entry.second.committed; });
  if (ours == channel.wishes.end()) return false;
  const bool asked_here = !of_task(ours->second, engine_.state.self.account);
  forget_pending(channel);
  if (asked_here) engine_.alarm(kChangeRefused, channel.record.id, &error);
  return true;
}

void Changes::on_merged(Channel& channel) {
  for (auto at = channel.wishes.begin(); at != channel.wishes.end();) {
    const WishRecord& wish = (at++)->second;
    if (wish.committed || fulfilled(channel, wish)) erase(channel, wish.number);
  }
}

}  // namespace steiger::sdk
