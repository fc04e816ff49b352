// The parts of the core and what they share. Private to client-sdk/src: apps and adapters see core.h only.
//
//   session   the connection: hello, login, back-off            inbox     what is delivered: chain, decryption, receipts
//   outbox    what is sent: counters, window, resending         invites   the coach's half of an invite
//   api       what the app asks and hears                       joining   the redeemer's half, and the Welcome
//   standing  which keys count                                  key_packages  how others add this device while it is away
//   resync    the way back after falling out of step        generations  the next group, when nobody can follow this one
//   history   what was missed, asked of the others
//   changes   what this person wants of a room's members
//   devices   the own account's devices                         questions what waits for this person's yes or no
//   third_parties  who reads along, and until when              handover  another coach takes over
//
// Parts talk through the Engine, on one thread. They change State in memory, note the change in the Journal (save_...), and say
// what shall leave; handle() ends with settle(), which turns all that into effects. So one input makes at most one local batch.
#pragma once

#include "client-sdk/src/api.h"
#include "client-sdk/src/changes.h"
#include "client-sdk/src/core.h"
#include "client-sdk/src/devices.h"
#include "client-sdk/src/earlier_history.h"
#include "client-sdk/src/generations.h"
#include "client-sdk/src/handover.h"
#include "client-sdk/src/history.h"
#include "client-sdk/src/inbox.h"
#include "client-sdk/src/invites.h"
#include "client-sdk/src/joining.h"
#include "client-sdk/src/journal.h"
#include "client-sdk/src/key_packages.h"
#include "client-sdk/src/outbox.h"
#include "client-sdk/src/questions.h"
#include "client-sdk/src/resync.h"
#include "client-sdk/src/session.h"
#include "client-sdk/src/standing.h"
#include "client-sdk/src/state.h"
#include "client-sdk/src/third_parties.h"

namespace steiger::sdk {

class Engine {
 public:
  Engine(CoreOptions core_options, State loaded, Rng& random)
      : options(std::move(core_options)),
        rng(random),
        state(std::move(loaded)),
        session(*this),
        outbox(*this),
        inbox(*this),
        invites(*this),
        joining(*this),
        standing(*this),
        key_packages(*this),
        changes(*this),
        resync(*this),
        generations(*this),
        history(*this),
        earlier_history(*this),
        devices(*this),
        questions(*this),
        third_parties(*this),
        handover(*this),
        api(*this) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Effects start(Timestamp at);
  Effects handle(Timestamp at, Event event);

  // ---- for the parts

  CoreOptions options;
  Rng& rng;
  Timestamp now;
  State state;
  Journal journal;
  Session session;
  Outbox outbox;
  Inbox inbox;
  Invites invites;
  Joining joining;
  Standing standing;
  KeyPackages key_packages;
  Changes changes;
  Resync resync;
  Generations generations;
  History history;
  EarlierHistory earlier_history;
  Devices devices;
  Questions questions;
  ThirdParties third_parties;
  Handover handover;
  Api api;

  void save_self();
  void save_counter();
  void save_join();
  void save(const InviteRecord& invite);
  void save(const OutboxRecord& item);
  // Written once per batch, however often they change in it.
  static void record_changed(Channel& channel) { channel.record_changed = true; }
  static void group_changed(Channel& channel) { channel.group_changed = channel.record_changed = true; }
  static void room_changed(Channel& channel) { channel.room_changed = true; }
  void save_pending(const Channel& channel);
  void save_opening(Channel& channel);

  // nullptr when there is none.
  Channel* channel(const ChannelId& id);

  // An alarm (alarms.h) of the whole device, or of one channel that goes on; with the error behind it, if there is another.
  void alarm(const Error& error, const ChannelId& channel = {}, const Error* cause = nullptr);
  // An alarm that stops the channel (S15): nothing of it is processed, acknowledged or encrypted any more. An error that is no
  // alarm is the cause of kChannelFailed.
  // `rule`: the error behind it, when there is one.
  void stop_channel(Channel& channel, const Error& error, const Error* rule = nullptr);
  // Stops the device (S21): it never connects again.
  void stop_device(const Error& error);
  // Of a stopped device: what stopped it.
  [[nodiscard]] const Error& stop_reason() const;

 private:
  void dispatch(Event event);
  void storing_failed(const CommitFailed& failure);
  Effects settle();
  void write_changed();
  void set_timer();

  std::optional<Timestamp> timer_;  // what the driver's timer stands at
};

}  // namespace steiger::sdk
