// A share as somebody typed it: refused, or one whose printed form reads back as the same.
#include "client-sdk/src/organisation_share.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace steiger;  // NOLINT(google-build-using-namespace)
  unsigned line = 0;
  const auto share = sdk::parse_share(as_text({data, size}), line);
  if (!share.ok()) return 0;
  const SecretBytes paper = sdk::share_lines(*share);
  const auto again = sdk::parse_share(as_text(paper.bytes()), line);
  if (!again.ok() || !(sdk::share_lines(*again) == paper)) std::abort();
  return 0;
}
