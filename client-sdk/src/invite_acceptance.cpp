// Accepting a proof (S2, S3, S5, S8): certify the key, and let that KeyPackage in with the invite's PSK.
#include <algorithm>

#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "client-sdk/src/opening.h"
#include "crypto/franking/franking.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/limits.h"

namespace steiger::sdk {
namespace {

// As long as those of S14's pool; an invite's package must outlive the link and the time to decide on it. A day before now for
// clocks that run behind.
constexpr std::uint64_t kKeyPackageDays = 28;
static_assert(identity::kLinkInviteLife + identity::kInviteDecisionTime < std::chrono::hours(24 * kKeyPackageDays));
constexpr std::uint64_t kSecondsPerDay = 24 * 60 * 60;

// Face to face, and in its minutes: a QR code that was confirmed later is as good as a link.
bool verified_at_intake(const InviteRecord& invite) {
  return invite.kind == static_cast<std::uint8_t>(identity::InviteKind::qr) && invite.state == InviteRecord::State::open;
}

}  // namespace

mls::KeyPackageOptions leaf_options(const SelfRecord& self, Timestamp now) {
  mls::KeyPackageOptions options;
  options.credential_identity = identity::encode_credential({self.account, self.device});
  options.leaf_extensions.push_back({identity::kIdentityExtension, self.chain});
  options.capabilities.extensions.push_back(identity::kChannelExtension);
  const std::uint64_t seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(now.ms / 1000, 0));
  options.lifetime.not_before = seconds > kSecondsPerDay ? seconds - kSecondsPerDay : 0;
  options.lifetime.not_after = seconds + kKeyPackageDays * kSecondsPerDay;
  return options;
}

Result<void> Invites::accept(InviteRecord& invite) {
  const auto purpose = static_cast<identity::InvitePurpose>(invite.purpose.purpose);
  if (purpose == identity::InvitePurpose::device) return accept_device(invite);
  if (engine_.standing.stale()) return gateway::kStatusStale;  // S1: nobody new while nobody knows who still counts
  switch (purpose) {
    case identity::InvitePurpose::comeback:
      return accept_comeback(invite);
    case identity::InvitePurpose::third_party:
      return ask_jongere(invite);
    default:
      return accept_newcomer(invite);
  }
}

Result<void> Invites::accept_newcomer(InviteRecord& invite) {
  State& state = engine_.state;
  STEIGER_TRY(const auto proof, identity::decode_redeem_proof(invite.proof));
  STEIGER_TRY(const auto chain, certify_account(engine_, proof.account_key, proof.device_list, {}));
  STEIGER_TRY(OpenedChannel opened, open_channel(engine_, identity::RoomKind::one_to_one));
  Channel& channel = opened.channel;
  ChannelRecord& record = channel.record;
  record.label = invite.label;
  record.invite = invite.id;
  MemberRecord other;
  other.account = proof.device_list.account;
  other.role = Role::jongere;
  other.verified_at_intake = verified_at_intake(invite);
  other.chain = identity::encode_chain(chain);
  record.members.push_back(std::move(other));

  invite.chain = identity::encode_chain(chain);
  STEIGER_TRY(PendingBundle pending, build_commit(invite, channel));
  channel.pending.emplace(std::move(pending));

  // All of it in one local transaction; nothing above changed anything yet.
  invite.channel = record.id;
  invite.todo = InviteRecord::Todo::accept;
  Engine::group_changed(channel);
  channel.announce = true;
  Channel& kept = state.channels.emplace(record.id, std::move(channel)).first->second;
  engine_.save_pending(kept);
  engine_.outbox.send_registration(kept, std::move(opened.registration));
  engine_.outbox.send_commit(kept);
  decided(invite, InviteRecord::State::accepted);
  return {};
}

