#include "crypto/identity/device_list.h"

#include "crypto/base/labels.h"
#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kDeviceListVersion = 1;

void write_content(Writer& out, const DeviceList& list) {
  out.u8(kDeviceListVersion).fixed(list.account.bytes()).u32(list.version);
  out.vector(list.devices, [](Writer& w, const ListedDevice& device) {
    w.fixed(device.device.bytes()).fixed(device.leaf_key.bytes());
    write_timestamp(w, device.added);
  });
}

Bytes device_list_to_sign(const DeviceList& list) {
  Writer content;
  write_content(content, list);
  return to_be_signed(labels::kDeviceList, content.view());
}

Result<void> check_rules(const DeviceList& list) {
  if (list.account.is_none() || list.version == 0) return kBadDeviceList;
  if (list.devices.empty() || list.devices.size() > kMaxDevicesPerAccount) return kBadDeviceList;
  for (std::size_t i = 0; i < list.devices.size(); ++i) {
    if (list.devices[i].device.is_none()) return kBadDeviceList;
    for (std::size_t j = 0; j < i; ++j) {
      if (list.devices[i].device == list.devices[j].device || list.devices[i].leaf_key == list.devices[j].leaf_key) {
        return kBadDeviceList;
      }
    }
  }
  return {};
}

}  // namespace

const ListedDevice* DeviceList::find(const DeviceId& device) const {
  for (const ListedDevice& listed : devices) {
    if (listed.device == device) return &listed;
  }
  return nullptr;
}

Result<DeviceList> sign_device_list(const SigningKey& account_key, AccountId account, std::uint32_t version,
                                    std::vector<ListedDevice> devices) {
  DeviceList list{account, version, std::move(devices), {}};
  STEIGER_CHECK(check_rules(list));
  list.signature = account_key.sign(device_list_to_sign(list));
  return list;
}

Result<void> verify_device_list(const DeviceList& list, const VerifyKey& account_key) {
  STEIGER_CHECK(check_rules(list));
  if (!account_key.verify(device_list_to_sign(list), list.signature).ok()) return kBadDeviceListSignature;
  return {};
}

Result<void> check_device_list_successor(const DeviceList& known, const DeviceList& next) {
  if (next.account != known.account) return kAccountMismatch;
  if (next.version < known.version) return kDeviceListRollback;
  if (next.version == known.version && next.devices != known.devices) return kDeviceListFork;
  return {};
}

void write_device_list(Writer& out, const DeviceList& list) {
  write_content(out, list);
  out.fixed(list.signature);
}

Result<DeviceList> read_device_list(Reader& in) {
  DeviceList list;
  STEIGER_CHECK(read_version(in, kDeviceListVersion));
  STEIGER_TRY(list.account, read_id<AccountId>(in));
  STEIGER_TRY(list.version, in.u32());
  STEIGER_TRY(list.devices, in.vector<ListedDevice>(kMaxDevicesPerAccount, [](Reader& r) -> Result<ListedDevice> {
    ListedDevice device;
    STEIGER_TRY(device.device, read_id<DeviceId>(r));
    STEIGER_TRY(device.leaf_key, read_verify_key(r));
    STEIGER_TRY(device.added, read_timestamp(r));
    return device;
  }));
  STEIGER_TRY(list.signature, in.array<kSignatureSize>());
  return list;
}

Bytes encode_device_list(const DeviceList& list) {
  Writer out;
  write_device_list(out, list);
  return std::move(out).take();
}

Result<DeviceList> decode_device_list(ByteView bytes) {
  Reader in(bytes);
  STEIGER_TRY(DeviceList list, read_device_list(in));
  STEIGER_CHECK(in.done());
  return list;
}

}  // namespace steiger::identity
