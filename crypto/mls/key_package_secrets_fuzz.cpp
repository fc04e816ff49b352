// Stored private keys of a KeyPackage: anything else is refused, and what opens is stored again as the same bytes.
#include "crypto/mls/key_package_secrets.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const steiger::ByteView input(data, size);
  const auto opened = steiger::mls::KeyPackageSecrets::deserialize(input);
  if (!opened.ok()) return 0;
  const steiger::SecretBytes stored = opened->serialize();
  if (!steiger::equal(stored.bytes(), input)) std::abort();
  return 0;
}
