// The core's effects as bytes for JavaScript (src/effects.ts reads them). Little-endian, because both ends are wasm32 hosts; it
// never leaves the browser.
//
//   effect  := kind:u8  body
//   1 Connect      url:bytes          4 CommitBatch  token:u64 head:bytes history:bytes forgets:u8 (parts.h)
//   2 Disconnect                      5 SetTimer     at:i64 (ms UTC)
//   3 SendFrame    frame:bytes        6 ApiEvent     event:bytes
//   bytes   := size:u32 raw
#pragma once

#include "client-sdk/src/ports.h"
#include "client-sdk/wasm/parts.h"

namespace steiger::sdk::wasm {

// Prepares the parts of a CommitBatch with `mirror`.
SecretBytes encode_effects(const Effects& effects, HeadMirror& mirror);

}  // namespace steiger::sdk::wasm
