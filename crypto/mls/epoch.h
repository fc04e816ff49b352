// The secrets with which an epoch begins (RFC 9420 section 8, figure 22). Secret half.
#pragma once

#include "crypto/mls/secret_tree.h"

namespace steiger::mls {

struct Epoch {
  JoinerSecret joiner;  // for Welcomes of this epoch; goes with this struct
  MemberSecret member;
  EpochSecrets secrets;
  SecretTree secret_tree;
};

// `context`: the encoded GroupContext of the new epoch. Without a path `commit` is all zero.
Epoch begin_epoch(const InitSecret& init, const CommitSecret& commit, const std::vector<PskWithId>& psks, ByteView context,
                  std::uint32_t leaf_count);
// From a Welcome, which brings the joiner secret.
Epoch begin_epoch(JoinerSecret joiner, const std::vector<PskWithId>& psks, ByteView context, std::uint32_t leaf_count);

// Section 8.3: the init secret of an external commit, at the newcomer and at a member. kBadKey, kBadPublicKey.
struct ExternalInitSecret {
  Bytes kem_output;
  InitSecret init;
};
Result<ExternalInitSecret> make_external_init(Rng& rng, ByteView external_pub);
Result<InitSecret> open_external_init(const ExternalSecret& external, ByteView kem_output);

}  // namespace steiger::mls
