// Certificates for who joins a group: the leaf of somebody who redeemed an invite shows none until its next commit (chain.h), and a joiner
// has not seen the commit that brought them. So the committer puts what is missing into the GroupInfo. Nothing is trusted by it:
// complete_chain() and verify_chain() as always. Thread-safe.
#pragma once

#include "crypto/identity/certificate.h"

namespace steiger::identity {

// Private-use GroupInfo extension type (RFC 9420 section 17.3).
inline constexpr std::uint16_t kCertificatesExtension = 0xF5A4;

// At most kMaxHandshakeCertificates. Canonical: what decodes encodes to the same bytes.
Bytes encode_certificates(const std::vector<Certificate>& certificates);
Result<std::vector<Certificate>> decode_certificates(ByteView bytes);

}  // namespace steiger::identity
