// The small gateway's invites (S3).
#include <algorithm>

#include "client-sdk/src/testing/small_gateway.h"
#include "crypto/identity/limits.h"

namespace steiger::sdk::testing {

using gateway::field;
using gateway::view_of;
using gateway::wire_pointer;

SmallGateway::Invite* SmallGateway::find(const InviteId& id) {
  for (auto& [lookup, invite] : invites_) {
    if (invite.id == id) return &invite;
  }
  return nullptr;
}

wire::InviteOutcomeT SmallGateway::outcome(const Invite& invite, const Hash& proof) const {
  wire::InviteOutcomeT out;
  out.id = wire_pointer(invite.id);
  out.state = wire::InviteState::pending;
  if (invite.accepted) {
    out.state = *invite.accepted == proof ? wire::InviteState::accepted : wire::InviteState::used;
    if (*invite.accepted == proof) out.chain = invite.chain;
  } else if (invite.refused.count(proof) != 0) {
    out.state = wire::InviteState::refused;
  } else if (invite.cancelled) {
    out.state = wire::InviteState::cancelled;
  } else if (Timestamp{invite.expires_ms} + identity::kInviteDecisionTime <= scheduler_.now) {
    out.state = wire::InviteState::expired;
  }
  return out;
}

void SmallGateway::push_proofs(Connection& to) {
  for (auto& [lookup, invite] : invites_) {
    if (!to.account || invite.coach != *to.account || invite.cancelled) continue;
    std::uint32_t ordinal = 0;
    for (const auto& [bytes, received] : invite.proofs) {
      ++ordinal;
      // Also a proof that lost, or came after the decision: until the coach's device answers it (S3).
      if (invite.refused.count(sha256(bytes)) != 0 || invite.accepted == sha256(bytes)) continue;
      wire::InviteProofT out;
      out.id = wire_pointer(invite.id);
      out.proof = bytes;
      out.received_ms = received;
      out.ordinal = ordinal;
      answer(to, 0, std::move(out));
    }
  }
}

void SmallGateway::invite_request(Connection& from, std::uint64_t request, const wire::Frame& frame) {
  const auto simple = [&](const Invite& invite, wire::InviteState state) {
    wire::InviteOutcomeT out;
    out.id = wire_pointer(invite.id);
    out.state = state;
    answer(from, request, std::move(out));
  };
  const auto tell_redeemers = [&](const Invite& invite) {
    for (auto& [id, other] : connections_) {
      const auto found = invites_.find(other.redeeming);
      if (found == invites_.end() || found->second.id != invite.id) continue;
      auto out = outcome(invite, other.proof);
      if (out.state != wire::InviteState::pending) answer(other, 0, std::move(out));
    }
  };
  if (const auto* create = frame.body_as_CreateInvite()) {
    Invite& invite = invites_[*field(create->lookup())];
    invite.id = *field<InviteId>(create->id());
    invite.coach = *from.account;
    invite.kind = create->kind();
    invite.expires_ms = create->expires_ms();
    invite.terms = to_bytes(view_of(create->terms()));
    return simple(invite, wire::InviteState::open);
  }
  if (const auto* fetch = frame.body_as_FetchInvite()) {
    const auto found = invites_.find(*field(fetch->lookup()));
    if (found == invites_.end()) return refuse(from, request, gateway::kInviteUnknown);
    if (found->second.cancelled) return simple(found->second, wire::InviteState::cancelled);
    if (found->second.expires_ms <= scheduler_.now.ms) return refuse(from, request, gateway::kInviteExpired);
    wire::InviteInfoT out;
    out.id = wire_pointer(found->second.id);
    out.kind = found->second.kind;
    out.expires_ms = found->second.expires_ms;
    out.terms = found->second.terms;
    return answer(from, request, std::move(out));
  }
  if (const auto* redeem = frame.body_as_RedeemInvite()) {
    const auto found = invites_.find(*field(redeem->lookup()));
    if (found == invites_.end()) return refuse(from, request, gateway::kInviteUnknown);
    Invite& invite = found->second;
    const Bytes proof = to_bytes(view_of(redeem->proof()));
    from.redeeming = found->first;
    from.proof = sha256(proof);
    const bool known = std::any_of(invite.proofs.begin(), invite.proofs.end(), [&](const auto& p) { return p.first == proof; });
    if (!known) {
      invite.proofs.emplace_back(proof, scheduler_.now.ms);
      // Whoever still waits when the time to decide is over hears it then.
      scheduler_.at(Timestamp{invite.expires_ms} + identity::kInviteDecisionTime, [this, lookup = found->first] {
        const Invite& ended = invites_.at(lookup);
        for (auto& [id, other] : connections_) {
          if (other.redeeming == lookup && !ended.accepted) answer(other, 0, outcome(ended, other.proof));
        }
      });
      for (auto& [id, other] : connections_) push_proofs(other);
    }
    return answer(from, request, outcome(invite, from.proof));
  }
  const auto act = [&](const wire::Id16* id) { return find(*field<InviteId>(id)); };
  if (const auto* accept = frame.body_as_AcceptInvite()) {
    Invite* invite = act(accept->id());
    if (invite == nullptr) return refuse(from, request, gateway::kInviteUnknown);
    const Hash proof = *field(accept->proof_hash());
    if (invite->accepted && *invite->accepted != proof) return refuse(from, request, gateway::kInviteDecided);
    invite->accepted = proof;
    invite->chain = to_bytes(view_of(accept->chain()));
    const auto chain = *identity::decode_chain(invite->chain);
    accounts_[chain.device_list.account] = {chain, invite->chain};
    simple(*invite, wire::InviteState::accepted);
    return tell_redeemers(*invite);
  }
  if (const auto* refusal = frame.body_as_RefuseInvite()) {
    Invite* invite = act(refusal->id());
    if (invite == nullptr) return refuse(from, request, gateway::kInviteUnknown);
    invite->refused.insert(*field(refusal->proof_hash()));
    simple(*invite, wire::InviteState::refused);
    return tell_redeemers(*invite);
  }
  if (const auto* cancel = frame.body_as_CancelInvite()) {
    Invite* invite = act(cancel->id());
    if (invite == nullptr) return refuse(from, request, gateway::kInviteUnknown);
    invite->cancelled = true;
    simple(*invite, wire::InviteState::cancelled);
    return tell_redeemers(*invite);
  }
  fatal(from, gateway::kUnknownBody);
}

}  // namespace steiger::sdk::testing
