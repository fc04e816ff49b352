// A new organisation root (S1): signed by the old one, and by the new one to show that somebody holds it. Who knows an old root
// walks the list to the newest. A lost root has no successor: that means a new intake. Thread-safe.
#pragma once

#include "crypto/identity/chain.h"

namespace steiger::identity {

struct RootSuccession {
  OrganisationId organisation;
  VerifyKey old_root;
  VerifyKey new_root;
  Timestamp since;
  Signature by_old{};
  Signature by_new{};

  friend bool operator==(const RootSuccession&, const RootSuccession&) = default;
};

Result<RootSuccession> sign_root_succession(const SigningKey& old_root, const SigningKey& new_root,
                                            const OrganisationId& organisation, Timestamp since);  // kBadRootSuccession
Result<void> verify_root_succession(const RootSuccession& step, const OrganisationId& organisation);

// The newest root that `known` leads to; `known` itself when no step starts there. Steps before `known` are passed over. Every
// step is verified: kBadRootSuccession, kWrongOrganisation; also for a list over kMaxRootSuccessions.
Result<VerifyKey> newest_root(const VerifyKey& known, const std::vector<RootSuccession>& steps,
                              const OrganisationId& organisation);

// A root that certificates may be under.
struct TrustedRoot {
  VerifyKey key;
  std::optional<Timestamp> until = {};  // replaced then: what it issued from that instant on does not count
};
// All roots of the row that `known` is in, in both directions: the newest, and the earlier ones for what they certified in their time.
// Every step was signed by both its roots, so whoever knows one knows its neighbours. The errors of newest_root.
Result<std::vector<TrustedRoot>> trusted_roots(const VerifyKey& known, const std::vector<RootSuccession>& steps,
                                               const OrganisationId& organisation);
// verify_chain under whichever of `roots` issued the first certificate; kWrongIssuer when none did, or too late.
Result<VerifiedIdentity> verify_chain_under(const IdentityChain& chain, const std::vector<TrustedRoot>& roots,
                                            const OrganisationId& organisation, Timestamp now);

// Canonical: what decodes encodes to the same bytes.
Bytes encode_root_successions(const std::vector<RootSuccession>& steps);
Result<std::vector<RootSuccession>> decode_root_successions(ByteView bytes);

}  // namespace steiger::identity
