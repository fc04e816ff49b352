// What a decrypted store file may hold: any bytes either apply or are refused; applied ones survive a snapshot.
#include <cstdlib>

#include "client-sdk/wasm/batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace steiger::sdk;  // NOLINT(google-build-using-namespace)
  Snapshot snapshot;
  if (!wasm::apply_batch({data, size}, snapshot).ok()) return 0;
  Snapshot again;
  if (!wasm::apply_batch(wasm::encode_snapshot(snapshot).bytes(), again).ok()) std::abort();
  if (again.size() != snapshot.size()) std::abort();
  return 0;
}
