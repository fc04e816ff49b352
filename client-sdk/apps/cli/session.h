// The CLI's side of the client API: ask and get the answer, or hear what happens meanwhile. One thread.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client-sdk/apps/cli/exit_codes.h"
#include "client-sdk/apps/cli/line.h"
#include "client-sdk/schema/client_api_generated.h"

namespace steiger::cli {

// A point in real time: how long a person or script waits. Never a product rule, so the test clock does not touch it.
class Deadline {
 public:
  static Deadline after(Duration duration) { return Deadline(std::chrono::steady_clock::now() + duration); }
  static Deadline after_or_never(Duration duration) { return duration.count() < 0 ? never() : after(duration); }
  static Deadline never() { return Deadline(std::chrono::steady_clock::time_point::max()); }
  // Not negative; -1 ms means forever, as NativeClient and poll() read it.
  [[nodiscard]] Duration left() const;
  [[nodiscard]] bool passed() const { return left().count() == 0; }
  [[nodiscard]] Deadline at_most(Duration duration) const { return Deadline(std::min(at_, after(duration).at_)); }

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}
  std::chrono::steady_clock::time_point at_;
};

// Why a command did not do it: the name of its text, and what the shell gets to see.
struct Refusal {
  std::string name;
  ExitCode exit = ExitCode::refused;

  static Refusal of(const Error& error) { return {error.name, exit_code_of(error)}; }
  static Refusal of(const api::FailedT& failed);
  static Refusal timeout() { return {"timeout", ExitCode::environment}; }
};

using Event = std::unique_ptr<api::EventT>;

class Session {
 public:
  explicit Session(std::unique_ptr<Line> line) : line_(std::move(line)) {}

  // Sends a request and waits for its answer: the event, or nothing and `refusal` filled (Failed answers included). Events that
  // come meanwhile are kept for next().
  // `deadline`: longer for what needs the gateway.
  template <class Request>
  Event ask(Request request, Refusal& refusal, Deadline deadline = Deadline::after(kAnswerWait)) {
    api::RequestT out;
    out.body.Set(std::move(request));
    return ask_any(std::move(out), refusal, deadline);
  }

  // Sends a request without waiting; next() gives its answer under the number that comes back. Nothing and `refusal`: not sent.
  std::optional<std::uint64_t> post(api::RequestT request, Refusal& refusal);

  // Waits until nothing is on its way to the gateway any more (messages, the commit that opens a channel). False when time was up.
  bool drain(Deadline deadline, Refusal& refusal);

  // The next event that answers nothing; nullptr when none came in time.
  Event next(Deadline deadline);
  // Why next() gave nothing: the time was up, without a connection to the gateway, or because the chat that served us has ended.
  [[nodiscard]] Refusal silence() const;
  // The chat that served us has ended.
  [[nodiscard]] bool lost() const { return line_->closed(); }
  // For poll(): readable when new events may be there.
  [[nodiscard]] int descriptor() const { return line_->descriptor(); }

  // Local requests are answered from memory and disk; only a stuck disk takes longer.
  static constexpr Duration kAnswerWait = std::chrono::seconds(30);

 private:
  Event ask_any(api::RequestT request, Refusal& refusal, Deadline deadline);
  Event read(Deadline deadline);

  std::unique_ptr<Line> line_;
  std::deque<Event> backlog_;
  std::uint64_t last_request_ = 0;
  std::optional<api::Connection> connection_;  // as last heard
};

}  // namespace steiger::cli
