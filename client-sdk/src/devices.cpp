#include "client-sdk/src/devices.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/opening.h"
#include "client-sdk/src/organisation.h"

namespace steiger::sdk {
namespace {

using Kind = WishRecord::Kind;

// Who linked a device brings it into the rooms; the others of the account wait so long before they do.
constexpr Duration kLinkingTurn = std::chrono::minutes(10);
// A new account key waits no longer for them.
constexpr Duration kLinkingMost = std::chrono::hours(1);

}  // namespace

void Devices::save() {
  engine_.journal.put(keys::kDevices, engine_.state.devices.encode());
}

bool Devices::is_staff() const {
  return engine_.state.chain && engine_.state.chain->certificates.size() == 1;
}

Result<void> Devices::adopt(const identity::IdentityChain& chain) {
  engine_.state.self.chain = identity::encode_chain(chain);
  STEIGER_CHECK(engine_.state.refresh_identity());
  engine_.save_self();
  return {};
}

// ---------------------------------------------------------------- the list

// The next version of the own list. The gateway is told by whoever calls this.
Result<void> Devices::relist(std::vector<identity::ListedDevice> devices) {
  const State& state = engine_.state;
  identity::IdentityChain chain = *state.chain;
  STEIGER_TRY(chain.device_list, identity::sign_device_list(*state.account_key, state.self.account,
                                                            state.chain->device_list.version + 1, std::move(devices)));
  return adopt(chain);
}

Result<void> Devices::remove(const DeviceId& device, bool lost) {
  const State& state = engine_.state;
  if (state.self.membership != Membership::ready || !state.chain || !state.account_key) return kNotSetUp;
  if (device == state.self.device) return kNoSuchDevice;
  std::vector<identity::ListedDevice> left;
  for (const identity::ListedDevice& listed : state.chain->device_list.devices) {
    if (listed.device != device) left.push_back(listed);
  }
  const bool listed = left.size() != state.chain->device_list.devices.size();
  if (!listed) {
    STEIGER_TRY(const bool objected, object_to(device));
    if (objected) return {};
    if (!lost || state.devices.next_seed.empty()) return kNoSuchDevice;
    if (!is_staff()) ask_coach();
    return {};
  }
  // S2: off the list at once, so that the gateway refuses it from now on, whatever becomes of a new key.
  STEIGER_CHECK(relist(std::move(left)));
  engine_.state.devices.chain_unsent = true;
  if (lost) STEIGER_CHECK(start_new_key());
  save();
  send_chain();
  WishRecord wish;
  wish.kind = Kind::remove_device;
  wish.account = state.self.account;
  wish.device = device;
  wish.chains = {state.self.chain};
  wish_everywhere(wish);
  if (lost && !is_staff()) ask_coach();
  return {};
}

Result<bool> Devices::object_to(const DeviceId& device) {
  const State& state = engine_.state;
  bool there = false;
  Result<void> all;  // in the other rooms it goes, whatever becomes of it in one
  for (auto& [id, channel] : engine_.state.channels) {
    if (!channel.group || channel.stopped()) continue;
    for (const mls::LeafIndex index : channel.group->tree().members()) {
      const auto who = identity::decode_credential(channel.group->member(index)->credential.identity);
      if (!who.ok() || *who != identity::DeviceIdentity{state.self.account, device}) continue;
      WishRecord wish;
      wish.kind = Kind::remove_device;
      wish.account = state.self.account;
      wish.device = device;
      if (const auto taken = engine_.changes.wish(channel, std::move(wish)); !taken.ok()) all = taken;
      there = true;
    }
  }
  STEIGER_CHECK(all);
  return there;
}

// Own upkeep is always taken. Where a removal is not, the device is on the gateway's list of who has to go, at every login of a member.
void Devices::wish_everywhere(const WishRecord& wish) {
  for (auto& [id, channel] : engine_.state.channels) {
    if (!channel.stopped()) (void)engine_.changes.wish(channel, wish).ok();
  }
}

// A newer list of the own account under the same key: another own device changed it. Without this, two devices would sign two lists of
// the same version.
void Devices::on_roster(Channel& channel) {
  const State& state = engine_.state;
  if (!channel.group || !state.chain) return;
  if (channel.own_devices_only()) pass_key();
  for (const mls::LeafIndex index : channel.group->tree().members()) {
    const mls::LeafNode& leaf = *channel.group->member(index);
    const auto who = identity::decode_credential(leaf.credential.identity);
    if (!who.ok() || who->account != state.self.account || who->device == state.self.device) continue;
    const Bytes* extension = mls::find_extension(leaf.extensions, identity::kIdentityExtension);
    if (extension == nullptr) continue;
    auto shown = identity::decode_chain(*extension);
    if (!shown.ok() || shown->account_key != state.chain->account_key) continue;
    if (shown->device_list.version <= state.chain->device_list.version) continue;
    const identity::ListedDevice* me = shown->device_list.find(state.self.device);
    if (me == nullptr || me->leaf_key != state.leaf_key->verify_key()) continue;
    if (!identity::verify_device_list(shown->device_list, shown->account_key).ok()) continue;
    shown->certificates = state.chain->certificates;
    if (adopt(*shown).ok()) bring_listed();
  }
}

std::vector<WishRecord> Devices::wishes_for_listed(Timestamp not_before) const {
  const State& state = engine_.state;
  std::vector<WishRecord> out;
  for (const identity::ListedDevice& listed : state.chain->device_list.devices) {
    if (listed.device == state.self.device) continue;
    WishRecord wish;
    wish.kind = Kind::add_device;
    wish.account = state.self.account;
    wish.device = listed.device;
    wish.not_before = not_before;
    out.push_back(std::move(wish));
  }
  return out;
}

void Devices::bring_listed() {
  for (const WishRecord& wish : wishes_for_listed(engine_.session.gateway_now() + kLinkingTurn)) {
    for (auto& [id, channel] : engine_.state.channels) {
      const auto& former = channel.room.former;
      const bool went = std::any_of(former.begin(), former.end(), [&](const FormerRecord& was) {
        return was.account == wish.account && was.device == wish.device;  // for silence (S13): it comes back another way
      });
      if (!channel.stopped() && !went) (void)engine_.changes.wish(channel, wish).ok();  // always taken
    }
  }
}

// ---------------------------------------------------------------- a new account key

Result<void> Devices::start_new_key() {
  const State& state = engine_.state;
  const SigningKey next = SigningKey::generate(engine_.rng);
  STEIGER_TRY(const auto list, identity::sign_device_list(next, state.self.account, state.chain->device_list.version,
                                                          state.chain->device_list.devices));
  engine_.state.devices.next_seed = SecretBytes::copy_of(next.seed().bytes());
  engine_.state.devices.next_list = identity::encode_device_list(list);
  return {};
}

Bytes Devices::new_key_request() const {
  const State& state = engine_.state;
  if (state.devices.next_seed.empty() || !is_staff()) return {};
  auto seed = SigningKey::Seed::from_bytes(state.devices.next_seed.bytes());
  const auto list = identity::decode_device_list(state.devices.next_list);
  if (!seed.ok() || !list.ok()) return {};
  const SigningKey key(std::move(seed).value());
  return encode_staff_request({state.organisation->id, state.self.name, key.verify_key(), *list}, key);
}

// The coach of the room of one's own; asked again, it is one more message that asks the same.
void Devices::ask_coach() {
  const State& state = engine_.state;
  auto seed = SigningKey::Seed::from_bytes(state.devices.next_seed.bytes());
  if (!seed.ok()) return;
  const SigningKey key(std::move(seed).value());
  const NewKeyRequestContent request{state.devices.next_list, to_bytes(key.verify_key().bytes())};
  for (auto& [id, channel] : engine_.state.channels) {
    const bool coached = std::any_of(channel.record.members.begin(), channel.record.members.end(),
                                     [](const MemberRecord& member) { return member.role == Role::coach; });
    if (channel.stopped() || !coached || channel.binding.room != identity::RoomKind::one_to_one) continue;
    (void)engine_.outbox.send_content(channel, encode_new_key_request(request, engine_.now), false).ok();
    return;
  }
}

Result<void> Devices::install(const identity::Certificate& certificate) {
  State& state = engine_.state;
  if (state.devices.next_seed.empty() || !is_staff()) return kNotSetUp;
  STEIGER_TRY(const auto list, identity::decode_device_list(state.devices.next_list));
  return certified({{certificate}, certificate.subject_key, list});
}

Result<void> Devices::renew(const identity::Certificate& certificate) {
  State& state = engine_.state;
  if (!is_staff() || certificate.subject_key != state.chain->account_key) return kBadCertificate;
  const identity::Certificate& earlier = state.chain->certificates.back();
  if (certificate == earlier) return {};
  identity::IdentityChain chain = *state.chain;
  chain.certificates = {certificate};
  const auto verified =
      identity::verify_chain_under(chain, state.trust.roots, state.trust.organisation, engine_.session.latest_now());
  if (!verified.ok() || verified->account != state.self.account || certificate.role != earlier.role ||
      certificate.not_before < earlier.not_before) {
    return kBadCertificate;
  }
  state.devices.chain_unsent = true;
  STEIGER_CHECK(adopt(chain));
  save();
  send_chain();
  refresh_everywhere();
  return {};
}

void Devices::on_new_key_answer(const Channel& channel, const AccountId& from, const NewKeyAnswerContent& answer) {
  State& state = engine_.state;
  const bool by_coach =
      std::any_of(channel.record.members.begin(), channel.record.members.end(),
                  [&](const MemberRecord& member) { return member.account == from && member.role == Role::coach; });
  if (!by_coach || state.devices.next_seed.empty() || is_staff()) return;
  if (answer.chain.empty()) {  // "nee": the lost device is out, and the key stays
    state.devices.next_seed = SecretBytes();
    state.devices.next_list.clear();
    return save();
  }
  if (const auto chain = identity::decode_chain(answer.chain); chain.ok()) (void)certified(*chain).ok();
}

Result<void> Devices::certified(const identity::IdentityChain& chain) {
  STEIGER_CHECK(check_new_chain(chain));
  engine_.state.new_key = NewKeyRecord{identity::encode_chain(chain), engine_.now};
  engine_.journal.put(keys::kNewKey, engine_.state.new_key->encode());
  return {};
}

void Devices::pump() {
  const State& state = engine_.state;
  if (!state.new_key || (is_linking() && engine_.now < state.new_key->since + kLinkingMost)) return;
  const auto chain = identity::decode_chain(state.new_key->chain);
  engine_.state.new_key.reset();
  engine_.journal.erase(keys::kNewKey);
  if (chain.ok()) (void)take_new_chain(*chain).ok();
}

std::optional<Timestamp> Devices::deadline() const {
  const auto& waits = engine_.state.new_key;
  return waits ? std::optional(waits->since + kLinkingMost) : std::nullopt;
}

// A device of the list has yet to come into a room. Not one that is to be brought in only if nobody else does.
bool Devices::is_linking() const {
  const State& state = engine_.state;
  return std::any_of(state.channels.begin(), state.channels.end(), [&](const auto& entry) {
    const auto& wishes = entry.second.wishes;
    return !entry.second.stopped() && std::any_of(wishes.begin(), wishes.end(), [&](const auto& each) {
      const WishRecord& wish = each.second;
      return wish.kind == Kind::add_device && wish.account == state.self.account &&
             wish.not_before <= engine_.session.gateway_now() + kLinkedDeviceNeeds;
    });
  });
}

Result<void> Devices::check_new_chain(const identity::IdentityChain& chain) const {
  const State& state = engine_.state;
  STEIGER_TRY(auto seed, SigningKey::Seed::from_bytes(state.devices.next_seed.bytes()));
  STEIGER_TRY(const auto list, identity::decode_device_list(state.devices.next_list));
  const SigningKey key(std::move(seed));
  if (chain.account_key != key.verify_key() || chain.device_list != list) return kBadCertificate;
  STEIGER_TRY(const auto verified,
              identity::verify_chain_under(chain, state.trust.roots, state.trust.organisation, engine_.session.latest_now()));
  const identity::Certificate& earlier = state.chain->certificates.back();
  const identity::Certificate& now = chain.certificates.back();
  if (verified.account != state.self.account || now.role != earlier.role || now.channel != earlier.channel)
    return kBadCertificate;
  return now.not_before > earlier.not_before ? Result<void>() : kBadCertificate;  // S2: later, or nobody would believe it
}

Result<void> Devices::take_new_chain(const identity::IdentityChain& chain) {
  STEIGER_CHECK(check_new_chain(chain));
  State& state = engine_.state;
  state.self.account_seed = std::move(state.devices.next_seed);
  state.devices.next_seed = SecretBytes();
  state.devices.next_list.clear();
  state.devices.chain_unsent = true;
  // Devices that were linked or dropped while the new key waited for its certificate.
  const std::vector<identity::ListedDevice> present = state.chain->device_list.devices;
  state.devices.pass_key = present.size() > 1;
  STEIGER_CHECK(adopt(chain));
  if (present != chain.device_list.devices) STEIGER_CHECK(relist(present));
  save();
  send_chain();
  refresh_everywhere();
  pass_key();
  return {};
}

// S2: every device of the account holds its key. Not before the lost one is out of the self group.
void Devices::pass_key() {
  const State& state = engine_.state;
  if (!state.devices.pass_key || !state.account_key) return;
  for (auto& entry : engine_.state.channels) {
    Channel& channel = entry.second;
    if (!channel.own_devices_only() || channel.stopped() || !channel.group) continue;
    const auto members = channel.group->tree().members();
    const bool all_listed = std::all_of(members.begin(), members.end(), [&](const mls::LeafIndex index) {
      const auto who = identity::decode_credential(channel.group->member(index)->credential.identity);
      return who.ok() && state.chain->device_list.find(who->device) != nullptr;
    });
    if (!all_listed) return;
    const OwnKeyContent content{SecretBytes::copy_of(state.account_key->seed().bytes()), state.self.chain};
    if (!engine_.outbox.send_content(channel, encode_own_key(content, engine_.now), false).ok()) return;
    engine_.state.devices.pass_key = false;
    return save();
  }
}

void Devices::on_own_key(const OwnKeyContent& content) {
  State& state = engine_.state;
  auto seed = SigningKey::Seed::from_bytes(content.seed.bytes());
  const auto chain = identity::decode_chain(content.chain);
  if (!seed.ok() || !chain.ok() || !state.chain || chain->account_key == state.chain->account_key) return;
  const SigningKey key(std::move(seed).value());
  const auto verified =
      identity::verify_chain_under(*chain, state.trust.roots, state.trust.organisation, engine_.session.latest_now());
  const identity::ListedDevice* me = chain->device_list.find(state.self.device);
  if (!verified.ok() || verified->account != state.self.account || key.verify_key() != chain->account_key || me == nullptr ||
      me->leaf_key != state.leaf_key->verify_key() ||
      chain->certificates.back().not_before <= state.chain->certificates.back().not_before) {
    return;
  }
  state.self.account_seed = SecretBytes::copy_of(content.seed.bytes());
  state.devices.next_seed = SecretBytes();
  state.devices.next_list.clear();
  save();
  if (!adopt(*chain).ok()) return;
  refresh_everywhere();
  engine_.key_packages.refill();
}

void Devices::refresh_everywhere() {
  WishRecord wish;
  wish.kind = Kind::refresh_self;
  wish.account = engine_.state.self.account;
  wish.device = engine_.state.self.device;
  wish_everywhere(wish);
}

Result<Bytes> Devices::certify_new_key(Channel& channel, const AccountId& account, const NewKeyRequestContent& request) {
  if (engine_.state.self.role != Role::coach) return kNotAllowedForRole;
  const MemberRecord* member = channel.member(account);
  if (member == nullptr || account == engine_.state.self.account) return kNoSuchMember;
  STEIGER_TRY(const auto earlier, identity::decode_chain(member->chain));
  STEIGER_TRY(const auto list, identity::decode_device_list(request.device_list));
  STEIGER_TRY(const auto key, VerifyKey::from_bytes(request.account_key));
  STEIGER_TRY(const auto chain, certify_again(engine_, earlier, key, list));
  return identity::encode_chain(chain);
}

}  // namespace steiger::sdk
