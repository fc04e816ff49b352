// Splitting a secret into shares of which any `needed` give it back and fewer say nothing about it (Shamir's scheme over GF(256), by
// libgfshare). Byte by byte: share n holds the values at x = n of polynomials whose values at 0 are the secret, so that Debian's
// gfcombine can put shares together without any program of ours. Not thread-safe: the library keeps its source of randomness in a
// global. Its tables are looked up by secret bytes: for the beheerder's own computer, not for a server that others can time.
#pragma once

#include <vector>

#include "crypto/primitives/secret.h"

namespace steiger::sdk {

struct SecretShare {
  std::uint8_t number = 0;  // from 1
  SecretBytes bytes;        // as long as the secret
};

// kBadValue unless 2 <= needed <= total, or for an empty secret.
Result<std::vector<SecretShare>> split_secret(ByteView secret, std::uint8_t needed, std::uint8_t total);

// What the shares give together; any bytes when they do not belong together or are too few: check the result. kBadValue for no shares,
// shares of different lengths, a number twice or 0.
Result<SecretBytes> join_secret(const std::vector<SecretShare>& shares);

}  // namespace steiger::sdk
