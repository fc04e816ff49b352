// Invites (S3, S5): how two people who share a secret, and a gateway that does not know it, put the right keys into one group.
//
//   coach:   secret = InviteSecret::generate; terms = encode_invite_terms({...}); gateway gets (invite id, invite_lookup(secret),
//   terms) invited: parse_invite_text -> fetch terms by lookup -> verify_invite_terms -> make KeyPackage, account key, device
//   list
//            -> make_redeem_proof -> gateway
//   coach:   verify_redeem_proof -> certify *that* account key, add *that* KeyPackage with the PSK of invite_psk (S5)
//   invited: refuses a Welcome that did not use that PSK: only the coach can have made it.
// A gateway that changes the terms (another root, another coach) makes the proof's MAC wrong: the coach refuses it.
// Pass the terms as received or as stored: they are never re-serialised. Functions are thread-safe.
#pragma once

#include "crypto/identity/chain.h"
#include "crypto/identity/grant.h"
#include "crypto/identity/invite_secret.h"

namespace steiger::identity {

// Values travel and are stored: append only. As wire::InvitePurpose.
enum class InvitePurpose : std::uint8_t {
  newcomer = 0,     // a new jongere, in a room of their own with the coach
  third_party = 1,  // reads along in one room, with the jongere's grant (S8)
  comeback = 2,     // a known account whose device or storage is gone, under a new account key (S2)
  device = 3,       // one more device of the inviter's own account (S2)
};

// What the gateway shows to whoever knows the lookup.
struct InviteTerms {
  InviteId invite;
  InviteKind kind = InviteKind::link;
  Timestamp expires;
  OrganisationPublic organisation;
  IdentityChain coach;  // whose invite it is; a coach, but for purpose device
  InvitePurpose purpose = InvitePurpose::newcomer;
  std::optional<AccountId> account = {};         // comeback: the pseudonym that stays; device: the inviter's own
  std::optional<ChannelId> channel = {};         // third_party, comeback: the room
  std::optional<Timestamp> until = {};           // third_party: when the reading along ends (its certificate's end)
  GrantPurpose reason = GrantPurpose::guidance;  // third_party: why

  friend bool operator==(const InviteTerms&, const InviteTerms&) = default;
};
// Version 1 for a newcomer, else 2: what decodes encodes to the same bytes. kBadValue when the fields do not fit the purpose.
Bytes encode_invite_terms(const InviteTerms& terms);
Result<InviteTerms> decode_invite_terms(ByteView bytes);

// The invited person's checks, before asking anything of the person: kInviteExpired, kInviteKindMismatch (the secret is of the
// other kind), kInviterNotCoach (unless purpose device), kAccountMismatch (purpose device, but of another account), or what verify_chain says about the coach under the terms' own root key. Returns the coach. That
// root key is to be trusted only when a Welcome with the invite's PSK arrives.
Result<VerifiedIdentity> verify_invite_terms(const InviteTerms& terms, InviteKind secret_kind, Timestamp now);

struct RedeemProof {
  Bytes key_package;  // an encoded KeyPackage; at most kMaxKeyPackageSize bytes, opaque here
  VerifyKey account_key;
  DeviceList device_list;  // signed by the account key
  Hash mac{};

  friend bool operator==(const RedeemProof&, const RedeemProof&) = default;
};
Bytes encode_redeem_proof(const RedeemProof& proof);
Result<RedeemProof> decode_redeem_proof(ByteView bytes);

// MAC under HKDF(secret, "... redeem ...") over terms (invite id, organisation, root key, coach chain), KeyPackage, account key
// and device list.
RedeemProof make_redeem_proof(const InviteSecret& secret, ByteView terms, Bytes key_package, const VerifyKey& account_key,
                              DeviceList device_list);

// The coach's checks. `terms` are the coach's own stored bytes, `received` the time at which the gateway says it got the proof (a
// gateway that lies about it lengthens an invite, but still cannot make a proof). kInviteExpired, kInviteKindMismatch,
// kBadRedeemMac, the device list errors. The caller still checks the KeyPackage itself (crypto/mls) and check_leaf() against the
// device list, and takes only one proof per invite.
Result<void> verify_redeem_proof(const InviteSecret& secret, ByteView terms, const RedeemProof& proof, Timestamp received);

}  // namespace steiger::identity
