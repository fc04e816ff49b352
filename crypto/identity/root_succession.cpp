#include "crypto/identity/root_succession.h"

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kVersion = 1;

void write_content(Writer& out, const RootSuccession& step) {
  out.u8(kVersion).fixed(step.organisation.bytes()).fixed(step.old_root.bytes()).fixed(step.new_root.bytes());
  write_timestamp(out, step.since);
}

Bytes signed_bytes(const RootSuccession& step) {
  Writer content;
  write_content(content, step);
  return to_be_signed(labels::kRootSuccession, content.view());
}

Result<RootSuccession> read_step(Reader& in) {
  RootSuccession out;
  STEIGER_CHECK(read_version(in, kVersion));
  STEIGER_TRY(out.organisation, read_id<OrganisationId>(in));
  STEIGER_TRY(out.old_root, read_verify_key(in));
  STEIGER_TRY(out.new_root, read_verify_key(in));
  STEIGER_TRY(out.since, read_timestamp(in));
  STEIGER_TRY(out.by_old, in.array<kSignatureSize>());
  STEIGER_TRY(out.by_new, in.array<kSignatureSize>());
  return out;
}

}  // namespace

Result<RootSuccession> sign_root_succession(const SigningKey& old_root, const SigningKey& new_root,
                                            const OrganisationId& organisation, Timestamp since) {
  RootSuccession out{organisation, old_root.verify_key(), new_root.verify_key(), since, {}, {}};
  if (organisation.is_none() || since.ms < 0 || out.old_root == out.new_root) return kBadRootSuccession;
  out.by_old = old_root.sign(signed_bytes(out));
  out.by_new = new_root.sign(signed_bytes(out));
  return out;
}

Result<void> verify_root_succession(const RootSuccession& step, const OrganisationId& organisation) {
  if (step.organisation != organisation) return kWrongOrganisation;
  const Bytes bytes = signed_bytes(step);
  if (step.old_root == step.new_root || !step.old_root.verify(bytes, step.by_old).ok() ||
      !step.new_root.verify(bytes, step.by_new).ok()) {
    return kBadRootSuccession;
  }
  return {};
}

Result<VerifyKey> newest_root(const VerifyKey& known, const std::vector<RootSuccession>& steps,
                              const OrganisationId& organisation) {
  if (steps.size() > kMaxRootSuccessions) return kBadRootSuccession;
  VerifyKey root = known;
  for (const RootSuccession& step : steps) {
    STEIGER_CHECK(verify_root_succession(step, organisation));
    if (step.old_root == root) root = step.new_root;
  }
  return root;
}

Result<std::vector<TrustedRoot>> trusted_roots(const VerifyKey& known, const std::vector<RootSuccession>& steps,
                                               const OrganisationId& organisation) {
  if (steps.size() > kMaxRootSuccessions) return kBadRootSuccession;
  for (const RootSuccession& step : steps) STEIGER_CHECK(verify_root_succession(step, organisation));
  std::vector<TrustedRoot> row{{known}};
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {  // back in time
    if (step->new_root == row.front().key) row.insert(row.begin(), TrustedRoot{step->old_root, step->since});
  }
  for (const RootSuccession& step : steps) {
    if (step.old_root != row.back().key) continue;
    row.back().until = step.since;
    row.push_back({step.new_root});
  }
  return row;
}

Result<VerifiedIdentity> verify_chain_under(const IdentityChain& chain, const std::vector<TrustedRoot>& roots,
                                            const OrganisationId& organisation, Timestamp now) {
  if (chain.certificates.empty()) return kNotCertified;
  const Certificate& first = chain.certificates.front();
  for (const TrustedRoot& root : roots) {
    if (key_hash(root.key) != first.issuer_key_hash) continue;
    if (root.until && first.not_before >= *root.until) return kWrongIssuer;
    return verify_chain(chain, root.key, organisation, now);
  }
  return kWrongIssuer;
}

Bytes encode_root_successions(const std::vector<RootSuccession>& steps) {
  Writer out;
  out.vector(steps, [](Writer& inner, const RootSuccession& step) {
    write_content(inner, step);
    inner.fixed(step.by_old).fixed(step.by_new);
  });
  return std::move(out).take();
}

Result<std::vector<RootSuccession>> decode_root_successions(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(std::vector<RootSuccession> out, in.vector<RootSuccession>(kMaxRootSuccessions, read_step));
  STEIGER_CHECK(in.done());
  return out;
}

}  // namespace steiger::identity
