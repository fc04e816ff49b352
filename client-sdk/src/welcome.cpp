// Taking a Welcome: the invited device insists on its invite's PSK (S5); any other comes from the own account, from a room that this
// device was in, or to staff whom a room lets in.
#include <algorithm>

#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/members.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/room_past.h"
#include "crypto/identity/roster_certificates.h"
#include "crypto/log/chain.h"

namespace steiger::sdk {
namespace {

bool is_staff(Role role) {
  return role == Role::coach || role == Role::other;
}

bool is_member(const Channel& channel, const AccountId& account) {
  const auto& members = channel.record.members;
  return std::any_of(members.begin(), members.end(), [&](const MemberRecord& member) { return member.account == account; });
}

// S2, S8, S11, S13: whom the room lets back in, as far as this device has not seen it itself.
void take_past(Channel& channel, const identity::RoomPast& past) {
  RoomRecord& room = channel.room;
  const auto out = [&](const AccountId& account) { return !is_member(channel, account); };
  for (const identity::IdentityChain& chain : past.chains) {
    const AccountId& account = chain.device_list.account;
    if (!out(account) || chain.certificates.empty() || chain.certificates.back().subject != account) continue;
    const auto known = known_of(channel);  // what this device has seen itself counts
    const bool seen = std::any_of(known.begin(), known.end(), [&](const membership::Known& k) { return k.account == account; });
    if (!seen && room.earlier_chains.size() < kMaxEarlierChains) room.earlier_chains.push_back(identity::encode_chain(chain));
  }
  for (const AccountId& account : past.carried_over) {
    auto& awaited = room.carried_over;
    if (out(account) && std::find(awaited.begin(), awaited.end(), account) == awaited.end()) awaited.push_back(account);
  }
  for (const identity::RoomPast::Silent& silent : past.silent) {
    const bool seen = std::any_of(room.former.begin(), room.former.end(), [&](const FormerRecord& former) {
      return former.account == silent.account && former.device == silent.device;
    });
    if (seen || !out(silent.account) || room.former.size() >= kMaxFormer) continue;
    FormerRecord former{silent.account, silent.device, {}, 0, true, Role::none, {}};
    std::copy_n(silent.account_key.bytes().begin(), former.account_key.size(), former.account_key.begin());
    room.former.push_back(std::move(former));
  }
  for (const AccountId& account : past.jongeren_out) {
    const bool seen = std::any_of(room.former.begin(), room.former.end(),
                                  [&](const FormerRecord& former) { return former.account == account; });
    // Of no device that is known here: under its earlier key it does not come back.
    if (seen || !out(account) || room.former.size() >= kMaxFormer) continue;
    room.former.push_back(FormerRecord{account, DeviceId(), {}, 0, false, Role::jongere, {}});
  }
}

// S2: what happened to the own devices before this one was in the room: those linked through it come in, those no longer listed go.
void settle_own_devices(Engine& engine, Channel& channel, const membership::Roster& roster) {
  if (!engine.state.chain) return;
  const auto& own = engine.state.chain->device_list;
  const bool missing = std::any_of(own.devices.begin(), own.devices.end(), [&](const identity::ListedDevice& listed) {
    return membership::find_device(roster, {own.account, listed.device}) == nullptr;
  });
  if (missing) engine.devices.bring_along(channel);
  for (const membership::Seat& seat : roster) {
    if (seat.who.account != own.account || own.find(seat.who.device) != nullptr) continue;
    if (seat.account_key != engine.state.account_key->verify_key()) continue;  // of before a comeback: it may object
    WishRecord wish;
    wish.kind = WishRecord::Kind::remove_device;
    wish.account = own.account;
    wish.device = seat.who.device;
    wish.chains = {engine.state.self.chain};
    (void)engine.changes.wish(channel, std::move(wish)).ok();  // what is not taken now is on the gateway's list at the next login
  }
}

}  // namespace

// S15: from the position in the commit, over the links since, to the commit itself, whose head the gateway signed.
Result<void> Joining::follow_links(const wire::DeliverWelcome& delivery, const mls::GroupInfo& info,
                                   ChannelRecord& record) const {
  const Bytes* position_bytes = mls::find_extension(info.extensions, identity::kChainHeadExtension);
  if (position_bytes == nullptr || delivery.links() == nullptr) return kWelcomeRefused;
  STEIGER_TRY(const auto position, identity::decode_chain_position(*position_bytes));
  if (delivery.links()->size() == 0 || delivery.links()->size() > kMaxLinksPerWelcome ||
      delivery.first_link_seq() != position.seq + 1 || delivery.seq() != position.seq + delivery.links()->size()) {
    return kChainBroken;
  }
  if (position.seq == 0 && position.head != log::chain_start(record.id)) return kChainBroken;
  Hash head = position.head;
  std::uint64_t seq = position.seq;
  for (const wire::ChainLink* raw : *delivery.links()) {
    log::ChainLink link;
    link.channel = record.id;
    link.seq = ++seq;
    STEIGER_TRY(link.envelope_hash, gateway::field(raw->payload_hash()));
    STEIGER_TRY(link.account, gateway::field<AccountId>(raw->account()));
    STEIGER_TRY(link.device, gateway::field<DeviceId>(raw->device()));
    STEIGER_TRY(link.message, gateway::field<MessageId>(raw->id()));
    STEIGER_TRY(link.tag, gateway::field(raw->tag()));
    link.accepted = {raw->accepted_ms()};
    head = log::chain_next(head, link);
  }
  STEIGER_TRY(record.head_signature, gateway::field(delivery.head_signature()));
  const VerifyKey head_key(*engine_.state.self.head_key);
  if (!log::verify_head(head_key, engine_.state.organisation->id, record.id, seq, head, record.head_signature).ok())
    return kHeadSignature;
  record.base_seq = record.processed = seq;
  record.base_head = record.head = head;
  return {};
}

Result<Joining::Opened> Joining::open(const wire::DeliverWelcome& delivery, const mls::KeyPackage& key_package,
                                      const mls::KeyPackageSecrets& secrets, const mls::PskSources& psks) const {
  const State& state = engine_.state;
  STEIGER_TRY(const auto welcome, mls::decode_message<mls::Welcome>(gateway::view_of(delivery.welcome())));
  STEIGER_TRY(mls::JoinResult joined, mls::Group::join(welcome, key_package, secrets, *state.leaf_key, psks));
  Opened out;
  Channel& channel = out.channel;
  ChannelRecord& record = channel.record;
  const Bytes* binding = mls::find_extension(joined.group.group_context().extensions, identity::kChannelExtension);
  if (binding == nullptr || joined.group.group_context().extensions.size() != 1) return kWelcomeRefused;  // S8: nothing else
  STEIGER_TRY(channel.binding, identity::decode_channel_binding(*binding));
  STEIGER_TRY(record.id, gateway::field<ChannelId>(delivery.channel()));
  if (channel.binding.channel != record.id || channel.binding.organisation != state.organisation->id ||
      channel.binding.head_key != VerifyKey(*state.self.head_key) || joined.group.epoch() != delivery.epoch()) {
    return kWelcomeRefused;
  }
  record.binding = *binding;
  std::vector<identity::Certificate> certificates = known_certificates(state, channel);
  if (const Bytes* shown = mls::find_extension(joined.info.extensions, identity::kCertificatesExtension)) {
    STEIGER_TRY(const auto more, identity::decode_certificates(*shown));
    certificates.insert(certificates.end(), more.begin(), more.end());
  }
  STEIGER_TRY(out.roster, membership::read_roster(joined.group.tree(), certificates, engine_.standing.trust(),
                                                  membership::certified_for(channel.binding)));
  const membership::Seat* committer = membership::find_leaf(out.roster, joined.committer);
  if (committer == nullptr) return kWelcomeRefused;
  out.committer = *committer;
  out.psks = std::move(joined.psks);
  if (const Bytes* shown = mls::find_extension(joined.info.extensions, identity::kRoomPastExtension)) {
    STEIGER_TRY(out.past, identity::decode_room_past(*shown));
  }
  STEIGER_CHECK(follow_links(delivery, joined.info, record));
  channel.group.emplace(std::move(joined.group));
  return out;
}

Result<Joining::Opened> Joining::open_invited(const wire::DeliverWelcome& delivery) const {
  const State& state = engine_.state;
  const JoinRecord& join = *state.join;
  STEIGER_TRY(const identity::InviteSecret secret, secret_of(join));
  STEIGER_TRY(const auto terms, identity::decode_invite_terms(join.terms));
  STEIGER_TRY(const auto key_package, mls::decode_key_package(join.key_package));
  STEIGER_TRY(const auto secrets, mls::KeyPackageSecrets::deserialize(join.key_package_secrets.bytes()));
  // S5: whatever id the committer chose, only the invite's secret gives its key.
  const auto psks = [&](ByteView id) -> std::optional<SecretBytes> {
    if (id.size() != identity::kInvitePskIdSize) return std::nullopt;
    return identity::invite_psk(secret, id);
  };
  STEIGER_TRY(Opened opened, open(delivery, key_package, secrets, psks));
  if (opened.psks.empty()) return kWelcomeRefused;
  for (const membership::Seat& seat : opened.roster) {
    STEIGER_CHECK(identity::check_valid_at(seat.chain.certificates.back(), engine_.session.latest_now()));
  }
  const AccountId& coach = terms.coach.device_list.account;
  const auto accounts = membership::accounts_of(opened.roster);
  const membership::Seat* inviter = membership::find_account(opened.roster, coach);
  const membership::Seat* own = membership::find_account(opened.roster, state.self.account);
  // Who signed is the coach whose keys the invite named. A newcomer's room holds nobody else; the other invites name their room.
  if (own == nullptr || inviter == nullptr || opened.committer.who.account != coach) return kWelcomeRefused;
  // S2: the coach may have gone on under a later key since; the organisation has certified it, and the PSK is the invite's (S5).
  const bool later_key = !terms.coach.certificates.empty() && identity::is_staff(inviter->role) &&
                         inviter->certified_from > terms.coach.certificates.back().not_before;
  if (inviter->account_key != terms.coach.account_key && !later_key) return kWelcomeRefused;
  if (terms.purpose == identity::InvitePurpose::newcomer) {
    if (accounts.size() != 2 || opened.channel.binding.room != identity::RoomKind::one_to_one) return kWelcomeRefused;
  } else if (terms.channel && *terms.channel != opened.channel.record.id) {
    return kWelcomeRefused;
  }
  opened.channel.record.invite = join.invite;
  const bool at_intake = secret.kind() == identity::InviteKind::qr;
  for (const AccountId& account : accounts) {
    MemberRecord member;
    member.account = account;
    member.verified_at_intake = at_intake && (account == coach || account == state.self.account);
    opened.channel.record.members.push_back(std::move(member));
  }
  return opened;
}

Result<Joining::Opened> Joining::open_added(const wire::DeliverWelcome& delivery, mls::KeyPackageRef& used) const {
  STEIGER_TRY(const auto welcome, mls::decode_message<mls::Welcome>(gateway::view_of(delivery.welcome())));
  for (const auto& secrets : welcome.secrets) {
    if (secrets.new_member.size() != used.size()) continue;
    mls::KeyPackageRef reference{};
    std::copy(secrets.new_member.begin(), secrets.new_member.end(), reference.begin());
    const auto own = engine_.key_packages.find(reference);
    if (!own) continue;
    used = reference;
    STEIGER_TRY(const ChannelId id, gateway::field<ChannelId>(delivery.channel()));
    const Channel* before = engine_.channel(id);
    // S11: a later generation comes with the PSK of the one before.
    const mls::PskSources psks{mls::no_psks(), [&](ByteView group_id, std::uint64_t epoch) -> std::optional<SecretBytes> {
                                 if (before == nullptr || !before->group || !equal(before->group->group_id(), group_id))
                                   return {};
                                 auto psk = before->group->resumption_psk(mls::ResumptionUsage::application, epoch);
                                 return psk.ok() ? std::optional(SecretBytes::copy_of(psk->psk.bytes())) : std::nullopt;
                               }};
    STEIGER_TRY(Opened opened, open(delivery, own->key_package, own->secrets, psks));
    if (!expected(opened, delivery.generation())) return kWelcomeRefused;
    return opened;
  }
  return kWelcomeRefused;
}

bool Joining::expected(const Opened& opened, std::uint32_t generation) const {
  const SelfRecord& self = engine_.state.self;
  const auto known = engine_.state.channels.find(opened.channel.record.id);
  // S11: an accepted epoch is never rolled back. A last resort's Welcome can be opened again (S14); its place is one of before.
  if (known != engine_.state.channels.end() && opened.channel.record.base_seq <= known->second.record.processed) return false;
  // S2: an own device linked this one, or brings it along.
  const bool by_own_device =
      opened.committer.who.account == self.account && opened.committer.account_key == engine_.state.account_key->verify_key();
  if (by_own_device) return true;
  if (known != engine_.state.channels.end()) {
    const Channel& was = known->second;
    const auto by = opened.committer.who.account;
    if (!was.room.ended) {
      // S11: the next generation holds nobody new, and its PSK is of the group that this device is in.
      const auto accounts = membership::accounts_of(opened.roster);
      const bool nobody_new =
          std::all_of(accounts.begin(), accounts.end(), [&](const AccountId& account) { return is_member(was, account); });
      return generation > was.room.generation && nobody_new && Generations::named_by(was, opened.psks).has_value();
    }
    // S13: back from silence, by the coach or the jongere whom it left there. Who had gone before speaks for nobody.
    const bool theirs = opened.committer.role == identity::Role::coach || opened.committer.role == identity::Role::jongere;
    return theirs && is_member(was, by);
  }
  // S8, S10: staff are let in by a room's coach or jongere, with the jongere's grant or on an offer, which the members checked. A
  // jongere or third party never without the secret of an invite (S5).
  if (!is_staff(self.role) || membership::find_role(opened.roster, identity::Role::jongere) == nullptr) return false;
  const membership::Seat* own = membership::find_account(opened.roster, self.account);
  const bool certified_staff = own != nullptr && identity::is_staff(own->role);
  return certified_staff && (opened.committer.role == identity::Role::coach || opened.committer.role == identity::Role::jongere);
}

Channel& Joining::keep(Opened opened, const wire::DeliverWelcome& delivery) {
  State& state = engine_.state;
  const ChannelId id = opened.channel.record.id;
  const auto found = state.channels.find(id);
  std::optional<CarriedRecord> psk;
  bool next_generation = false;
  if (found != state.channels.end()) {
    next_generation = !found->second.room.ended && delivery.generation() > found->second.room.generation;
    psk = Generations::named_by(found->second, opened.psks);
    engine_.generations.give_up(found->second);
    if (next_generation) engine_.resync.drop_change(found->second);
  }
  if (found == state.channels.end()) {
    state.channels.emplace(id, std::move(opened.channel));
  } else {  // the room again: what was said stays, the chain goes on from the new base
    ChannelRecord& record = found->second.record;
    ChannelRecord& fresh = opened.channel.record;
    record.binding = std::move(fresh.binding);
    record.base_seq = fresh.base_seq, record.base_head = fresh.base_head;
    record.processed = fresh.processed, record.head = fresh.head, record.head_signature = fresh.head_signature;
    record.stop_code = 0;
    found->second.binding = opened.channel.binding;
    found->second.group = std::move(opened.channel.group);
    found->second.pending.reset();
    found->second.out_of_step.reset();
    engine_.journal.erase(keys::step(id));
    engine_.journal.erase(keys::pending(id));
  }
  Channel& kept = state.channels.at(id);
  kept.room.ended = false;
  kept.room.generation = delivery.generation();
  std::vector<AccountId> went;
  std::vector<AccountId> came = membership::accounts_of(opened.roster);
  for (const MemberRecord& member : kept.record.members) {
    if (membership::find_account(opened.roster, member.account) == nullptr) went.push_back(member.account);
    std::erase(came, member.account);
  }
  History::on_roster(kept, came, went, kept.record.base_seq);
  take_roster(kept, {}, opened.roster, {}, 0);
  kept.superseded = 0;
  if (!next_generation) take_past(kept, opened.past);  // S11: it was in the group before, and knows who was
  if (next_generation) {
    for (const AccountId& account : kept.room.carried_over) {
      if (std::find(went.begin(), went.end(), account) == went.end()) went.push_back(account);
    }
    engine_.generations.await(kept, std::move(went), std::move(psk), engine_.session.gateway_now() + kCarryOverTurn);
    engine_.generations.on_roster(kept);
  }
  if (MemberRecord* me = kept.member(state.self.account)) me->name = state.self.name;
  engine_.devices.name_room(kept);
  engine_.devices.on_roster(kept);
  settle_own_devices(engine_, kept, opened.roster);
  engine_.third_parties.on_roster(kept);
  kept.announce = true;
  Engine::group_changed(kept);
  Engine::room_changed(kept);
  engine_.inbox.acknowledge(id);
  if (!state.self.name.empty() && kept.binding.room != identity::RoomKind::self) {
    (void)engine_.outbox.send_content(kept, encode_profile(state.self.name, engine_.now), false).ok();
  }
  return kept;
}

Result<void> Joining::on_welcome(const wire::DeliverWelcome& delivery) {
  State& state = engine_.state;
  STEIGER_TRY(const ChannelId id, gateway::field<ChannelId>(delivery.channel()));
  if (Channel* room = engine_.channel(id);
      room != nullptr && delivery.generation() == room->room.generation && delivery.seq() > room->record.processed) {
    engine_.resync.welcomed_again(*room);
  }
  const Channel* known = engine_.channel(id);
  const bool again = known != nullptr && (known->room.ended || delivery.generation() > known->room.generation);
  const bool of_before = known != nullptr && delivery.generation() <= known->room.generation;
  const bool taken = of_before && delivery.seq() <= known->record.processed;
  if (known != nullptr && (!again || taken)) {
    // Our acknowledgement was lost: acknowledge again. A Welcome is never taken twice (its keys are gone).
    if (taken && (known->room.ended || !known->stopped())) engine_.inbox.acknowledge(id);
    return {};
  }
  const bool invited = known == nullptr && state.join && state.join->step == JoinRecord::Step::accepted;
  const auto terms = invited ? identity::decode_invite_terms(state.join->terms) : Result<identity::InviteTerms>(kWelcomeRefused);
  const bool comes_back = terms.ok() && terms->purpose == identity::InvitePurpose::comeback;
  mls::KeyPackageRef used{};
  auto opened = invited ? open_invited(delivery) : open_added(delivery, used);
  if (!opened.ok()) {
    const Error why = opened.error();
    if (Channel* room = engine_.channel(id); room != nullptr && why == mls::kUnknownPsk) {
      engine_.resync.no_common_epoch(*room, delivery.generation());
    }
    // S14, S21: for a package whose secrets are gone no other Welcome comes; the room is passed over, so that the others go on.
    if (!invited && used == mls::KeyPackageRef{}) engine_.inbox.pass_over(id, delivery.seq());
    if (!refused_.insert(id).second) return {};  // told once in a life, however often it comes
    engine_.alarm(why == kChainBroken || why == kHeadSignature ? why : kWelcomeRefused, id, &why);
    return {};  // a join stays open for the real one
  }
  refused_.erase(id);
  // S8: before a jongere's first room nobody was in it. Who says otherwise means to bring somebody in later without asking.
  if (terms.ok() && terms->purpose == identity::InvitePurpose::newcomer) opened->past = {};
  if (invited) {  // the secret, its PSK and the package's keys have done their work (S5)
    state.join.reset();
    engine_.journal.erase(keys::kJoin);
    state.self.membership = Membership::ready;
    engine_.save_self();
  } else {
    engine_.key_packages.used(used);
  }
  const bool was_here = known == nullptr && (comes_back || opened->committer.who.account == state.self.account);
  const bool goes_on = known != nullptr && !known->room.ended;  // S11: in another group, but it was there
  Channel& room = keep(std::move(opened).value(), delivery);
  if (!goes_on) engine_.earlier_history.begin(room, was_here);
  if (const auto package = state.packages.find(used); !invited && package != state.packages.end()) {
    // S14: still there, so it was the last resort, which others may have been given too: fresh keys at once.
    WishRecord wish;
    wish.kind = WishRecord::Kind::update_self;
    wish.account = state.self.account;
    wish.device = state.self.device;
    (void)engine_.changes.wish(room, std::move(wish)).ok();  // always taken
  }
  return {};
}

}  // namespace steiger::sdk
