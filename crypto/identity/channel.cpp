#include "crypto/identity/channel.h"

#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kBindingVersion = 1;
constexpr std::uint8_t kPositionVersion = 1;
constexpr std::uint8_t kMessageHeaderVersion = 1;
constexpr std::uint8_t kHandshakeHeaderVersion = 1;
constexpr std::uint8_t kHandshakeHeaderVersion2 = 2;

void write_position(Writer& out, const ChainPosition& position) {
  out.u64(position.seq).fixed(position.head);
}

Result<ChainPosition> read_position(Reader& in) {
  ChainPosition position;
  STEIGER_TRY(position.seq, in.u64());
  STEIGER_TRY(position.head, in.array<kHashSize>());
  return position;
}

void write_device(Writer& out, const DeviceIdentity& device) {
  out.fixed(device.account.bytes()).fixed(device.device.bytes());
}

Result<DeviceIdentity> read_device(Reader& in) {
  DeviceIdentity device;
  STEIGER_TRY(device.account, read_id<AccountId>(in));
  STEIGER_TRY(device.device, read_id<DeviceId>(in));
  return device;
}

bool has_later_fields(const HandshakeHeader& header) {
  return !header.grants.empty() || header.offer || !header.newer_chains.empty() || !header.silent.empty() ||
         !header.returned.empty();
}

}  // namespace

Bytes encode_channel_binding(const ChannelBinding& binding) {
  Writer out;
  out.u8(kBindingVersion).fixed(binding.channel.bytes()).fixed(binding.organisation.bytes()).fixed(binding.head_key.bytes());
  out.u8(static_cast<std::uint8_t>(binding.room));
  return std::move(out).take();
}

Result<ChannelBinding> decode_channel_binding(ByteView bytes) {
  Reader in(bytes);
  ChannelBinding binding;
  STEIGER_CHECK(read_version(in, kBindingVersion));
  STEIGER_TRY(binding.channel, read_id<ChannelId>(in));
  STEIGER_TRY(binding.organisation, read_id<OrganisationId>(in));
  STEIGER_TRY(binding.head_key, read_verify_key(in));
  STEIGER_TRY(const std::uint8_t room, in.u8());
  if (room < static_cast<std::uint8_t>(RoomKind::one_to_one) || room > static_cast<std::uint8_t>(RoomKind::reminders))
    return kBadValue;
  binding.room = static_cast<RoomKind>(room);
  STEIGER_CHECK(in.done());
  if (binding.channel.is_none() || binding.organisation.is_none()) return kBadValue;
  return binding;
}

Bytes encode_chain_position(const ChainPosition& position) {
  Writer out;
  write_position(out.u8(kPositionVersion), position);
  return std::move(out).take();
}

Result<ChainPosition> decode_chain_position(ByteView bytes) {
  Reader in(bytes);
  STEIGER_CHECK(read_version(in, kPositionVersion));
  STEIGER_TRY(const ChainPosition position, read_position(in));
  STEIGER_CHECK(in.done());
  return position;
}

Bytes encode_message_header(const MessageHeader& header) {
  Writer out;
  write_position(out.u8(kMessageHeaderVersion).fixed(header.tag), header.processed);
  return std::move(out).take();
}

Result<MessageHeader> decode_message_header(ByteView bytes) {
  if (bytes.size() != kMessageHeaderSize) return kBadLength;
  Reader in(bytes);
  MessageHeader header;
  STEIGER_CHECK(read_version(in, kMessageHeaderVersion));
  STEIGER_TRY(header.tag, in.array<sizeof(FrankingTag)>());
  STEIGER_TRY(header.processed, read_position(in));
  STEIGER_CHECK(in.done());
  return header;
}

Bytes encode_handshake_header(const HandshakeHeader& header) {
  const bool first_version = !has_later_fields(header);
  Writer out;
  write_position(out.u8(first_version ? kHandshakeHeaderVersion : kHandshakeHeaderVersion2), header.processed);
  out.vector(header.certificates, write_certificate);
  if (first_version) return std::move(out).take();
  out.vector(header.grants, write_grant);
  out.u8(header.offer ? 1 : 0);
  if (header.offer) write_handover_offer(out, *header.offer);
  out.vector(header.newer_chains, write_chain);
  out.vector(header.silent, write_device);
  out.vector(header.returned, write_device);
  return std::move(out).take();
}

Result<HandshakeHeader> decode_handshake_header(ByteView bytes) {
  Reader in(bytes);
  HandshakeHeader header;
  STEIGER_TRY(const std::uint8_t version, in.u8());
  if (version != kHandshakeHeaderVersion && version != kHandshakeHeaderVersion2) return kBadValue;
  STEIGER_TRY(header.processed, read_position(in));
  STEIGER_TRY(header.certificates, in.vector<Certificate>(kMaxHandshakeCertificates, read_certificate));
  if (version == kHandshakeHeaderVersion2) {
    STEIGER_TRY(header.grants, in.vector<Grant>(kMaxHandshakeGrants, read_grant));
    STEIGER_TRY(const std::uint8_t has_offer, in.u8());
    if (has_offer > 1) return kBadValue;
    if (has_offer == 1) {
      STEIGER_TRY(header.offer, read_handover_offer(in));
    }
    STEIGER_TRY(header.newer_chains, in.vector<IdentityChain>(kMaxHandshakeChains, read_chain));
    STEIGER_TRY(header.silent, in.vector<DeviceIdentity>(kMaxHandshakeDevices, read_device));
    STEIGER_TRY(header.returned, in.vector<DeviceIdentity>(kMaxHandshakeDevices, read_device));
    if (!has_later_fields(header)) return kBadValue;  // one form per header
  }
  STEIGER_CHECK(in.done());
  return header;
}

}  // namespace steiger::identity
