// Small types that all of MLS shares (RFC 9420 sections 5.2, 5.3, 6, 7.2 and 13). Public half: no secrets.
//
// Codec convention of this folder: a wire struct T has `static Result<T> read(Reader&)` and `void write(Writer&) const`;
// encode(value) and decode<T>(bytes) wrap them. Decoding is strict and canonical: decode(x) succeeds only if encoding the
// result gives x again, so signatures may be checked over the re-encoded struct (the fuzzers assert it).
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <vector>

#include "crypto/base/codec.h"
#include "crypto/base/rng.h"
#include "crypto/mls/errors.h"
#include "crypto/mls/limits.h"
#include "crypto/primitives/sign.h"

namespace steiger::mls {

inline constexpr std::uint16_t kMls10 = 1;
// MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519: the only suite we speak; structs of other suites decode but are refused on
// use.
inline constexpr std::uint16_t kSuite3 = 3;

// Public encryption keys of the suite (X25519).
inline constexpr std::size_t kPublicKeySize = 32;

struct LeafIndex {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(const LeafIndex&, const LeafIndex&) = default;
};
struct NodeIndex {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(const NodeIndex&, const NodeIndex&) = default;
};

template <class T>
Bytes encode(const T& value) {
  Writer writer;
  value.write(writer);
  return std::move(writer).take();
}
// The whole of `bytes` must be one T.
template <class T>
Result<T> decode(ByteView bytes) {
  Reader reader(bytes);
  STEIGER_TRY(T value, T::read(reader));
  STEIGER_CHECK(reader.done());
  return value;
}
template <class T>
Result<std::vector<T>> read_vector(Reader& reader, std::size_t max_items) {
  return reader.vector<T>(max_items, [](Reader& inner) { return T::read(inner); });
}
template <class T>
void write_vector(Writer& writer, const std::vector<T>& items) {
  writer.vector(items, [](Writer& inner, const T& item) { item.write(inner); });
}
// optional<T> of RFC 9420 section 2.1.1: a presence byte of exactly 0 or 1.
Result<bool> read_presence(Reader& reader);
Result<Bytes> read_bytes(Reader& reader, std::size_t max);
Result<std::vector<std::uint16_t>> read_u16_vector(Reader& reader, std::size_t max_items);
void write_u16_vector(Writer& writer, const std::vector<std::uint16_t>& values);

// RFC 9420 section 13.4; application extensions live in 0xF000..0xFFFF.
enum class ExtensionType : std::uint16_t {
  application_id = 1,
  ratchet_tree = 2,
  required_capabilities = 3,
  external_pub = 4,
  external_senders = 5,
};

struct Extension {
  std::uint16_t type = 0;
  Bytes data;

  static Result<Extension> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Extension&, const Extension&) = default;
};
using Extensions = std::vector<Extension>;
// kDuplicateExtension when a type occurs twice (section 13.4).
Result<Extensions> read_extensions(Reader& reader);
// The same for those we are about to write: nobody could read them.
Result<void> check_each_type_once(const Extensions& extensions);
// The data of the extension of that type, or nullptr. Valid as long as `extensions` is not changed.
const Bytes* find_extension(const Extensions& extensions, std::uint16_t type);
inline const Bytes* find_extension(const Extensions& extensions, ExtensionType type) {
  return find_extension(extensions, static_cast<std::uint16_t>(type));
}

enum class CredentialType : std::uint16_t { basic = 1, x509 = 2 };

// Only `basic` is used by the profile (identity = AccountId || DeviceId); x509 decodes so that foreign messages can be read.
struct Credential {
  CredentialType type = CredentialType::basic;
  Bytes identity;                   // basic
  std::vector<Bytes> certificates;  // x509

  static Credential basic(ByteView identity);
  static Result<Credential> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Credential&, const Credential&) = default;
};

// What a client can handle; unknown (GREASE) values are kept and ignored.
struct Capabilities {
  std::vector<std::uint16_t> versions{kMls10};
  std::vector<std::uint16_t> cipher_suites{kSuite3};
  std::vector<std::uint16_t> extensions;
  std::vector<std::uint16_t> proposals;
  std::vector<std::uint16_t> credentials{static_cast<std::uint16_t>(CredentialType::basic)};

  static Result<Capabilities> read(Reader& reader);
  void write(Writer& writer) const;
  // Types 1 to 5 of the RFC are supported by definition and need not be listed (section 7.2).
  [[nodiscard]] bool supports_extension(std::uint16_t type) const;
  [[nodiscard]] bool supports_proposal(std::uint16_t type) const;
  [[nodiscard]] bool supports_credential(CredentialType type) const;
  // Adds one random GREASE value (section 13.5) to every list but versions, so that peers keep ignoring what they do not know.
  void add_grease(Rng& rng);
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

// The content of the required_capabilities extension (section 11.1).
struct RequiredCapabilities {
  std::vector<std::uint16_t> extensions;
  std::vector<std::uint16_t> proposals;
  std::vector<std::uint16_t> credentials;

  static Result<RequiredCapabilities> read(Reader& reader);
  void write(Writer& writer) const;
};

// One of those outside the group who may propose (external_senders extension, section 12.1.8.1).
struct ExternalSender {
  Bytes signature_key;
  Credential credential;

  static Result<ExternalSender> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const ExternalSender&, const ExternalSender&) = default;
};
// Those that a GroupContext names; none without the extension.
Result<std::vector<ExternalSender>> external_senders(const Extensions& group_context_extensions);
Extension external_senders_extension(const std::vector<ExternalSender>& senders);

// Seconds since 1970 UTC, both ends included.
struct Lifetime {
  std::uint64_t not_before = 0;
  std::uint64_t not_after = 0;

  static Result<Lifetime> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};

// GroupContext (section 8.1): what every member agrees on; enters the key schedule and every signature.
struct GroupContext {
  std::uint16_t cipher_suite = kSuite3;
  Bytes group_id;
  std::uint64_t epoch = 0;
  Bytes tree_hash;
  Bytes confirmed_transcript_hash;
  Extensions extensions;

  static Result<GroupContext> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const GroupContext&, const GroupContext&) = default;
};

struct HpkeCiphertext {
  Bytes kem_output;
  Bytes ciphertext;

  static Result<HpkeCiphertext> read(Reader& reader);
  void write(Writer& writer) const;
  friend bool operator==(const HpkeCiphertext&, const HpkeCiphertext&) = default;
};

}  // namespace steiger::mls
