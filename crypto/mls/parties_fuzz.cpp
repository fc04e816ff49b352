// A group of parties under a script that the fuzzer writes (parties.h); every byte string is a script.
#include <cstdio>

#include "crypto/mls/parties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string broken = steiger::mls::test::Parties::play({data, size});
  if (!broken.empty()) {
    std::fprintf(stderr, "broken: %s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
