#include "client-sdk/src/resending.h"

#include "crypto/base/labels.h"

namespace steiger::sdk {
namespace {

Bytes info_of(const ChannelId& channel, const DeviceId& device) {
  Writer content;
  content.fixed(channel.bytes()).fixed(device.bytes());
  return to_be_signed(labels::kResent, content.view());
}

}  // namespace

Result<SecretBytes> seal_for_device(Rng& rng, const ChannelId& channel, const DeviceId& device, const DhPublicKey& key,
                                    const SecretBytes& content, Timestamp created) {
  STEIGER_TRY(HpkeCiphertext sealed, hpke_seal(rng, key, info_of(channel, device), {}, content.bytes()));
  return encode_for_device({device, sealed.kem_output, std::move(sealed.ciphertext)}, created);
}

Result<SecretBytes> open_for_device(const HpkeKeyPair& key, const ChannelId& channel, const ForDeviceContent& sealed) {
  return hpke_open(key, sealed.kem_output, info_of(channel, sealed.device), {}, sealed.sealed);
}

}  // namespace steiger::sdk
