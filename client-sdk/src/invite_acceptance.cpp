// Accepting a proof (S3, S5): certify the key, open the channel, and add that KeyPackage with the invite's PSK.
#include <algorithm>

#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "crypto/franking/franking.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/limits.h"
#include "crypto/log/chain.h"

namespace steiger::sdk {
namespace {

constexpr std::size_t kGroupIdSize = 32;
// As long as those of S14's pool; an invite's package must outlive the link and the time to decide on it. A day before now for
// clocks that run behind.
constexpr std::uint64_t kKeyPackageDays = 28;
static_assert(identity::kLinkInviteLife + identity::kInviteDecisionTime < std::chrono::hours(24 * kKeyPackageDays));
constexpr std::uint64_t kSecondsPerDay = 24 * 60 * 60;

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
  State& state = engine_.state;
  if (state.channels.size() >= kMaxChannels) return kTooManyChannels;
  if (!state.self.head_key) return kNotSetUp;
  STEIGER_TRY(const auto proof, identity::decode_redeem_proof(invite.proof));

  // Certify that key (S1): coach -> account.
  identity::Certificate certificate;
  certificate.organisation = state.organisation->id;
  certificate.subject = proof.device_list.account;
  certificate.subject_key = proof.account_key;
  certificate.role = identity::Role::jongere;
  certificate.not_before = engine_.session.gateway_now();
  certificate.not_after = certificate.not_before + identity::kMaxAccountCertificateLife;
  STEIGER_TRY(certificate, identity::issue_certificate(*state.account_key, certificate));
  identity::IdentityChain chain{state.chain->certificates, proof.account_key, proof.device_list};
  chain.certificates.push_back(certificate);

  // Open the channel: one leaf, the own device.
  Channel channel;
  ChannelRecord& record = channel.record;
  record.id = ChannelId::random(engine_.rng);
  record.label = invite.label;
  record.invite = invite.id;
  record.base_head = record.head = log::chain_start(record.id);
  channel.binding = {record.id, state.organisation->id, VerifyKey(*state.self.head_key), identity::RoomKind::one_to_one};
  record.binding = identity::encode_channel_binding(channel.binding);
  MemberRecord me{state.self.account, Role::coach, state.self.name, true, state.self.chain, 0, 0};
  MemberRecord other{
      certificate.subject,
      Role::jongere,
      {},
      invite.kind == static_cast<std::uint8_t>(identity::InviteKind::qr) && invite.state == InviteRecord::State::open,
      identity::encode_chain(chain),
      0,
      0};
  record.members.push_back(std::move(me));
  record.members.push_back(std::move(other));
  Bytes group_id(kGroupIdSize);
  engine_.rng.fill(group_id);
  mls::CreateOptions options{std::move(group_id),
                             state.leaf_key->clone(),
                             leaf_options(state.self, engine_.session.gateway_now()),
                             {{identity::kChannelExtension, record.binding}}};
  STEIGER_TRY(mls::Group group, mls::Group::create(engine_.rng, std::move(options)));
  channel.group.emplace(std::move(group));
  STEIGER_TRY(Bytes registration, channel.group->group_info({}));

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
  engine_.outbox.send_registration(kept, std::move(registration));
  engine_.outbox.send_commit(kept);
  decided(invite, InviteRecord::State::accepted);
  return {};
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
  const auto found = engine_.state.channels.find(channel);
  if (found == engine_.state.channels.end() || found->second.record.invite.is_none()) return false;
  const auto invite = engine_.state.invites.find(found->second.record.invite);
  return invite != engine_.state.invites.end() && invite->second.todo == InviteRecord::Todo::accept;
}

void Invites::on_merged(Channel& channel, const InviteId& invite) {
  const auto found = engine_.state.invites.find(invite);
  if (found == engine_.state.invites.end()) return;  // a change that no invite was behind
  if (found->second.channel == channel.record.id) {
    found->second.secret = SecretBytes();  // S5: all delete it after the merge
    changed(found->second);
  }
  channel.announce = true;
  // The newcomer reads the coach's name here: names travel encrypted only.
  if (!engine_.state.self.name.empty()) {
    (void)engine_.outbox.send_content(channel, encode_profile(engine_.state.self.name, engine_.now), false).ok();
  }
}

}  // namespace steiger::sdk
