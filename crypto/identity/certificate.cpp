#include "crypto/identity/certificate.h"

#include <limits>

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kCertificateVersion = 1;

void write_content(Writer& out, const Certificate& c) {
  out.u8(kCertificateVersion).fixed(c.organisation.bytes()).fixed(c.subject.bytes()).fixed(c.subject_key.bytes());
  out.u8(static_cast<std::uint8_t>(c.role)).fixed(c.issuer_key_hash);
  write_timestamp(out, c.not_before);
  write_timestamp(out, c.not_after);
  out.u8(c.channel.has_value() ? 1 : 0);
  if (c.channel.has_value()) out.fixed(c.channel->bytes());
}

Bytes certificate_to_sign(const Certificate& certificate) {
  Writer content;
  write_content(content, certificate);
  return to_be_signed(labels::kCertificate, content.view());
}

// The rules that need no other certificate (S1).
Result<void> check_rules(const Certificate& c) {
  if (c.organisation.is_none() || c.subject.is_none() || c.not_before >= c.not_after) return kBadValue;
  const Duration longest = is_staff(c.role) ? kMaxStaffCertificateLife : kMaxAccountCertificateLife;
  // Times before 1970 are refused first, so that the difference cannot overflow.
  if (c.not_before.ms < 0 || c.not_after.ms - c.not_before.ms > longest.count()) return kCertificateLifeTooLong;
  if (c.role == Role::third_party && (!c.channel.has_value() || c.channel->is_none())) return kChannelRequired;
  if (c.role != Role::third_party && c.channel.has_value()) return kChannelNotAllowed;
  return {};
}

}  // namespace

void write_timestamp(Writer& out, Timestamp time) {
  out.u64(static_cast<std::uint64_t>(time.ms));
}

Result<Timestamp> read_timestamp(Reader& in) {
  STEIGER_TRY(const std::uint64_t ms, in.u64());
  if (ms > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return kBadValue;
  return Timestamp{static_cast<std::int64_t>(ms)};
}

Result<Role> role_from_number(std::uint8_t number) {
  switch (static_cast<Role>(number)) {
    case Role::coach:
    case Role::teamleider:
    case Role::beheerder:
    case Role::fg:
    case Role::auditor:
    case Role::agent:
    case Role::jongere:
    case Role::third_party:
      return static_cast<Role>(number);
  }
  return kBadValue;
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::coach:
      return "coach";
    case Role::teamleider:
      return "teamleider";
    case Role::beheerder:
      return "beheerder";
    case Role::fg:
      return "fg";
    case Role::auditor:
      return "auditor";
    case Role::agent:
      return "agent";
    case Role::jongere:
      return "jongere";
    case Role::third_party:
      return "third_party";
  }
  return "unknown";
}

bool is_staff(Role role) {
  return role != Role::jongere && role != Role::third_party;
}

Hash key_hash(const VerifyKey& key) {
  return sha256(key.bytes());
}

Result<Certificate> issue_certificate(const SigningKey& issuer, Certificate certificate) {
  STEIGER_CHECK(check_rules(certificate));
  certificate.issuer_key_hash = key_hash(issuer.verify_key());
  certificate.signature = issuer.sign(certificate_to_sign(certificate));
  return certificate;
}

Result<void> verify_certificate(const Certificate& certificate, const VerifyKey& issuer) {
  STEIGER_CHECK(check_rules(certificate));
  if (certificate.issuer_key_hash != key_hash(issuer)) return kWrongIssuer;
  if (!issuer.verify(certificate_to_sign(certificate), certificate.signature).ok()) return kBadCertificateSignature;
  return {};
}

Result<void> check_valid_at(const Certificate& certificate, Timestamp when) {
  // Subtracted on the side that decoding has bounded from below; `when` may itself come from a certificate.
  if (when < certificate.not_before - kClockTolerance) return kCertificateNotYetValid;
  if (when >= certificate.not_after) return kCertificateExpired;
  return {};
}

void write_certificate(Writer& out, const Certificate& certificate) {
  write_content(out, certificate);
  out.fixed(certificate.signature);
}

Result<Certificate> read_certificate(Reader& in) {
  Certificate c;
  STEIGER_CHECK(read_version(in, kCertificateVersion));
  STEIGER_TRY(c.organisation, read_id<OrganisationId>(in));
  STEIGER_TRY(c.subject, read_id<AccountId>(in));
  STEIGER_TRY(c.subject_key, read_verify_key(in));
  STEIGER_TRY(const std::uint8_t role, in.u8());
  STEIGER_TRY(c.role, role_from_number(role));
  STEIGER_TRY(c.issuer_key_hash, in.array<kHashSize>());
  STEIGER_TRY(c.not_before, read_timestamp(in));
  STEIGER_TRY(c.not_after, read_timestamp(in));
  STEIGER_TRY(const std::uint8_t has_channel, in.u8());
  if (has_channel > 1) return kBadValue;
  if (has_channel == 1) {
    STEIGER_TRY(c.channel, read_id<ChannelId>(in));
  }
  STEIGER_TRY(c.signature, in.array<kSignatureSize>());
  return c;
}

Bytes encode_certificate(const Certificate& certificate) {
  Writer out;
  write_certificate(out, certificate);
  return std::move(out).take();
}

Result<Certificate> decode_certificate(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(Certificate certificate, read_certificate(in));
  STEIGER_CHECK(in.done());
  return certificate;
}

}  // namespace steiger::identity
