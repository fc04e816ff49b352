// What every decoder promises a fuzzer: no crash, and what decodes encodes to the same bytes again, so that "hash and sign as
// received" and "hash and sign what we decoded" are the same thing.
#pragma once

#include <cstdlib>

#include "crypto/base/bytes.h"

namespace steiger::fuzz {

template <class Decode, class Encode>
void expect_canonical(const std::uint8_t* data, std::size_t size, Decode&& decode, Encode&& encode) {
  const ByteView input(data, size);
  const auto decoded = decode(input);
  if (decoded.ok() && !equal(encode(*decoded), input)) std::abort();
}

}  // namespace steiger::fuzz

// The whole program of a decoder's fuzzer.
#define STEIGER_FUZZ_DECODER(decode, encode)                                          \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    ::steiger::fuzz::expect_canonical(data, size, decode, encode);                    \
    return 0;                                                                         \
  }
