// Devices and groups for the tests of this room and for benchmarks. Deterministic: a seed replays a run.
#pragma once

#include <string>

#include "crypto/mls/group.h"

namespace steiger::mls::test {

// libsodium's deterministic generator by seed; not for production.
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
  // 0 <= result < bound
  std::uint32_t below(std::uint32_t bound) {
    ByteArray<4> bytes{};
    fill(bytes);
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes) value = value << 8 | byte;
    return value % bound;
  }
  Bytes bytes(std::size_t size) {
    Bytes out(size);
    fill(out);
    return out;
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

// A device before it is in a group.
struct Device {
  std::string name;
  SigningKey key;
  NewKeyPackage package;

  Device(Rng& rng, std::string_view device_name) : Device(rng, device_name, options_for(device_name)) {}
  Device(Rng& rng, std::string_view device_name, const KeyPackageOptions& options)
      : name(device_name), key(SigningKey::generate(rng)), package(make_key_package(rng, key, options)) {}

  [[nodiscard]] const KeyPackage& key_package() const { return package.key_package; }
  [[nodiscard]] VerifiedKeyPackage verified() const { return VerifiedKeyPackage::verify(package.key_package).value(); }
  [[nodiscard]] Group create(Rng& rng, std::string_view group_id = "group") const {
    return Group::create(rng, {to_bytes(group_id), key.clone(), options_for(name), {{kChannelType, to_bytes("channel")}}})
        .value();
  }
  [[nodiscard]] Result<JoinResult> join(ByteView welcome_message, const PskLookup& psks = no_psks()) const {
    STEIGER_TRY(const Welcome welcome, decode_message<Welcome>(welcome_message));
    return Group::join(welcome, package.key_package, package.secrets, key, psks);
  }
};

// All members of one group, and the public follower that a gateway would be.
struct Room {
  std::vector<Group> members;
  PublicGroup follower;

  static Room create(SeededRng& rng) {
    Room out{{}, PublicGroup({}, {}, {})};
    out.members.push_back(Device(rng, "first").create(rng));
    out.follower = PublicGroup::register_from(out.members[0].group_info({}).value()).value();
    return out;
  }
  // `committer` commits; everybody follows, the new devices join.
  void commit(SeededRng& rng, std::size_t committer, const CommitOptions& options, const std::vector<Device>& newcomers = {}) {
    PendingCommit pending = members[committer].commit(rng, options).value();
    follower = follower.check_bundle(pending.commit, pending.welcome, pending.group_info).value().next;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i != committer) members[i] = members[i].handle_commit(pending.commit, no_psks()).value().next;
    }
    for (const Device& device : newcomers) members.push_back(device.join(*pending.welcome).value().group);
    members[committer] = std::move(pending).merge(members[committer]).value();
  }
  void add(SeededRng& rng, std::size_t committer, std::size_t count, bool with_path = true) {
    std::vector<Device> newcomers;
    CommitOptions options;
    for (std::size_t i = 0; i < count; ++i) {
      newcomers.emplace_back(rng, "device " + std::to_string(members.size() + i));
      options.adds.push_back(newcomers.back().verified());
    }
    options.with_path = with_path;
    options.now = kNow;
    commit(rng, committer, options, newcomers);
  }
  static Room of(SeededRng& rng, std::size_t size) {
    Room out = create(rng);
    if (size > 1) out.add(rng, 0, size - 1);
    return out;
  }
};

}  // namespace steiger::mls::test
