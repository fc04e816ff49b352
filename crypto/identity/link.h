// What a new device of one's own needs to become that account (S2): sealed by a device that is it already, to a key that the invite's
// proof vouches for. HPKE with a pre-shared key: whoever opens it holds both the invite's secret and the private key of the KeyPackage in
// the proof, so the gateway, which carries it, can neither read nor make one. Bound to the invite's terms. Thread-safe.
#pragma once

#include "crypto/identity/invite.h"
#include "crypto/primitives/hpke.h"
#include "crypto/primitives/sign.h"

namespace steiger::identity {

struct LinkedName {
  AccountId account;
  std::string name;

  friend bool operator==(const LinkedName&, const LinkedName&) = default;
};

// How the person calls a room and the people in it: names travel encrypted only, and the new device was not there when they did.
struct LinkedRoom {
  ChannelId channel;
  std::string label;
  std::vector<LinkedName> names;

  friend bool operator==(const LinkedRoom&, const LinkedRoom&) = default;
};

struct LinkPackage {
  SigningKey::Seed account_seed;
  IdentityChain chain;  // lists the new device
  std::string name;     // the person's
  VerifyKey head_key;   // the gateway's (S16)
  Bytes status_list;    // encoded, not looked at here; empty: none, or too long to travel here
  Bytes root_successions;
  std::vector<LinkedRoom> rooms;
};

// The whole of the bytes below. More rooms than fit are left out by whoever makes the package.
inline constexpr std::size_t kMaxSealedLinkBytes = 64 * 1024;
inline constexpr std::size_t kMaxLinkedRooms = 2048;
inline constexpr std::size_t kMaxLinkedNames = 64;       // of one room
inline constexpr std::size_t kMaxLinkedNameBytes = 128;  // UTF-8, not checked here

// Canonical: what decodes encodes to the same bytes.
SecretBytes encode_link_package(const LinkPackage& package);
Result<LinkPackage> decode_link_package(ByteView bytes);

// `terms`: of the invite, as stored. `init_key`: of the KeyPackage in the verified proof. kTooLarge beyond kMaxSealedLinkBytes, kBadLength
// or kBadPublicKey for a key that is none.
Result<Bytes> seal_link_package(Rng& rng, const InviteSecret& secret, ByteView terms, ByteView init_key,
                                const LinkPackage& package);
// `terms`: as served. kTooLarge, kTruncated; kDecryptionFailed for another secret, other terms or another key.
Result<LinkPackage> open_link_package(const InviteSecret& secret, ByteView terms, const HpkeKeyPair& init_key, ByteView sealed);

}  // namespace steiger::identity
