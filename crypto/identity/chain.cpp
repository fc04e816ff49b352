#include "crypto/identity/chain.h"

#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kChainVersion = 1;
constexpr std::uint8_t kOrganisationVersion = 1;

// The certificate that the organisation's root gave.
Result<void> verify_staff_certificate(const Certificate& certificate, const VerifyKey& root_key,
                                      const OrganisationId& organisation) {
  if (certificate.organisation != organisation) return kWrongOrganisation;
  if (!is_staff(certificate.role)) return kRoleNotAllowed;
  return verify_certificate(certificate, root_key);
}

// The certificate that a coach gave.
Result<void> verify_account_certificate(const Certificate& certificate, const Certificate& coach) {
  if (certificate.organisation != coach.organisation) return kWrongOrganisation;
  if (coach.role != Role::coach || is_staff(certificate.role)) return kRoleNotAllowed;
  if (certificate.subject == coach.subject) return kAccountMismatch;
  STEIGER_CHECK(verify_certificate(certificate, coach.subject_key));
  if (!check_valid_at(coach, certificate.not_before).ok()) return kIssuerNotValid;
  return {};
}

}  // namespace

Result<void> VerifiedIdentity::check_channel(const ChannelId& channel) const {
  if (only_channel.has_value() && *only_channel != channel) return kWrongChannel;
  return {};
}

Result<VerifiedIdentity> verify_chain(const IdentityChain& chain, const VerifyKey& root_key, const OrganisationId& organisation,
                                      Timestamp now) {
  if (chain.certificates.empty()) return kNotCertified;
  if (chain.certificates.size() > kMaxChainCertificates) return kPathTooLong;
  const Certificate& staff = chain.certificates.front();
  const Certificate& own = chain.certificates.back();
  STEIGER_CHECK(verify_staff_certificate(staff, root_key, organisation));
  VerifiedIdentity out;
  if (chain.certificates.size() == kMaxChainCertificates) {
    STEIGER_CHECK(verify_account_certificate(own, staff));
    out.certified_by = staff.subject;
  }
  STEIGER_CHECK(check_valid_at(own, now));
  if (own.subject_key != chain.account_key) return kAccountKeyMismatch;
  if (own.subject != chain.device_list.account) return kAccountMismatch;
  STEIGER_CHECK(verify_device_list(chain.device_list, chain.account_key));
  out.account = own.subject;
  out.account_key = own.subject_key;
  out.role = own.role;
  out.certified_until = own.not_after;
  out.only_channel = own.channel;
  out.devices = chain.device_list;
  return out;
}

Result<void> verify_uncertified_chain(const IdentityChain& chain) {
  return verify_device_list(chain.device_list, chain.account_key);
}

IdentityChain complete_chain(IdentityChain chain, const std::vector<Certificate>& known) {
  if (!chain.certificates.empty()) return chain;
  const auto has_subject_key = [&](const Certificate& c) {
    return c.subject == chain.device_list.account && c.subject_key == chain.account_key;
  };
  const auto own = std::find_if(known.begin(), known.end(), has_subject_key);
  if (own == known.end()) return chain;
  if (!is_staff(own->role)) {
    const auto issued_it = [&](const Certificate& c) { return key_hash(c.subject_key) == own->issuer_key_hash; };
    const auto issuer = std::find_if(known.begin(), known.end(), issued_it);
    if (issuer == known.end()) return chain;
    chain.certificates.push_back(*issuer);
  }
  chain.certificates.push_back(*own);
  return chain;
}

Bytes encode_credential(const DeviceIdentity& identity) {
  Writer out;
  out.fixed(identity.account.bytes()).fixed(identity.device.bytes());
  return std::move(out).take();
}

Result<DeviceIdentity> decode_credential(ByteView bytes) {
  if (bytes.size() != 2 * kIdSize) return kBadCredential;
  Reader in(bytes);
  DeviceIdentity out;
  STEIGER_TRY(out.account, read_id<AccountId>(in));
  STEIGER_TRY(out.device, read_id<DeviceId>(in));
  if (out.account.is_none() || out.device.is_none()) return kBadCredential;
  return out;
}

Result<DeviceIdentity> check_leaf(const DeviceList& devices, ByteView credential_identity, const VerifyKey& leaf_key) {
  STEIGER_TRY(const DeviceIdentity identity, decode_credential(credential_identity));
  if (identity.account != devices.account) return kAccountMismatch;
  const ListedDevice* listed = devices.find(identity.device);
  if (listed == nullptr || listed->leaf_key != leaf_key) return kDeviceNotListed;
  return identity;
}

void write_chain(Writer& out, const IdentityChain& chain) {
  out.u8(kChainVersion).vector(chain.certificates, write_certificate).fixed(chain.account_key.bytes());
  write_device_list(out, chain.device_list);
}

Result<IdentityChain> read_chain(Reader& in) {
  IdentityChain chain;
  STEIGER_CHECK(read_version(in, kChainVersion));
  auto certificates = in.vector<Certificate>(kMaxChainCertificates, read_certificate);
  if (!certificates.ok()) return certificates.error() == kTooLarge ? kPathTooLong : certificates.error();
  chain.certificates = std::move(certificates).value();
  STEIGER_TRY(chain.account_key, read_verify_key(in));
  STEIGER_TRY(chain.device_list, read_device_list(in));
  return chain;
}

Bytes encode_chain(const IdentityChain& chain) {
  Writer out;
  write_chain(out, chain);
  return std::move(out).take();
}

Result<IdentityChain> decode_chain(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(IdentityChain chain, read_chain(in));
  STEIGER_CHECK(in.done());
  return chain;
}

void write_organisation(Writer& out, const OrganisationPublic& organisation) {
  out.u8(kOrganisationVersion).fixed(organisation.id.bytes()).fixed(organisation.root_key.bytes()).opaque(organisation.name);
}

Result<OrganisationPublic> read_organisation(Reader& in) {
  OrganisationPublic organisation;
  STEIGER_CHECK(read_version(in, kOrganisationVersion));
  STEIGER_TRY(organisation.id, read_id<OrganisationId>(in));
  STEIGER_TRY(organisation.root_key, read_verify_key(in));
  STEIGER_TRY(const ByteView name, in.opaque(kMaxOrganisationName));
  organisation.name = std::string(as_text(name));
  return organisation;
}

Bytes encode_organisation(const OrganisationPublic& organisation) {
  Writer out;
  write_organisation(out, organisation);
  return std::move(out).take();
}

Result<OrganisationPublic> decode_organisation(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(OrganisationPublic organisation, read_organisation(in));
  STEIGER_CHECK(in.done());
  return organisation;
}

}  // namespace steiger::identity
