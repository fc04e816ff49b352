// Invites (S2, S3, S8): the gateway knows a lookup value and keeps sealed proofs for the coach; it neither judges nor learns the secret.
#include <algorithm>

#include "crypto/identity/chain.h"
#include "crypto/identity/limits.h"
#include "crypto/identity/root_succession.h"
#include "crypto/identity/status_list.h"
#include "gateway/service/ledger.h"

namespace steiger::gateway {
namespace {

Duration lifetime_of(std::uint8_t kind) {
  return kind == static_cast<std::uint8_t>(wire::InviteKind::qr) ? identity::kQrInviteLife : identity::kLinkInviteLife;
}

const ProofRow* find_proof(const std::vector<ProofRow>& proofs, const Hash& hash) {
  const auto found = std::find_if(proofs.begin(), proofs.end(), [&](const ProofRow& row) { return row.hash == hash; });
  return found == proofs.end() ? nullptr : &*found;
}

}  // namespace

// What whoever made `proof` (nullptr: nobody yet) is told.
InviteStanding Ledger::standing(const InviteRow& invite, const ProofRow* proof) const {
  InviteStanding out;
  out.invite = invite.invite;
  out.state = wire::InviteState::open;
  if (invite.status == InviteStatus::cancelled) {
    out.state = wire::InviteState::cancelled;
  } else if (invite.status == InviteStatus::accepted) {
    const bool ours = proof != nullptr && proof->hash == invite.accepted_proof;
    out.state = ours ? wire::InviteState::accepted : wire::InviteState::used;
    if (ours) out.chain = invite.accepted_chain;
    if (ours) out.sealed = invite.accepted_sealed;
  } else if (proof != nullptr && proof->refused) {
    out.state = wire::InviteState::refused;
  } else if (now_ >= invite.expires + (proof == nullptr ? Duration(0) : identity::kInviteDecisionTime)) {
    out.state = wire::InviteState::expired;
  } else if (proof != nullptr) {
    out.state = wire::InviteState::pending;
    out.waiting_proof = proof->hash;
    out.waits_until = invite.expires + identity::kInviteDecisionTime;
  }
  return out;
}

// The invite when this session's account made it; otherwise it has been answered.
Result<std::optional<InviteRow>> Ledger::own_invite(const Command& command, const InviteId& id) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return std::optional<InviteRow>();
  }
  STEIGER_TRY(auto invite, store_.invite(id));
  if (!invite) {
    answer(command, Refused{kInviteUnknown});
  } else if (invite->coach != stream->account) {
    answer(command, Refused{kNotAllowed});
    invite.reset();
  }
  return invite;
}

// S3: also a proof that came after the decision. Nothing is to be decided there, but that somebody else has the link must reach the
// coach, however long the device was off; it ends with the device's RefuseInvite.
Result<void> Ledger::on(const Command& command, ReadProofsCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  STEIGER_TRY(auto proofs, store_.unanswered_proofs(stream->account, body.after, now_ - identity::kInviteDecisionTime,
                                                    {.max_messages = kMaxProofsPerRead, .max_bytes = kMaxProofReadBytes}));
  answer(command, ProofsRead{std::move(proofs)});
  return {};
}

Result<void> Ledger::on(const Command& command, AskStandingCommand& body) {
  STEIGER_TRY(const auto invite, store_.invite(body.invite));
  STEIGER_TRY(const auto proofs, store_.proofs(body.invite));
  const ProofRow* proof = find_proof(proofs, body.proof);
  if (!invite || proof == nullptr) return kStoreCorrupt;  // it was there when the session began to wait, and nothing deletes it
  InviteStanding out = standing(*invite, proof);
  out.unasked = true;
  answer(command, std::move(out));
  return {};
}

