#include "crypto/identity/grant.h"

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kGrantVersion = 2;

void write_content(Writer& out, const Grant& g) {
  out.u8(kGrantVersion)
      .fixed(g.organisation.bytes())
      .fixed(g.channel.bytes())
      .fixed(g.group)
      .u64(g.epoch)
      .fixed(g.account.bytes());
  out.u8(static_cast<std::uint8_t>(g.role)).u8(static_cast<std::uint8_t>(g.purpose));
  write_timestamp(out, g.issued);
  write_timestamp(out, g.expires);
  write_timestamp(out, g.until);
  out.fixed(g.by.bytes());
}

Bytes signed_bytes(const Grant& grant) {
  Writer content;
  write_content(content, grant);
  return to_be_signed(labels::kGrant, content.view());
}

Result<void> check_rules(const Grant& g) {
  if (g.organisation.is_none() || g.channel.is_none() || g.account.is_none() || g.by.is_none()) return kBadGrant;
  if (g.issued.ms < 0 || g.issued >= g.expires || g.expires - g.issued > kMaxGrantLife) return kBadGrant;
  const bool ends = g.role == Role::third_party;
  if (ends ? g.until <= g.issued : g.until != Timestamp()) return kBadGrant;
  return {};
}

}  // namespace

Result<GrantPurpose> purpose_from_number(std::uint8_t number) {
  if (number < static_cast<std::uint8_t>(GrantPurpose::guidance) || number > static_cast<std::uint8_t>(GrantPurpose::other)) {
    return kBadValue;
  }
  return static_cast<GrantPurpose>(number);
}

Result<Grant> sign_grant(const SigningKey& account_key, Grant grant) {
  STEIGER_CHECK(check_rules(grant));
  grant.signature = account_key.sign(signed_bytes(grant));
  return grant;
}

Result<void> check_grant(const Grant& grant, const AccountId& by, const VerifyKey& account_key, const GrantUse& use) {
  STEIGER_CHECK(check_rules(grant));
  if (grant.organisation != use.organisation || grant.channel != use.channel || grant.group != use.group ||
      grant.account != use.account || grant.role != use.role || grant.by != by) {
    return kGrantMismatch;
  }
  if (!account_key.verify(signed_bytes(grant), grant.signature).ok()) return kBadGrantSignature;
  if (use.now >= grant.expires || use.now + kClockTolerance < grant.issued) return kGrantExpired;
  if (use.epoch < grant.epoch || use.epoch - grant.epoch > kMaxGrantEpochs) return kGrantExpired;
  if (use.removed_in && grant.epoch <= *use.removed_in) return kGrantExpired;
  if (grant.role == Role::third_party && use.until > grant.until) return kGrantOutlived;
  return {};
}

void write_grant(Writer& out, const Grant& grant) {
  write_content(out, grant);
  out.fixed(grant.signature);
}

Result<Grant> read_grant(Reader& in) {
  Grant out;
  STEIGER_CHECK(read_version(in, kGrantVersion));
  STEIGER_TRY(out.organisation, read_id<OrganisationId>(in));
  STEIGER_TRY(out.channel, read_id<ChannelId>(in));
  STEIGER_TRY(out.group, in.array<kHashSize>());
  STEIGER_TRY(out.epoch, in.u64());
  STEIGER_TRY(out.account, read_id<AccountId>(in));
  STEIGER_TRY(const std::uint8_t role, in.u8());
  STEIGER_TRY(out.role, role_from_number(role));
  STEIGER_TRY(const std::uint8_t purpose, in.u8());
  STEIGER_TRY(out.purpose, purpose_from_number(purpose));
  STEIGER_TRY(out.issued, read_timestamp(in));
  STEIGER_TRY(out.expires, read_timestamp(in));
  STEIGER_TRY(out.until, read_timestamp(in));
  STEIGER_TRY(out.by, read_id<AccountId>(in));
  STEIGER_TRY(out.signature, in.array<kSignatureSize>());
  return out;
}

Bytes encode_grant(const Grant& grant) {
  Writer out;
  write_grant(out, grant);
  return std::move(out).take();
}

Result<Grant> decode_grant(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(Grant out, read_grant(in));
  STEIGER_CHECK(in.done());
  return out;
}

}  // namespace steiger::identity
