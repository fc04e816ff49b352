// The devices of an account (S1, S2), signed by the account key that all of them hold. Versions only go up.
// All functions are thread-safe.
#pragma once

#include "crypto/base/clock.h"
#include "crypto/base/codec.h"
#include "crypto/base/ids.h"
#include "crypto/identity/errors.h"
#include "crypto/identity/limits.h"
#include "crypto/primitives/sign.h"

namespace steiger::identity {

struct ListedDevice {
  DeviceId device;
  VerifyKey leaf_key;  // the device's MLS leaf signature key, which also signs its logins
  Timestamp added;

  friend bool operator==(const ListedDevice&, const ListedDevice&) = default;
};

struct DeviceList {
  AccountId account;
  std::uint32_t version = 0;  // 1, 2, 3, ... with every change
  std::vector<ListedDevice> devices;
  Signature signature{};

  // Null when the device is not listed.
  [[nodiscard]] const ListedDevice* find(const DeviceId& device) const;
  friend bool operator==(const DeviceList&, const DeviceList&) = default;
};

// Signs a list. kBadDeviceList unless it has 1 to kMaxDevicesPerAccount devices, no device or key twice, and a version above 0.
Result<DeviceList> sign_device_list(const SigningKey& account_key, AccountId account, std::uint32_t version,
                                    std::vector<ListedDevice> devices);
// kBadDeviceList, kBadDeviceListSignature.
Result<void> verify_device_list(const DeviceList& list, const VerifyKey& account_key);

// May `next` replace `known`, both verified? kAccountMismatch, kDeviceListRollback (an older version), kDeviceListFork (the same
// version with other content: the account key signed two truths).
Result<void> check_device_list_successor(const DeviceList& known, const DeviceList& next);

void write_device_list(Writer& out, const DeviceList& list);
Result<DeviceList> read_device_list(Reader& in);
Bytes encode_device_list(const DeviceList& list);
Result<DeviceList> decode_device_list(ByteView bytes);

}  // namespace steiger::identity
