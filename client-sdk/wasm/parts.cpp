#include "client-sdk/wasm/parts.h"

#include <array>

#include "client-sdk/src/keys.h"
#include "client-sdk/wasm/batch.h"

namespace steiger::sdk::wasm {
namespace {

constexpr std::array<std::string_view, 4> kHistoryPrefixes{keys::kLinkPrefix, keys::kMessagePrefix, keys::kDeferredPrefix,
                                                           keys::kOutboxPrefix};

Snapshot clone(const Snapshot& snapshot) {
  Snapshot out;
  for (const auto& [key, value] : snapshot) out.emplace(key, value.clone());
  return out;
}

}  // namespace

bool belongs_to_history(std::string_view key) {
  for (const auto prefix : kHistoryPrefixes) {
    if (key.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

void HeadMirror::load(const Snapshot& snapshot) {
  on_disk_.clear();
  for (const auto& [key, value] : snapshot) {
    if (!belongs_to_history(key)) on_disk_.emplace(key, value.clone());
  }
}

Parts HeadMirror::prepare(const CommitBatch& batch) {
  constexpr std::string_view outbox = keys::kOutboxPrefix;
  prepared_ = clone(on_disk_);
  token_ = batch.token;
  std::vector<Change> history;
  Parts out;
  for (const auto& change : batch.changes) {
    if (belongs_to_history(change.key)) {
      // What leaves the outbox stands among the messages, or was a receipt: nothing secret is left behind until the next rewrite.
      out.forgets = out.forgets || (!change.value && change.key.compare(0, outbox.size(), outbox) != 0);
      history.push_back({change.key, change.value ? std::optional(change.value->clone()) : std::nullopt});
    } else if (change.value) {
      prepared_.insert_or_assign(change.key, change.value->clone());
    } else {
      prepared_.erase(change.key);
    }
  }
  out.head = encode_snapshot(prepared_);
  if (!history.empty()) out.history = encode_batch(history);
  return out;
}

void HeadMirror::committed(std::uint64_t token) {
  if (token_ == 0 || token != token_) return;
  on_disk_ = std::move(prepared_);
  prepared_.clear();
  token_ = 0;
}

void HeadMirror::failed(std::uint64_t token) {
  if (token_ == 0 || token != token_) return;
  prepared_.clear();
  token_ = 0;
}

}  // namespace steiger::sdk::wasm
