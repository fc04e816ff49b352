#include <cstdlib>

#include "crypto/base/labels.h"
#include "crypto/franking/franking.h"
#include "crypto/primitives/hash.h"

// A sender can frank any bytes: the tag is made right here, so that the fuzzer gets past it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace steiger;
  const franking::MessageContext context;  // all zero, as are the seeds' ids
  constexpr std::size_t kKeyEnd = 1 + franking::FrankingKey::size();
  franking::Tag tag{};
  const ByteView input(data, size);
  if (size >= kKeyEnd) {
    Writer covered;
    covered.opaque(labels::kFranking).u8(1).fixed(input.subspan(kKeyEnd));
    tag = hmac_sha256(input.subspan(1, franking::FrankingKey::size()), {covered.view()});
  }
  const auto opened = franking::open_content(input, tag, context);
  if (opened.ok() && opened->content.size() > franking::kMaxContentSize) std::abort();
  return 0;
}
