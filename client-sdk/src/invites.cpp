#include "client-sdk/src/invites.h"

#include <algorithm>

#include "client-sdk/src/engine.h"
#include "client-sdk/src/keys.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/limits.h"

namespace steiger::sdk {

Result<identity::InviteSecret> secret_of(const InviteRecord& invite) {
  return identity::InviteSecret::from_bytes(static_cast<identity::InviteKind>(invite.kind), invite.secret.bytes());
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

Result<void> Invites::check_purpose(std::uint8_t kind, const PurposeRecord& purpose) {
  const State& state = engine_.state;
  if (state.self.membership != Membership::ready) return kNotAllowedForRole;
  const auto what = static_cast<identity::InvitePurpose>(purpose.purpose);
  if (what == identity::InvitePurpose::device) {  // S2: face to face with oneself
    return kind == static_cast<std::uint8_t>(identity::InviteKind::qr) ? Result<void>() : Result<void>(kBadRequest);
  }
  if (state.self.role != Role::coach) return kNotAllowedForRole;
  if (what == identity::InvitePurpose::newcomer) return {};
  if (what != identity::InvitePurpose::third_party && what != identity::InvitePurpose::comeback) return kBadRequest;
  Channel* channel = engine_.channel(purpose.channel);
  if (channel == nullptr || channel->binding.room == identity::RoomKind::self) return kNoSuchChannel;
  if (channel->stopped()) return kChannelStopped;
  if (what == identity::InvitePurpose::third_party) {
    if (channel->binding.room != identity::RoomKind::one_to_one) return kBadRequest;
    const Timestamp now = engine_.session.gateway_now();
    const bool in_time = purpose.until >= now + kShortestGuest && purpose.until <= now + identity::kMaxAccountCertificateLife;
    return in_time && identity::purpose_from_number(purpose.reason).ok() ? Result<void>() : Result<void>(kBadRequest);
  }
  const MemberRecord* member = channel->member(purpose.account);
  if (member == nullptr || purpose.account == state.self.account) return kNoSuchMember;
  const auto chain = identity::decode_chain(member->chain);  // staff come back by the beheerder's certificate
  const bool certified_here = chain.ok() && chain->certificates.size() == identity::kMaxChainCertificates;
  return certified_here ? Result<void>() : Result<void>(kNotAllowedForRole);
}

Result<InviteId> Invites::create(std::uint64_t request, std::uint8_t kind, std::string label, std::string page_url,
                                 PurposeRecord purpose) {
  State& state = engine_.state;
  STEIGER_CHECK(check_purpose(kind, purpose));
  if (open_count() >= kMaxOpenInvites) return kTooManyInvites;
  const auto invite_kind = static_cast<identity::InviteKind>(kind);
  const auto secret = identity::InviteSecret::generate(engine_.rng, invite_kind);
  InviteRecord invite;
  invite.kind = kind;
  invite.id = InviteId::random(engine_.rng);
  invite.label = std::move(label);
  invite.page_url = std::move(page_url);
  invite.secret = SecretBytes::copy_of(secret.secret_bytes());
  if (purpose.purpose == static_cast<std::uint8_t>(identity::InvitePurpose::device)) purpose.account = state.self.account;
  invite.purpose = std::move(purpose);
  requests_[invite.id] = request;
  engine_.save(invite);
  if (engine_.session.online()) send_todo(invite);
  const InviteId id = invite.id;
  state.invites.emplace(id, std::move(invite));
  return id;
}

void Invites::withdraw(const InviteId& id) {
  requests_.erase(id);
  engine_.journal.erase(keys::invite(id));
  engine_.journal.erase(keys::purpose(id));
  engine_.state.invites.erase(id);
}

Result<void> Invites::confirm(const InviteId& id) {
  const auto found = engine_.state.invites.find(id);
  if (found == engine_.state.invites.end()) return kNoSuchInvite;
  if (found->second.state != InviteRecord::State::to_confirm || found->second.purpose.asked) return kInviteState;
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
  identity::InviteTerms terms{invite.id, kind, invite.expires, *engine_.state.organisation, *engine_.state.chain};
  // S1: the root that certified this coach, which may be a later one; whoever knows one root is led to the others.
  for (const identity::TrustedRoot& root : engine_.state.trust.roots) {
    const bool issued =
        !terms.coach.certificates.empty() && identity::key_hash(root.key) == terms.coach.certificates.front().issuer_key_hash;
    if (issued) terms.organisation.root_key = root.key;
  }
  const PurposeRecord& purpose = invite.purpose;
  terms.purpose = static_cast<identity::InvitePurpose>(purpose.purpose);
  switch (terms.purpose) {
    case identity::InvitePurpose::newcomer:
      break;
    case identity::InvitePurpose::third_party:
      terms.channel = purpose.channel;
      terms.until = purpose.until;
      terms.reason = static_cast<identity::GrantPurpose>(purpose.reason);
      break;
    case identity::InvitePurpose::comeback:
      terms.channel = purpose.channel;
      terms.account = purpose.account;
      break;
    case identity::InvitePurpose::device:
      terms.account = purpose.account;
      break;
  }
  invite.terms = identity::encode_invite_terms(terms);
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
      out.purpose = static_cast<wire::InvitePurpose>(invite.purpose.purpose);
      // The gateway is told whose account it is about; of a third party it is not known yet.
      const bool about_account = out.purpose == wire::InvitePurpose::comeback || out.purpose == wire::InvitePurpose::device;
      if (about_account) out.account = gateway::wire_pointer(invite.purpose.account);
      return engine_.session.ask({About::create_invite, invite.id}, std::move(out));
    }
    case InviteRecord::Todo::accept: {
      wire::AcceptInviteT out;
      out.id = gateway::wire_pointer(invite.id);
      out.proof_hash = gateway::wire_pointer(sha256(invite.proof));
      out.chain = invite.chain;
      out.sealed = invite.purpose.sealed;
      out.lost = invite.purpose.lost;
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
  const bool refused = invite.todo == Todo::refuse;
  const bool linked = invite.todo == Todo::accept && !invite.purpose.sealed.empty();
  if (linked) {  // the gateway has what the new device needs: its secrets have done their work here
    invite.purpose.sealed.clear();
    invite.secret = SecretBytes();
    engine_.devices.on_linked(invite.purpose.device);
  }
  invite.todo = refused ? Todo::cancel : Todo::nothing;
  engine_.save(invite);
  if (refused) send_todo(invite);
  if (linked) changed(invite);
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
      engine_.journal.erase(keys::purpose(invite.id));
      engine_.state.invites.erase(found);
      return;
    }
    case WireRequest::About::accept_invite: {
      if (invite.todo != InviteRecord::Todo::accept) return;
      engine_.alarm(kInviteNotAccepted, {}, &error);
      take_back(invite);
      const bool expired = error == gateway::kInviteExpired;
      invite.todo = expired ? InviteRecord::Todo::nothing : InviteRecord::Todo::cancel;  // nobody else can use it either
      return decided(invite, expired ? InviteRecord::State::expired : InviteRecord::State::refused);
    }
    case WireRequest::About::refuse_invite:
      if (invite.todo != InviteRecord::Todo::refuse) return;  // of a proof that was passed over
      invite.todo = InviteRecord::Todo::cancel;
      engine_.save(invite);
      return send_todo(invite);
    default:  // cancel: the gateway has no such invite any more, which is what was wanted
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
    if (done.error() == kTooManyChanges || done.error() == kOutboxFull) {  // not now: the coach says when
      invite.state = InviteRecord::State::to_confirm;
      changed(invite);
      return {};
    }
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

// When something ends by itself: an open invite at its end, its secret (and a proof that was never decided on) after the time to
// decide, in the gateway's time.
std::optional<Timestamp> Invites::end_of(const InviteRecord& invite) {
  if (invite.terms.empty() || invite.secret.empty()) return std::nullopt;
  if (invite.state == InviteRecord::State::open) return invite.expires;
  const bool undecided = invite.state == InviteRecord::State::expired || invite.state == InviteRecord::State::to_confirm;
  if (undecided) return invite.expires + identity::kInviteDecisionTime;
  return std::nullopt;
}

std::optional<Timestamp> Invites::deadline() const {
  std::optional<Timestamp> first;
  for (const auto& [id, invite] : engine_.state.invites) {
    const std::optional<Timestamp> next = end_of(invite);
    if (next && (!first || *next < *first)) first = next;
  }
  // Timers run in the device's time.
  if (first) *first = *first - (engine_.session.gateway_now() - engine_.now);
  return first;
}

void Invites::on_timer() {
  for (auto& [id, invite] : engine_.state.invites) {
    if (const auto end = end_of(invite); !end || *end > engine_.session.gateway_now()) continue;
    invite.todo = InviteRecord::Todo::nothing;  // the gateway knows by itself
    if (const auto request = requests_.find(id); request != requests_.end()) {
      engine_.api.failed(request->second, kInviteExpired);
      requests_.erase(request);
    }
    if (invite.state != InviteRecord::State::open) invite.secret = SecretBytes();
    decided(invite, InviteRecord::State::expired);
  }
}

}  // namespace steiger::sdk
