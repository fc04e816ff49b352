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
  friend bool operator==(const ChannelRow&, const ChannelRow&) = default;
};

// One device in a channel's roster: a leaf of the group.
struct MemberRow {
  DeviceId device;
  AccountId account;
  std::uint64_t joined_seq = 0;        // of the commit that added it; 0 for the one that opened the channel
  std::uint64_t acknowledged_seq = 0;  // everything up to here is on the device
  friend bool operator==(const MemberRow&, const MemberRow&) = default;
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
    std::uint64_t acknowledged_seq = 0;
  };
  std::vector<Position> positions;
  struct Drop {
    ChannelNumber channel = 0;
    std::uint64_t after_seq = 0;  // payloads and Welcomes of (after_seq, up_to_seq]
    std::uint64_t up_to_seq = 0;
  };
  std::vector<Drop> drops;
};

}  // namespace steiger::gateway
