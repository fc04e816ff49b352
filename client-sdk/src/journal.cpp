#include "client-sdk/src/journal.h"

#include "client-sdk/src/limits.h"

namespace steiger::sdk {

void Journal::put(std::string key, SecretBytes value) {
  changes_[std::move(key)] = std::move(value);
}

void Journal::erase(std::string key) {
  changes_[std::move(key)] = std::nullopt;
}

void Journal::frame(Bytes frame, std::uint64_t connection) {
  held_.push_back({SendFrame{std::move(frame)}, connection});
}

void Journal::app_event(Bytes event) {
  held_.push_back({ApiEvent{std::move(event)}, 0});
}

void Journal::now(Effect effect) {
  immediate_.push_back(std::move(effect));
}

void Journal::committed(std::uint64_t token) {
  if (!under_way_ || under_way_->token != token) return;
  for (Held& held : under_way_->held) released_.push_back(std::move(held));
  under_way_.reset();
  retry_at_.reset();
}

void Journal::commit_failed(std::uint64_t token, Timestamp now) {
  if (!under_way_ || under_way_->token != token) return;
  retry_at_ = now + kCommitRetry;
}

void Journal::send_batch() {
  under_way_->token = next_token_++;
  CommitBatch effect{under_way_->token, {}};
  for (const Change& change : under_way_->changes) {
    Change copy{change.key, std::nullopt};
    if (change.value) copy.value = change.value->clone();
    effect.changes.push_back(std::move(copy));
  }
  out_.push_back(std::move(effect));
}

void Journal::release(std::vector<Held>& held, std::uint64_t connection) {
  for (Held& item : held) {
    if (item.connection == 0 || item.connection == connection) out_.push_back(std::move(item.effect));
  }
  held.clear();
}

Effects Journal::take(Timestamp now, std::uint64_t connection) {
  for (Effect& effect : immediate_) out_.push_back(std::move(effect));
  immediate_.clear();
  release(released_, connection);
  if (under_way_) {
    if (retry_at_ && *retry_at_ <= now) {
      retry_at_.reset();
      send_batch();
    }
  } else if (!changes_.empty()) {
    under_way_.emplace(Batch{});
    for (auto& [key, value] : changes_) under_way_->changes.push_back({key, std::move(value)});
    changes_.clear();
    under_way_->held = std::move(held_);
    held_.clear();
    send_batch();
  } else {
    release(held_, connection);
  }
  return std::exchange(out_, {});
}

}  // namespace steiger::sdk
