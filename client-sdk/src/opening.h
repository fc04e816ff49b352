// What makes a room and its people: opening a channel, certifying an account. Nothing here changes the State or sends anything.
#pragma once

#include "client-sdk/src/state.h"

namespace steiger::sdk {

class Engine;

struct OpenedChannel {
  Channel channel;
  Bytes registration;  // epoch-0 GroupInfo with its tree (S7), for Outbox::send_registration
};
// A group with this device alone in it, under a random id (S7). Errors of mls::Group::create.
Result<mls::Group> make_group(Engine& engine, mls::Extensions extensions);
// A room with this device alone in it. kTooManyChannels, kNotSetUp.
Result<OpenedChannel> open_channel(Engine& engine, identity::RoomKind room);

// S1: this coach certifies `account_key` for the account of `devices`.
struct Certified {
  identity::Role role = identity::Role::jongere;
  std::optional<ChannelId> only_channel = {};        // third party
  std::optional<Timestamp> until = {};               // third party; else kMaxAccountCertificateLife
  const identity::IdentityChain* earlier = nullptr;  // comeback (S2): the new certificate must be later than this one's
};
Result<identity::IdentityChain> certify_account(Engine& engine, const VerifyKey& account_key, const identity::DeviceList& devices,
                                                const Certified& as);
// The same account under another key (S2): in the role, and for the room, that `earlier` has.
Result<identity::IdentityChain> certify_again(Engine& engine, const identity::IdentityChain& earlier,
                                              const VerifyKey& account_key, const identity::DeviceList& devices);

}  // namespace steiger::sdk
