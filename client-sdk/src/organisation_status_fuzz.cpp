// The beheerder's files about status lists: anything else is refused, and what is read is stored again as the same bytes.
#include "client-sdk/src/organisation_status.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace steiger;  // NOLINT(google-build-using-namespace)
  const ByteView input(data, size);
  if (const auto book = sdk::StatusBook::decode(input); book.ok() && !equal(book->encode(), input)) std::abort();
  if (const auto key = sdk::StatusAuthority::deserialize(input); key.ok() && !equal(key->serialize().bytes(), input))
    std::abort();
  return 0;
}
