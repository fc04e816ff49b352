#include "client-sdk/apps/cli/session.h"

namespace steiger::cli {

Duration Deadline::left() const {
  if (at_ == std::chrono::steady_clock::time_point::max()) return Duration(-1);
  const auto left = std::chrono::ceil<Duration>(at_ - std::chrono::steady_clock::now());
  return std::max(left, Duration::zero());
}

Refusal Refusal::of(const api::FailedT& failed) {
  return {failed.name, exit_code_of(failed.name, static_cast<ErrorFamily>(failed.family))};
}

Event Session::read(Deadline deadline) {
  const auto bytes = line_->next_event(deadline.left());
  if (!bytes) return nullptr;
  Event event = api::UnPackEvent(bytes->data());  // from our own core: verified by construction; from a door: verified there
  if (const auto* status = event->body.AsStatus()) connection_ = status->connection;
  return event;
}

Refusal Session::silence() const {
  if (lost()) return {"door_closed", ExitCode::environment};
  if (connection_ && *connection_ != api::Connection::online) return {"gateway_away", ExitCode::environment};
  return Refusal::timeout();
}

Event Session::next(Deadline deadline) {
  if (!backlog_.empty()) {
    Event event = std::move(backlog_.front());
    backlog_.pop_front();
    return event;
  }
  return read(deadline);
}

bool Session::drain(Deadline deadline, Refusal& refusal) {
  std::deque<Event> seen;
  bool drained = false;
  for (;;) {
    const Event answer = ask(api::GetStatusT(), refusal);
    const auto* status = answer ? answer->body.AsStatus() : nullptr;
    if (status == nullptr) break;
    drained = status->waiting == 0;
    if (drained) break;
    Event event = next(deadline);
    if (!event) {
      refusal = silence();
      break;
    }
    seen.push_back(std::move(event));
  }
  // What came meanwhile is still to be heard, in order.
  for (; !seen.empty(); seen.pop_back()) backlog_.push_front(std::move(seen.back()));
  return drained;
}

std::optional<std::uint64_t> Session::post(api::RequestT request, Refusal& refusal) {
  request.id = ++last_request_;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(api::CreateRequest(builder, &request), "STA1");
  const ByteView bytes(builder.GetBufferPointer(), builder.GetSize());
  if (const auto sent = line_->request(to_bytes(bytes)); !sent.ok()) {
    refusal = Refusal::of(sent.error());
    return std::nullopt;
  }
  return last_request_;
}

Event Session::ask_any(api::RequestT request, Refusal& refusal, Deadline deadline) {
  const auto number = post(std::move(request), refusal);
  if (!number) return nullptr;
  for (;;) {
    Event event = read(deadline);
    if (!event) {
      refusal = silence();
      return nullptr;
    }
    if (event->request != *number) {
      backlog_.push_back(std::move(event));
      continue;
    }
    if (const auto* failed = event->body.AsFailed()) {
      refusal = Refusal::of(*failed);
      return nullptr;
    }
    return event;
  }
}

}  // namespace steiger::cli
