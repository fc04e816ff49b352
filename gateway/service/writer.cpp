#include "gateway/service/writer.h"

#include <iterator>

namespace steiger::gateway {
namespace {

bool can_wait(const Command& command) {
  return std::holds_alternative<AcknowledgeCommand>(command.body) || std::holds_alternative<CloseCommand>(command.body);
}

}  // namespace

BatchWriter::BatchWriter(std::unique_ptr<Ledger> ledger, Executor& executor, bool threaded, std::function<void(BatchResult)> done)
    : ledger_(std::move(ledger)),
      executor_(executor),
      threaded_(threaded),
      receiver_(std::make_shared<Receiver>(Receiver{std::move(done), this})) {
  if (threaded_) thread_ = std::thread([this] { run_thread(); });
}

BatchWriter::~BatchWriter() {
  receiver_->done = nullptr;
  receiver_->writer = nullptr;
  if (threaded_) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    return;
  }
  while (!queue_.empty()) static_cast<void>(ledger_->run(take_batch()));
}

void BatchWriter::submit(Command command) {
  bool wake = true;
  {
    const std::lock_guard lock(mutex_);
    queued_bytes_ += command.bytes;
    // The writer sleeps on an empty queue, or with a deadline on one that can wait.
    const bool urgent = !can_wait(command);
    wake = queue_.empty() || (urgent && !urgent_);
    urgent_ = urgent_ || urgent;
    queue_.push_back(std::move(command));
    if (!threaded_) {
      if (scheduled_) return;
      scheduled_ = true;
    }
  }
  if (threaded_) {
    if (wake) wake_.notify_one();
  } else {
    executor_.post([receiver = receiver_] {
      if (receiver->writer != nullptr) receiver->writer->run_inline();
    });
  }
}

std::size_t BatchWriter::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return queued_bytes_;
}

std::vector<Command> BatchWriter::take_batch() {
  std::size_t bytes = 0;
  auto end = queue_.begin();
  while (end != queue_.end() && (end == queue_.begin() || bytes + end->bytes <= kMaxBatchBytes)) bytes += (end++)->bytes;
  queued_bytes_ -= bytes;
  if (end == queue_.end()) {
    urgent_ = false;
    return std::exchange(queue_, {});
  }
  std::vector<Command> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

void BatchWriter::run_thread() {
  while (true) {
    std::vector<Command> batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (!stopping_ && !urgent_) wake_.wait_for(lock, kAcknowledgeDelay, [this] { return stopping_ || urgent_; });
      if (queue_.empty()) return;
      batch = take_batch();
    }
    deliver(ledger_->run(std::move(batch)));
  }
}

void BatchWriter::run_inline() {
  std::vector<Command> batch;
  {
    const std::lock_guard lock(mutex_);
    scheduled_ = false;
    if (queue_.empty()) return;
    batch = take_batch();
    if (!queue_.empty()) {
      scheduled_ = true;
      executor_.post([receiver = receiver_] {
        if (receiver->writer != nullptr) receiver->writer->run_inline();
      });
    }
  }
  receiver_->done(ledger_->run(std::move(batch)));
}

void BatchWriter::deliver(BatchResult result) {
  // std::function wants a copyable target: the result travels behind a shared pointer.
  auto shared = std::make_shared<BatchResult>(std::move(result));
  executor_.post([receiver = receiver_, shared] {
    if (receiver->done) receiver->done(std::move(*shared));
  });
}

}  // namespace steiger::gateway
