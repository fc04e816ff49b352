// Who may change a room, and how: the rules S2, S5, S8, S9, S10 and S13 over what a commit does. One function for both ends: the
// gateway refuses what it forbids, and a client that sees the gateway let such a commit pass stops the channel. Public half, pure and
// thread-safe.
//
// In a room of a jongere:
//   - an account enters with the jongere's grant (S8), as the successor of a handover offer (S10), or by redeeming an invite: the
//     jongere into a new room, or anybody known back under a new key that the coach certified (S2);
//   - a device enters by the hand of its own account, or back after it was removed for silence (S13);
//   - a leaf leaves by the hand of its own account (but devices of before a comeback stay until the coach takes them out, so that
//     they can object), because its key or certificate no longer counts, because it was silent, or: third
//     parties and agents by the coach or the jongere, a coach by handover or by the jongere while another coach stays;
//   - nothing else of the group changes.
#pragma once

#include "crypto/membership/errors.h"
#include "crypto/membership/roster.h"
#include "crypto/mls/public_group.h"
#include "crypto/primitives/hash.h"

namespace steiger::membership {

// A device that was in the room.
struct Former {
  identity::DeviceIdentity who;
  VerifyKey account_key;
  std::uint64_t removed_in = 0;  // the epoch that its removal ended
  bool silent = false;           // removed under S13: may be added back
};

// As what somebody was in the room who is not in it now: what may come back without another yes comes back as no more than that.
struct Known {
  AccountId account;
  VerifyKey account_key;
  identity::Role role = identity::Role::jongere;
  Timestamp certified_from;
  Timestamp certified_until;
};
Known known_by(const identity::IdentityChain& chain);  // complete

struct Change {
  const identity::ChannelBinding& binding;
  const Roster& before;
  const Roster& after;
  const mls::CommitFacts& facts;
  const identity::HandshakeHeader& header;
  Hash group{};             // SHA-256 of the group id
  std::uint64_t epoch = 0;  // that the commit ends
  Timestamp now;            // when the gateway accepted it
  const Trust& trust;
  const std::vector<Former>& former;
  // S11: accounts of the group generation before this one, which come back without asking anybody again.
  const std::vector<AccountId>& carried_over;
  const std::vector<Known>& known;  // of accounts in `former` and `carried_over`; of one account the last counts
};

// What it means for people.
struct Judgement {
  std::vector<AccountId> joined;
  std::vector<AccountId> left;
  std::vector<identity::DeviceIdentity> new_devices;  // of accounts that were there: "nieuw toestel" for everybody (S2)
  std::vector<identity::DeviceIdentity> gone_devices;
  std::vector<AccountId> new_keys;  // the account goes on under another key (S2)
  bool resync = false;              // S9
  bool handover = false;            // S10
};

// What a change that is known to be allowed means.
Judgement difference(const Roster& before, const Roster& after, bool handover);

// The errors of errors.h, and of identity for grants, offers, certificates and standing.
Result<Judgement> judge(const Change& change);

}  // namespace steiger::membership
