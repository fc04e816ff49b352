#include "crypto/primitives/hash.h"

namespace steiger {

// NOLINTNEXTLINE(misc-redundant-expression): the two macros are equal, which is what is asserted.
static_assert(kHashSize == crypto_hash_sha256_BYTES && kHashSize == crypto_auth_hmacsha256_BYTES);

Hash sha256(std::initializer_list<ByteView> parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const ByteView part : parts) crypto_hash_sha256_update(&state, part.data(), part.size());
  Hash out;
  crypto_hash_sha256_final(&state, out.data());
  return out;
}

HmacKey::HmacKey(ByteView key) : state_{} {
  static constexpr std::uint8_t kNoKey = 0;  // an empty span may carry a null pointer, which init must not see
  crypto_auth_hmacsha256_init(&state_, key.empty() ? &kNoKey : key.data(), key.size());
}

Hash HmacKey::tag(std::initializer_list<ByteView> parts) const {
  crypto_auth_hmacsha256_state state = state_;
  for (const ByteView part : parts) crypto_auth_hmacsha256_update(&state, part.data(), part.size());
  Hash out;
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
  return out;
}

Hash hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  return HmacKey(key).tag(parts);
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace steiger
