#include "crypto/mls/types.h"

#include <algorithm>
#include <set>

namespace steiger::mls {
namespace {

bool contains(const std::vector<std::uint16_t>& values, std::uint16_t value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Section 13.5: 0x0A0A, 0x1A1A ... 0xEAEA.
std::uint16_t random_grease(Rng& rng) {
  constexpr std::uint16_t kFirst = 0x0a0a;
  constexpr std::uint16_t kStep = 0x1010;
  constexpr std::uint16_t kCount = 15;
  ByteArray<1> choice{};
  rng.fill(choice);
  return static_cast<std::uint16_t>(kFirst + kStep * (choice[0] % kCount));
}

}  // namespace

void Capabilities::add_grease(Rng& rng) {
  for (auto* list : {&cipher_suites, &extensions, &proposals, &credentials}) {
    const std::uint16_t value = random_grease(rng);
    if (!contains(*list, value)) list->push_back(value);
  }
}

Result<bool> read_presence(Reader& reader) {
  STEIGER_TRY(const std::uint8_t flag, reader.u8());
  if (flag > 1) return kBadValue;
  return flag == 1;
}

Result<Bytes> read_bytes(Reader& reader, std::size_t max) {
  STEIGER_TRY(const ByteView view, reader.opaque(max));
  return to_bytes(view);
}

Result<std::vector<std::uint16_t>> read_u16_vector(Reader& reader, std::size_t max_items) {
  return reader.vector<std::uint16_t>(max_items, [](Reader& inner) { return inner.u16(); });
}

void write_u16_vector(Writer& writer, const std::vector<std::uint16_t>& values) {
  writer.vector(values, [](Writer& inner, std::uint16_t value) { inner.u16(value); });
}

Result<Extension> Extension::read(Reader& reader) {
  Extension out;
  STEIGER_TRY(out.type, reader.u16());
  STEIGER_TRY(out.data, read_bytes(reader, kMaxExtensionSize));
  return out;
}

void Extension::write(Writer& writer) const {
  writer.u16(type).opaque(data);
}

Result<Extensions> read_extensions(Reader& reader) {
  STEIGER_TRY(Extensions out, read_vector<Extension>(reader, kMaxExtensions));
  STEIGER_CHECK(check_each_type_once(out));
  return out;
}

Result<void> check_each_type_once(const Extensions& extensions) {
  std::set<std::uint16_t> seen;
  for (const Extension& extension : extensions) {
    if (!seen.insert(extension.type).second) return kDuplicateExtension;
  }
  return {};
}

const Bytes* find_extension(const Extensions& extensions, std::uint16_t type) {
  const auto found = std::find_if(extensions.begin(), extensions.end(), [&](const Extension& e) { return e.type == type; });
  return found == extensions.end() ? nullptr : &found->data;
}

Credential Credential::basic(ByteView identity) {
  Credential out;
  out.identity = to_bytes(identity);
  return out;
}

Result<Credential> Credential::read(Reader& reader) {
  Credential out;
  STEIGER_TRY(const std::uint16_t type, reader.u16());
  out.type = static_cast<CredentialType>(type);
  switch (out.type) {
    case CredentialType::basic: {
      STEIGER_TRY(out.identity, read_bytes(reader, kMaxIdentitySize));
      return out;
    }
    case CredentialType::x509: {
      STEIGER_TRY(out.certificates,
                  reader.vector<Bytes>(kMaxCertificates, [](Reader& inner) { return read_bytes(inner, kMaxCertificateSize); }));
      return out;
    }
  }
  return kUnknownCredential;
}

void Credential::write(Writer& writer) const {
  writer.u16(static_cast<std::uint16_t>(type));
  if (type == CredentialType::basic) {
    writer.opaque(identity);
  } else {
    writer.vector(certificates, [](Writer& inner, const Bytes& certificate) { inner.opaque(certificate); });
  }
}

Result<Capabilities> Capabilities::read(Reader& reader) {
  Capabilities out;
  STEIGER_TRY(out.versions, read_u16_vector(reader, kMaxCapabilityValues));
  STEIGER_TRY(out.cipher_suites, read_u16_vector(reader, kMaxCapabilityValues));
  STEIGER_TRY(out.extensions, read_u16_vector(reader, kMaxCapabilityValues));
  STEIGER_TRY(out.proposals, read_u16_vector(reader, kMaxCapabilityValues));
  STEIGER_TRY(out.credentials, read_u16_vector(reader, kMaxCapabilityValues));
  return out;
}

void Capabilities::write(Writer& writer) const {
  write_u16_vector(writer, versions);
  write_u16_vector(writer, cipher_suites);
  write_u16_vector(writer, extensions);
  write_u16_vector(writer, proposals);
  write_u16_vector(writer, credentials);
}

bool Capabilities::supports_extension(std::uint16_t type) const {
  constexpr auto kLastDefault = static_cast<std::uint16_t>(ExtensionType::external_senders);
  return (type >= 1 && type <= kLastDefault) || contains(extensions, type);
}

bool Capabilities::supports_proposal(std::uint16_t type) const {
  constexpr std::uint16_t kLastDefault = 7;  // group_context_extensions
  return (type >= 1 && type <= kLastDefault) || contains(proposals, type);
}

bool Capabilities::supports_credential(CredentialType type) const {
  return contains(credentials, static_cast<std::uint16_t>(type));
}

Result<RequiredCapabilities> RequiredCapabilities::read(Reader& reader) {
  RequiredCapabilities out;
  STEIGER_TRY(out.extensions, read_u16_vector(reader, kMaxCapabilityValues));
  STEIGER_TRY(out.proposals, read_u16_vector(reader, kMaxCapabilityValues));
  STEIGER_TRY(out.credentials, read_u16_vector(reader, kMaxCapabilityValues));
  return out;
}

void RequiredCapabilities::write(Writer& writer) const {
  write_u16_vector(writer, extensions);
  write_u16_vector(writer, proposals);
  write_u16_vector(writer, credentials);
}

Result<ExternalSender> ExternalSender::read(Reader& reader) {
  ExternalSender out;
  STEIGER_TRY(out.signature_key, read_bytes(reader, kMaxKeySize));
  STEIGER_TRY(out.credential, Credential::read(reader));
  return out;
}

void ExternalSender::write(Writer& writer) const {
  writer.opaque(signature_key);
  credential.write(writer);
}

Result<std::vector<ExternalSender>> external_senders(const Extensions& group_context_extensions) {
  const Bytes* data = find_extension(group_context_extensions, ExtensionType::external_senders);
  if (data == nullptr) return std::vector<ExternalSender>{};
  Reader reader(*data);
  STEIGER_TRY(std::vector<ExternalSender> out, read_vector<ExternalSender>(reader, kMaxExternalSenders));
  STEIGER_CHECK(reader.done());
  return out;
}

Extension external_senders_extension(const std::vector<ExternalSender>& senders) {
  Writer writer;
  write_vector(writer, senders);
  return {static_cast<std::uint16_t>(ExtensionType::external_senders), std::move(writer).take()};
}

Result<Lifetime> Lifetime::read(Reader& reader) {
  Lifetime out;
  STEIGER_TRY(out.not_before, reader.u64());
  STEIGER_TRY(out.not_after, reader.u64());
  return out;
}

void Lifetime::write(Writer& writer) const {
  writer.u64(not_before).u64(not_after);
}

Result<GroupContext> GroupContext::read(Reader& reader) {
  GroupContext out;
  STEIGER_TRY(const std::uint16_t version, reader.u16());
  if (version != kMls10) return kUnknownVersion;
  STEIGER_TRY(out.cipher_suite, reader.u16());
  STEIGER_TRY(out.group_id, read_bytes(reader, kMaxGroupIdSize));
  STEIGER_TRY(out.epoch, reader.u64());
  STEIGER_TRY(out.tree_hash, read_bytes(reader, kMaxHashSize));
  STEIGER_TRY(out.confirmed_transcript_hash, read_bytes(reader, kMaxHashSize));
  STEIGER_TRY(out.extensions, read_extensions(reader));
  return out;
}

void GroupContext::write(Writer& writer) const {
  writer.u16(kMls10).u16(cipher_suite).opaque(group_id).u64(epoch).opaque(tree_hash).opaque(confirmed_transcript_hash);
  write_vector(writer, extensions);
}

Result<HpkeCiphertext> HpkeCiphertext::read(Reader& reader) {
  HpkeCiphertext out;
  STEIGER_TRY(out.kem_output, read_bytes(reader, kMaxKeySize));
  STEIGER_TRY(out.ciphertext, read_bytes(reader, kMaxHpkeCiphertextSize));
  return out;
}

void HpkeCiphertext::write(Writer& writer) const {
  writer.opaque(kem_output).opaque(ciphertext);
}

}  // namespace steiger::mls
