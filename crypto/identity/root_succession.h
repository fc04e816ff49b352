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

// Canonical: what decodes encodes to the same bytes.
Bytes encode_root_successions(const std::vector<RootSuccession>& steps);
Result<std::vector<RootSuccession>> decode_root_successions(ByteView bytes);

}  // namespace steiger::identity
