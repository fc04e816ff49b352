// Linking one more own device (S2), both ends.
#include <algorithm>

#include "client-sdk/src/devices.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/members.h"
#include "client-sdk/src/opening.h"
#include "crypto/mls/key_package_secrets.h"

namespace steiger::sdk {
namespace {

using Kind = WishRecord::Kind;

// What of a link package may be status list and rooms; the rest is a chain and a few keys.
constexpr std::size_t kMaxLinkedStandingBytes = 16 * 1024;
constexpr std::size_t kMaxLinkedRoomBytes = 40 * 1024;

std::string bounded(std::string text) {
  return text.size() <= identity::kMaxLinkedNameBytes ? std::move(text) : std::string();
}

}  // namespace

// ---------------------------------------------------------------- the device that has the account

std::vector<identity::LinkedRoom> Devices::rooms_to_link() const {
  std::vector<identity::LinkedRoom> out;
  std::size_t bytes = 0;
  for (const auto& [id, channel] : engine_.state.channels) {
    if (channel.stopped() || channel.binding.room == identity::RoomKind::self) continue;
    identity::LinkedRoom room{id, bounded(channel.record.label), {}};
    bytes += 2 * kIdSize + room.label.size();
    for (const MemberRecord& member : channel.record.members) {
      if (member.name.empty() || room.names.size() >= identity::kMaxLinkedNames) continue;
      room.names.push_back({member.account, bounded(member.name)});
      bytes += 2 * kIdSize + member.name.size();
    }
    if (bytes > kMaxLinkedRoomBytes || out.size() >= identity::kMaxLinkedRooms) break;  // the others get their names by and by
    out.push_back(std::move(room));
  }
  return out;
}

Result<Devices::Linked> Devices::link(const InviteRecord& invite, const identity::RedeemProof& proof) {
  State& state = engine_.state;
  if (!state.chain || !state.account_key || !state.self.head_key) return kNotSetUp;
  STEIGER_TRY(const auto package, mls::VerifiedKeyPackage::decode(proof.key_package));
  STEIGER_TRY(const VerifyKey leaf_key, package->leaf.verify_key());
  const auto who = identity::check_leaf(proof.device_list, package->leaf.credential.identity, leaf_key);
  if (!who.ok() || who->account != state.self.account || proof.device_list.devices.size() != 1) return kProofInvalid;
  if (state.chain->device_list.find(who->device) != nullptr) return kProofInvalid;

  identity::IdentityChain chain = *state.chain;
  std::vector<identity::ListedDevice> devices = chain.device_list.devices;
  devices.push_back({who->device, leaf_key, engine_.session.gateway_now()});
  STEIGER_TRY(chain.device_list, identity::sign_device_list(*state.account_key, state.self.account, chain.device_list.version + 1,
                                                            std::move(devices)));
  identity::LinkPackage out;
  out.account_seed = state.account_key->seed().clone();
  out.chain = chain;
  out.name = bounded(state.self.name);
  out.head_key = VerifyKey(*state.self.head_key);
  if (state.standing.status_list.size() <= kMaxLinkedStandingBytes) out.status_list = state.standing.status_list;
  out.root_successions = state.standing.root_successions;
  out.rooms = rooms_to_link();
  STEIGER_TRY(const auto secret, secret_of(invite));
  STEIGER_TRY(Bytes sealed, identity::seal_link_package(engine_.rng, secret, invite.terms, package->init_key, out));
  STEIGER_CHECK(adopt(chain));
  return Linked{who->device, state.self.chain, std::move(sealed)};
}

void Devices::unlink(const DeviceId& device) {
  const State& state = engine_.state;
  if (!state.chain || !state.account_key || state.chain->device_list.find(device) == nullptr) return;
  std::vector<identity::ListedDevice> left;
  for (const identity::ListedDevice& listed : state.chain->device_list.devices) {
    if (listed.device != device) left.push_back(listed);
  }
  if (!relist(std::move(left)).ok()) return;
  engine_.state.devices.chain_unsent = true;  // the gateway may have it after all
  save();
  send_chain();
}

Channel* Devices::self_group() {
  State& state = engine_.state;
  for (auto& [id, channel] : state.channels) {
    if (channel.binding.room == identity::RoomKind::self && !channel.stopped()) return &channel;
  }
  auto opened = open_channel(engine_, identity::RoomKind::self);
  if (!opened.ok()) return nullptr;
  const ChannelId id = opened->channel.record.id;
  Engine::group_changed(opened->channel);
  Channel& kept = state.channels.emplace(id, std::move(opened->channel)).first->second;
  engine_.outbox.send_registration(kept, std::move(opened->registration));
  return &kept;
}

void Devices::on_linked(const DeviceId& device) {
  WishRecord wish;
  wish.kind = Kind::add_device;
  wish.account = engine_.state.self.account;
  wish.device = device;
  // It logs in and publishes its KeyPackages first.
  wish.not_before = engine_.session.gateway_now() + kLinkedDeviceNeeds;
  (void)self_group();
  wish_everywhere(wish);
}

void Devices::bring_along(Channel& channel) {
  const State& state = engine_.state;
  if (!state.chain) return;
  for (const WishRecord& wish : wishes_for_listed({})) (void)engine_.changes.wish(channel, wish).ok();  // always taken
  if (channel.record.label.empty()) return;
  for (auto& [id, other] : engine_.state.channels) {
    if (other.binding.room != identity::RoomKind::self || other.stopped()) continue;
    (void)engine_.outbox.send_content(other, encode_room_label({channel.record.id, channel.record.label}, engine_.now), false)
        .ok();
  }
}

// ---------------------------------------------------------------- the new device

Result<void> Devices::become(const JoinRecord& join, ByteView chain_bytes, ByteView sealed) {
  State& state = engine_.state;
  STEIGER_TRY(const auto secret, identity::parse_invite_text(as_text(join.secret.bytes())));
  STEIGER_TRY(const auto terms, identity::decode_invite_terms(join.terms));
  STEIGER_TRY(auto secrets, mls::KeyPackageSecrets::deserialize(join.key_package_secrets.bytes()));
  const HpkeKeyPair key = HpkeKeyPair::from_private_key(std::move(secrets.init_key));
  STEIGER_TRY(identity::LinkPackage package, identity::open_link_package(secret, join.terms, key, sealed));

  // Only whoever holds the secret could seal it; that it is the account of the terms, and complete, is checked all the same.
  const SigningKey account_key(package.account_seed.clone());
  if (!equal(identity::encode_chain(package.chain), chain_bytes) || account_key.verify_key() != package.chain.account_key ||
      package.chain.account_key != terms.coach.account_key || package.chain.device_list.account != state.self.account) {
    return kInviteTerms;
  }
  const identity::ListedDevice* me = package.chain.device_list.find(state.self.device);
  if (me == nullptr || !state.leaf_key || me->leaf_key != state.leaf_key->verify_key()) return kInviteTerms;
  std::vector<identity::RootSuccession> steps;
  if (!package.root_successions.empty()) {
    STEIGER_TRY(steps, identity::decode_root_successions(package.root_successions));
  }
  STEIGER_TRY(const auto roots, identity::trusted_roots(terms.organisation.root_key, steps, terms.organisation.id));
  STEIGER_TRY(const auto verified,
              identity::verify_chain_under(package.chain, roots, terms.organisation.id, engine_.session.latest_now()));
  // S16: both devices must know the gateway by the same key.
  if (!state.self.head_key || VerifyKey(*state.self.head_key) != package.head_key) return kHeadKeyChanged;

  SelfRecord& self = state.self;
  self.account_seed = SecretBytes::copy_of(package.account_seed.bytes());
  self.chain = to_bytes(chain_bytes);
  self.name = package.name;
  self.role = api_role(verified.role);
  self.send_read_receipts = self.role == Role::coach;  // C6
  self.membership = Membership::ready;
  state.standing.root_successions = package.root_successions;
  engine_.journal.put(keys::kStanding, state.standing.encode());
  STEIGER_CHECK(state.refresh_identity());
  engine_.standing.offer(package.status_list);
  for (identity::LinkedRoom& room : package.rooms) {
    RoomNamesRecord record{room.channel, std::move(room.label), {}};
    for (identity::LinkedName& name : room.names) record.names.push_back({name.account, std::move(name.name)});
    state.devices.rooms.push_back(std::move(record));
  }
  save();
  engine_.save_self();
  return {};
}

void Devices::name_room(Channel& channel) {
  auto& rooms = engine_.state.devices.rooms;
  const auto found =
      std::find_if(rooms.begin(), rooms.end(), [&](const RoomNamesRecord& room) { return room.channel == channel.record.id; });
  if (found == rooms.end()) return;
  if (channel.record.label.empty()) channel.record.label = found->label;
  for (const RoomNamesRecord::Name& name : found->names) {
    if (MemberRecord* member = channel.member(name.account); member != nullptr && member->name.empty()) member->name = name.name;
  }
  rooms.erase(found);
  Engine::record_changed(channel);
  channel.announce = true;
  save();
}

void Devices::greet(Channel& channel, const membership::Judgement& judgement) {
  const SelfRecord& self = engine_.state.self;
  const bool others = std::any_of(judgement.new_devices.begin(), judgement.new_devices.end(),
                                  [&](const auto& device) { return device.account != self.account; });
  if ((judgement.joined.empty() && !others) || self.name.empty() || channel.binding.room == identity::RoomKind::self) return;
  (void)engine_.outbox.send_content(channel, encode_profile(self.name, engine_.now), false).ok();
}

void Devices::on_room_label(const RoomLabelContent& content) {
  if (Channel* channel = engine_.channel(content.channel)) {
    channel->record.label = content.label;
    channel->announce = true;
    return Engine::record_changed(*channel);
  }
  auto& rooms = engine_.state.devices.rooms;
  const auto found =
      std::find_if(rooms.begin(), rooms.end(), [&](const RoomNamesRecord& room) { return room.channel == content.channel; });
  if (found != rooms.end()) {
    found->label = content.label;
  } else if (rooms.size() < kMaxChannels) {
    rooms.push_back({content.channel, content.label, {}});
  }
  save();
}

}  // namespace steiger::sdk
