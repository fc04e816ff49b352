// Every decoder of wire structs: what decodes is written back as it was read. The first byte chooses the struct.
#include "crypto/mls/group_secrets.h"
#include "crypto/mls/messages.h"
#include "crypto/mls/tree.h"

namespace {

using namespace steiger;       // NOLINT(google-build-using-namespace)
using namespace steiger::mls;  // NOLINT(google-build-using-namespace)

template <class T>
void round_trip(ByteView bytes) {
  const Result<T> value = decode<T>(bytes);
  if (value.ok() && !equal(encode(*value), bytes)) std::abort();
}

void tree(ByteView bytes) {
  const Result<RatchetTree> value = decode<RatchetTree>(bytes);
  if (!value.ok()) return;
  if (!equal(encode(*value), bytes)) std::abort();
  // Nothing a peer sends may crash validation or hashing.
  static_cast<void>(value->tree_hash());
  static_cast<void>(value->check_unmerged_leaves());
  static_cast<void>(value->check_parent_hashes());
  static_cast<void>(value->validate(as_bytes("group"), {}));
}

void group_secrets(ByteView bytes) {
  const Result<GroupSecrets> value = GroupSecrets::decode(bytes);
  if (value.ok() && !equal(value->encode().bytes(), bytes)) std::abort();
}

void key_package(ByteView bytes) {
  const Result<KeyPackage> value = decode<KeyPackage>(bytes);
  if (!value.ok()) return;
  if (!equal(encode(*value), bytes)) std::abort();
  static_cast<void>(value->validate());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr void (*kDecoders[])(ByteView) = {
      round_trip<MlsMessage>,
      key_package,
      round_trip<GroupInfo>,
      tree,
      round_trip<Welcome>,
      round_trip<Commit>,
      group_secrets,
      round_trip<AuthenticatedContent>,
      round_trip<GroupContext>,
      round_trip<RequiredCapabilities>,
  };
  if (size == 0) return 0;
  kDecoders[data[0] % std::size(kDecoders)](ByteView(data + 1, size - 1));
  return 0;
}
