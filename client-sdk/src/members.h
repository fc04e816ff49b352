// Who is in a room, as its group's tree says (S1), and what a change of it means for people.
#pragma once

#include "client-sdk/src/state.h"
#include "crypto/membership/rules.h"

namespace steiger::sdk {

Role api_role(identity::Role role);

// Every certificate this device knows of the room's people, and its own: for leaves whose chain is not complete yet.
std::vector<identity::Certificate> known_certificates(const State& state, const Channel& channel);

// The room's members from its group: record.members holds each account once, with what was known of it; the others become former.
// `silent`: devices that went for that reason (S13). `epoch`: that the commit ended.
void take_roster(Channel& channel, const membership::Roster& before, const membership::Roster& after,
                 const std::vector<identity::DeviceIdentity>& silent, std::uint64_t epoch);

// What the rules need to know of who was here before.
std::vector<membership::Former> former_of(const Channel& channel);
// As what they were or are here, of all whom this device has seen in the room.
std::vector<membership::Known> known_of(const Channel& channel);

// Did this device send anything here after `since`? Whoever did was not silent then (S13).
bool spoke_since(const Channel& channel, const identity::DeviceIdentity& device, Timestamp since);

// Adds what `judgement` means to the room's notices, at `seq`; the newest kMaxNotices are kept. Returns how many were added.
std::size_t add_notices(Channel& channel, const membership::Judgement& judgement, std::uint64_t seq, Timestamp when);
void add_notice(Channel& channel, NoticeRecord notice);

}  // namespace steiger::sdk
