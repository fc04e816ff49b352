// What is re-sent goes through the room, but is for the one device that asked: it is sealed to a key that came with the question, so that
// others in the room, who may not have been there then, read nothing of it (S17). HPKE in base mode; MLS says who sent it.
#pragma once

#include "client-sdk/src/history_content.h"
#include "crypto/primitives/hpke.h"

namespace steiger::sdk {

// `content`: an encoded History or Earlier. The answer as a content of the room. kBadPublicKey.
Result<SecretBytes> seal_for_device(Rng& rng, const ChannelId& channel, const DeviceId& device, const DhPublicKey& key,
                                    const SecretBytes& content, Timestamp created);
// What seal_for_device() was given. kBadPublicKey, kDecryptionFailed: sealed to another key, or for another device or room.
Result<SecretBytes> open_for_device(const HpkeKeyPair& key, const ChannelId& channel, const ForDeviceContent& sealed);

}  // namespace steiger::sdk
