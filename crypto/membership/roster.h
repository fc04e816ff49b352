// Whose devices sit in a group's tree (S1). Client and gateway read the same tree in the same way. Public half; thread-safe.
#pragma once

#include "crypto/identity/channel.h"
#include "crypto/identity/root_succession.h"
#include "crypto/identity/status_list.h"
#include "crypto/mls/tree.h"

namespace steiger::membership {

// What identities are judged by.
struct Trust {
  OrganisationId organisation;
  std::vector<identity::TrustedRoot> roots;
  std::optional<identity::StatusList> status = {};  // absent: the organisation has published none yet
};

// One leaf and whose it is. Its chain holds at the time of its own certificate; whether it holds now is asked of newcomers only
// (rules.h): people stay in a room when a coach's certificate ends.
struct Seat {
  mls::LeafIndex leaf;
  identity::DeviceIdentity who;
  VerifyKey account_key;
  identity::Role role = identity::Role::jongere;
  Timestamp certified_from;
  Timestamp certified_until;
  std::optional<AccountId> certified_by;  // the coach; absent for staff
  identity::IdentityChain chain;          // complete
};
using Roster = std::vector<Seat>;  // in leaf order

// For which channel the certificates of this room's members must be: a third party's names one (S8). The self group holds the devices of
// one account and needs none.
inline ChannelId certified_for(const identity::ChannelBinding& binding) {
  return binding.room == identity::RoomKind::self ? ChannelId() : binding.channel;
}

// `channel`: certified_for(); none: any. `helpful`: certificates from elsewhere, for leaves whose chain has none yet (complete_chain). The errors of verify_chain and
// check_leaf; kWrongChannel for a third party of another channel; kDeviceTwice.
Result<Roster> read_roster(const mls::RatchetTree& tree, const std::vector<identity::Certificate>& helpful, const Trust& trust,
                           const ChannelId& channel);
Result<Seat> read_seat(mls::LeafIndex index, const mls::LeafNode& leaf, const std::vector<identity::Certificate>& helpful,
                       const Trust& trust, const ChannelId& channel);

// nullptr: nobody.
const Seat* find_leaf(const Roster& roster, mls::LeafIndex leaf);
const Seat* find_device(const Roster& roster, const identity::DeviceIdentity& device);
// Of the account's seats the one that was certified last: its key is the account's key.
const Seat* find_account(const Roster& roster, const AccountId& account);
const Seat* find_role(const Roster& roster, identity::Role role);
// Each account once, in leaf order.
std::vector<AccountId> accounts_of(const Roster& roster);

}  // namespace steiger::membership
