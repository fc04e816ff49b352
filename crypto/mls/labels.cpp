#include "crypto/mls/labels.h"

#include "crypto/mls/errors.h"

namespace steiger::mls {

Hash ref_hash(std::string_view label, ByteView value) {
  Writer input;
  input.opaque(label).opaque(value);
  return sha256(input.view());
}

Bytes label_to_sign(std::string_view label, ByteView content) {
  static constexpr std::string_view kPrefix = "MLS 1.0 ";
  Writer out;
  out.length(kPrefix.size() + label.size()).fixed(as_bytes(kPrefix)).fixed(as_bytes(label)).opaque(content);
  return std::move(out).take();
}

Signature sign_with_label(const SigningKey& key, std::string_view label, ByteView content) {
  return key.sign(label_to_sign(label, content));
}

Result<void> verify_with_label(ByteView verify_key, std::string_view label, ByteView content, ByteView signature) {
  const Result<VerifyKey> key = VerifyKey::from_bytes(verify_key);
  if (!key.ok()) return kBadKey;
  return key->verify(label_to_sign(label, content), signature);
}

}  // namespace steiger::mls
