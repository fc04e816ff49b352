// SHA-256 and HMAC-SHA-256, one-shot over parts and incremental. All functions are thread-safe.
#pragma once

#include <sodium.h>

#include <initializer_list>

#include "crypto/base/bytes.h"

namespace steiger {

inline constexpr std::size_t kHashSize = 32;
using Hash = ByteArray<kHashSize>;

// SHA-256 over the concatenation of `parts`.
Hash sha256(std::initializer_list<ByteView> parts);
inline Hash sha256(ByteView bytes) {
  return sha256({bytes});
}

// HMAC-SHA-256 (RFC 2104) with a key of any length over the concatenation of `parts`.
Hash hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

// The same for several inputs under one key, which is processed once. Move-free and wiped: it stands for the key.
class HmacKey {
 public:
  explicit HmacKey(ByteView key);
  ~HmacKey() { sodium_memzero(&state_, sizeof state_); }
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;
  [[nodiscard]] Hash tag(std::initializer_list<ByteView> parts) const;

 private:
  crypto_auth_hmacsha256_state state_;
};

// Constant-time comparison of two tags of equal, public length; false when the lengths differ.
[[nodiscard]] bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace steiger
