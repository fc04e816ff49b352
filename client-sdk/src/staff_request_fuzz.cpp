// What a beheerder is handed. A request is signed, so free bytes stop at the signature: the second try changes (offset, xor) a
// request before its account key signs it, which gets past the signature to what reads the request.
#include "client-sdk/src/organisation.h"
#include "crypto/base/labels.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace steiger;  // NOLINT(google-build-using-namespace)

SigningKey key_of(std::uint8_t number) {
  const Bytes seed_bytes(SigningKey::Seed::size(), number);
  return SigningKey(SigningKey::Seed::from_bytes(seed_bytes).value());
}

template <class Id>
Id id_of(std::uint8_t number) {
  ByteArray<kIdSize> bytes{};
  bytes.fill(number);
  return Id(bytes);
}

// The same at every run, so that a finding can be repeated.
struct World {
  SigningKey account = key_of(1);
  SigningKey leaf = key_of(2);
  Bytes body;  // a right request without its signature

  World() {
    sdk::StaffRequest request;
    request.name = "Noor";
    request.account_key = account.verify_key();
    request.device_list =
        identity::sign_device_list(account, id_of<AccountId>(3), 1, {{id_of<DeviceId>(4), leaf.verify_key(), Timestamp{1}}})
            .value();
    body = sdk::encode_staff_request(request, account);
    body.resize(body.size() - kSignatureSize);
  }
};

// A request carries its signature and not the key that made it, so storing it again takes the account's key.
void decode_and_encode(ByteView input, const SigningKey& account) {
  const auto request = sdk::decode_staff_request(input);
  if (!request.ok() || request->account_key != account.verify_key()) return;
  if (!equal(sdk::encode_staff_request(*request, account), input)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  decode_and_encode({data, size}, world.account);
  Bytes changed = world.body;
  for (std::size_t i = 0; i + 1 < size; i += 2) changed[data[i] % changed.size()] ^= data[i + 1];
  if (size % 2 == 1) changed.resize(data[size - 1] % (changed.size() + 1));  // an odd byte cuts it short
  const Signature signature = world.account.sign(to_be_signed(labels::kStaffRequest, changed));
  changed.insert(changed.end(), signature.begin(), signature.end());
  decode_and_encode(changed, world.account);
  return 0;
}
