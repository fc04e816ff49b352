#include "crypto/identity/invite_secret.h"

#include "crypto/base/base32.h"
#include "crypto/base/labels.h"
#include "crypto/primitives/hkdf.h"

namespace steiger::identity {
namespace {

constexpr std::size_t kBitsPerCharacter = kBase32Bits;
constexpr std::size_t kGroupLength = 5;  // four groups in a typed link secret
constexpr std::string_view kFragmentKey = "invite=";

constexpr std::size_t bits_of(InviteKind kind) {
  return kind == InviteKind::qr ? kQrSecretBits : kLinkSecretBits;
}
constexpr std::size_t bytes_of(InviteKind kind) {
  return (bits_of(kind) + 7) / 8;
}
constexpr std::size_t characters_of(InviteKind kind) {
  return (bits_of(kind) + kBitsPerCharacter - 1) / kBitsPerCharacter;
}
static_assert(characters_of(InviteKind::qr) == kQrTextLength && characters_of(InviteKind::link) == kLinkTextLength);

// The bits of the last byte that belong to the secret: all of a QR secret's, the upper four of a link secret's.
constexpr std::uint8_t last_byte_mask(InviteKind kind) {
  const std::size_t unused = bytes_of(kind) * 8 - bits_of(kind);
  return static_cast<std::uint8_t>(0xffu << unused);
}

bool is_separator(char c) {
  return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r';
}

// The part of a URL or fragment that holds the secret; the text itself when it is neither.
std::string_view without_url(std::string_view text) {
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) text.remove_prefix(hash + 1);
  if (const std::size_t key = text.find(kFragmentKey); key != std::string_view::npos)
    text.remove_prefix(key + kFragmentKey.size());
  return text.substr(0, text.find('&'));
}

}  // namespace

Duration invite_life(InviteKind kind) {
  return kind == InviteKind::qr ? kQrInviteLife : kLinkInviteLife;
}

InviteSecret InviteSecret::generate(Rng& rng, InviteKind kind) {
  SecretBytes bytes(bytes_of(kind));
  rng.fill(bytes.writable());
  bytes.writable().back() &= last_byte_mask(kind);
  return InviteSecret(kind, std::move(bytes));
}

Result<InviteSecret> InviteSecret::from_bytes(InviteKind kind, ByteView bytes) {
  if (kind != InviteKind::qr && kind != InviteKind::link) return kBadValue;
  if (bytes.size() != bytes_of(kind)) return kBadLength;
  if ((bytes.back() & ~last_byte_mask(kind)) != 0) return kBadValue;
  return InviteSecret(kind, SecretBytes::copy_of(bytes));
}

Hash invite_lookup(const InviteSecret& secret) {
  const auto lookup = hkdf_derive<Secret<struct InviteLookupTag>>(secret.secret_bytes(), as_bytes(labels::kInviteLookup));
  Hash out;
  std::copy(lookup.bytes().begin(), lookup.bytes().end(), out.begin());
  return out;
}

SecretBytes invite_psk(const InviteSecret& secret, ByteView psk_id) {
  Writer info;
  info.fixed(as_bytes(labels::kInvitePsk)).fixed(psk_id);
  const auto psk = hkdf_derive<Secret<struct InvitePskTag>>(secret.secret_bytes(), info.view());
  return SecretBytes::copy_of(psk.bytes());
}

std::string invite_text(const InviteSecret& secret) {
  const ByteView bytes = secret.secret_bytes();
  const std::size_t characters = characters_of(secret.kind());
  std::string out;
  out.reserve(characters);
  for (std::size_t i = 0; i < characters; ++i) {
    unsigned value = 0;
    for (std::size_t bit = i * kBitsPerCharacter; bit < (i + 1) * kBitsPerCharacter; ++bit) {
      const unsigned byte = bit / 8 < bytes.size() ? bytes[bit / 8] : 0u;
      value = (value << 1) | ((byte >> (7 - bit % 8)) & 1u);
    }
    out.push_back(kCrockfordAlphabet[value]);
  }
  return out;
}

std::string invite_typed_text(const InviteSecret& secret) {
  const std::string characters = invite_text(secret);
  std::string out;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (i > 0 && i % kGroupLength == 0) out.push_back('-');
    out.push_back(characters[i]);
  }
  return out;
}

std::string invite_url(std::string_view page, const InviteSecret& secret) {
  std::string out(page.substr(0, page.find('#')));
  out.push_back('#');
  out.append(kFragmentKey).append(invite_text(secret));
  return out;
}

Result<InviteSecret> parse_invite_text(std::string_view text) {
  if (text.size() > kMaxInviteText) return kInviteTextLength;
  Secret<struct InviteDigitsTag, kQrTextLength> digits;
  std::size_t count = 0;
  for (const char c : without_url(text)) {
    if (is_separator(c)) continue;
    const int value = crockford_value(c);
    if (value < 0) return kInviteTextCharacter;
    if (count == digits.size()) return kInviteTextLength;
    digits.writable()[count++] = static_cast<std::uint8_t>(value);
  }
  if (count != kQrTextLength && count != kLinkTextLength) return kInviteTextLength;
  const InviteKind kind = count == kQrTextLength ? InviteKind::qr : InviteKind::link;
  // The last character of a QR secret carries one bit; another value in its four unused bits is not our text.
  constexpr std::uint8_t kUnusedQrBits = (1u << (kQrTextLength * kBitsPerCharacter - kQrSecretBits)) - 1;
  if (kind == InviteKind::qr && (digits.bytes()[count - 1] & kUnusedQrBits) != 0) return kInviteTextCharacter;

  SecretBytes bytes(bytes_of(kind));
  for (std::size_t bit = 0; bit < bits_of(kind); ++bit) {
    const unsigned digit = digits.bytes()[bit / kBitsPerCharacter];
    const unsigned value = (digit >> (kBitsPerCharacter - 1 - bit % kBitsPerCharacter)) & 1u;
    bytes.writable()[bit / 8] = static_cast<std::uint8_t>(bytes.writable()[bit / 8] | (value << (7 - bit % 8)));
  }
  return InviteSecret::from_bytes(kind, bytes.bytes());
}

}  // namespace steiger::identity
