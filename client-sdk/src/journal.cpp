#include "client-sdk/src/journal.h"

#include <algorithm>
#include <iterator>

#include "client-sdk/src/limits.h"

namespace steiger::sdk {

void Journal::put(std::string key, SecretBytes value) {
  collecting_.changes[std::move(key)] = std::move(value);
}

void Journal::erase(std::string key) {
  collecting_.changes[std::move(key)] = std::nullopt;
}

void Journal::command(Command command) {
  collecting_.commands.push_back(std::move(command));
}

void Journal::frame(Bytes frame, std::uint64_t connection) {
  hold({SendFrame{std::move(frame)}, connection, Event::promise, 0});
}

void Journal::app_event(Bytes event, Event worth, std::uint64_t request) {
  if (failing_ && worth == Event::news) return now(ApiEvent{std::move(event)});
  hold({ApiEvent{std::move(event)}, 0, worth, request});
}

void Journal::now(Effect effect) {
  immediate_.push_back(std::move(effect));
}

std::size_t Journal::bytes_of(const Effect& effect) {
  if (const auto* frame = std::get_if<SendFrame>(&effect)) return frame->frame.size();
  if (const auto* event = std::get_if<ApiEvent>(&effect)) return event->event.size();
  return 0;
}

void Journal::hold(Held held) {
  ++held_effects_;
  held_bytes_ += bytes_of(held.effect);
  collecting_.held.push_back(std::move(held));
}

bool Journal::full() const {
  return held_effects_ >= kMaxHeldEffects || held_bytes_ >= kMaxHeldBytes;
}

void Journal::committed(std::uint64_t token) {
  if (!under_way_ || under_way_->token != token) return;
  for (Held& held : under_way_->held) released_.push_back(std::move(held));
  under_way_.reset();
  failing_ = false;
  retry_at_.reset();
}

std::vector<Journal::Command> Journal::commit_failed(std::uint64_t token, Timestamp now) {
  if (!under_way_ || under_way_->token != token) return {};
  failing_ = true;
  retry_at_ = now + kCommitRetry;
  // Back into one batch with what came since: one transaction, whatever became of the failed one.
  Batch failed = std::move(*under_way_);
  under_way_.reset();
  collecting_.changes.merge(failed.changes);  // newer values stay
  std::vector<Command> unstored = std::move(failed.commands);
  std::move(collecting_.commands.begin(), collecting_.commands.end(), std::back_inserter(unstored));
  collecting_.commands.clear();
  std::vector<Held> all = std::move(failed.held);
  std::move(collecting_.held.begin(), collecting_.held.end(), std::back_inserter(all));
  collecting_.held.clear();
  held_effects_ = held_bytes_ = 0;
  const auto is_unstored = [&](std::uint64_t request) {
    return std::any_of(unstored.begin(), unstored.end(), [&](const Command& command) { return command.request == request; });
  };
  for (Held& held : all) {
    if (std::holds_alternative<SendFrame>(held.effect)) continue;  // the connection ends
    if (held.worth == Event::news) {
      immediate_.push_back(std::move(held.effect));
    } else if (held.request == 0 || !is_unstored(held.request)) {
      hold(std::move(held));
    }
  }
  std::reverse(unstored.begin(), unstored.end());
  return unstored;
}

void Journal::send_batch() {
  under_way_->token = next_token_++;
  CommitBatch effect{under_way_->token, {}};
  for (const auto& [key, value] : under_way_->changes) {
    Change copy{key, std::nullopt};
    if (value) copy.value = value->clone();
    effect.changes.push_back(std::move(copy));
  }
  out_.push_back(std::move(effect));
}

void Journal::release(std::vector<Held>& held, std::uint64_t connection) {
  for (Held& item : held) {
    --held_effects_;
    held_bytes_ -= bytes_of(item.effect);
    if (item.connection == 0 || item.connection == connection) out_.push_back(std::move(item.effect));
  }
  held.clear();
}

Effects Journal::take(Timestamp now, std::uint64_t connection) {
  for (Effect& effect : immediate_) out_.push_back(std::move(effect));
  immediate_.clear();
  release(released_, connection);
  const bool waits = under_way_ || (retry_at_ && *retry_at_ > now);
  if (!waits && !collecting_.changes.empty()) {
    retry_at_.reset();
    under_way_ = std::exchange(collecting_, Batch());
    send_batch();
  } else if (!waits) {
    release(collecting_.held, connection);
    collecting_.commands.clear();  // they changed nothing
  }
  return std::exchange(out_, {});
}

}  // namespace steiger::sdk
