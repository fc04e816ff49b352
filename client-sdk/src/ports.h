// The doors of the SDK core: what happens to it (events) and what it wants done (effects). The core does no I/O itself; a driver
// (native, browser, test) carries out effects and reports back. Rules for every driver:
//   - One thread, one call at a time; the effects of one call are carried out in order.
//   - At most one connection exists. Connect is answered by Connected or Disconnected. After a Disconnect effect the driver
//   closes
//     the connection and reports nothing more of it, not even Disconnected.
//   - One CommitBatch is under way at a time: the next follows its Committed or CommitFailed. A batch is one atomic transaction,
//     on disk when Committed is reported (S21). After CommitFailed the core sends these keys again later, with newer values where
//     there are, so that a batch that was applied although it was reported as failed does no harm.
//   - One timer exists: SetTimer replaces it. TimerFired may come late, never before its time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crypto/base/clock.h"
#include "crypto/primitives/secret.h"

namespace steiger::sdk {

// The whole local store: printable ASCII keys (keys.h) in order. Values are plaintext secrets: whoever stores them encrypts them,
// and the keys too, since they show channel ids and numbers of messages.
using Snapshot = std::map<std::string, SecretBytes>;

// A put, or without a value a delete (of a key that may be absent).
struct Change {
  std::string key;
  std::optional<SecretBytes> value;
};

// ---- events

struct Connected {};
// The connection ended, or could not be opened.
struct Disconnected {
  Error why;
};
// One whole binary WebSocket message.
struct FrameReceived {
  Bytes frame;
};
struct Committed {
  std::uint64_t token = 0;
};
struct CommitFailed {
  std::uint64_t token = 0;
  Error why;
};
struct TimerFired {};
// A steiger.api.Request of client-sdk/schema/client_api.fbs.
struct ApiRequest {
  Bytes request;
};

using Event = std::variant<Connected, Disconnected, FrameReceived, Committed, CommitFailed, TimerFired, ApiRequest>;

// ---- effects

// Open a WebSocket with subprotocol "steiger.v1"; `url` is ws://host:port/ or wss://host:port/.
struct Connect {
  std::string url;
};
struct Disconnect {};
struct SendFrame {
  Bytes frame;
};
struct CommitBatch {
  std::uint64_t token = 0;
  std::vector<Change> changes;
};
struct SetTimer {
  Timestamp at;
};
// A steiger.api.Event of client-sdk/schema/client_api.fbs.
struct ApiEvent {
  Bytes event;
};

// Move-only, because changes hold secrets.
using Effect = std::variant<Connect, Disconnect, SendFrame, CommitBatch, SetTimer, ApiEvent>;
using Effects = std::vector<Effect>;

}  // namespace steiger::sdk
