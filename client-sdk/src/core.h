// The SDK core, sans-I/O: the private channel of one device of one person. It decides everything and does nothing: events in,
// effects out (ports.h). The same code runs natively, in a browser worker, under a virtual clock and in a fuzzer.
//
//   auto core = Core::open(options, store.load(), rng);
//   run(core->start(now));
//   for (;;) run(core->handle(now, next_event()));        // `run` carries out the effects in order
//
// The promises it keeps (design laws 1-3, 12; profile S12, S15, S16, S21):
//   - A frame or an app event leaves only after the local transaction that made it true has been reported as Committed.
//   - When storing fails (full disk), the app hears it: an alarm, Status.storage_failing, and Failed for every command that was not
//     stored; questions are still answered. It goes on by itself when storing works again.
//   - `kill -9` between any two effects is safe: open() on the store of that moment goes on where it stood.
//   - Every message that was accepted for sending is shown at its place in the channel exactly once, on both sides.
#pragma once

#include <memory>

#include "client-sdk/src/ports.h"
#include "crypto/base/result.h"

namespace steiger::sdk {

struct CoreOptions {
  std::string client = "steiger/0.1";  // product name and version, told to the gateway; at most 64 bytes
};

class Engine;

// Not thread-safe. `rng` must outlive the core.
class Core {
 public:
  // Reads the store's content; it may be empty. kStoreFormat when it was written by a newer version, kStoreCorrupt when a record
  // cannot be read: nothing is changed then.
  static Result<Core> open(CoreOptions options, Snapshot snapshot, Rng& rng);

  Core(Core&&) noexcept;
  Core& operator=(Core&&) noexcept;
  ~Core();

  // Call once, first: the present status as an app event, and the connection when there is somebody to connect.
  Effects start(Timestamp now);

  // `now` never runs backwards by more than clocks do; deadlines are kept in it. Never fails: what the gateway or the app did
  // wrong becomes a Failed or Alarm event, or ends the connection.
  Effects handle(Timestamp now, Event event);

 private:
  explicit Core(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace steiger::sdk
