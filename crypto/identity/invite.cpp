#include "crypto/identity/invite.h"

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"
#include "crypto/primitives/hkdf.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kTermsVersion = 1;
constexpr std::uint8_t kProofVersion = 1;

Hash redeem_mac(const InviteSecret& secret, ByteView terms, const RedeemProof& proof) {
  Writer content;
  content.opaque(labels::kInviteRedeem).opaque(terms).opaque(proof.key_package).opaque(proof.account_key.bytes());
  content.opaque(encode_device_list(proof.device_list));
  const auto key = hkdf_derive<Secret<struct RedeemKeyTag>>(secret.secret_bytes(), as_bytes(labels::kInviteRedeem));
  return hmac_sha256(key.bytes(), {content.view()});
}

}  // namespace

Bytes encode_invite_terms(const InviteTerms& terms) {
  Writer out;
  out.u8(kTermsVersion).fixed(terms.invite.bytes()).u8(static_cast<std::uint8_t>(terms.kind));
  write_timestamp(out, terms.expires);
  write_organisation(out, terms.organisation);
  write_chain(out, terms.coach);
  return std::move(out).take();
}

Result<InviteTerms> decode_invite_terms(ByteView bytes) {
  Reader in(bytes);
  InviteTerms terms;
  STEIGER_CHECK(read_version(in, kTermsVersion));
  STEIGER_TRY(terms.invite, read_id<InviteId>(in));
  STEIGER_TRY(const std::uint8_t kind, in.u8());
  if (kind != static_cast<std::uint8_t>(InviteKind::qr) && kind != static_cast<std::uint8_t>(InviteKind::link)) return kBadValue;
  terms.kind = static_cast<InviteKind>(kind);
  STEIGER_TRY(terms.expires, read_timestamp(in));
  STEIGER_TRY(terms.organisation, read_organisation(in));
  STEIGER_TRY(terms.coach, read_chain(in));
  STEIGER_CHECK(in.done());
  return terms;
}

Result<VerifiedIdentity> verify_invite_terms(const InviteTerms& terms, InviteKind secret_kind, Timestamp now) {
  if (terms.kind != secret_kind) return kInviteKindMismatch;
  if (now >= terms.expires) return kInviteExpired;
  STEIGER_TRY(VerifiedIdentity coach, verify_chain(terms.coach, terms.organisation.root_key, terms.organisation.id, now));
  if (coach.role != Role::coach) return kInviterNotCoach;
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
