// The door between JavaScript and the core in a browser worker: plain C calls over wasm memory. Not an API for apps; that is
// src/client.ts. One core per worker. Calls come one at a time (a worker has one thread), so that globals are safe here.
//
// Bytes in: JavaScript allocates with steiger_alloc, fills, and hands the memory over; it is wiped and freed here.
// Bytes out: steiger_output() and steiger_output_size(), valid until the next call.
#include <emscripten/emscripten.h>

#include <cstdlib>
#include <memory>

#include "client-sdk/src/core.h"
#include "client-sdk/wasm/batch.h"
#include "client-sdk/wasm/effects.h"
#include "client-sdk/wasm/errors.h"
#include "client-sdk/wasm/parts.h"
#include "crypto/primitives/system_rng.h"

namespace steiger::sdk::wasm {
namespace {

enum class EventKind : std::uint32_t { connected = 1, disconnected, frame, committed, commit_failed, timer, request };

struct Bridge {
  SystemRng rng;
  Snapshot snapshot;  // filled by steiger_load before steiger_open; otherwise used while a file is compacted
  HeadMirror mirror;
  std::unique_ptr<Core> core;
  SecretBytes output;
  const char* error_name = "";
};

Bridge& bridge() {
  static Bridge instance;
  return instance;
}

// Memory that JavaScript handed over.
class Handed {
 public:
  Handed(std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  ~Handed() {
    if (data_ == nullptr) return;
    sodium_memzero(data_, size_);
    std::free(data_);
  }
  Handed(const Handed&) = delete;
  Handed& operator=(const Handed&) = delete;
  [[nodiscard]] ByteView view() const { return {data_, size_}; }

 private:
  std::uint8_t* data_;
  std::size_t size_;
};

std::uint32_t report(const Error& error) {
  bridge().error_name = error.name;
  return error.code;
}

Event event_of(EventKind kind, std::uint64_t token, ByteView bytes) {
  switch (kind) {
    case EventKind::connected:
      return Connected{};
    case EventKind::disconnected:
      return Disconnected{token == 0 ? kSocketClosed : kSocketFrame};
    case EventKind::frame:
      return FrameReceived{to_bytes(bytes)};
    case EventKind::committed:
      return Committed{token};
    case EventKind::commit_failed:
      return CommitFailed{token, kWriteFailed};
    case EventKind::timer:
      return TimerFired{};
    case EventKind::request:
      return ApiRequest{to_bytes(bytes)};
  }
  std::abort();  // src/effects.ts and this list have parted
}

}  // namespace
}  // namespace steiger::sdk::wasm

using namespace steiger::sdk;        // NOLINT(google-build-using-namespace): only the C functions below
using namespace steiger::sdk::wasm;  // NOLINT(google-build-using-namespace)

extern "C" {

EMSCRIPTEN_KEEPALIVE std::uint8_t* steiger_alloc(std::size_t size) {
  return static_cast<std::uint8_t*>(std::malloc(size == 0 ? 1 : size));
}

EMSCRIPTEN_KEEPALIVE const std::uint8_t* steiger_output() {
  return bridge().output.bytes().data();
}
EMSCRIPTEN_KEEPALIVE std::size_t steiger_output_size() {
  return bridge().output.size();
}
// Name of the error that the last failing call returned; ASCII, ends with zero.
EMSCRIPTEN_KEEPALIVE const char* steiger_error_name() {
  return bridge().error_name;
}

// Applies one stored batch to the snapshot being collected. 0, or an error code.
EMSCRIPTEN_KEEPALIVE std::uint32_t steiger_load(std::uint8_t* data, std::size_t size) {
  const Handed batch(data, size);
  const auto applied = apply_batch(batch.view(), bridge().snapshot);
  return applied.ok() ? 0 : report(applied.error());
}

// The collected snapshot as one batch in the output; `keep` 0 forgets it.
EMSCRIPTEN_KEEPALIVE void steiger_dump(int keep) {
  bridge().output = encode_snapshot(bridge().snapshot);
  if (keep == 0) bridge().snapshot.clear();
}

// Opens the core on the collected snapshot. 0, or an error code; then nothing was changed.
EMSCRIPTEN_KEEPALIVE std::uint32_t steiger_open() {
  bridge().mirror.load(bridge().snapshot);
  auto core = Core::open({"steiger-web/0.1"}, std::move(bridge().snapshot), bridge().rng);
  bridge().snapshot.clear();
  if (!core.ok()) return report(core.error());
  bridge().core = std::make_unique<Core>(std::move(core).value());
  return 0;
}

// The first effects, in the output. `now` in milliseconds UTC.
EMSCRIPTEN_KEEPALIVE void steiger_start(double now) {
  bridge().output = encode_effects(bridge().core->start({static_cast<std::int64_t>(now)}), bridge().mirror);
}

// One event; its effects are in the output. `token` for committed and commit_failed (JavaScript numbers hold 2^53 tokens); for
// disconnected 0 says closed and 1 that the gateway sent a text frame.
EMSCRIPTEN_KEEPALIVE void steiger_handle(double now, std::uint32_t kind, double token, std::uint8_t* data, std::size_t size) {
  const Handed bytes(data, size);
  auto event = event_of(static_cast<EventKind>(kind), static_cast<std::uint64_t>(token), bytes.view());
  if (const auto* done = std::get_if<Committed>(&event)) bridge().mirror.committed(done->token);
  if (const auto* failure = std::get_if<CommitFailed>(&event)) bridge().mirror.failed(failure->token);
  bridge().output = encode_effects(bridge().core->handle({static_cast<std::int64_t>(now)}, std::move(event)), bridge().mirror);
}

}  // extern "C"
