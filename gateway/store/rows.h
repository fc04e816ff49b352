// The rows of a Store, as values. Ids and keys are typed; times are milliseconds UTC; payloads are ciphertext that nobody here
// can open.
#pragma once

#include <optional>
#include <vector>

#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/sign.h"

namespace steiger::gateway {

// Roles as certificates number them live in crypto/identity; the store keeps the number.
using RoleNumber = std::uint8_t;

struct AccountRow {
  AccountId account;
  VerifyKey key;
  RoleNumber role = 0;
  Bytes chain;  // newest identity chain, as received
  Timestamp registered;
  friend bool operator==(const AccountRow&, const AccountRow&) = default;
};

struct DeviceRow {
  DeviceId device;
  AccountId account;
  VerifyKey key;                       // leaf signature key; signs logins
  std::uint64_t accepted_counter = 0;  // highest submission counter on disk (S21)
  bool revoked = false;
  VerifyKey account_key = {};  // of the newest chain that lists this device (S2): not the account's when that went on without it
  friend bool operator==(const DeviceRow&, const DeviceRow&) = default;
};

// A key that the account had before its present one (S2).
struct EarlierKeyRow {
  VerifyKey key;
  Timestamp until;
  friend bool operator==(const EarlierKeyRow&, const EarlierKeyRow&) = default;
};
// Leaves carry an earlier key until their device's next commit with a path, which it makes at once in every room. A person who loses
// more telephones than this within that time re-enters by invite.
inline constexpr std::size_t kMaxEarlierKeys = 16;

// One KeyPackage of a device (S14). Once it was claimed an ordinary one has no bytes any more; what is left keeps it from coming back.
struct KeyPackageRow {
  DeviceId device;
  Hash hash{};  // SHA-256 of the message
  Timestamp expires;
  bool last_resort = false;
  bool claimed = false;
  Bytes key_package;
  friend bool operator==(const KeyPackageRow&, const KeyPackageRow&) = default;
};
struct KeyPackageStock {
  std::size_t available = 0;  // ordinary ones
  bool last_resort = false;   // one is there and was not handed out yet
  friend bool operator==(const KeyPackageStock&, const KeyPackageStock&) = default;
};

// The newest of both, as received (S1).
struct StandingRow {
  Bytes status_list;
  Bytes root_successions;
  friend bool operator==(const StandingRow&, const StandingRow&) = default;
};

// A handover offer that waits for the jongere (S10): one for each coach who leaves a room.
struct OfferRow {
  ChannelId channel;
  AccountId leaving;
  AccountId successor;
  Timestamp issued;
  Timestamp expires;
  Bytes offer;
  Bytes chain;  // the teamleider's
  friend bool operator==(const OfferRow&, const OfferRow&) = default;
};

// Channels have a small number inside the store: the upper half of every message's key.
using ChannelNumber = std::uint32_t;
// Sequence numbers are the lower half. At this bound: channel_full.
inline constexpr std::uint64_t kMaxSeq = 0xffff'ffff;

struct ChannelRow {
  ChannelNumber number = 0;
  ChannelId channel;
  Bytes group_id;
  std::uint64_t epoch = 0;
  std::uint64_t head_seq = 0;
  Hash head{};                    // chain value after head_seq (S15)
  std::uint64_t dropped_seq = 0;  // payloads up to here are deleted: every member device has them
  std::uint32_t generation = 0;   // of the group (S11); 0: the one that opened the channel
  std::uint64_t expired_seq = 0;  // application payloads up to here are deleted: nobody may wait longer for them (S13)
  friend bool operator==(const ChannelRow&, const ChannelRow&) = default;
};

// Days since 1970 UTC. Who was heard when is kept no finer than that.
using DayNumber = std::int64_t;

// One stay of a device in a channel, from the commit that added it to the one that removed it. Of one device at most one stay has no
// end: that is its leaf in the group. A stay that has ended is kept until the device has fetched everything up to its removal (S12).
struct MemberRow {
  DeviceId device;
  AccountId account;
  std::uint64_t joined_seq = 0;        // of the commit that added it; 0 for the one that opened the channel
  std::uint64_t acknowledged_seq = 0;  // everything up to here is on the device
  std::uint64_t removed_seq = 0;       // of the commit that removed it; 0: it is in the roster
  std::uint64_t nacked_seq = 0;        // of the commit that it cannot process: nothing behind it is delivered (S11); 0: none
  DayNumber resync_day = 0;            // the day on which it last came in again by itself (S9) ...
  std::uint32_t resyncs = 0;           // ... and how often on that day
  [[nodiscard]] bool in_roster() const { return removed_seq == 0; }
  friend bool operator==(const MemberRow&, const MemberRow&) = default;
};

// A device that was in the room and is not now: an older grant does not bring it back (S8), a silent one may be added again (S13).
struct FormerRow {
  DeviceId device;
  AccountId account;
  VerifyKey account_key;
  std::uint64_t removed_in = 0;  // the epoch that its removal ended
  std::uint64_t removed_seq = 0;
  bool silent = false;
  friend bool operator==(const FormerRow&, const FormerRow&) = default;
};

// A device's signed word that it cannot process a commit (S11), as it came. Kept while its stay is held by it.
struct NackRow {
  DeviceId device;
  std::uint64_t seq = 0;  // of that commit
  Bytes nack;
  friend bool operator==(const NackRow&, const NackRow&) = default;
};

// Numbers of wire::RosterTaskKind.
enum class RosterTaskKind : std::uint8_t { remove_revoked = 1, remove_silent = 2, add_back = 3 };
// What waits for a member's commit.
struct RosterTaskRow {
  RosterTaskKind kind = RosterTaskKind::remove_revoked;
  ChannelId channel;
  AccountId account;
  DeviceId device;
  friend auto operator<=>(const RosterTaskRow&, const RosterTaskRow&) = default;
};

// A message that expired before every device had fetched it (S13), until its sender's device was told.
struct UndeliveredRow {
  DeviceId device;  // the sender's
  ChannelId channel;
  std::uint64_t seq = 0;
  MessageId id;
  Timestamp told;  // when it was handed out first; 0: not yet
  friend bool operator==(const UndeliveredRow&, const UndeliveredRow&) = default;
};

enum class MessageKind : std::uint8_t { application = 1, commit = 2 };  // as wire::EnvelopeKind

struct MessageRow {
  std::uint64_t seq = 0;
  MessageId id;
  MessageKind kind = MessageKind::application;
  std::uint64_t epoch = 0;
  AccountId account;
  DeviceId device;
  std::uint64_t counter = 0;
  ByteArray<32> tag{};
  Timestamp accepted;
  Hash payload_hash{};
  Hash chain{};                  // h_seq
  std::optional<Bytes> payload;  // absent once every member device has acknowledged it
  friend bool operator==(const MessageRow&, const MessageRow&) = default;
};

// Kept until every device that joined with this commit has acknowledged it.
struct WelcomeRow {
  std::uint64_t seq = 0;
  std::uint64_t epoch = 0;           // the new one
  std::uint64_t first_link_seq = 0;  // joiners get the links from here to seq (S15)
  Bytes welcome;
  std::uint32_t generation = 0;  // of the group it opens
  friend bool operator==(const WelcomeRow&, const WelcomeRow&) = default;
};

// Numbers of wire::InviteState. A refused proof leaves the invite open.
enum class InviteStatus : std::uint8_t { open = 1, accepted = 3, cancelled = 7 };

struct InviteRow {
  InviteId invite;
  Hash lookup{};
  AccountId coach;
  std::uint8_t kind = 0;  // wire::InviteKind
  Timestamp created;
  Timestamp expires;
  Bytes terms;
  InviteStatus status = InviteStatus::open;
  Hash accepted_proof{};
  Bytes accepted_chain;
  std::uint8_t purpose = 0;    // wire::InvitePurpose
  AccountId account = {};      // comeback, device: whose
  Bytes accepted_sealed = {};  // device: for the redeemer alone (S2)
  friend bool operator==(const InviteRow&, const InviteRow&) = default;
};

struct ProofRow {
  std::uint32_t ordinal = 0;  // 1, 2, ... per invite
  Hash hash{};
  Bytes proof;
  Timestamp received;
  bool refused = false;
  friend bool operator==(const ProofRow&, const ProofRow&) = default;
};

// Proofs in the order in which they are read: by invite, then by ordinal. The default one lies before all.
struct ProofPlace {
  InviteId invite;
  std::uint32_t ordinal = 0;
  friend auto operator<=>(const ProofPlace&, const ProofPlace&) = default;
};

struct UnansweredProof {
  InviteId invite;
  ProofRow proof;
  [[nodiscard]] ProofPlace place() const { return {invite, proof.ordinal}; }
  friend bool operator==(const UnansweredProof&, const UnansweredProof&) = default;
};

// What a commit, or the first GroupInfo of a generation, changes beside the message log.
struct GroupChange {
  ChannelNumber channel = 0;
  Bytes public_group;
  Bytes group_info;    // as uploaded, for who resyncs (S9)
  Bytes certificates;  // of leaves whose own chain has none (identity::complete_chain)
  std::vector<MemberRow> added;
  std::vector<MemberRow> changed;  // stays that are there, found by device and joined_seq
  std::vector<FormerRow> removed;
  std::vector<DeviceId> back;   // no longer former: they are in the roster again
  std::vector<DeviceId> freed;  // their NACKs are settled
  std::optional<WelcomeRow> welcome;
  // Only of a generation (S11):
  struct Generation {
    std::uint32_t number = 0;
    Bytes group_id;
    std::vector<AccountId> carried_over;  // may come back without asking anybody again, each once
  };
  std::optional<Generation> generation;
};

// What one writer batch relayed, written in one call.
struct RelayBatch {
  struct Appended {
    ChannelNumber channel = 0;
    std::vector<const MessageRow*> messages;  // consecutive
  };
  std::vector<Appended> appended;
  std::vector<const ChannelRow*> heads;  // channels whose epoch, head_seq or head changed
  struct Counter {
    DeviceId device;
    std::uint64_t accepted_counter = 0;
  };
  std::vector<Counter> counters;
};

// Acknowledged positions and what may be deleted because of them. No state change of its own: without audit leaf (design section
// 6).
struct AcknowledgeBatch {
  struct Position {
    ChannelNumber channel = 0;
    DeviceId device;
    std::uint64_t joined_seq = 0;
    std::uint64_t acknowledged_seq = 0;
  };
  std::vector<Position> positions;
  // Stays that are over and fetched.
  struct Gone {
    ChannelNumber channel = 0;
    DeviceId device;
    std::uint64_t joined_seq = 0;
  };
  std::vector<Gone> gone;
  struct Seen {
    DeviceId device;
    DayNumber day = 0;
  };
  std::vector<Seen> seen;
  struct Drop {
    ChannelNumber channel = 0;
    std::uint64_t after_seq = 0;  // payloads and Welcomes of (after_seq, up_to_seq]
    std::uint64_t up_to_seq = 0;
  };
  std::vector<Drop> drops;
};

}  // namespace steiger::gateway
