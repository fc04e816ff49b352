// Reading and writing the fields that several structures of this room share.
#pragma once

#include "crypto/base/clock.h"
#include "crypto/base/codec.h"
#include "crypto/base/ids.h"
#include "crypto/primitives/sign.h"

namespace steiger::identity {

template <class IdType>
Result<IdType> read_id(Reader& in) {
  STEIGER_TRY(const ByteView bytes, in.fixed(kIdSize));
  return IdType::from_bytes(bytes);
}

inline Result<VerifyKey> read_verify_key(Reader& in) {
  STEIGER_TRY(const ByteView bytes, in.fixed(VerifyKey::kSize));
  return VerifyKey::from_bytes(bytes);
}

// int64 milliseconds as u64; kBadValue beyond int64.
void write_timestamp(Writer& out, Timestamp time);
Result<Timestamp> read_timestamp(Reader& in);

// kBadValue unless the next byte is `version`.
inline Result<void> read_version(Reader& in, std::uint8_t version) {
  STEIGER_TRY(const std::uint8_t found, in.u8());
  if (found != version) return kBadValue;
  return {};
}

}  // namespace steiger::identity
