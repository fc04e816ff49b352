#include "client-sdk/src/invites.h"

#include <algorithm>

#include "client-sdk/src/content.h"
#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "crypto/franking/franking.h"
#include "crypto/identity/invite.h"
#include "crypto/log/chain.h"

namespace steiger::sdk {
namespace {

using identity::InviteSecret;
constexpr std::size_t kGroupIdSize = 32;
// S14's pool packages live 28 days; an invite's package must outlive the 7 days of a link and the coach's weekend. A day before
// now for clocks that run behind.
constexpr std::uint64_t kKeyPackageDays = 28;
constexpr std::uint64_t kSecondsPerDay = 24 * 60 * 60;

Result<InviteSecret> secret_of(const InviteRecord& invite) {
  return InviteSecret::from_bytes(static_cast<identity::InviteKind>(invite.kind), invite.secret.bytes());
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

std::size_t Invites::open_count() const {
  return static_cast<std::size_t>(
      std::count_if(engine_.state.invites.begin(), engine_.state.invites.end(), [](const auto& entry) {
        return entry.second.state == InviteRecord::State::open || entry.second.state == InviteRecord::State::to_confirm;
      }));
}

void Invites::changed(InviteRecord& invite) {
  engine_.save(invite);
  engine_.api.invite_changed(invite);
}

Result<void> Invites::create(std::uint64_t request, std::uint8_t kind, std::string label, std::string page_url) {
  State& state = engine_.state;
  if (state.self.role != Role::coach || state.self.membership != Membership::ready) return kNotAllowedForRole;
  if (open_count() >= kMaxOpenInvites) return kTooManyInvites;
  const auto invite_kind = static_cast<identity::InviteKind>(kind);
  const InviteSecret secret = InviteSecret::generate(engine_.rng, invite_kind);
  InviteRecord invite;
  invite.kind = kind;
  invite.id = InviteId::random(engine_.rng);
  invite.label = std::move(label);
  invite.page_url = std::move(page_url);
  invite.secret = SecretBytes::copy_of(secret.secret_bytes());
  requests_[invite.id] = request;
  engine_.save(invite);
  if (engine_.session.online()) send_todo(invite);
  state.invites.emplace(invite.id, std::move(invite));
  return {};
}

Result<void> Invites::confirm(const InviteId& id) {
  const auto found = engine_.state.invites.find(id);
  if (found == engine_.state.invites.end()) return kNoSuchInvite;
  if (found->second.state != InviteRecord::State::to_confirm) return kInviteState;
  return accept(found->second);
}

Result<void> Invites::refuse(const InviteId& id) {
  const auto found = engine_.state.invites.find(id);
  if (found == engine_.state.invites.end()) return kNoSuchInvite;
  if (found->second.state != InviteRecord::State::to_confirm) return kInviteState;
  found->second.todo = InviteRecord::Todo::refuse;
  decided(found->second, InviteRecord::State::refused);
  return {};
}

Result<void> Invites::cancel(const InviteId& id) {
  const auto found = engine_.state.invites.find(id);
  if (found == engine_.state.invites.end()) return kNoSuchInvite;
  InviteRecord& invite = found->second;
  if (invite.state != InviteRecord::State::open && invite.state != InviteRecord::State::to_confirm) return kInviteState;
  invite.todo = InviteRecord::Todo::cancel;
  decided(invite, InviteRecord::State::cancelled);
  return {};
}

void Invites::decided(InviteRecord& invite, InviteRecord::State state) {
  invite.state = state;
  if (state == InviteRecord::State::refused || state == InviteRecord::State::cancelled) invite.secret = SecretBytes();
  changed(invite);
  if (engine_.session.online()) send_todo(invite);
}

// ---------------------------------------------------------------- the gateway

void Invites::on_login() {
  for (auto& [id, invite] : engine_.state.invites) send_todo(invite);
}

// At the first sending and never again: the proof's MAC covers these bytes. By the gateway's clock, which is only known now.
void Invites::write_terms(InviteRecord& invite) {
  if (!invite.terms.empty()) return;
  const auto kind = static_cast<identity::InviteKind>(invite.kind);
  invite.expires = engine_.session.gateway_now() + identity::invite_life(kind);
  invite.terms =
      identity::encode_invite_terms({invite.id, kind, invite.expires, *engine_.state.organisation, *engine_.state.chain});
  engine_.save(invite);
}

void Invites::send_todo(InviteRecord& invite) {
  using About = WireRequest::About;
  switch (invite.todo) {
    case InviteRecord::Todo::nothing:
      return;
    case InviteRecord::Todo::create: {
      const auto secret = secret_of(invite);
      if (!secret.ok()) return;
      write_terms(invite);
      wire::CreateInviteT out;
      out.id = gateway::wire_pointer(invite.id);
      out.lookup = gateway::wire_pointer(identity::invite_lookup(*secret));
      out.kind = static_cast<wire::InviteKind>(invite.kind);
      out.expires_ms = invite.expires.ms;
      out.terms = invite.terms;
      return engine_.session.ask({About::create_invite, invite.id}, std::move(out));
    }
    case InviteRecord::Todo::accept: {
      wire::AcceptInviteT out;
      out.id = gateway::wire_pointer(invite.id);
      out.proof_hash = gateway::wire_pointer(sha256(invite.proof));
      out.chain = invite.chain;
      return engine_.session.ask({About::accept_invite, invite.id}, std::move(out));
    }
    case InviteRecord::Todo::refuse: {
      wire::RefuseInviteT out;
      out.id = gateway::wire_pointer(invite.id);
      out.proof_hash = gateway::wire_pointer(sha256(invite.proof));
      return engine_.session.ask({About::refuse_invite, invite.id}, std::move(out));
    }
    case InviteRecord::Todo::cancel: {
      wire::CancelInviteT out;
      out.id = gateway::wire_pointer(invite.id);
      return engine_.session.ask({About::cancel_invite, invite.id}, std::move(out));
    }
  }
}

Result<void> Invites::on_outcome(const WireRequest& about, const wire::InviteOutcome& outcome) {
  const auto found = engine_.state.invites.find(about.invite);
  if (found == engine_.state.invites.end()) return {};
  InviteRecord& invite = found->second;
  using Todo = InviteRecord::Todo;
  const bool answers = (about.about == WireRequest::About::create_invite && invite.todo == Todo::create) ||
                       (about.about == WireRequest::About::accept_invite && invite.todo == Todo::accept) ||
                       (about.about == WireRequest::About::refuse_invite && invite.todo == Todo::refuse) ||
                       (about.about == WireRequest::About::cancel_invite && invite.todo == Todo::cancel);
  if (!answers) return {};  // decided otherwise meanwhile; the new wish is under way
  if (invite.todo == Todo::accept && outcome.state() != wire::InviteState::accepted) return kProtocol;
  const bool created = invite.todo == Todo::create;
  invite.todo = Todo::nothing;
  engine_.save(invite);
  if (created) {
    const auto request = requests_.find(invite.id);
    engine_.api.invite_answer(request == requests_.end() ? 0 : request->second, invite);
    if (request != requests_.end()) requests_.erase(request);
  }
  return {};
}

void Invites::on_problem(const WireRequest& about, const Error& error) {
  const auto found = engine_.state.invites.find(about.invite);
  if (found == engine_.state.invites.end() || error.retryable) return;  // asked again at the next login
  InviteRecord& invite = found->second;
  switch (about.about) {
    case WireRequest::About::create_invite: {
      if (error == gateway::kInviteExists && invite.todo == InviteRecord::Todo::create) {  // our own, of before a crash
        invite.todo = InviteRecord::Todo::nothing;
        return changed(invite);
      }
      const auto request = requests_.find(invite.id);
      if (request != requests_.end()) {
        engine_.api.failed(request->second, error);
        requests_.erase(request);
      }
      engine_.journal.erase(keys::invite(invite.id));
      engine_.state.invites.erase(found);
      return;
    }
    case WireRequest::About::accept_invite: {
      // The gateway will not register this account: the channel prepared for it never comes to be.
      if (invite.todo != InviteRecord::Todo::accept) return;
      engine_.alarm(kInviteNotAccepted, {}, &error);
      engine_.outbox.forget(invite.channel);
      engine_.journal.erase(keys::pending(invite.channel));
      engine_.journal.erase(keys::group(invite.channel));
      engine_.journal.erase(keys::channel(invite.channel));
      engine_.state.channels.erase(invite.channel);
      invite.channel = {};
      invite.todo = InviteRecord::Todo::nothing;
      return decided(invite, error == gateway::kInviteExpired ? InviteRecord::State::expired : InviteRecord::State::refused);
    }
    default:  // refuse, cancel: the gateway has no such invite any more, which is what was wanted
      invite.todo = InviteRecord::Todo::nothing;
      return engine_.save(invite);
  }
}

Result<void> Invites::on_proof(const wire::InviteProof& message) {
  STEIGER_TRY(const InviteId id, gateway::field<InviteId>(message.id()));
  const auto found = engine_.state.invites.find(id);
  if (found == engine_.state.invites.end()) return {};  // of another device of this coach
  InviteRecord& invite = found->second;
  const ByteView bytes = gateway::view_of(message.proof());
  const Hash hash = sha256(bytes);
  const bool seen = std::find(invite.proofs_seen.begin(), invite.proofs_seen.end(), hash) != invite.proofs_seen.end();
  if (seen) {  // sent again because it is unanswered
    answer_late_proof(invite, hash);
    return {};
  }
  if (invite.proofs_seen.size() < kMaxProofsPerInvite) invite.proofs_seen.push_back(hash);
  const auto proof = identity::decode_redeem_proof(bytes);
  const auto secret = secret_of(invite);
  const Timestamp received{message.received_ms()};
  // A proof that reached the gateway in time may reach us late: this device was off.
  const bool open =
      invite.state == InviteRecord::State::open || (invite.state == InviteRecord::State::expired && !invite.secret.empty());
  // Only whoever knows the secret, and was served our own terms and keys, can make a valid proof (S3).
  const bool valid = proof.ok() && secret.ok() && identity::verify_redeem_proof(*secret, invite.terms, *proof, received).ok();
  if (!open) {
    // S3: a second person with the same invite is an alarm, before and after the decision.
    if (valid || invite.state == InviteRecord::State::accepted) {
      invite.second_proof = true;
      engine_.alarm(kSecondProof);
      changed(invite);
    } else {
      engine_.save(invite);
    }
    answer_late_proof(invite, hash);
    return {};
  }
  if (!valid) {
    engine_.alarm(kProofInvalid);
    engine_.save(invite);
    refuse_proof(invite, hash);
    return {};
  }
  invite.proof = to_bytes(bytes);
  if (invite.todo == InviteRecord::Todo::create) invite.todo = InviteRecord::Todo::nothing;  // evidently it is there
  if (invite.kind == static_cast<std::uint8_t>(identity::InviteKind::link) || invite.state == InviteRecord::State::expired) {
    // A link is unverified until the coach says so after a call; before that no content (S3). So is a QR code whose minutes are
    // over: that it was in time is only the gateway's word.
    invite.state = InviteRecord::State::to_confirm;
    changed(invite);
    return {};
  }
  if (auto done = accept(invite); !done.ok()) {
    engine_.alarm(kInviteNotAccepted, {}, &done.error());
    invite.todo = InviteRecord::Todo::refuse;
    decided(invite, InviteRecord::State::refused);
  }
  return {};
}

// The frame leaves after the local commit, so the alarm is kept by then.
void Invites::refuse_proof(const InviteRecord& invite, const Hash& hash) {
  wire::RefuseInviteT refusal;
  refusal.id = gateway::wire_pointer(invite.id);
  refusal.proof_hash = gateway::wire_pointer(hash);
  engine_.session.ask({WireRequest::About::refuse_invite, invite.id}, std::move(refusal));
}

// S3: the gateway repeats a proof that lost at each login until this answer. Not before it has confirmed the acceptance: whoever
// waits there with the losing proof should hear that the invite was used.
void Invites::answer_late_proof(const InviteRecord& invite, const Hash& hash) {
  if (invite.state != InviteRecord::State::accepted || invite.todo != InviteRecord::Todo::nothing) return;
  if (hash != sha256(invite.proof)) refuse_proof(invite, hash);
}

// ---------------------------------------------------------------- accepting

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
  STEIGER_TRY(const auto secret, secret_of(invite));
  STEIGER_TRY(const auto key_package, mls::decode_key_package(proof.key_package));
  // That KeyPackage, and it must be of the device that the proof's account listed.
  STEIGER_TRY(const VerifyKey leaf_key, key_package.leaf.verify_key());
  STEIGER_CHECK(identity::check_leaf(proof.device_list, key_package.leaf.credential.identity, leaf_key).ok()
                    ? Result<void>()
                    : Result<void>(kProofInvalid));
  const identity::ChainPosition position{channel.record.processed, channel.record.head};

  PendingBundle out{{}, {{}, {}, {}, channel.group->clone()}};
  out.record.id = MessageId::random(engine_.rng);
  out.record.invite = invite.id;
  out.record.epoch = channel.group->epoch();
  out.record.links_from = position.seq;

  // S5: the PSK first, as a message of the current epoch, for whoever is a member already.
  Bytes psk_id(identity::kInvitePskIdSize);
  engine_.rng.fill(psk_id);
  SecretBytes psk = identity::invite_psk(secret, psk_id);
  PendingRecord::Before before;
  before.id = MessageId::random(engine_.rng);
  const SecretBytes content = encode_commit_psk(psk_id, psk.bytes(), engine_.now);
  STEIGER_TRY(auto sealed,
              franking::seal_content(engine_.rng, {channel.record.id, engine_.state.self.account, before.id}, content.bytes()));
  before.tag = sealed.tag;
  STEIGER_TRY(before.payload, channel.group->encrypt(engine_.rng, identity::encode_message_header({sealed.tag, position}),
                                                     sealed.plaintext.bytes()));
  out.record.before.push_back(std::move(before));

  mls::CommitOptions options;
  options.adds.push_back(key_package);
  options.psks.push_back({std::move(psk_id), std::move(psk)});
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

void Invites::on_merged(Channel& channel) {
  const auto found = engine_.state.invites.find(channel.record.invite);
  if (found != engine_.state.invites.end() && found->second.channel == channel.record.id) {
    found->second.secret = SecretBytes();  // S5: all delete it after the merge
    changed(found->second);
  }
  channel.announce = true;
  // The newcomer reads the coach's name here: names travel encrypted only.
  if (!engine_.state.self.name.empty()) {
    (void)engine_.outbox.send_content(channel, encode_profile(engine_.state.self.name, engine_.now), false).ok();
  }
}

std::optional<Timestamp> Invites::deadline() const {
  std::optional<Timestamp> first;
  for (const auto& [id, invite] : engine_.state.invites) {
    std::optional<Timestamp> next;
    if (invite.state == InviteRecord::State::open && !invite.terms.empty()) next = invite.expires;
    if (invite.state == InviteRecord::State::expired && !invite.secret.empty()) next = invite.expires + kLateProofGrace;
    if (next && (!first || *next < *first)) first = next;
  }
  // Kept in the gateway's time; timers run in the device's.
  if (first) *first = *first - (engine_.session.gateway_now() - engine_.now);
  return first;
}

void Invites::on_timer() {
  for (auto& [id, invite] : engine_.state.invites) {
    if (invite.state == InviteRecord::State::open && !invite.terms.empty() && invite.expires <= engine_.session.gateway_now()) {
      invite.todo = InviteRecord::Todo::nothing;
      if (const auto request = requests_.find(id); request != requests_.end()) {
        engine_.api.failed(request->second, kInviteExpired);
        requests_.erase(request);
      }
      decided(invite, InviteRecord::State::expired);
    }
    if (invite.state == InviteRecord::State::expired && !invite.secret.empty() &&
        invite.expires + kLateProofGrace <= engine_.session.gateway_now()) {
      invite.secret = SecretBytes();
      engine_.save(invite);
    }
  }
}

}  // namespace steiger::sdk
