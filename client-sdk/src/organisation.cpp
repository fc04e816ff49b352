#include "client-sdk/src/organisation.h"

#include "client-sdk/src/content.h"
#include "client-sdk/src/limits.h"
#include "crypto/base/labels.h"
#include "crypto/mls/secret_codec.h"

namespace steiger::sdk {
namespace {

constexpr std::uint8_t kOrganisationVersion = 1;
constexpr std::uint8_t kRequestVersion = 1;

void write_request(Writer& out, const StaffRequest& request) {
  out.u8(kRequestVersion).fixed(request.organisation.bytes()).opaque(request.name).fixed(request.account_key.bytes());
  identity::write_device_list(out, request.device_list);
}

Result<StaffRequest> read_request(Reader& in) {
  STEIGER_TRY(const std::uint8_t version, in.u8());
  if (version != kRequestVersion) return kBadStaffRequest;
  StaffRequest out;
  STEIGER_TRY(const auto organisation, in.array<kIdSize>());
  out.organisation = OrganisationId(organisation);
  STEIGER_TRY(const ByteView name, in.opaque(kMaxNameBytes));
  out.name = std::string(as_text(name));
  STEIGER_TRY(const auto key, in.array<VerifyKey::kSize>());
  out.account_key = VerifyKey(key);
  STEIGER_TRY(out.device_list, identity::read_device_list(in));
  return out;
}

}  // namespace

Result<Organisation> Organisation::create(Rng& rng, std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return kNameTooLong;
  if (!is_utf8(name)) return kBadTextEncoding;
  SigningKey root = SigningKey::generate(rng);
  identity::OrganisationPublic facts{OrganisationId::random(rng), root.verify_key(), std::string(name)};
  return Organisation{std::move(facts), std::move(root)};
}

SecretBytes Organisation::serialize() const {
  mls::SecretWriter out;
  out.u8(kOrganisationVersion).fixed(root.seed().bytes()).opaque(identity::encode_organisation(facts));
  return std::move(out).take();
}

Result<Organisation> Organisation::deserialize(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(const std::uint8_t version, in.u8());
  if (version != kOrganisationVersion) return kBadOrganisation;
  STEIGER_TRY(const ByteView seed_bytes, in.fixed(SigningKey::Seed::size()));
  STEIGER_TRY(auto seed, SigningKey::Seed::from_bytes(seed_bytes));
  STEIGER_TRY(const ByteView facts_bytes, in.opaque());
  STEIGER_CHECK(in.done());
  STEIGER_TRY(auto facts, identity::decode_organisation(facts_bytes));
  SigningKey root(std::move(seed));
  if (root.verify_key() != facts.root_key) return kBadOrganisation;
  return Organisation{std::move(facts), std::move(root)};
}

Bytes encode_staff_request(const StaffRequest& request, const SigningKey& account_key) {
  Writer body;
  write_request(body, request);
  const Signature signature = account_key.sign(to_be_signed(labels::kStaffRequest, body.view()));
  body.fixed(signature);
  return std::move(body).take();
}

Result<StaffRequest> decode_staff_request(ByteView bytes) {
  Reader in(bytes);
  auto request = read_request(in);
  if (!request.ok()) return kBadStaffRequest;
  const ByteView signature = in.rest();
  if (signature.size() != kSignatureSize) return kBadStaffRequest;
  const ByteView body = bytes.first(bytes.size() - signature.size());
  if (!request->account_key.verify(to_be_signed(labels::kStaffRequest, body), signature).ok()) return kBadStaffRequest;
  if (!identity::verify_device_list(request->device_list, request->account_key).ok()) return kBadStaffRequest;
  return request;
}

Result<Bytes> certify_staff(const Organisation& organisation, const StaffRequest& request, identity::Role role, Timestamp now,
                            Duration life) {
  if (request.organisation != organisation.facts.id) return kBadStaffRequest;
  if (!identity::is_staff(role)) return identity::kRoleNotAllowed;
  identity::Certificate certificate;
  certificate.organisation = organisation.facts.id;
  certificate.subject = request.device_list.account;
  certificate.subject_key = request.account_key;
  certificate.role = role;
  certificate.not_before = now;
  certificate.not_after = now + life;
  STEIGER_TRY(certificate, identity::issue_certificate(organisation.root, certificate));
  return identity::encode_certificate(certificate);
}

}  // namespace steiger::sdk
