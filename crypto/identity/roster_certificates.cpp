#include "crypto/identity/roster_certificates.h"

#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

Bytes encode_certificates(const std::vector<Certificate>& certificates) {
  Writer out;
  out.u8(kVersion).vector(certificates, [](Writer& inner, const Certificate& each) { write_certificate(inner, each); });
  return std::move(out).take();
}

Result<std::vector<Certificate>> decode_certificates(ByteView bytes) {
  Reader in(bytes);
  STEIGER_CHECK(read_version(in, kVersion));
  STEIGER_TRY(auto out, in.vector<Certificate>(kMaxHandshakeCertificates, read_certificate));
  STEIGER_CHECK(in.done());
  return out;
}

}  // namespace steiger::identity
