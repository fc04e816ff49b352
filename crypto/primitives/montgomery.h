// From a point on edwards25519 to X25519's coordinate (RFC 7748 section 4.1). Only for points that are public: made for public
// keys, where libsodium's own conversion of received points spends more on checking than the multiplication itself costs.
// Thread-safe, and without branches on its input.
#pragma once

#include "crypto/base/bytes.h"

namespace steiger {

// u = (1 + y) / (1 - y) of an encoded point that is not the identity (which gives 0). The sign bit does not count.
ByteArray<32> montgomery_u(const ByteArray<32>& edwards_point);

}  // namespace steiger
