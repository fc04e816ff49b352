// Everything the local store holds, decoded, in memory. Loaded once at open; after that memory leads and the journal follows.
#pragma once

#include <set>

#include "client-sdk/src/ports.h"
#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/room_records.h"
#include "crypto/identity/chain.h"
#include "crypto/identity/channel.h"
#include "crypto/membership/roster.h"
#include "crypto/mls/group.h"

namespace steiger::sdk {

// A commit of ours between being built and its own echo.
struct PendingBundle {
  PendingRecord record;
  mls::PendingCommit commit;
};

// Between a commit that this device cannot process, or the loss of its state, and its own external commit (resync.h).
struct OutOfStep {
  StepRecord record;
  std::optional<mls::PublicGroup> followed;  // record.followed
  std::optional<mls::PublicGroup> base;      // record.base
  bool changed = true;                       // write it with the next batch

  [[nodiscard]] static Result<OutOfStep> decode(ByteView bytes);
  [[nodiscard]] SecretBytes encode();
};

// The group that this device opens as the next generation (generations.h).
struct Opening {
  OpeningRecord record;  // `group` is empty here
  mls::Group group;

  [[nodiscard]] static Result<Opening> decode(ByteView bytes);
  [[nodiscard]] SecretBytes encode();
};

struct Channel {
  ChannelRecord record;
  identity::ChannelBinding binding;
  std::optional<mls::Group> group;  // absent when the room ended for this device; else only after damage, which loading refuses
  RoomRecord room;
  std::map<std::uint64_t, WishRecord> wishes;  // by number
  std::optional<PendingBundle> pending;
  std::optional<OutOfStep> out_of_step;   // the group is of an earlier epoch: nothing is encrypted with it
  std::optional<Opening> opening;         // only while out of step
  std::optional<CarriedRecord> carried;   // only while room.carried_over is not empty
  std::optional<HpkeKeyPair> answer_key;  // what the answers to this device's questions are sealed to
  GapsRecord gaps;
  StaysRecord stays;
  EarlierRecord earlier;
  std::map<std::uint64_t, LinkRecord> links;        // by seq
  std::map<std::uint64_t, MessageRecord> messages;  // by seq
  std::map<std::uint64_t, DeferredRecord> deferred;
  // Not in the store:
  std::set<MessageId> ids;      // of all links: a message that repeats one is not shown
  bool record_changed = false;  // write it with the next batch
  bool group_changed = false;
  bool room_changed = false;
  bool gaps_changed = false;
  bool stays_changed = false;
  bool earlier_changed = false;
  // S11: the gateway has this later generation: nothing is encrypted with this one, its Welcome is on its way. 0: none.
  std::uint64_t superseded = 0;
  bool announce = false;  // tell the app about the channel

  // Nothing is processed, sent or acknowledged any more: an alarm stopped it, or this device is no longer in the room.
  [[nodiscard]] bool stopped() const { return record.stop_code != 0 || room.ended; }
  // The self group (design section 6): no conversation that people see.
  [[nodiscard]] bool own_devices_only() const { return binding.room == identity::RoomKind::self; }
  [[nodiscard]] MemberRecord* member(const AccountId& account);
  // Something of it is on its way back: the group, or what was said meanwhile.
  [[nodiscard]] bool restoring() const { return !stopped() && (!in_step() || !gaps.ranges.empty()); }
  // Its group is the room's present one, as far as this device knows.
  [[nodiscard]] bool in_step() const { return !out_of_step && superseded == 0; }
  // Adds a link of the chain, with its id.
  void add_link(std::uint64_t seq, const LinkRecord& link);
  // The room's epoch after the last link that was processed.
  [[nodiscard]] std::uint64_t epoch_by_links() const;
  // The chain value after `seq`; nullopt before the base or beyond what was processed.
  [[nodiscard]] std::optional<Hash> head_at(std::uint64_t seq) const;
};

struct State {
  SelfRecord self;
  CounterRecord counter;
  std::optional<JoinRecord> join;
  std::map<InviteId, InviteRecord> invites;
  std::map<ChannelId, Channel> channels;
  std::map<std::uint64_t, OutboxRecord> outbox;  // by order
  std::map<QuestionId, QuestionRecord> questions;
  StandingRecord standing;
  DevicesRecord devices;
  std::optional<NewKeyRecord> new_key;
  std::map<mls::KeyPackageRef, PackageRecord> packages;  // of this device
  // Decoded from self and standing: what identities are judged by (S1). Without roots while there is no organisation.
  membership::Trust trust;
  // Decoded from self; present from the moment that the device has an identity.
  std::optional<identity::OrganisationPublic> organisation;
  std::optional<SigningKey> account_key;
  std::optional<SigningKey> leaf_key;
  std::optional<identity::IdentityChain> chain;
  bool empty = true;  // a store without `meta`: write it with the first batch

  // kStoreFormat, kStoreCorrupt (also for keys that this version does not know).
  static Result<State> load(const Snapshot& snapshot);
  // Decodes self's keys, organisation and chain, and the standing, again after a change.
  Result<void> refresh_identity();
};

inline constexpr std::uint8_t kStoreVersion = 1;  // value of `meta`

}  // namespace steiger::sdk
