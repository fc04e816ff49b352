// A stored organisation, root key included: anything else is refused, and what opens is stored again as the same bytes. Free
// bytes hardly ever hold the public key of their own root key, so each input is tried twice: as it is, and as changes
// (offset, xor) to an organisation that does open.
#include "client-sdk/src/organisation.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace steiger;  // NOLINT(google-build-using-namespace)

void open_and_store(ByteView input) {
  const auto opened = sdk::Organisation::deserialize(input);
  if (!opened.ok()) return;
  const SecretBytes stored = opened->serialize();
  if (!equal(stored.bytes(), input)) std::abort();
}

// The same at every run, so that a finding can be repeated.
Bytes right_organisation() {
  const Bytes seed_bytes(SigningKey::Seed::size(), 7);
  SigningKey root(SigningKey::Seed::from_bytes(seed_bytes).value());
  identity::OrganisationPublic facts{OrganisationId{}, root.verify_key(), "Gemeente Voorbeeld"};
  const sdk::Organisation organisation{std::move(facts), std::move(root)};
  return to_bytes(organisation.serialize().bytes());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Bytes right = right_organisation();
  open_and_store({data, size});
  Bytes changed = right;
  for (std::size_t i = 0; i + 1 < size; i += 2) changed[data[i] % changed.size()] ^= data[i + 1];
  if (size % 2 == 1) changed.resize(data[size - 1] % (changed.size() + 1));  // an odd byte cuts it short
  open_and_store(changed);
  return 0;
}
