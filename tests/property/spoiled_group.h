// A device whose own keys of the present epoch are not what they were: nothing shows it until a commit comes that it cannot follow (S11).
#pragma once

#include "client-sdk/src/keys.h"
#include "client-sdk/src/recovery_records.h"
#include "client-sdk/src/testing/sim_device.h"
#include "crypto/mls/group.h"

namespace steiger::sdk::testing {

inline void put_group(SimDevice& device, const ChannelId& id, const Bytes& bytes, bool with_stamp) {
  device.disk.at(keys::group(id)) = SecretBytes::copy_of(bytes);
  if (with_stamp) device.disk.at(keys::stamp(id)) = StampRecord{sha256(bytes)}.encode();
}

// False: no byte of it matters.
inline bool spoil_group(SimDevice& device, const ChannelId& id, const Bytes& commit) {
  const Bytes good = to_bytes(device.disk.at(keys::group(id)).bytes());
  const Bytes seen = mls::Group::deserialize(good)->public_state().serialize();
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 1;
    const auto spoilt = mls::Group::deserialize(bad);
    if (!spoilt.ok() || spoilt->public_state().serialize() != seen) continue;
    const auto result = spoilt->handle_commit(commit, mls::no_psks());
    if (result.ok() || result.error() != mls::kBadMembershipTag) continue;
    put_group(device, id, bad, true);
    return true;
  }
  return false;
}

inline bool understands(const mls::Group& listener, const mls::Group& speaker, Rng& rng) {
  auto from = mls::Group::deserialize(speaker.serialize().bytes());
  auto to = mls::Group::deserialize(listener.serialize().bytes());
  const auto message = from->encrypt(rng, {}, {});
  return message.ok() && to->decrypt(*message).ok();
}

// The device cannot read `unheard` any more, but the other, and is read by it. False: no byte does that.
inline bool deafen(SimDevice& device, const ChannelId& id, const mls::Group& unheard, const mls::Group& heard, Rng& rng) {
  const Bytes good = to_bytes(device.disk.at(keys::group(id)).bytes());
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 1;
    const auto spoilt = mls::Group::deserialize(bad);
    if (!spoilt.ok() || spoilt->epoch() != heard.epoch() || understands(*spoilt, unheard, rng)) continue;
    if (!understands(*spoilt, heard, rng) || !understands(heard, *spoilt, rng)) continue;
    put_group(device, id, bad, true);
    return true;
  }
  return false;
}

}  // namespace steiger::sdk::testing