Result<void> Ledger::on(const Command& command, CreateInviteCommand& body) {
  const Stream* stream = stream_of(command);
  if (stream == nullptr) {
    answer(command, Broken{kReplaced});
    return {};
  }
  STEIGER_TRY(const bool allowed, may_invite(*stream, body));
  if (!allowed) {
    answer(command, Refused{kNotAllowed});
    return {};
  }
  STEIGER_TRY(const auto same, store_.invite(body.invite));
  if (same) {  // a resend gets the same answer
    if (same->coach == stream->account && same->lookup == body.lookup && same->terms == body.terms &&
        same->purpose == static_cast<std::uint8_t>(body.purpose) && same->account == body.account) {
      answer(command, standing(*same, nullptr));
    } else {
      answer(command, Refused{kInviteExists});
    }
    return {};
  }
  const bool known_kind = body.kind == static_cast<std::uint8_t>(wire::InviteKind::qr) ||
                          body.kind == static_cast<std::uint8_t>(wire::InviteKind::link);
  // S2: another own device is linked face to face, with both in hand.
  const bool is_link = body.kind == static_cast<std::uint8_t>(wire::InviteKind::link);
  const bool fits = body.purpose != wire::InvitePurpose::device || !is_link;
  const Timestamp latest = now_ + lifetime_of(body.kind);
  if (!known_kind || !fits || body.expires <= now_ || body.expires > latest + kInviteClockTolerance || body.terms.empty() ||
      body.terms.size() > kMaxTermsBytes) {
    answer(command, Refused{kBadInvite});
    return {};
  }
  STEIGER_TRY(const auto other, store_.invite_by_lookup(body.lookup));
  if (other) {
    answer(command, Refused{kInviteExists});
    return {};
  }
  STEIGER_TRY(const auto open, store_.open_invites_of(stream->account));
  const auto undecided = std::count_if(open.begin(), open.end(), [&](const InviteRow& row) { return now_ < row.expires; });
  if (static_cast<std::size_t>(undecided) >= kMaxOpenInvites) {
    answer(command, Refused{kInviteLimit});
    return {};
  }
  InviteRow row;
  row.invite = body.invite;
  row.lookup = body.lookup;
  row.coach = stream->account;
  row.kind = body.kind;
  row.created = now_;
  row.expires = std::min(body.expires, latest);
  row.terms = std::move(body.terms);
  row.purpose = static_cast<std::uint8_t>(body.purpose);
  row.account = body.account;
  STEIGER_CHECK(store_.put_invite(row, event("invite.created", {{"invite", row.invite.text()}, {"account", row.coach.text()}})));
  answer(command, standing(row, nullptr));
  return {};
}

// Who may invite for what. Whether a third party's or returning person's room is the inviter's is looked at when it is accepted, by the
// certificate; here a returning person must be somebody the coach knows.
Result<bool> Ledger::may_invite(const Stream& stream, const CreateInviteCommand& body) {
  const bool coach = stream.role == static_cast<RoleNumber>(identity::Role::coach);
  switch (body.purpose) {
    case wire::InvitePurpose::newcomer:
    case wire::InvitePurpose::third_party:
      return coach && body.account.is_none();
    case wire::InvitePurpose::device:
      return body.account == stream.account;
    case wire::InvitePurpose::comeback:
      break;
    default:
      return false;
  }
  if (!coach) return false;
  STEIGER_TRY(const auto account, store_.account(body.account));
  if (!account) return false;
  const auto role = identity::role_from_number(account->role);
  if (!role.ok() || identity::is_staff(*role)) return false;
  const auto chain = identity::decode_chain(account->chain);
  if (!chain.ok()) return kStoreCorrupt;
  if (chain->certificates.size() == 2 && chain->certificates.front().subject == stream.account) return true;
  STEIGER_TRY(const auto devices, store_.devices_of(body.account));
  for (const DeviceRow& device : devices) {
    STEIGER_TRY(const auto channels, store_.channels_of(device.device));
    for (const ChannelId& id : channels) {
      STEIGER_TRY(const Channel* room, channel(id));
      if (room != nullptr && in_roster(*room, stream.account) && in_roster(*room, body.account)) return true;
    }
  }
  return false;
}

Result<void> Ledger::on(const Command& command, CancelInviteCommand& body) {
  STEIGER_TRY(auto invite, own_invite(command, body.invite));
  if (!invite) return {};
  if (invite->status == InviteStatus::accepted) {
    answer(command, Refused{kInviteDecided});
    return {};
  }
  if (invite->status == InviteStatus::open) {
    invite->status = InviteStatus::cancelled;
    STEIGER_CHECK(store_.put_invite(
        *invite, event("invite.cancelled", {{"invite", invite->invite.text()}, {"account", invite->coach.text()}})));
    result_.decided.push_back({invite->invite, wire::InviteState::cancelled, {}, {}, {}});
  }
  answer(command, standing(*invite, nullptr));
  return {};
}

