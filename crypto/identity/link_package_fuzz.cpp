#include "crypto/identity/link.h"
#include "tests/fuzz/fuzz.h"

namespace {

steiger::Bytes encode(const steiger::identity::LinkPackage& package) {
  return steiger::to_bytes(steiger::identity::encode_link_package(package).bytes());
}

}  // namespace

STEIGER_FUZZ_DECODER(steiger::identity::decode_link_package, encode)
