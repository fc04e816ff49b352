// The handover offer (S10): the organisation's teamleider proposes another coach for a channel; the jongere's device makes the
// commit after a plain question. The gateway cannot invent one. Thread-safe.
#pragma once

#include "crypto/identity/chain.h"

namespace steiger::identity {

struct HandoverOffer {
  OrganisationId organisation;
  ChannelId channel;
  AccountId leaving;
  AccountId successor;
  Hash successor_key{};  // key_hash of the successor's account key, so that no other key is added in that name
  Timestamp issued;
  Timestamp expires;  // at most kMaxHandoverOfferLife after `issued`
  AccountId by;       // the teamleider
  Signature signature{};

  friend bool operator==(const HandoverOffer&, const HandoverOffer&) = default;
};

Result<HandoverOffer> sign_handover_offer(const SigningKey& teamleider_key, HandoverOffer offer);  // kBadHandoverOffer

// `teamleider`: a verified identity. kRoleNotAllowed unless it is one, kAccountMismatch, kWrongOrganisation, kWrongChannel,
// kBadHandoverOffer (rules, signature, time).
Result<void> verify_handover_offer(const HandoverOffer& offer, const VerifiedIdentity& teamleider,
                                   const OrganisationId& organisation, const ChannelId& channel, Timestamp now);
// Is this the coach that the offer names? kAccountMismatch, kAccountKeyMismatch, kRoleNotAllowed.
Result<void> check_successor(const HandoverOffer& offer, const VerifiedIdentity& successor);

// Canonical: what decodes encodes to the same bytes.
void write_handover_offer(Writer& out, const HandoverOffer& offer);
Result<HandoverOffer> read_handover_offer(Reader& in);
Bytes encode_handover_offer(const HandoverOffer& offer);
Result<HandoverOffer> decode_handover_offer(ByteView bytes);

}  // namespace steiger::identity
