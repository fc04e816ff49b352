// How one transaction of the local store travels between the C++ core and the browser's files: JavaScript only sees these bytes,
// encrypts them and appends them to a file. Pure functions, also compiled natively for the tests.
//
//   batch  := version:u8 (1)  change*
//   change := key:opaque<V>  kind:u8 (0 delete, 1 put)  [value:opaque<V> when put]        (TLS encoding of crypto/base/codec.h)
#pragma once

#include "client-sdk/src/ports.h"
#include "crypto/base/result.h"

namespace steiger::sdk::wasm {

// Longest key of the store (client-sdk/src/keys.h has 60 at most).
inline constexpr std::size_t kMaxStoreKeyBytes = 256;

SecretBytes encode_batch(const std::vector<Change>& changes);

// The whole store as one batch of puts: what a compacted file begins with.
SecretBytes encode_snapshot(const Snapshot& snapshot);

// Applies a batch in order. kBatchUnknownVersion or kBatchMalformed leave the snapshot as it was.
Result<void> apply_batch(ByteView batch, Snapshot& snapshot);

}  // namespace steiger::sdk::wasm
