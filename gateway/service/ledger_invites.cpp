// Invites (S3): the gateway knows a lookup value and keeps sealed proofs for the coach; it neither judges nor learns the secret.
#include <algorithm>

#include "crypto/identity/chain.h"
#include "crypto/identity/limits.h"
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
  if (stream->role != static_cast<RoleNumber>(identity::Role::coach)) {
    answer(command, Refused{kNotAllowed});
    return {};
  }
  STEIGER_TRY(const auto same, store_.invite(body.invite));
  if (same) {  // a resend gets the same answer
    if (same->coach == stream->account && same->lookup == body.lookup && same->terms == body.terms) {
      answer(command, standing(*same, nullptr));
    } else {
      answer(command, Refused{kInviteExists});
    }
    return {};
  }
  const bool known_kind = body.kind == static_cast<std::uint8_t>(wire::InviteKind::qr) ||
                          body.kind == static_cast<std::uint8_t>(wire::InviteKind::link);
  const Timestamp latest = now_ + lifetime_of(body.kind);
  if (!known_kind || body.expires <= now_ || body.expires > latest + kInviteClockTolerance || body.terms.empty() ||
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
  STEIGER_CHECK(store_.put_invite(row, event("invite.created", {{"invite", row.invite.text()}, {"account", row.coach.text()}})));
  answer(command, standing(row, nullptr));
  return {};
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
  // S1: this coach certified a jongere or a third party, nothing more.
  const auto chain = identity::decode_chain(body.chain);
  const auto verified =
      chain.ok() ? identity::verify_chain(*chain, identity_.organisation_root, identity_.organisation, now_) : chain.error();
  if (!verified.ok() || identity::is_staff(verified->role) || verified->certified_by != invite->coach) {
    answer(command, Refused{kBadChain});
    return {};
  }
  STEIGER_TRY(const auto known, store_.account(verified->account));
  if (known && known->key != verified->account_key) {
    answer(command, Refused{kBadChain});
    return {};
  }
  std::vector<DeviceRow> devices;
  for (const identity::ListedDevice& listed : verified->devices.devices) {
    STEIGER_TRY(const auto taken, store_.device(listed.device));
    if (taken && taken->account != verified->account) {
      answer(command, Refused{kBadChain});
      return {};
    }
    devices.push_back({listed.device, verified->account, listed.leaf_key, 0, false, verified->account_key});
  }
  const AccountRow row{verified->account, verified->account_key, static_cast<RoleNumber>(verified->role), body.chain,
                       known ? known->registered : now_};
  STEIGER_CHECK(store_.put_account(
      row, devices,
      event(known ? "account.updated" : "account.registered", {{"account", verified->account.text()},
                                                               {"role", std::string(identity::role_name(verified->role))},
                                                               {"chain", to_hex(sha256(body.chain))}})));
  refresh(devices);
  invite->status = InviteStatus::accepted;
  invite->accepted_proof = body.proof_hash;
  invite->accepted_chain = std::move(body.chain);
  STEIGER_CHECK(store_.put_invite(*invite, event("invite.accepted", {{"invite", invite->invite.text()},
                                                                     {"account", invite->coach.text()},
                                                                     {"subject", verified->account.text()}})));
  result_.decided.push_back(
      {invite->invite, wire::InviteState::accepted, invite->accepted_proof, std::nullopt, invite->accepted_chain});
  coach_answer();
  return {};
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
