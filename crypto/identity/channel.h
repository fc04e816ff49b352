// What binds an MLS group to its channel and every message to the channel's order: two private-use MLS extensions and the two
// forms of authenticated data (S7, S15, S16). All functions are thread-safe. Every codec is canonical: what decodes encodes to
// the same bytes.
#pragma once

#include "crypto/identity/chain.h"
#include "crypto/identity/grant.h"
#include "crypto/identity/handover.h"

namespace steiger::identity {

// ---- GroupContext extension: which channel this group is
// ------------------------------------------------------------------------

inline constexpr std::uint16_t kChannelExtension = 0xF5A2;

// Values travel and are stored: append only. one_to_one: a jongere, the coach, and whoever the jongere lets in (S8). self: the devices of
// one account. reminders: a jongere and an agent, which nothing else may hold (S8).
enum class RoomKind : std::uint8_t { one_to_one = 1, three_way = 2, group = 3, self = 4, reminders = 5 };

struct ChannelBinding {
  ChannelId channel;  // never equal to the MLS group id (S7)
  OrganisationId organisation;
  VerifyKey head_key;  // the gateway's, which signs chain heads (S16); members pin it here
  RoomKind room = RoomKind::one_to_one;

  friend bool operator==(const ChannelBinding&, const ChannelBinding&) = default;
};
Bytes encode_channel_binding(const ChannelBinding& binding);
Result<ChannelBinding> decode_channel_binding(ByteView bytes);

// ---- GroupInfo extension: where a joiner starts in the chain (S15)
// ---------------------------------------------------------------

inline constexpr std::uint16_t kChainHeadExtension = 0xF5A3;

// A place in the message chain: the chain value after message `seq`. (0, chain_start) is the beginning.
struct ChainPosition {
  std::uint64_t seq = 0;
  Hash head{};

  friend bool operator==(const ChainPosition&, const ChainPosition&) = default;
};
Bytes encode_chain_position(const ChainPosition& position);
Result<ChainPosition> decode_chain_position(ByteView bytes);

// ---- Authenticated data of a PrivateMessage
// --------------------------------------------------------------------------------------

using FrankingTag = ByteArray<32>;

// Constant length, so that it tells nothing (S16).
inline constexpr std::size_t kMessageHeaderSize = 1 + sizeof(FrankingTag) + sizeof(std::uint64_t) + kHashSize;

struct MessageHeader {
  FrankingTag tag{};
  ChainPosition processed;  // what the sender had processed last (S15)

  friend bool operator==(const MessageHeader&, const MessageHeader&) = default;
};
Bytes encode_message_header(const MessageHeader& header);
Result<MessageHeader> decode_message_header(ByteView bytes);

// ---- Authenticated data of a handshake (PublicMessage)
// ---------------------------------------------------------------------------

// Everything that a member or the gateway needs to judge the commit, beside the commit itself (crypto/membership).
struct HandshakeHeader {
  ChainPosition processed;
  // Certificates of the accounts that this commit adds, with their issuers'; at most kMaxHandshakeCertificates. See
  // complete_chain().
  std::vector<Certificate> certificates;
  std::vector<Grant> grants = {};                // S8: of who is let in; at most kMaxHandshakeGrants
  std::optional<HandoverOffer> offer = {};       // S10; the teamleider's certificate is among `certificates`
  std::vector<IdentityChain> newer_chains = {};  // S2: they no longer list a device that this commit removes; kMaxHandshakeChains
  std::vector<DeviceIdentity> silent = {};       // S13: removed because nothing was heard of them; at most kMaxHandshakeDevices
  std::vector<DeviceIdentity> returned = {};     // S13: removed for that earlier, and added again; at most kMaxHandshakeDevices

  friend bool operator==(const HandshakeHeader&, const HandshakeHeader&) = default;
};
// Version 1 while only the first two fields are in use, else 2: what decodes encodes to the same bytes.
Bytes encode_handshake_header(const HandshakeHeader& header);
Result<HandshakeHeader> decode_handshake_header(ByteView bytes);

}  // namespace steiger::identity
