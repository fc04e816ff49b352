// Labelled hashing and signing (RFC 9420 sections 5.1.2 and 5.2). Public half: the gateway verifies with these. Thread-safe.
#pragma once

#include "crypto/base/codec.h"
#include "crypto/primitives/hash.h"
#include "crypto/primitives/sign.h"

namespace steiger::mls {

using KeyPackageRef = Hash;
using ProposalRef = Hash;

// RefHash: SHA-256 over {label, value}.
Hash ref_hash(std::string_view label, ByteView value);

// The bytes under a labelled signature: {"MLS 1.0 " + label, content}.
Bytes label_to_sign(std::string_view label, ByteView content);
Signature sign_with_label(const SigningKey& key, std::string_view label, ByteView content);
// kBadSignature of primitives; kBadKey when `verify_key` has not the suite's length.
Result<void> verify_with_label(ByteView verify_key, std::string_view label, ByteView content, ByteView signature);

}  // namespace steiger::mls
