// The invite secret (S3-S5): known to the coach's device and the person invited, never to the gateway, and its text forms.
//   QR:   32 random bytes, 15 minutes, face to face; 52 characters
//   link: 100 random bits, 7 days; 20 characters, which may also be typed (S4): ABCDE-FGHJK-MNPQR-STVWX
// Characters are Crockford's base32: no I, L, O, U. Functions are thread-safe.
#pragma once

#include "crypto/base/clock.h"
#include "crypto/identity/errors.h"
#include "crypto/identity/limits.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/secret.h"

namespace steiger::identity {

// Values travel: append only.
enum class InviteKind : std::uint8_t { qr = 1, link = 2 };

Duration invite_life(InviteKind kind);

inline constexpr std::size_t kQrSecretBits = 256;
inline constexpr std::size_t kLinkSecretBits = 100;
inline constexpr std::size_t kQrTextLength = 52;    // ceil(256 / 5)
inline constexpr std::size_t kLinkTextLength = 20;  // 100 / 5
inline constexpr std::size_t kInvitePskIdSize = 32;

// Longest text that parse_invite_text looks at: a URL with its fragment. Longer is kInviteTextLength.
inline constexpr std::size_t kMaxInviteText = 2048;

class InviteSecret {
 public:
  static InviteSecret generate(Rng& rng, InviteKind kind);
  // From stored bytes (secret_bytes()). kBadLength or kBadValue when they are no secret of this kind.
  static Result<InviteSecret> from_bytes(InviteKind kind, ByteView bytes);

  [[nodiscard]] InviteKind kind() const { return kind_; }
  // For the coach's own encrypted store only.
  [[nodiscard]] ByteView secret_bytes() const { return bytes_.bytes(); }
  [[nodiscard]] InviteSecret clone() const { return InviteSecret(kind_, bytes_.clone()); }
  friend bool operator==(const InviteSecret& a, const InviteSecret& b) { return a.kind_ == b.kind_ && a.bytes_ == b.bytes_; }

 private:
  InviteSecret(InviteKind kind, SecretBytes bytes) : kind_(kind), bytes_(std::move(bytes)) {}
  InviteKind kind_;
  SecretBytes bytes_;
};

// What the gateway knows an invite by: HKDF(secret, "... lookup ..."). Says nothing about the secret.
Hash invite_lookup(const InviteSecret& secret);
// S5: the pre-shared key for the commit that adds the person. `psk_id` is random, kInvitePskIdSize bytes, chosen by the
// committer.
SecretBytes invite_psk(const InviteSecret& secret, ByteView psk_id);

// ---- Text
// ----------------------------------------------------------------------------------------------------------------------

// The characters without separators: what a QR code or a URL carries. The result is as secret as the secret.
std::string invite_text(const InviteSecret& secret);
// In groups of five with dashes, for reading aloud and typing (S4).
std::string invite_typed_text(const InviteSecret& secret);
// `page` (for example https://chat.example/) + "#invite=" + characters. The fragment is never sent to a server (S3). A fragment
// that `page` already has is dropped.
std::string invite_url(std::string_view page, const InviteSecret& secret);

// Any of the three forms, or the bare fragment, with or without its '#'. Lower case, spaces and dashes are accepted; I and L read
// as 1, O as 0. kInviteTextCharacter for any other character, kInviteTextLength unless 20 or 52 remain.
Result<InviteSecret> parse_invite_text(std::string_view text);

}  // namespace steiger::identity
