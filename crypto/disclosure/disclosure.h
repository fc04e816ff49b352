// A disclosure (S16): some messages of a channel, opened, and everything that somebody outside it needs to see that they were sent like
// this. No message carries a signature of its own; what proves them is the message chain:
//   the franked text fits the tag in its link       -> these very words, in this channel, by this account (franking.h)
//   the links follow each other to a signed head    -> order, time, author, and that no place between them was left out (chain.h)
//   the identity chain of each sender               -> the account's role, certified by the organisation at that time
//
// What the reader must know beforehand, from another source than whoever hands over the disclosure: the organisation's root key
// (organisation.pub, or its fingerprint) and the gateway's head key. Both are signed into the group of every member; a file that
// brings its own keys proves nothing.
//
// What it does not prove: who held the device in his hands; what was said at places that are not opened (they are counted, not read);
// anything against a gateway that helps to lie: author and time are what the gateway signed at acceptance, after the device had
// logged in with its key. The members' own MLS signatures stay inside the group.
//
// All functions are thread-safe. The bytes of a disclosure hold message texts: they are for whoever the person chose.
#pragma once

#include <vector>

#include "crypto/disclosure/errors.h"
#include "crypto/franking/franking.h"
#include "crypto/identity/root_succession.h"
#include "crypto/log/chain.h"

namespace steiger::disclosure {

// Places from the first opened message to the signed head. 120 bytes each: 8 MB, some twenty thousand messages with their receipts.
inline constexpr std::size_t kMaxLinks = 65'536;
// A conversation that somebody reads, not an archive.
inline constexpr std::size_t kMaxMessages = 100;
// One per account, more for one that went on under another chain (a new device, a new key).
inline constexpr std::size_t kMaxSenders = 100;
inline constexpr std::size_t kMaxFrankedSize = franking::kMaxContentSize + 256;
inline constexpr std::size_t kMaxDisclosureSize = 16 * 1024 * 1024;

// A place in the chain without its number, which follows from the one before.
struct Link {
  Hash envelope_hash{};
  AccountId account;
  DeviceId device;
  MessageId message;
  franking::Tag tag{};
  Timestamp accepted;
};

struct OpenedMessage {
  std::uint64_t seq = 0;
  SecretBytes franked;  // the franked plaintext, its key included
};

struct Disclosure {
  identity::OrganisationPublic organisation;
  std::vector<identity::RootSuccession> successions;  // for a reader who knows an earlier or later root
  ChannelId channel;
  VerifyKey head_key;                            // as in the channel's binding
  std::uint64_t first_seq = 0;                   // of the first link: the first opened message
  Hash before{};                                 // chain value before it
  std::vector<Link> links;                       // first_seq, first_seq + 1, ... head_seq
  std::uint64_t head_seq = 0;                    //
  Signature head_signature{};                    // by the head key over the chain value after head_seq
  std::vector<OpenedMessage> messages;           // ascending
  std::vector<identity::IdentityChain> senders;  // of the opened messages, ascending by account and bytes, each needed
};

struct ProvenMessage {
  std::uint64_t seq = 0;
  MessageId message;
  AccountId account;
  DeviceId device;
  identity::Role role = identity::Role::jongere;
  std::optional<AccountId> certified_by;  // the coach's account; absent for staff
  Timestamp accepted;                     // by the gateway's clock
  SecretBytes content;
};

// What the reader knows beforehand.
struct Trust {
  identity::OrganisationPublic organisation;
  VerifyKey head_key;
};

// Every message, proven; or the first lie found (errors.h). Certificates are judged at the time that each message was accepted.
Result<std::vector<ProvenMessage>> verify_disclosure(const Disclosure& disclosure, const Trust& trust);

// For whoever makes one: sets `senders` to those of `known` that its messages need. The rest is complete. The errors of a reader.
Result<void> choose_senders(Disclosure& disclosure, std::vector<identity::IdentityChain> known);

// Canonical: what decodes encodes to the same bytes. kNotADisclosure.
Bytes encode_disclosure(const Disclosure& disclosure);
Result<Disclosure> decode_disclosure(ByteView bytes);

}  // namespace steiger::disclosure