// S2: the same pseudonym under a new key that this coach vouches for.
Result<void> Invites::accept_comeback(InviteRecord& invite) {
  Channel* channel = engine_.channel(invite.purpose.channel);
  if (channel == nullptr || channel->stopped()) return kNoSuchChannel;
  MemberRecord* member = channel->member(invite.purpose.account);
  if (member == nullptr) return kNoSuchMember;
  STEIGER_TRY(const auto proof, identity::decode_redeem_proof(invite.proof));
  if (proof.device_list.account != invite.purpose.account) return kProofInvalid;
  STEIGER_TRY(const auto earlier, identity::decode_chain(member->chain));
  if (!invite.purpose.lost) STEIGER_CHECK(engine_.changes.has_room_for(*channel, earlier.device_list.devices.size()));
  STEIGER_TRY(const auto chain, certify_again(engine_, earlier, proof.account_key, proof.device_list));
  invite.chain = identity::encode_chain(chain);
  invite.channel = channel->record.id;
  invite.todo = InviteRecord::Todo::accept;
  member->verified_at_intake = verified_at_intake(invite);
  Engine::record_changed(*channel);
  wish_addition(invite, *channel, {});
  if (!invite.purpose.lost) {
    // Storage that is gone looks the same as a phone in other hands: a live old device has time to object, then it goes.
    for (const identity::ListedDevice& old : earlier.device_list.devices) {
      WishRecord wish;
      wish.kind = WishRecord::Kind::remove_device;
      wish.account = invite.purpose.account;
      wish.device = old.device;
      wish.invite = invite.id;
      wish.not_before = engine_.session.gateway_now() + kObjectionTime;
      STEIGER_CHECK(engine_.changes.wish(*channel, std::move(wish)));
    }
  }
  decided(invite, InviteRecord::State::accepted);
  return {};
}

Result<void> Invites::accept_device(InviteRecord& invite) {
  STEIGER_TRY(const auto proof, identity::decode_redeem_proof(invite.proof));
  STEIGER_TRY(Devices::Linked linked, engine_.devices.link(invite, proof));
  invite.chain = std::move(linked.chain);
  invite.purpose.sealed = std::move(linked.sealed);
  invite.purpose.device = linked.device;
  invite.todo = InviteRecord::Todo::accept;
  decided(invite, InviteRecord::State::accepted);
  return {};
}

// S8: nobody reads along without the jongere's signed yes.
Result<void> Invites::ask_jongere(InviteRecord& invite) {
  Channel* channel = engine_.channel(invite.purpose.channel);
  if (channel == nullptr || channel->stopped()) return kNoSuchChannel;
  STEIGER_TRY(const auto proof, identity::decode_redeem_proof(invite.proof));
  if (channel->member(proof.device_list.account) != nullptr) return kProofInvalid;
  LetInRequestContent request;
  request.account = proof.device_list.account;
  request.role = static_cast<std::uint8_t>(identity::Role::third_party);
  request.reason = invite.purpose.reason;
  request.name = invite.label;
  request.until = invite.purpose.until;
  STEIGER_CHECK(engine_.outbox.send_content(*channel, encode_let_in_request(request, engine_.now), false));
  invite.purpose.account = proof.device_list.account;
  invite.purpose.asked = true;
  invite.state = InviteRecord::State::to_confirm;  // by the jongere, this time
  changed(invite);
  return {};
}

void Invites::on_let_in_answer(Channel& channel, const AccountId& from, const AccountId& account, ByteView grant) {
  const MemberRecord* member = channel.member(from);
  if (member == nullptr || member->role != Role::jongere) return;
  for (auto& [id, invite] : engine_.state.invites) {
    const PurposeRecord& purpose = invite.purpose;
    if (!purpose.asked || invite.state != InviteRecord::State::to_confirm || purpose.channel != channel.record.id ||
        purpose.account != account) {
      continue;
    }
    if (!grant.empty()) {
      const auto accepted = accept_third_party(invite, channel, grant);
      if (accepted.ok()) return;
      engine_.alarm(kInviteNotAccepted, channel.record.id, &accepted.error());
    }
    invite.todo = InviteRecord::Todo::refuse;
    return decided(invite, InviteRecord::State::refused);
  }
}

Result<void> Invites::accept_third_party(InviteRecord& invite, Channel& channel, ByteView grant) {
  STEIGER_CHECK(identity::decode_grant(grant));  // what it allows is judged with the commit
  STEIGER_TRY(const auto proof, identity::decode_redeem_proof(invite.proof));
  Certified as;
  as.role = identity::Role::third_party;
  as.only_channel = channel.record.id;
  as.until = invite.purpose.until;
  STEIGER_TRY(const auto chain, certify_account(engine_, proof.account_key, proof.device_list, as));
  invite.chain = identity::encode_chain(chain);
  invite.channel = channel.record.id;
  invite.todo = InviteRecord::Todo::accept;
  wish_addition(invite, channel, grant);
  decided(invite, InviteRecord::State::accepted);
  return {};
}

void Invites::wish_addition(const InviteRecord& invite, Channel& channel, ByteView grant) {
  WishRecord wish;
  wish.kind = WishRecord::Kind::add_invited;
  wish.account = invite.purpose.account;
  wish.invite = invite.id;
  wish.remove_older = invite.purpose.lost;
  wish.evidence = to_bytes(grant);
  (void)engine_.changes.wish(channel, std::move(wish)).ok();  // always taken
}

