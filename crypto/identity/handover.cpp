#include "crypto/identity/handover.h"

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kOfferVersion = 1;

void write_content(Writer& out, const HandoverOffer& offer) {
  out.u8(kOfferVersion).fixed(offer.organisation.bytes()).fixed(offer.channel.bytes()).fixed(offer.leaving.bytes());
  out.fixed(offer.successor.bytes()).fixed(offer.successor_key);
  write_timestamp(out, offer.issued);
  write_timestamp(out, offer.expires);
  out.fixed(offer.by.bytes());
}

Bytes signed_bytes(const HandoverOffer& offer) {
  Writer content;
  write_content(content, offer);
  return to_be_signed(labels::kHandoverOffer, content.view());
}

Result<void> check_rules(const HandoverOffer& offer) {
  const bool named = !offer.organisation.is_none() && !offer.channel.is_none() && !offer.leaving.is_none() &&
                     !offer.successor.is_none() && !offer.by.is_none() && offer.leaving != offer.successor;
  if (!named || offer.issued.ms < 0 || offer.issued >= offer.expires) return kBadHandoverOffer;
  if (offer.expires - offer.issued > kMaxHandoverOfferLife) return kBadHandoverOffer;
  return {};
}

}  // namespace

Result<HandoverOffer> sign_handover_offer(const SigningKey& teamleider_key, HandoverOffer offer) {
  STEIGER_CHECK(check_rules(offer));
  offer.signature = teamleider_key.sign(signed_bytes(offer));
  return offer;
}

Result<void> verify_handover_offer(const HandoverOffer& offer, const VerifiedIdentity& teamleider,
                                   const OrganisationId& organisation, const ChannelId& channel, Timestamp now) {
  STEIGER_CHECK(check_rules(offer));
  if (offer.organisation != organisation) return kWrongOrganisation;
  if (offer.channel != channel) return kWrongChannel;
  if (teamleider.role != Role::teamleider) return kRoleNotAllowed;
  if (teamleider.account != offer.by) return kAccountMismatch;
  if (!teamleider.account_key.verify(signed_bytes(offer), offer.signature).ok()) return kBadHandoverOffer;
  if (now >= offer.expires || now + kClockTolerance < offer.issued) return kBadHandoverOffer;
  return {};
}

Result<void> check_successor(const HandoverOffer& offer, const VerifiedIdentity& successor) {
  if (successor.role != Role::coach) return kRoleNotAllowed;
  if (successor.account != offer.successor) return kAccountMismatch;
  if (key_hash(successor.account_key) != offer.successor_key) return kAccountKeyMismatch;
  return {};
}

void write_handover_offer(Writer& out, const HandoverOffer& offer) {
  write_content(out, offer);
  out.fixed(offer.signature);
}

Result<HandoverOffer> read_handover_offer(Reader& in) {
  HandoverOffer out;
  STEIGER_CHECK(read_version(in, kOfferVersion));
  STEIGER_TRY(out.organisation, read_id<OrganisationId>(in));
  STEIGER_TRY(out.channel, read_id<ChannelId>(in));
  STEIGER_TRY(out.leaving, read_id<AccountId>(in));
  STEIGER_TRY(out.successor, read_id<AccountId>(in));
  STEIGER_TRY(out.successor_key, in.array<kHashSize>());
  STEIGER_TRY(out.issued, read_timestamp(in));
  STEIGER_TRY(out.expires, read_timestamp(in));
  STEIGER_TRY(out.by, read_id<AccountId>(in));
  STEIGER_TRY(out.signature, in.array<kSignatureSize>());
  return out;
}

Bytes encode_handover_offer(const HandoverOffer& offer) {
  Writer out;
  write_handover_offer(out, offer);
  return std::move(out).take();
}

Result<HandoverOffer> decode_handover_offer(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(auto out, read_handover_offer(in));
  STEIGER_CHECK(in.done());
  return out;
}

}  // namespace steiger::identity
