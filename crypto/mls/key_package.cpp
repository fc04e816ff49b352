#include "crypto/mls/key_package.h"

#include "crypto/mls/messages.h"

namespace steiger::mls {
namespace {
constexpr std::string_view kKeyPackageLabel = "KeyPackageTBS";
}  // namespace

Result<KeyPackage> KeyPackage::read(Reader& reader) {
  KeyPackage out;
  STEIGER_TRY(out.version, reader.u16());
  STEIGER_TRY(out.cipher_suite, reader.u16());
  STEIGER_TRY(out.init_key, read_bytes(reader, kMaxKeySize));
  STEIGER_TRY(out.leaf, LeafNode::read(reader));
  STEIGER_TRY(out.extensions, read_extensions(reader));
  STEIGER_TRY(out.signature, read_bytes(reader, kMaxSignatureBytes));
  return out;
}

void KeyPackage::write_unsigned(Writer& writer) const {
  writer.u16(version).u16(cipher_suite).opaque(init_key);
  leaf.write(writer);
  write_vector(writer, extensions);
}

void KeyPackage::write(Writer& writer) const {
  write_unsigned(writer);
  writer.opaque(signature);
}

Bytes KeyPackage::to_sign() const {
  Writer writer;
  write_unsigned(writer);
  return std::move(writer).take();
}

KeyPackageRef KeyPackage::ref() const {
  return ref_hash("MLS 1.0 KeyPackage Reference", encode(*this));
}

void KeyPackage::sign(const SigningKey& key) {
  signature = to_bytes(sign_with_label(key, kKeyPackageLabel, to_sign()));
}

Result<void> KeyPackage::validate(const Extensions& group_context_extensions) const {
  STEIGER_CHECK(check_fields(group_context_extensions));
  return verify_signatures();
}

Result<void> KeyPackage::check_fields(const Extensions& group_context_extensions) const {
  if (version != kMls10) return kUnknownVersion;
  if (cipher_suite != kSuite3) return kUnsupportedSuite;
  if (leaf.source != LeafNodeSource::key_package) return kBadLeafSource;
  STEIGER_CHECK(check_leaf(leaf, group_context_extensions));
  if (init_key.size() != leaf.encryption_key.size()) return kBadKey;
  if (init_key == leaf.encryption_key) return kInitKeyReused;
  return {};
}

Result<void> KeyPackage::verify_signatures() const {
  if (!verify_with_label(leaf.signature_key, kKeyPackageLabel, to_sign(), signature).ok()) return kBadKeyPackageSignature;
  return leaf.verify_signature({});
}

Result<VerifiedKeyPackage> VerifiedKeyPackage::verify(KeyPackage key_package) {
  STEIGER_CHECK(key_package.validate());
  return VerifiedKeyPackage(std::move(key_package));
}

Result<VerifiedKeyPackage> VerifiedKeyPackage::decode(ByteView mls_message) {
  STEIGER_TRY(KeyPackage key_package, decode_key_package(mls_message));
  return verify(std::move(key_package));
}

Bytes encode_key_package_message(const KeyPackage& key_package) {
  return encode_message(key_package);
}
Result<KeyPackage> decode_key_package(ByteView mls_message) {
  return decode_message<KeyPackage>(mls_message);
}

}  // namespace steiger::mls
