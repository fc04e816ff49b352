// Where a Session's requests go and its events come from: the client in this program, or one in another program (door.h).
#pragma once

#include <memory>
#include <optional>

#include "client-sdk/src/native/native_client.h"

namespace steiger::cli {

class Line {
 public:
  virtual ~Line() = default;
  virtual Result<void> request(Bytes request) = 0;
  // As NativeClient::next_event.
  virtual std::optional<Bytes> next_event(Duration timeout) = 0;
  // For poll(): readable when new events may be there.
  [[nodiscard]] virtual int descriptor() const = 0;
  // The other end is gone: no event will come any more.
  [[nodiscard]] virtual bool closed() const { return false; }
};

class OwnLine final : public Line {
 public:
  explicit OwnLine(std::unique_ptr<sdk::NativeClient> client) : client_(std::move(client)) {}
  Result<void> request(Bytes request) override { return client_->request(std::move(request)); }
  std::optional<Bytes> next_event(Duration timeout) override { return client_->next_event(timeout); }
  [[nodiscard]] int descriptor() const override { return client_->event_descriptor(); }

 private:
  std::unique_ptr<sdk::NativeClient> client_;
};

}  // namespace steiger::cli
