// What this device sends, in the order in which it was written (design laws 2 and 3).
//
// An item waits without a counter until it may go; then it is encrypted, gets the next counter, is stored, and only then sent. It
// is sent again, byte for byte, until the gateway has it on disk. `stale_epoch` means that it was not accepted: it is encrypted
// anew in the present epoch under the same message id and counter (S12). It leaves the outbox when its own echo tells its place.
#pragma once

#include <set>

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"

namespace steiger::sdk {

class Outbox {
 public:
  explicit Outbox(Engine& engine) : engine_(engine) {}

  // Queue content for a channel; franked here, once (S16). `visible`: the person sees it wait. `chosen`: its id, else a random one;
  // the channel must not know that id yet. kOutboxFull.
  Result<MessageId> send_content(Channel& channel, SecretBytes content, bool visible,
                                 const std::optional<MessageId>& chosen = std::nullopt);
  // Queue the registration and the pending commit of a new channel (S7).
  // `generation`: 0 opens the channel (S11).
  void send_registration(const Channel& channel, Bytes group_info, std::uint64_t generation = 0);
  void send_commit(const Channel& channel);
  // Forget what was queued for a channel that will never be. Only before any of it got a counter.
  void forget(const ChannelId& channel);

  // The channel goes on in another group (S11): messages are encrypted anew, a change that was under way is built anew.
  void on_generation(const ChannelId& channel);
  // This device was removed from the channel: messages that wait there have failed, the rest is dropped.
  void on_removed(const ChannelId& channel);

  // Takes back an item that could not be stored, so that nothing of it was sent.
  void withdraw(std::uint64_t order);

  // The gateway has everything up to `accepted` on disk; sending starts anew after it.
  Result<void> on_login(std::uint64_t accepted);
  void on_offline();
  Result<void> on_accepted(std::uint64_t counter);
  Result<void> on_rejected(std::uint64_t counter, const Error& error);

  // An own envelope came back with its place: the item with this id leaves the outbox if hash and tag are what was sent.
  // kEchoDiffers: the gateway shows something else as ours.
  Result<OutboxRecord> take_echo(const ChannelId& channel, const MessageId& id, const Hash& payload_hash, const Tag32& tag);

  // S21: the store is older than the device's life. Nothing of the outbox is dropped, but nothing in it has a counter that counts.
  void forget_counters(std::uint64_t accepted, const std::set<ChannelId>& registered);
  // A message of that life has its place: an item with its id and tag leaves the outbox, whatever was sent of it.
  std::optional<OutboxRecord> take_lost(const ChannelId& channel, const MessageId& id, const Tag32& tag);
  void settle_doubt(const ChannelId& channel, const MessageId& id, const Tag32& tag) { (void)take_lost(channel, id, tag); }

  // Puts an item that was taken back as one that failed: the person sees it, it is never sent.
  void keep_failed(OutboxRecord item, const Error& error);

  // Sends what can go now. Called once at the end of every input.
  void pump();

  // Something was sent on this connection and is not answered yet.
  [[nodiscard]] bool unanswered() const { return !orders_.empty() && orders_.begin()->first <= sent_; }
  // Messages of people that wait: what Status shows.
  [[nodiscard]] std::uint32_t waiting() const;

 private:
  // OutboxRecord::epoch of what was made in a group that the room has left (S11).
  static constexpr std::uint64_t kEarlierGeneration = ~std::uint64_t{0};

  // ---- outbox_sending.cpp
  [[nodiscard]] bool ready(const OutboxRecord& item);
  Result<void> encrypt(OutboxRecord& item, Channel& channel);
  void give_up_doubtful();
  void drop_unsent_changes();
  void assign();
  enum class Prepared { ready, gone, impossible, later };
  Prepared prepare(OutboxRecord& item);
  // ---- outbox.cpp
  void free_counter(OutboxRecord& item);
  void hold_back(OutboxRecord& item);
  void fail(OutboxRecord& item, const Error& error);
  void queue(OutboxRecord item);
  OutboxRecord* by_counter(std::uint64_t counter);

  Engine& engine_;
  std::map<std::uint64_t, std::uint64_t> orders_;  // counter -> order, of items not yet accepted
  std::uint64_t sent_ = 0;                         // highest counter sent on this connection
};

}  // namespace steiger::sdk
