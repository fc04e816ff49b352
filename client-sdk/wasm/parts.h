// The local store in a browser lies in two parts, so that what must be gone is gone at once (design law 10, S21) without writing
// the whole store again for every message:
//   history  messages, links, what waits in the outbox: grows, holds nothing that is erased before its message is. Appended to.
//   head     everything else: keys, the state of MLS groups, invites, joins, pending commits, counters; a few kilobytes a
//            channel. Written anew with every batch, and the file before it is emptied: a consumed ratchet secret or an invite's
//            secret stands in no file that is still there.
// A key of a class that this list does not know goes to the head: erased is the safe side. Pure; also compiled natively for tests.
#pragma once

#include "client-sdk/src/ports.h"

namespace steiger::sdk::wasm {

bool belongs_to_history(std::string_view key);

// What one CommitBatch means for the two parts.
struct Parts {
  SecretBytes head;      // the whole head after the batch, as one batch of puts (batch.h)
  SecretBytes history;   // the batch's changes of the history; no bytes when it has none
  bool forgets = false;  // erases something from the history: it must be rewritten soon, not only appended to
};

// Knows the head as it is on disk. One batch is under way at a time (client-sdk/src/ports.h).
class HeadMirror {
 public:
  // Takes its copy of what the head holds; the history's keys are passed over.
  void load(const Snapshot& snapshot);
  Parts prepare(const CommitBatch& batch);
  // Reports about that batch; other tokens are ignored.
  void committed(std::uint64_t token);
  void failed(std::uint64_t token);

 private:
  Snapshot on_disk_;
  Snapshot prepared_;
  std::uint64_t token_ = 0;  // 0: none is under way
};

}  // namespace steiger::sdk::wasm
