// What a device keeps about invites for other purposes than a newcomer, and about the own devices (keys.h: purpose/, devices). Values as in
// records.h.
#pragma once

#include <string>
#include <vector>

#include "client-sdk/src/errors.h"
#include "crypto/base/clock.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/secret.h"

namespace steiger::sdk {

// purpose/<invite>: absent for a newcomer's.
struct PurposeRecord {
  std::uint8_t purpose = 0;  // identity::InvitePurpose
  AccountId account;         // comeback: whose; device: the own; third_party: of the proof, once there
  ChannelId channel;         // third_party, comeback
  Timestamp until;           // third_party
  std::uint8_t reason = 1;   // third_party: identity::GrantPurpose
  bool lost = false;         // comeback: the older devices go at once
  bool asked = false;        // third_party: the jongere was asked
  DeviceId device;           // device: that was linked
  Bytes sealed;              // device: identity::LinkPackage, until the gateway has it

  [[nodiscard]] SecretBytes encode() const;
  static Result<PurposeRecord> decode(ByteView bytes);
};

// How a room and its people are called, for a device that was not there when they were named.
struct RoomNamesRecord {
  struct Name {
    AccountId account;
    std::string name;
  };
  ChannelId channel;
  std::string label;
  std::vector<Name> names;
};

// devices: of this account.
struct DevicesRecord {
  bool chain_unsent = false;  // the gateway does not have the own chain yet
  // The account goes on under another key (S2) once that is certified; empty: no.
  SecretBytes next_seed;
  Bytes next_list;  // identity::DeviceList under it
  bool pass_key =
      false;  // the own key is new: the other own devices have yet to hear it, when the lost one is out of the self group
  std::vector<RoomNamesRecord> rooms;  // of rooms that this device has yet to be let into

  [[nodiscard]] SecretBytes encode() const;
  static Result<DevicesRecord> decode(ByteView bytes);
};

// newkey
struct NewKeyRecord {
  Bytes chain;      // identity::IdentityChain under devices.next_seed
  Timestamp since;  // that it waits

  [[nodiscard]] SecretBytes encode() const;
  static Result<NewKeyRecord> decode(ByteView bytes);
};

}  // namespace steiger::sdk
