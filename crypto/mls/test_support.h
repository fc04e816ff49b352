// Devices for the tests of this room and for its benchmarks. Deterministic: a seed replays a run.
#pragma once

#include <string>

#include "crypto/mls/group.h"

namespace steiger::mls::test {

// ChaCha20 keystream by seed; not for production.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) {
    for (std::size_t i = 0; i < 8; ++i) seed_[i] = static_cast<std::uint8_t>(seed >> (8 * i));
  }
  void fill(std::span<std::uint8_t> out) override {
    if (out.empty()) return;
    randombytes_buf_deterministic(out.data(), out.size(), seed_.data());
    seed_ = sha256(seed_);
  }

 private:
  Hash seed_{};
};

inline constexpr Timestamp kNow{1'750'000'000'000};
inline constexpr std::uint16_t kIdentityType = 0xf5a1;
inline constexpr std::uint16_t kChannelType = 0xf5a2;

inline KeyPackageOptions options_for(std::string_view name) {
  KeyPackageOptions out;
  out.credential_identity = to_bytes(name);
  out.leaf_extensions = {{kIdentityType, to_bytes("certificates")}};
  out.capabilities.extensions = {kChannelType};
  const auto seconds = static_cast<std::uint64_t>(kNow.ms / 1000);
  out.lifetime = {seconds - 3600, seconds + 28ull * 24 * 3600};
  return out;
}

struct Device {
  std::string name;
  SigningKey key;
  NewKeyPackage package;

  Device(Rng& rng, std::string_view device_name)
      : name(device_name), key(SigningKey::generate(rng)), package(make_key_package(rng, key, options_for(device_name))) {}

  [[nodiscard]] Group create(Rng& rng, std::string_view group_id = "group") const {
    return Group::create(rng, {to_bytes(group_id), key.clone(), options_for(name), {{kChannelType, to_bytes("channel")}}})
        .value();
  }
  [[nodiscard]] Result<JoinResult> join(ByteView welcome_message, const PskLookup& psks = no_psks()) const {
    STEIGER_TRY(const Welcome welcome, decode_message<Welcome>(welcome_message));
    return Group::join(welcome, package.key_package, package.secrets, key, psks);
  }
};

}  // namespace steiger::mls::test
