// One type per id: 16 random bytes, 32 hexadecimal characters in text. An AccountId cannot be passed for a DeviceId.
#pragma once

#include <compare>
#include <cstring>
#include <functional>

#include "crypto/base/bytes.h"
#include "crypto/base/rng.h"

namespace steiger {

inline constexpr std::size_t kIdSize = 16;

template <class Tag>
class Id {
 public:
  constexpr Id() = default;  // all zero: "none"
  explicit constexpr Id(const ByteArray<kIdSize>& bytes) : bytes_(bytes) {}

  static Id random(Rng& rng) {
    Id id;
    rng.fill(id.bytes_);
    return id;
  }
  // kBadLength unless exactly 16 bytes.
  static Result<Id> from_bytes(ByteView view) {
    STEIGER_TRY(const auto array, to_array<kIdSize>(view));
    return Id(array);
  }
  // kBadText / kBadLength unless 32 hexadecimal characters.
  static Result<Id> from_text(std::string_view text) {
    STEIGER_TRY(const auto bytes, from_hex(text));
    return from_bytes(bytes);
  }

  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] const ByteArray<kIdSize>& array() const { return bytes_; }
  [[nodiscard]] std::string text() const { return to_hex(bytes_); }
  [[nodiscard]] bool is_none() const { return *this == Id(); }

  friend constexpr bool operator==(const Id&, const Id&) = default;
  // Named ordering: emscripten's libc++ has no <=> for arrays, so that the compiler builds it from == and <.
  friend constexpr std::strong_ordering operator<=>(const Id&, const Id&) = default;

 private:
  ByteArray<kIdSize> bytes_{};
};

using OrganisationId = Id<struct OrganisationTag>;
using AccountId = Id<struct AccountTag>;  // a person's pseudonym; staff and jongere alike
using DeviceId = Id<struct DeviceTag>;
using ChannelId = Id<struct ChannelTag>;  // never equal to the MLS group id (S7)
using MessageId = Id<struct MessageTag>;
using InviteId = Id<struct InviteTag>;

}  // namespace steiger

template <class Tag>
struct std::hash<steiger::Id<Tag>> {
  // Ids are uniformly random, so their first bytes are a hash already.
  std::size_t operator()(const steiger::Id<Tag>& id) const noexcept {
    std::size_t out = 0;
    std::memcpy(&out, id.array().data(), sizeof out);
    return out;
  }
};