// The gateway will not register this account or device: what was prepared for it never comes to be.
void Invites::take_back(InviteRecord& invite) {
  const ChannelId id = std::exchange(invite.channel, {});
  switch (static_cast<identity::InvitePurpose>(invite.purpose.purpose)) {
    case identity::InvitePurpose::device:
      invite.purpose.sealed.clear();
      return engine_.devices.unlink(invite.purpose.device);
    case identity::InvitePurpose::comeback:
    case identity::InvitePurpose::third_party: {
      Channel* channel = engine_.channel(id);
      if (channel == nullptr) return;
      for (auto at = channel->wishes.begin(); at != channel->wishes.end();) {
        if (at->second.invite != invite.id) {
          ++at;
          continue;
        }
        engine_.journal.erase(keys::wish(id, at->first));
        at = channel->wishes.erase(at);
      }
      return;
    }
    default:
      engine_.outbox.forget(id);
      engine_.journal.erase(keys::pending(id));
      engine_.journal.erase(keys::group(id));
      engine_.journal.erase(keys::channel(id));
      engine_.state.channels.erase(id);
  }
}

Result<PendingBundle> Invites::build_commit(const InviteRecord& invite, Channel& channel) {
  STEIGER_TRY(const auto proof, identity::decode_redeem_proof(invite.proof));
  STEIGER_TRY(const auto chain, identity::decode_chain(invite.chain));
  STEIGER_TRY(const auto key_package, mls::VerifiedKeyPackage::decode(proof.key_package));
  // That KeyPackage, and it must be of the device that the proof's account listed.
  STEIGER_TRY(const VerifyKey leaf_key, key_package->leaf.verify_key());
  STEIGER_CHECK(identity::check_leaf(proof.device_list, key_package->leaf.credential.identity, leaf_key).ok()
                    ? Result<void>()
                    : Result<void>(kProofInvalid));
  const identity::ChainPosition position{channel.record.processed, channel.record.head};

  PendingBundle out{{}, {{}, {}, {}, channel.group->clone()}};
  out.record.id = MessageId::random(engine_.rng);
  out.record.invite = invite.id;
  out.record.epoch = channel.group->epoch();
  out.record.links_from = position.seq;

  // S5: the PSK first, as a message of the current epoch, for whoever is a member already.
  STEIGER_TRY(InvitePsk psk, prepare_invite_psk(engine_, channel, invite));
  out.record.before.push_back(std::move(psk.before));

  mls::CommitOptions options;
  options.adds.push_back(key_package);
  options.psks.push_back(std::move(psk.psk));
  options.authenticated_data = identity::encode_handshake_header({position, chain.certificates});
  options.group_info_extensions.push_back({identity::kChainHeadExtension, identity::encode_chain_position(position)});
  options.now = engine_.session.gateway_now();
  STEIGER_TRY(out.commit, channel.group->commit(engine_.rng, options));
  out.record.commit = out.commit.serialize();
  return out;
}

Result<void> Invites::rebuild_commit(Channel& channel) {
  const auto found = engine_.state.invites.find(channel.pending->record.invite);
  if (found == engine_.state.invites.end()) return kNoSuchInvite;
  STEIGER_TRY(PendingBundle pending, build_commit(found->second, channel));
  channel.pending.emplace(std::move(pending));
  Engine::group_changed(channel);
  engine_.save_pending(channel);
  return {};
}

bool Invites::holds_back(const ChannelId& channel) const {
  const auto& invites = engine_.state.invites;
  return std::any_of(invites.begin(), invites.end(), [&](const auto& entry) {
    return entry.second.channel == channel && entry.second.todo == InviteRecord::Todo::accept;
  });
}

void Invites::on_merged(Channel& channel, const InviteId& invite) {
  const auto found = engine_.state.invites.find(invite);
  if (found == engine_.state.invites.end()) return;  // a change that no invite was behind
  if (found->second.channel == channel.record.id) {
    found->second.secret = SecretBytes();  // S5: all delete it after the merge
    changed(found->second);
    if (channel.record.invite == invite) engine_.devices.bring_along(channel);  // a room that this device opened
  }
  channel.announce = true;
  // The newcomer reads the coach's name here: names travel encrypted only.
  if (!engine_.state.self.name.empty()) {
    (void)engine_.outbox.send_content(channel, encode_profile(engine_.state.self.name, engine_.now), false).ok();
  }
}

}  // namespace steiger::sdk