Result<void> Ledger::on(const Command& command, FetchInviteCommand& body) {
  STEIGER_TRY(const auto invite, store_.invite_by_lookup(body.lookup));
  if (!invite) {
    answer(command, Refused{kInviteUnknown});
    return {};
  }
  InviteStanding state = standing(*invite, nullptr);
  // A used one too: only with a proof of its own can a second redeemer be made known to the coach (S3); it gets "used" then.
  if (state.state == wire::InviteState::open || state.state == wire::InviteState::used) {
    answer(command, InviteFound{invite->invite, invite->kind, invite->expires, invite->terms});
  } else {
    answer(command, std::move(state));
  }
  return {};
}

Result<void> Ledger::on(const Command& command, RedeemInviteCommand& body) {
  STEIGER_TRY(const auto invite, store_.invite_by_lookup(body.lookup));
  if (!invite) {
    answer(command, Refused{kInviteUnknown});
    return {};
  }
  STEIGER_TRY(const auto proofs, store_.proofs(invite->invite));
  const Hash hash = sha256(body.proof);
  if (const ProofRow* known = find_proof(proofs, hash); known != nullptr) {  // the same bytes get the same answer
    answer(command, standing(*invite, known));
    return {};
  }
  // A new proof for an accepted invite is kept too: the coach must hear that somebody else has the link (S3).
  const wire::InviteState state = standing(*invite, nullptr).state;
  if (state != wire::InviteState::open && state != wire::InviteState::used) {
    answer(command, standing(*invite, nullptr));
    return {};
  }
  if (proofs.size() >= kMaxProofsPerInvite) {
    answer(command, Refused{kInviteLimit});
    return {};
  }
  ProofRow row{static_cast<std::uint32_t>(proofs.size() + 1), hash, std::move(body.proof), now_, false};
  STEIGER_CHECK(store_.put_proof(invite->invite, row,
                                 event("invite.redeemed", {{"invite", invite->invite.text()}, {"proof", to_hex(row.hash)}})));
  answer(command, standing(*invite, &row));
  result_.proofs.push_back({invite->coach, {invite->invite, std::move(row.proof), row.received, row.ordinal}});
  return {};
}

Result<void> Ledger::on(const Command& command, AcceptInviteCommand& body) {
  STEIGER_TRY(auto invite, own_invite(command, body.invite));
  if (!invite) return {};
  STEIGER_TRY(const auto proofs, store_.proofs(body.invite));
  const ProofRow* proof = find_proof(proofs, body.proof_hash);
  const auto coach_answer = [&] { answer(command, InviteStanding{body.invite, wire::InviteState::accepted}); };
  if (invite->status == InviteStatus::accepted && invite->accepted_proof == body.proof_hash &&
      invite->accepted_chain == body.chain) {
    coach_answer();
    return {};
  }
  if (invite->status != InviteStatus::open) {
    answer(command, Refused{kInviteDecided});
    return {};
  }
  if (proof == nullptr || proof->refused) {
    answer(command, Refused{kBadInvite});
    return {};
  }
  if (now_ >= invite->expires + identity::kInviteDecisionTime) {
    answer(command, Refused{kInviteExpired});
    return {};
  }
  if (auto done = register_invited(*invite, body); !done.ok()) {
    if (is_store_error(done.error())) return done;
    answer(command, Refused{done.error()});
    return {};
  }
  invite->status = InviteStatus::accepted;
  invite->accepted_proof = body.proof_hash;
  invite->accepted_chain = std::move(body.chain);
  invite->accepted_sealed = std::move(body.sealed);
  STEIGER_CHECK(store_.put_invite(*invite, event("invite.accepted", {{"invite", invite->invite.text()},
                                                                     {"account", invite->coach.text()},
                                                                     {"proof", to_hex(invite->accepted_proof)}})));
  result_.decided.push_back({invite->invite, wire::InviteState::accepted, invite->accepted_proof, std::nullopt,
                             invite->accepted_chain, invite->accepted_sealed});
  coach_answer();
  return {};
}

