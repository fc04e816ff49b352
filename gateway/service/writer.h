// The one writer: everything queued while the last transaction was being written goes into the next (group commit). Batches, not
// messages, pass between the threads.
//
// Acknowledgements can wait: they ride along with the next batch that somebody waits for, at most kAcknowledgeDelay. That saves half of
// the fsyncs and page writes; a crash in between only delivers again what devices already have and skip.
//
// submit() and the destructor: service thread. With a thread of its own the ledger is used from there only; without one, batches run
// inside functions posted to the executor.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "gateway/service/ledger.h"

namespace steiger::gateway {

class BatchWriter {
 public:
  // `done` runs on the service thread, once per batch in order; never after the destructor. `executor` must outlive the writer.
  BatchWriter(std::unique_ptr<Ledger> ledger, Executor& executor, bool threaded, std::function<void(BatchResult)> done);
  // Commits what is queued, then stops.
  ~BatchWriter();
  BatchWriter(const BatchWriter&) = delete;
  BatchWriter& operator=(const BatchWriter&) = delete;

  void submit(Command command);
  // Payload bytes that wait or are being written.
  [[nodiscard]] std::size_t queued_bytes() const;

 private:
  std::vector<Command> take_batch();  // with the lock held
  void run_thread();
  void run_inline();
  void deliver(BatchResult result);

  std::unique_ptr<Ledger> ledger_;
  Executor& executor_;
  const bool threaded_;
  // Shared with posted functions, which may outlive the writer: emptied by the destructor.
  struct Receiver {
    std::function<void(BatchResult)> done;
    BatchWriter* writer = nullptr;
  };
  std::shared_ptr<Receiver> receiver_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Command> queue_;
  std::size_t queued_bytes_ = 0;
  bool urgent_ = false;     // somebody waits for something in queue_
  bool scheduled_ = false;  // inline: a run is posted
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace steiger::gateway
