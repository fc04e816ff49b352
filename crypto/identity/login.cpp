#include "crypto/identity/login.h"

#include "crypto/base/labels.h"

namespace steiger::identity {

Bytes login_to_sign(const LoginChallenge& challenge) {
  Writer content;
  content.opaque(challenge.origin).opaque(challenge.organisation.bytes()).opaque(challenge.nonce);
  content.opaque(challenge.account.bytes()).opaque(challenge.device.bytes());
  return to_be_signed(labels::kLogin, content.view());
}

Signature sign_login(const SigningKey& leaf_key, const LoginChallenge& challenge) {
  return leaf_key.sign(login_to_sign(challenge));
}

Result<void> verify_login(const VerifyKey& leaf_key, const LoginChallenge& challenge, const Signature& signature) {
  if (challenge.origin.empty() || challenge.origin.size() > kMaxOrigin) return kBadLoginSignature;
  if (!leaf_key.verify(login_to_sign(challenge), signature).ok()) return kBadLoginSignature;
  return {};
}

}  // namespace steiger::identity
