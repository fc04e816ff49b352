// Between the core's memory and the outside: collects changes of the local store into batches, and holds back everything that must
// not leave before its batch is on disk (design law 2, S21). While one batch is being written the next one collects, so that a
// slow disk makes larger batches instead of longer queues (group commit).
#pragma once

#include "client-sdk/src/ports.h"

namespace steiger::sdk {

class Journal {
 public:
  // The latest value of a key wins within a batch.
  void put(std::string key, SecretBytes value);
  void erase(std::string key);

  // Leave when everything changed so far is on disk; in order among each other. A frame is dropped when `connection` is no longer
  // the current one then.
  void frame(Bytes frame, std::uint64_t connection);
  void app_event(Bytes event);
  // Leaves at once.
  void now(Effect effect);

  // Reports about a batch; unknown tokens are ignored.
  void committed(std::uint64_t token);
  void commit_failed(std::uint64_t token, Timestamp now);

  // A batch failed and is tried again at retry_at().
  [[nodiscard]] bool failing() const { return retry_at_.has_value(); }
  [[nodiscard]] std::optional<Timestamp> retry_at() const { return retry_at_; }

  // What may leave now. `connection` is the current one.
  [[nodiscard]] Effects take(Timestamp now, std::uint64_t connection);

 private:
  struct Held {
    Effect effect;
    std::uint64_t connection = 0;  // of a frame; 0: for the app
  };
  struct Batch {
    std::uint64_t token = 0;
    std::vector<Change> changes;
    std::vector<Held> held;
  };
  void send_batch();
  void release(std::vector<Held>& held, std::uint64_t connection);

  std::map<std::string, std::optional<SecretBytes>> changes_;
  std::vector<Held> held_;
  std::optional<Batch> under_way_;
  std::vector<Held> released_;  // of a committed batch, until take()
  Effects immediate_;
  Effects out_;
  std::optional<Timestamp> retry_at_;
  std::uint64_t next_token_ = 1;
};

}  // namespace steiger::sdk
