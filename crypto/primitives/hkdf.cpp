#include "crypto/primitives/hkdf.h"

#include "crypto/primitives/errors.h"

namespace steiger {

PseudoRandomKey hkdf_extract(ByteView salt, ByteView input_key_material) {
  Hash prk = hmac_sha256(salt, {input_key_material});
  PseudoRandomKey out{std::span<const std::uint8_t, kHashSize>(prk)};
  sodium_memzero(prk.data(), prk.size());
  return out;
}

Result<void> hkdf_expand(ByteView pseudo_random_key, ByteView info, std::span<std::uint8_t> out) {
  return hkdf_expand(HmacKey(pseudo_random_key), info, out);
}

Result<void> hkdf_expand(const HmacKey& pseudo_random_key, ByteView info, std::span<std::uint8_t> out) {
  if (out.size() > kHkdfMaxOutput) return kOutputTooLong;
  Hash block{};
  ByteView previous;
  std::uint8_t counter = 1;
  while (!out.empty()) {
    block = pseudo_random_key.tag({previous, info, ByteView(&counter, 1)});
    previous = block;
    ++counter;
    const std::size_t take = std::min(out.size(), block.size());
    std::copy_n(block.begin(), take, out.begin());
    out = out.subspan(take);
  }
  sodium_memzero(block.data(), block.size());
  return {};
}

}  // namespace steiger
