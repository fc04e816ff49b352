#include "crypto/identity/channel.h"

#include "crypto/identity/fields.h"

namespace steiger::identity {
namespace {

constexpr std::uint8_t kBindingVersion = 1;
constexpr std::uint8_t kPositionVersion = 1;
constexpr std::uint8_t kMessageHeaderVersion = 1;
constexpr std::uint8_t kHandshakeHeaderVersion = 1;

void write_position(Writer& out, const ChainPosition& position) {
  out.u64(position.seq).fixed(position.head);
}

Result<ChainPosition> read_position(Reader& in) {
  ChainPosition position;
  STEIGER_TRY(position.seq, in.u64());
  STEIGER_TRY(position.head, in.array<kHashSize>());
  return position;
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
  if (room < static_cast<std::uint8_t>(RoomKind::one_to_one) || room > static_cast<std::uint8_t>(RoomKind::self))
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
  Writer out;
  write_position(out.u8(kHandshakeHeaderVersion), header.processed);
  out.vector(header.certificates, write_certificate);
  return std::move(out).take();
}

Result<HandshakeHeader> decode_handshake_header(ByteView bytes) {
  Reader in(bytes);
  HandshakeHeader header;
  STEIGER_CHECK(read_version(in, kHandshakeHeaderVersion));
  STEIGER_TRY(header.processed, read_position(in));
  STEIGER_TRY(header.certificates, in.vector<Certificate>(kMaxHandshakeCertificates, read_certificate));
  STEIGER_CHECK(in.done());
  return header;
}

}  // namespace steiger::identity