Result<void> Ledger::register_invited(const InviteRow& invite, const AcceptInviteCommand& body) {
  const auto purpose = static_cast<wire::InvitePurpose>(invite.purpose);
  const bool device = purpose == wire::InvitePurpose::device;
  const bool comeback = purpose == wire::InvitePurpose::comeback;
  if (body.sealed.empty() == device || body.sealed.size() > kMaxSealedBytes || (body.lost && !comeback)) return kBadInvite;
  STEIGER_TRY(const membership::Trust* trusted, trust());
  const auto chain = identity::decode_chain(body.chain);
  if (!chain.ok()) return kBadChain;
  const auto verified = identity::verify_chain_under(*chain, trusted->roots, identity_.organisation, now_);
  if (!verified.ok()) return kBadChain;
  if (trusted->status && !identity::check_standing(*trusted->status, *chain, now_).ok()) return kBadChain;
  STEIGER_CHECK(check_listed(*verified, kBadChain));
  STEIGER_TRY(const auto known, store_.account(verified->account));
  if (device) {  // S2: the account's own word, by its key; the list is known already when the device sent UpdateChain first
    if (!known || verified->account != invite.account || verified->account_key != known->key) return kBadChain;
    if (known->chain == body.chain) return {};
    const auto stored = identity::decode_chain(known->chain);
    if (!stored.ok() || stored->certificates.empty()) return kStoreCorrupt;
    if (chain->certificates.back() != stored->certificates.back() ||
        !identity::check_device_list_successor(stored->device_list, verified->devices).ok()) {
      return kBadChain;
    }
    return take_chain(known, *verified, body.chain, false);
  }
  // S1: this coach certified a jongere or a third party, nothing more; nobody while nobody knows who still counts.
  STEIGER_CHECK(check_fresh());
  if (identity::is_staff(verified->role) || verified->certified_by != invite.coach) return kBadChain;
  if (verified->only_channel) {  // S8: reads along in one room, which is the coach's
    STEIGER_TRY(const Channel* room, channel(*verified->only_channel));
    if (room == nullptr || !in_roster(*room, invite.coach)) return kNotAllowed;
  }
  if (comeback) {  // S2: the pseudonym stays, under a later certificate for another key
    if (!known || verified->account != invite.account || verified->account_key == known->key) return kBadChain;
    const auto stored = identity::decode_chain(known->chain);
    if (!stored.ok() || stored->certificates.empty()) return kStoreCorrupt;
    const identity::Certificate& earlier = stored->certificates.back();
    if (earlier.role != verified->role || earlier.channel != verified->only_channel ||
        chain->certificates.back().not_before <= earlier.not_before || stretches(*known, body.chain)) {
      return kBadChain;
    }
    return take_chain(known, *verified, body.chain, body.lost);
  }
  const auto role = purpose == wire::InvitePurpose::third_party ? identity::Role::third_party : identity::Role::jongere;
  if (verified->role != role) return kBadChain;
  if (known && (known->key != verified->account_key || known->role != static_cast<RoleNumber>(role))) return kBadChain;
  return take_chain(known, *verified, body.chain, false);
}

// A refused proof leaves the invite open for the right person's. Whoever was refused may try again with another proof, but all proofs
// of an invite together are kMaxProofsPerInvite, and each after the first alarms the coach.
Result<void> Ledger::on(const Command& command, RefuseInviteCommand& body) {
  STEIGER_TRY(const auto invite, own_invite(command, body.invite));
  if (!invite) return {};
  STEIGER_TRY(auto proofs, store_.proofs(body.invite));
  const ProofRow* found = find_proof(proofs, body.proof_hash);
  if (found == nullptr) {
    answer(command, Refused{kBadInvite});
    return {};
  }
  if (invite->status == InviteStatus::accepted && invite->accepted_proof == body.proof_hash) {
    answer(command, Refused{kInviteDecided});
    return {};
  }
  if (!found->refused) {
    ProofRow row = *found;
    row.refused = true;
    STEIGER_CHECK(store_.put_proof(
        body.invite, row,
        event("invite.refused",
              {{"invite", body.invite.text()}, {"proof", to_hex(row.hash)}, {"account", invite->coach.text()}})));
    result_.decided.push_back({body.invite, wire::InviteState::refused, {}, body.proof_hash, {}});
  }
  answer(command, InviteStanding{body.invite, wire::InviteState::refused});
  return {};
}

}  // namespace steiger::gateway
