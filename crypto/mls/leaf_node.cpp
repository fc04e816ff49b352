#include "crypto/mls/leaf_node.h"

#include <algorithm>

#include "crypto/mls/labels.h"

namespace steiger::mls {
namespace {

constexpr std::string_view kLeafLabel = "LeafNodeTBS";

Result<void> check_required(const Capabilities& has, const Bytes& extension) {
  STEIGER_TRY(const RequiredCapabilities required, decode<RequiredCapabilities>(extension));
  const auto all = [](const std::vector<std::uint16_t>& values, auto supports) {
    return std::all_of(values.begin(), values.end(), supports);
  };
  const bool fits =
      all(required.extensions, [&](std::uint16_t v) { return has.supports_extension(v); }) &&
      all(required.proposals, [&](std::uint16_t v) { return has.supports_proposal(v); }) &&
      all(required.credentials, [&](std::uint16_t v) { return has.supports_credential(static_cast<CredentialType>(v)); });
  if (!fits) return kUnsupportedCapability;
  return {};
}

}  // namespace

Result<LeafNode> LeafNode::read(Reader& reader) {
  LeafNode out;
  STEIGER_TRY(out.encryption_key, read_bytes(reader, kMaxKeySize));
  STEIGER_TRY(out.signature_key, read_bytes(reader, kMaxKeySize));
  STEIGER_TRY(out.credential, Credential::read(reader));
  STEIGER_TRY(out.capabilities, Capabilities::read(reader));
  STEIGER_TRY(const std::uint8_t source, reader.u8());
  out.source = static_cast<LeafNodeSource>(source);
  switch (out.source) {
    case LeafNodeSource::key_package: {
      STEIGER_TRY(out.lifetime, Lifetime::read(reader));
      break;
    }
    case LeafNodeSource::update:
      break;
    case LeafNodeSource::commit: {
      STEIGER_TRY(out.parent_hash, read_bytes(reader, kMaxHashSize));
      break;
    }
    default:
      return kBadLeafSource;
  }
  STEIGER_TRY(out.extensions, read_extensions(reader));
  STEIGER_TRY(out.signature, read_bytes(reader, kMaxSignatureBytes));
  return out;
}

void LeafNode::write_unsigned(Writer& writer) const {
  writer.opaque(encryption_key).opaque(signature_key);
  credential.write(writer);
  capabilities.write(writer);
  writer.u8(static_cast<std::uint8_t>(source));
  if (source == LeafNodeSource::key_package) lifetime.write(writer);
  if (source == LeafNodeSource::commit) writer.opaque(parent_hash);
  write_vector(writer, extensions);
}

void LeafNode::write(Writer& writer) const {
  write_unsigned(writer);
  writer.opaque(signature);
}

Bytes LeafNode::to_sign(const LeafPosition& position) const {
  Writer writer;
  write_unsigned(writer);
  if (source != LeafNodeSource::key_package) writer.opaque(position.group_id).u32(position.leaf.value);
  return std::move(writer).take();
}

void LeafNode::sign(const SigningKey& key, const LeafPosition& position) {
  signature = to_bytes(sign_with_label(key, kLeafLabel, to_sign(position)));
}

Result<void> LeafNode::verify_signature(const LeafPosition& position) const {
  if (!verify_with_label(signature_key, kLeafLabel, to_sign(position), signature).ok()) return kBadLeafSignature;
  return {};
}

Result<void> check_leaf(const LeafNode& leaf, const Extensions& group_context_extensions) {
  if (leaf.encryption_key.size() != kPublicKeySize || leaf.signature_key.size() != VerifyKey::kSize) return kBadKey;
  const Capabilities& has = leaf.capabilities;
  const auto lists = [](const std::vector<std::uint16_t>& values, std::uint16_t value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  };
  if (!lists(has.versions, kMls10) || !lists(has.cipher_suites, kSuite3)) return kUnsupportedCapability;
  if (!has.supports_credential(leaf.credential.type)) return kUnsupportedCapability;
  for (const Extension& extension : leaf.extensions) {
    if (!has.supports_extension(extension.type)) return kUnsupportedCapability;
  }
  for (const Extension& extension : group_context_extensions) {
    if (!has.supports_extension(extension.type)) return kUnsupportedCapability;
  }
  if (const Bytes* required = find_extension(group_context_extensions, ExtensionType::required_capabilities)) {
    return check_required(has, *required);
  }
  return {};
}

Result<void> check_lifetime(const Lifetime& lifetime, Timestamp now) {
  if (now.ms < 0) return kExpiredKeyPackage;
  const auto seconds = static_cast<std::uint64_t>(now.ms) / 1000;
  if (seconds < lifetime.not_before || seconds > lifetime.not_after) return kExpiredKeyPackage;
  if (lifetime.not_after - lifetime.not_before > kMaxLifetimeSeconds) return kLifetimeTooLong;
  return {};
}

}  // namespace steiger::mls
