// Between the core's memory and the outside: collects changes of the local store into batches, and holds back everything that must
// not leave before its batch is on disk (design law 2, S21). While one batch is being written the next one collects, so that a
// slow disk makes larger batches instead of longer queues (group commit).
//
// When the store fails (full disk), nothing of the unstored is promised: frames are dropped, commands are undone and answered with
// an error, and what only tells (answers to questions, refusals, alarms) leaves at once. The changes themselves are tried again
// until they are stored.
#pragma once

#include <functional>

#include "client-sdk/src/ports.h"

namespace steiger::sdk {

class Journal {
 public:
  // A request of the app whose changes are not on disk yet. `undo` takes them back in memory, with the changes that this takes in
  // the store; it may be empty: then what was asked stays wanted, and is stored when storing works again.
  struct Command {
    std::uint64_t request = 0;
    std::function<void()> undo;
  };
  // What an event for the app is worth before the present changes are on disk.
  enum class Event {
    promise,  // tells of something that is on disk: leaves only then
    news,     // leaves then too, but at once while storing fails
  };

  // The latest value of a key wins within a batch.
  void put(std::string key, SecretBytes value);
  void erase(std::string key);
  void command(Command command);

  // Leave when everything changed so far is on disk; in order among each other. A frame is dropped when `connection` is no longer
  // the current one then. `request`: of the command that the event answers; 0: none.
  void frame(Bytes frame, std::uint64_t connection);
  void app_event(Bytes event, Event worth, std::uint64_t request);
  // Leaves at once.
  void now(Effect effect);

  // Reports about a batch; unknown tokens are ignored.
  void committed(std::uint64_t token);
  // The commands that are not stored, newest first: the caller undoes and refuses them. Their answers are forgotten here.
  std::vector<Command> commit_failed(std::uint64_t token, Timestamp now);

  // A batch failed, and none was stored since.
  [[nodiscard]] bool failing() const { return failing_; }
  // When it is tried again; nothing while it is being tried.
  [[nodiscard]] std::optional<Timestamp> retry_at() const { return retry_at_; }
  // kMaxHeldEffects or kMaxHeldBytes wait for the store: nothing more may be asked or received until it reports.
  [[nodiscard]] bool full() const;

  // What may leave now. `connection` is the current one.
  [[nodiscard]] Effects take(Timestamp now, std::uint64_t connection);

 private:
  struct Held {
    Effect effect;
    std::uint64_t connection = 0;  // of a frame; 0: for the app
    Event worth = Event::promise;
    std::uint64_t request = 0;
  };
  struct Batch {
    std::uint64_t token = 0;
    std::map<std::string, std::optional<SecretBytes>> changes;
    std::vector<Command> commands;
    std::vector<Held> held;
  };
  static std::size_t bytes_of(const Effect& effect);
  void send_batch();
  void release(std::vector<Held>& held, std::uint64_t connection);
  void hold(Held held);

  Batch collecting_;
  std::optional<Batch> under_way_;
  std::vector<Held> released_;  // of a committed batch, until take()
  std::size_t held_effects_ = 0;
  std::size_t held_bytes_ = 0;  // of collecting_ and under_way_
  Effects immediate_;
  Effects out_;
  bool failing_ = false;
  std::optional<Timestamp> retry_at_;
  std::uint64_t next_token_ = 1;
};

}  // namespace steiger::sdk
