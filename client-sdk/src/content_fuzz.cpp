// The content decoder: any bytes a member of the room may have encrypted.
#include "client-sdk/src/content.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // FlatBuffers reads in place: the content arrives in its own allocation, as it does from decryption.
  const auto bytes = steiger::SecretBytes::copy_of({data, size});
  (void)steiger::sdk::decode_content(bytes.bytes()).ok();
  return 0;
}
