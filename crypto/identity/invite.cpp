#include "crypto/identity/invite.h"

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"
#include "crypto/primitives/hkdf.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kTermsVersion = 1;   // a newcomer
constexpr std::uint8_t kTermsVersion2 = 2;  // any other purpose
constexpr std::uint8_t kProofVersion = 1;

Hash redeem_mac(const InviteSecret& secret, ByteView terms, const RedeemProof& proof) {
  Writer content;
  content.opaque(labels::kInviteRedeem).opaque(terms).opaque(proof.key_package).opaque(proof.account_key.bytes());
  content.opaque(encode_device_list(proof.device_list));
  const auto key = hkdf_derive<Secret<struct RedeemKeyTag>>(secret.secret_bytes(), as_bytes(labels::kInviteRedeem));
  return hmac_sha256(key.bytes(), {content.view()});
}

// Which fields a purpose has.
bool fits_purpose(const InviteTerms& terms) {
  const bool third_party = terms.purpose == InvitePurpose::third_party;
  const bool comeback = terms.purpose == InvitePurpose::comeback;
  const bool device = terms.purpose == InvitePurpose::device;
  return terms.account.has_value() == (comeback || device) && terms.channel.has_value() == (third_party || comeback) &&
         terms.until.has_value() == third_party && (third_party || terms.reason == GrantPurpose::guidance);
}

void write_purpose(Writer& out, const InviteTerms& terms) {
  out.u8(static_cast<std::uint8_t>(terms.purpose));
  if (terms.account) out.fixed(terms.account->bytes());
  if (terms.channel) out.fixed(terms.channel->bytes());
  if (terms.until) write_timestamp(out, *terms.until);
  if (terms.purpose == InvitePurpose::third_party) out.u8(static_cast<std::uint8_t>(terms.reason));
}

Result<void> read_purpose(Reader& in, InviteTerms& terms) {
  STEIGER_TRY(const std::uint8_t purpose, in.u8());
  if (purpose < static_cast<std::uint8_t>(InvitePurpose::third_party) ||
      purpose > static_cast<std::uint8_t>(InvitePurpose::device)) {
    return kBadValue;
  }
  terms.purpose = static_cast<InvitePurpose>(purpose);
  const bool third_party = terms.purpose == InvitePurpose::third_party;
  if (!third_party) {
    STEIGER_TRY(terms.account, read_id<AccountId>(in));
  }
  if (terms.purpose != InvitePurpose::device) {
    STEIGER_TRY(terms.channel, read_id<ChannelId>(in));
  }
  if (third_party) {
    STEIGER_TRY(terms.until, read_timestamp(in));
    STEIGER_TRY(const std::uint8_t reason, in.u8());
    STEIGER_TRY(terms.reason, purpose_from_number(reason));
  }
  return {};
}

}  // namespace

Bytes encode_invite_terms(const InviteTerms& terms) {
  const bool newcomer = terms.purpose == InvitePurpose::newcomer;
  Writer out;
  out.u8(newcomer ? kTermsVersion : kTermsVersion2).fixed(terms.invite.bytes()).u8(static_cast<std::uint8_t>(terms.kind));
  write_timestamp(out, terms.expires);
  write_organisation(out, terms.organisation);
  write_chain(out, terms.coach);
  if (!newcomer) write_purpose(out, terms);
  return std::move(out).take();
}

Result<InviteTerms> decode_invite_terms(ByteView bytes) {
  Reader in(bytes);
  InviteTerms terms;
  STEIGER_TRY(const std::uint8_t version, in.u8());
  if (version != kTermsVersion && version != kTermsVersion2) return kBadValue;
  STEIGER_TRY(terms.invite, read_id<InviteId>(in));
  STEIGER_TRY(const std::uint8_t kind, in.u8());
  if (kind != static_cast<std::uint8_t>(InviteKind::qr) && kind != static_cast<std::uint8_t>(InviteKind::link)) return kBadValue;
  terms.kind = static_cast<InviteKind>(kind);
  STEIGER_TRY(terms.expires, read_timestamp(in));
  STEIGER_TRY(terms.organisation, read_organisation(in));
  STEIGER_TRY(terms.coach, read_chain(in));
  if (version == kTermsVersion2) {
    STEIGER_CHECK(read_purpose(in, terms));
  }
  STEIGER_CHECK(in.done());
  return terms;
}

Result<VerifiedIdentity> verify_invite_terms(const InviteTerms& terms, InviteKind secret_kind, Timestamp now) {
  if (terms.kind != secret_kind) return kInviteKindMismatch;
  if (now >= terms.expires) return kInviteExpired;
  if (!fits_purpose(terms)) return kBadValue;
  STEIGER_TRY(VerifiedIdentity coach, verify_chain(terms.coach, terms.organisation.root_key, terms.organisation.id, now));
  if (terms.purpose == InvitePurpose::device) {
    if (coach.account != *terms.account) return kAccountMismatch;
  } else if (coach.role != Role::coach) {
    return kInviterNotCoach;
  }
  return coach;
}

Bytes encode_redeem_proof(const RedeemProof& proof) {
  Writer out;
  out.u8(kProofVersion).opaque(proof.key_package).fixed(proof.account_key.bytes());
  write_device_list(out, proof.device_list);
  out.fixed(proof.mac);
  return std::move(out).take();
}

Result<RedeemProof> decode_redeem_proof(ByteView bytes) {
  Reader in(bytes);
  RedeemProof proof;
  STEIGER_CHECK(read_version(in, kProofVersion));
  STEIGER_TRY(const ByteView key_package, in.opaque(kMaxKeyPackageSize));
  proof.key_package = to_bytes(key_package);
  STEIGER_TRY(proof.account_key, read_verify_key(in));
  STEIGER_TRY(proof.device_list, read_device_list(in));
  STEIGER_TRY(proof.mac, in.array<kHashSize>());
  STEIGER_CHECK(in.done());
  return proof;
}

RedeemProof make_redeem_proof(const InviteSecret& secret, ByteView terms, Bytes key_package, const VerifyKey& account_key,
                              DeviceList device_list) {
  RedeemProof proof{std::move(key_package), account_key, std::move(device_list), {}};
  proof.mac = redeem_mac(secret, terms, proof);
  return proof;
}

Result<void> verify_redeem_proof(const InviteSecret& secret, ByteView terms, const RedeemProof& proof, Timestamp received) {
  STEIGER_TRY(const InviteTerms own_terms, decode_invite_terms(terms));
  if (own_terms.kind != secret.kind()) return kInviteKindMismatch;
  if (received >= own_terms.expires) return kInviteExpired;
  if (!equal_in_constant_time(proof.mac, redeem_mac(secret, terms, proof))) return kBadRedeemMac;
  return verify_device_list(proof.device_list, proof.account_key);
}

}  // namespace steiger::identity
