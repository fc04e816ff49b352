// The way back into a room that this device fell out of step with (S9, S11, S21).
//
// An accepted commit that this device cannot process, though everybody else may: it says so (NACK, which makes the gateway hold this
// device's queue), encrypts nothing any more, fetches the group's GroupInfo, and comes in again by an external commit whose only
// proposal beside ExternalInit removes its own old leaf. The same when its own state was damaged or put back.
//
// A gateway could try to use this for a ghost. So the device goes on following the room publicly from the last good epoch, every commit
// judged as usual, and enters its own external commit only when the group that it stands on is exactly the one followed. Where the
// public state is lost too, only accounts and keys that the device knew may be in it.
#pragma once

#include <map>

#include "client-sdk/src/session.h"
#include "client-sdk/src/state.h"
#include "crypto/identity/nack.h"

namespace steiger::sdk {

class Resync {
 public:
  explicit Resync(Engine& engine) : engine_(engine) {}

  // The inbox: the room has moved on by a commit that this device cannot process; sign that, and send it.
  void nack(Channel& channel, std::uint64_t epoch, const Hash& commit, identity::NackReason reason);
  // The inbox: in step again.
  void done(Channel& channel);

  // The login: is the store older than the device's life (S21)? Then every room must be entered anew, before anything is encrypted.
  Result<void> on_standing(const wire::LoginReply& reply);

  // The inbox: something of this room came.
  void heard(const ChannelId& channel);
  // The inbox: the queue of a later generation goes on without the Welcome into it, which this device must have had.
  void forgot_generation(Channel& channel);
  // A Welcome into this very group comes, though nothing showed this device its removal: was it of a life that the store has forgotten
  // (S21)? Then the room ends here, as it did there, so that the Welcome counts.
  void welcomed_again(Channel& channel);
  // The Welcome into a later generation is by an epoch that this device was not in (S11): since it came in by itself there is none that
  // it has in common with who opened it.
  void no_common_epoch(Channel& channel, std::uint64_t generation);

  // ---- the gateway's answers
  void on_login();
  void on_nack_known(const ChannelId& channel);
  Result<void> on_group_info(const wire::CurrentGroupInfo& current);
  void on_problem(const WireRequest& about, const Error& error);

  // ---- the outbox
  // This item is the external commit that brings the device back.
  [[nodiscard]] bool owns(const Channel& channel, const OutboxRecord& item) const;
  // Another commit won the epoch: anew, on the next GroupInfo.
  void lost_race(Channel& channel);
  // It was refused for good: tried again tomorrow, with an alarm. Always true: the channel does not stop by it.
  bool give_up(Channel& channel, const Error& error);
  // S11: tomorrow again, with an alarm.
  void wait_for_tomorrow(Channel& channel, const Error* why);
  // A change of members was under way when the device fell out of step, and was not accepted: it is built anew in the new group.
  void drop_change(Channel& channel);

  // Asks what can be asked now. Once at the end of every input, before the outbox.
  void pump();
  [[nodiscard]] std::optional<Timestamp> deadline() const;

 private:
  [[nodiscard]] bool may_try(const Channel& channel) const;
  [[nodiscard]] static bool may_enter_later(const Channel& channel);
  [[nodiscard]] std::size_t tries_today(const Channel& channel) const;
  void no_other_way(Channel& channel, const Error* why);
  void ask_about_unlisted();
  void ask_group_info(const ChannelId& channel);
  void on_unlisted(Channel& channel, const Error& error);
  void drop_pending(Channel& channel);
  void rolled_back(Channel& channel, bool missed);
  // Errors: kGroupInfoRefused is the gateway's lie; else it cannot be entered.
  [[nodiscard]] Result<mls::PublicGroup> check_group_info(const Channel& channel, const wire::CurrentGroupInfo& current) const;
  [[nodiscard]] Result<void> check_known(const Channel& channel, const mls::RatchetTree& tree) const;
  Result<void> come_in(Channel& channel, mls::PublicGroup base, ByteView group_info);

  Engine& engine_;
  struct Asked {
    bool nack = false;
    bool group_info = false;
    bool stale = false;  // the last GroupInfo was of an epoch that is over: once that may be a crossing on the way
    Timestamp again;     // not before, after a refusal
    Duration wait = kResyncAgain;
  };
  std::map<ChannelId, Asked> asked_;  // on this connection
  // Rooms that the gateway does not count this device in: when its removal should have come by. Then the gateway is asked.
  std::map<ChannelId, Timestamp> unlisted_;
};

}  // namespace steiger::sdk
