// The fixture of the lies: rooms on a gateway that lies (lying_gateway.h), a member's device in hostile hands (Hand), and people whom
// nobody let in (Stranger).
#pragma once

#include "client-sdk/src/invites.h"
#include "client-sdk/src/records.h"
#include "client-sdk/src/testing/tamper.h"
#include "crypto/identity/channel.h"
#include "crypto/log/chain.h"
#include "crypto/mls/group.h"
#include "crypto/mls/key_package_secrets.h"
#include "tests/property/lying_gateway.h"
#include "tests/property/rooms_fixture.h"

namespace steiger::sdk::testing {

inline std::unique_ptr<GatewayEnd> make_liar(Scheduler& scheduler, const identity::OrganisationPublic& organisation,
                                             std::uint64_t seed) {
  return std::make_unique<LyingGateway>(scheduler, organisation, kGatewayOrigin, seed);
}

// A device as its store says. Whoever plays it from here does what its program never would.
struct Hand {
  explicit Hand(const SimDevice& device, std::size_t room = 0);

  [[nodiscard]] identity::DeviceIdentity who() const { return {self.account, self.device}; }
  [[nodiscard]] identity::HandshakeHeader header() const {
    identity::HandshakeHeader out;
    out.processed = {record.processed, record.head};
    return out;
  }
  // The leaf of `account`'s first device.
  [[nodiscard]] mls::LeafIndex leaf_of(const AccountId& account) const;

  SelfRecord self;
  ChannelRecord record;
  mls::Group group;
  SigningKey account_key;
  SigningKey leaf_key;
};

// Somebody with keys and certificates of their own, in no room.
struct Stranger {
  SelfRecord self;
  SigningKey account_key;
  SigningKey leaf_key;
  std::vector<identity::Certificate> certificates;  // the whole row, the root's first

  [[nodiscard]] identity::DeviceIdentity who() const { return {self.account, self.device}; }
  Bytes key_package(Rng& rng, Timestamp now) const {
    return mls::encode_key_package_message(mls::make_key_package(rng, leaf_key, leaf_options(self, now)).key_package);
  }
  mls::VerifiedKeyPackage package(Rng& rng, Timestamp now) const {
    return mls::VerifiedKeyPackage::decode(key_package(rng, now)).value();
  }
};

class LyingRooms : public Rooms {
 protected:
  LyingRooms() : Rooms(make_liar) {}

  LyingGateway& liar() { return static_cast<LyingGateway&>(*world.gateway); }
  static DeviceId device_of(SimDevice& device) { return *DeviceId::from_bytes(device.status().device); }
  static AccountId account_of(SimDevice& device) { return *AccountId::from_bytes(device.status().account); }
  static ChannelId room_of(SimDevice& device) { return *ChannelId::from_bytes(device.channels().front().id); }
  // How many devices each account of the first room has, as `device` sees it.
  static std::vector<std::uint32_t> device_counts(SimDevice& device) {
    std::vector<std::uint32_t> out;
    const auto rooms = device.channels();
    for (const auto& member : rooms.front().members) out.push_back(member->devices);
    return out;
  }
  // Everything that was under way has arrived and was acknowledged.
  void rest() { world.scheduler.run_for(std::chrono::minutes(2)); }

  // An employee whom the beheerder certified, or (with `certifier`) somebody whom that device's account certified.
  Stranger stranger(identity::Role role, const Hand* certifier = nullptr, std::optional<ChannelId> only = std::nullopt,
                    std::optional<AccountId> as = std::nullopt);
  identity::Grant grant(const Hand& by, const AccountId& account, identity::Role role, const std::optional<ChannelId>& room = {});

  // ---- frames of the liar's own
  // The next envelopes of the room as `to` knows it, with links, order and signature as they should be.
  struct Forged {
    identity::DeviceIdentity from;
    wire::EnvelopeKind kind = wire::EnvelopeKind::commit;
    Bytes payload;
    MessageId id = {};        // random when nil
    ByteArray<32> tag = {};   // of messages
    Timestamp accepted = {};  // now when zero
    std::optional<Hash> payload_hash = {};
  };
  Bytes deliver(const SimDevice& to, const std::vector<Forged>& envelopes, std::size_t room = 0);
  // A commit by `hand`'s device that the gateway lets pass.
  void let_pass(SimDevice& to, const Hand& by, const Bytes& commit) {
    ASSERT_TRUE(liar().tell(device_of(to), deliver(to, {{by.who(), wire::EnvelopeKind::commit, commit}})));
    rest();
  }
  mls::PendingCommit commit(Hand& by, mls::CommitOptions options, const identity::HandshakeHeader& header);

  // `device` noticed: its room stands still, with this alarm and the rule behind it, and nothing more is said in it.
  void expect_stopped(SimDevice& device, const Error& alarm, const Error* rule = nullptr);
  // The room goes on between these two.
  void expect_talking(SimDevice& a, SimDevice& b);

  int said_ = 0;
};

}  // namespace steiger::sdk::testing
