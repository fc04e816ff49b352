// GroupSecrets: what a Welcome seals to each new member (RFC 9420 section 12.4.3). Secret half.
#pragma once

#include "crypto/mls/key_schedule.h"
#include "crypto/mls/messages.h"
#include "crypto/mls/treekem.h"

namespace steiger::mls {

struct GroupSecrets {
  JoinerSecret joiner;
  std::optional<PathSecret> path_secret;
  std::vector<PreSharedKeyId> psks;

  [[nodiscard]] SecretBytes encode() const;
  static Result<GroupSecrets> decode(ByteView bytes);
};

// kNotForUs when the Welcome does not name that KeyPackage.
Result<GroupSecrets> open_group_secrets(const Welcome& welcome, const KeyPackageRef& reference, const HpkeKeyPair& init_key);
Result<EncryptedGroupSecrets> seal_group_secrets(Rng& rng, const GroupSecrets& secrets, const KeyPackage& recipient,
                                                 ByteView encrypted_group_info);
Bytes seal_group_info(const WelcomeSecret& secret, const GroupInfo& info);
Result<GroupInfo> open_group_info(const WelcomeSecret& secret, ByteView encrypted_group_info);

}  // namespace steiger::mls
