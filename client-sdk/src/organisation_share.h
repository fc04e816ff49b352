// A share of the root key on paper (S1): the root key is the one thing of an organisation that cannot be made again, so it is split
// into shares that people keep in different places; some of them together give it back, fewer say nothing about it (Shamir). Here:
// what a share says, its text for printing and typing, and what is checked before shares are put together. The arithmetic is in
// native/secret_sharing.h.
//
// A share as text, in Crockford's base32 (S4), twenty characters a line:
//   1: ABCDE FGHJK MNPQR STVWX = 7Z
// The two characters behind '=' check their line: one wrong character, or two neighbours swapped, is always noticed there. A check
// over everything notices what slips through. A QR code holds the same characters without lines.
#pragma once

#include <vector>

#include "client-sdk/src/organisation.h"

namespace steiger::sdk {

inline constexpr std::size_t kShareFingerprintSize = 16;
inline constexpr std::size_t kShareSetSize = 4;
// A share with what stands around it on paper; kNotAShare beyond.
inline constexpr std::size_t kMaxShareText = 16 * 1024;

struct RootShare {
  OrganisationId organisation;
  ByteArray<kShareFingerprintSize> root{};  // of the root's public key: proves that what comes back is that root
  ByteArray<kShareSetSize> set{};           // random, the same in all shares of one splitting
  std::uint8_t number = 0;                  // 1, 2, ... total
  std::uint8_t needed = 0;
  std::uint8_t total = 0;
  SecretBytes share;  // as long as the root's seed
  std::string name;   // of the organisation, so that a share alone says what it is for
};

ByteArray<kShareFingerprintSize> share_fingerprint(const VerifyKey& root);

// The characters, for a QR code; and in numbered lines, for paper.
SecretBytes share_characters(const RootShare& share);
SecretBytes share_lines(const RootShare& share);

// Either form; around the lines other text may stand, as long as it has no '='. kShareLineMistyped and kShareLineMissing with `line`
// set (1, 2, ...), kShareMistyped when every line is right and the whole is not, kNotAShare.
Result<RootShare> parse_share(std::string_view text, unsigned& line);

// May these be put together? kSharesMixed (of different splittings), kShareTwice, kSharesTooFew.
Result<void> check_shares(const std::vector<RootShare>& shares);

// The organisation with the root key that came back. kSharesWrong when it is not the root that the shares were made of.
Result<Organisation> restore_organisation(const RootShare& any, const SecretBytes& seed);

}  // namespace steiger::sdk
