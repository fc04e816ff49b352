// What a device keeps of a room beside its messages (keys.h: room/, wish/). Values as in records.h.
#pragma once

#include "client-sdk/src/records.h"

namespace steiger::sdk {

// Somebody's device that was in the room: whether a grant may bring it back (S8), whether it may return from silence (S13), and the name
// under which its messages stay readable.
struct FormerRecord {
  AccountId account;
  DeviceId device;
  ByteArray<32> account_key{};
  std::uint64_t removed_in = 0;  // the epoch that its removal ended
  bool silent = false;
  Role role = Role::none;
  std::string name;
};

// What people are told about who is in the room. Kinds are those of api::NoticeKind.
struct NoticeRecord {
  std::uint64_t seq = 0;
  std::uint8_t kind = 0;
  AccountId account;
  DeviceId device;
  std::string name;
  Role role = Role::none;
  Timestamp when;
};

// room/<channel>
struct RoomRecord {
  bool ended = false;            // this device was removed: its keys are gone, what it has stays readable
  std::uint64_t generation = 0;  // of the channel's group (S11)
  std::vector<FormerRecord> former;
  std::vector<NoticeRecord> notices;
  std::vector<Timestamp> resyncs;  // of the last day (S11)
  // identity::Certificate: of leaves under an earlier key of their account (S2), which may show none themselves.
  std::vector<Bytes> older_certificates;
  // identity::IdentityChain: under which members spoke who left, or go on under another one; without it nobody could prove what they
  // said (S16), and nobody would know as what somebody may come back (S8). Oldest first, at most kMaxEarlierChains: beyond that the oldest
  // goes of somebody who is here or of whom a later one is kept, and its messages stay readable, not provable.
  std::vector<Bytes> earlier_chains;
  std::vector<AccountId> carried_over;  // accounts of the generation before, until they are back (S11)

  [[nodiscard]] SecretBytes encode() const;
  static Result<RoomRecord> decode(ByteView bytes);
};

// wish/<channel>/<number>: what this person wants of the room's members. Declarative: it is over when the room is as it says, whoever
// made it so.
struct WishRecord {
  enum class Kind : std::uint8_t {
    add_invited = 1,     // who redeemed `invite`, into a room that exists
    add_device = 2,      // an own device
    remove_device = 3,   // `device` of `account`
    remove_account = 4,  // every device of `account`
    add_back = 5,        // a device that was removed for silence (S13)
    handover = 6,        // S10, by the offer in `evidence`
    refresh_self = 7,    // the own leaf shows the newest chain
    carry_over = 8,      // an account of the generation before (S11)
                         // 9 was never written: do not use it again
    update_self = 10,    // fresh keys for the own leaf (S14)
  };
  std::uint64_t number = 0;
  Kind kind = Kind::add_device;
  AccountId account;
  DeviceId device;
  InviteId invite;
  bool remove_older = false;  // add_invited: the account's older devices go in the same commit (a lost phone, S2)
  bool silent = false;        // remove_device: nothing was heard of it (S13)
  bool committed = false;     // the channel's pending commit is this wish's
  Timestamp not_before;
  Bytes evidence;                     // identity::Grant or identity::HandoverOffer
  Bytes certificate;                  // handover: the teamleider's
  std::vector<Bytes> chains;          // newer identity chains that no longer list a device (S2)
  std::vector<Bytes> packages;        // claimed, kept over rebuilding
  std::vector<Bytes> package_chains;  // that came with them

  [[nodiscard]] SecretBytes encode() const;
  static Result<WishRecord> decode(ByteView bytes);
};

// question/<id>: what waits, or waited, for this person's yes or no (questions.h).
using QuestionId = Id<struct QuestionTag>;
struct QuestionRecord {
  QuestionId id;
  std::uint8_t kind = 1;  // api::QuestionKind
  ChannelId channel;
  AccountId account;        // let_in: who wants to come in; handover: the successor; new_key: whose key
  std::string name;         // let_in: as the coach calls them
  std::uint8_t role = 0;    // let_in, handover: identity::Role
  std::uint8_t reason = 1;  // let_in: identity::GrantPurpose
  Timestamp until;          // let_in: when the reading along ends
  Timestamp asked;
  Timestamp expires;  // of the question
  bool answered = false;
  bool yes = false;
  Bytes evidence;  // handover: identity::HandoverOffer; new_key: identity::DeviceList
  Bytes key;       // handover: the teamleider's identity::Certificate; new_key: the account key

  [[nodiscard]] SecretBytes encode() const;
  static Result<QuestionRecord> decode(ByteView bytes);
};

}  // namespace steiger::sdk
