// A small organisation for tests: a root, a coach with one device, a jongere with two. Everything follows from one seed.
#pragma once

#include <sodium.h>

#include "crypto/identity/chain.h"
#include "crypto/identity/invite.h"
#include "crypto/identity/link.h"

namespace steiger::identity::test {

// Replayable randomness for tests only.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : seed_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    Writer seed;
    seed.u64(seed_).u64(counter_++).fixed(Bytes(16));
    randombytes_buf_deterministic(out.data(), out.size(), seed.view().data());
  }

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

inline constexpr Timestamp kStart{1'800'000'000'000};
inline constexpr Timestamp kNow = kStart + Days(30);

struct Device {
  DeviceId id;
  SigningKey leaf_key;
};

struct World {
  explicit World(std::uint64_t seed = 1) : rng(seed) {}

  SeededRng rng;
  SigningKey root = SigningKey::generate(rng);
  OrganisationPublic organisation{OrganisationId::random(rng), root.verify_key(), "Gemeente Voorbeeld"};

  AccountId coach = AccountId::random(rng);
  SigningKey coach_key = SigningKey::generate(rng);
  Device coach_device{DeviceId::random(rng), SigningKey::generate(rng)};

  AccountId jongere = AccountId::random(rng);
  SigningKey jongere_key = SigningKey::generate(rng);
  Device phone{DeviceId::random(rng), SigningKey::generate(rng)};
  Device tablet{DeviceId::random(rng), SigningKey::generate(rng)};

  ChannelId channel = ChannelId::random(rng);

  [[nodiscard]] Certificate staff_fields(Role role = Role::coach) const {
    Certificate c;
    c.organisation = organisation.id;
    c.subject = coach;
    c.subject_key = coach_key.verify_key();
    c.role = role;
    c.not_before = kStart;
    c.not_after = kStart + Days(365);
    return c;
  }
  [[nodiscard]] Certificate account_fields(Role role = Role::jongere) const {
    Certificate c = staff_fields(role);
    c.subject = jongere;
    c.subject_key = jongere_key.verify_key();
    c.not_before = kStart + Days(1);
    c.not_after = kStart + Days(365 * 3);
    if (role == Role::third_party) c.channel = channel;
    return c;
  }
  [[nodiscard]] Certificate coach_certificate() const { return issue_certificate(root, staff_fields()).value(); }
  [[nodiscard]] Certificate jongere_certificate() const { return issue_certificate(coach_key, account_fields()).value(); }

  [[nodiscard]] DeviceList coach_devices() const {
    return sign_device_list(coach_key, coach, 1, {{coach_device.id, coach_device.leaf_key.verify_key(), kStart}}).value();
  }
  [[nodiscard]] DeviceList jongere_devices(std::uint32_t version = 1) const {
    return sign_device_list(jongere_key, jongere, version,
                            {{phone.id, phone.leaf_key.verify_key(), kStart}, {tablet.id, tablet.leaf_key.verify_key(), kNow}})
        .value();
  }
  [[nodiscard]] IdentityChain coach_chain() const { return {{coach_certificate()}, coach_key.verify_key(), coach_devices()}; }
  [[nodiscard]] IdentityChain jongere_chain() const {
    return {{coach_certificate(), jongere_certificate()}, jongere_key.verify_key(), jongere_devices()};
  }
  [[nodiscard]] Result<VerifiedIdentity> verify(const IdentityChain& chain, Timestamp now = kNow) const {
    return verify_chain(chain, organisation.root_key, organisation.id, now);
  }
  [[nodiscard]] LinkPackage link_package() const {
    LinkPackage out;
    out.account_seed = jongere_key.seed().clone();
    out.chain = jongere_chain();
    out.name = "Sam";
    out.head_key = coach_key.verify_key();
    out.status_list = {1, 2, 3};
    out.root_successions = {4};
    out.rooms.push_back({channel, "Noor", {{coach, "Noor de Wit"}}});
    return out;
  }
  [[nodiscard]] InviteTerms terms(InviteKind kind = InviteKind::link) {
    return {InviteId::random(rng), kind, kNow + invite_life(kind), organisation, coach_chain()};
  }
};

// Calls `check` with the bytes changed in every way that flips one bit.
template <class Check>
void for_each_bit_flip(const Bytes& bytes, Check&& check) {
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes changed = bytes;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << (bit % 8)));
    check(changed, bit);
  }
}

}  // namespace steiger::identity::test
