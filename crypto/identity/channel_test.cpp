// The codecs of rules S7, S15 and S16: canonical, bounded, constant length where promised.
#include "crypto/identity/channel.h"

#include <gtest/gtest.h>

#include "crypto/identity/room_past.h"
#include "crypto/identity/roster_certificates.h"
#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

template <class Value, class Encode, class Decode>
void expect_canonical(const Value& value, Encode encode, Decode decode) {
  const Bytes bytes = encode(value);
  ASSERT_TRUE(decode(bytes).ok());
  EXPECT_EQ(decode(bytes).value(), value);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode(ByteView(bytes).first(size)).ok()) << size;
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode(longer).ok());
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto decoded = decode(changed);
    if (!decoded.ok()) return;
    EXPECT_FALSE(*decoded == value) << "bit " << bit;
    EXPECT_EQ(encode(*decoded), changed) << "bit " << bit;
  });
}

TEST(ChannelCodecs, AreCanonical) {
  World world;
  const ChainPosition position{7, sha256(as_bytes("head"))};
  expect_canonical(ChannelBinding{world.channel, world.organisation.id, world.root.verify_key(), RoomKind::three_way},
                   encode_channel_binding, decode_channel_binding);
  expect_canonical(position, encode_chain_position, decode_chain_position);
  expect_canonical(MessageHeader{sha256(as_bytes("tag")), position}, encode_message_header, decode_message_header);
  expect_canonical(HandshakeHeader{position, {}}, encode_handshake_header, decode_handshake_header);
  expect_canonical(HandshakeHeader{position, {world.coach_certificate(), world.jongere_certificate()}}, encode_handshake_header,
                   decode_handshake_header);
}

TEST(ChannelCodecs, HandshakeHeaderCarriesWhatMembershipNeeds) {
  World world;
  const ChainPosition position{7, sha256(as_bytes("head"))};
  const DeviceIdentity phone{world.jongere, world.phone.id};
  const Grant grant = sign_grant(world.jongere_key, {world.organisation.id,
                                                     world.channel,
                                                     sha256(as_bytes("the group")),
                                                     3,
                                                     world.coach,
                                                     Role::third_party,
                                                     GrantPurpose::debts,
                                                     kNow,
                                                     kNow + Days(3),
                                                     kNow + Days(90),
                                                     world.jongere,
                                                     {}})
                          .value();
  const HandoverOffer offer = sign_handover_offer(world.coach_key, {world.organisation.id,
                                                                    world.channel,
                                                                    world.coach,
                                                                    AccountId::random(world.rng),
                                                                    {},
                                                                    kNow,
                                                                    kNow + Days(3),
                                                                    AccountId::random(world.rng),
                                                                    {}})
                                  .value();
  const auto header = [&] { return HandshakeHeader{position, {world.coach_certificate()}}; };
  const auto check = [](const HandshakeHeader& value) {
    const Bytes bytes = encode_handshake_header(value);
    EXPECT_EQ(decode_handshake_header(bytes).value(), value);
    EXPECT_EQ(bytes.front(), 2);
  };
  HandshakeHeader with = header();
  with.grants = {grant};
  check(with);
  with = header();
  with.offer = offer;
  check(with);
  with = header();
  with.newer_chains = {world.jongere_chain()};
  check(with);
  with = header();
  with.silent = {phone};
  check(with);
  with = header();
  with.returned = {phone};
  expect_canonical(with, encode_handshake_header, decode_handshake_header);
  // Version 2 without anything that needs it would be a second form of the same header.
  Bytes plain = encode_handshake_header(header());
  plain.front() = 2;
  plain.insert(plain.end(), {0, 0, 0, 0, 0});
  EXPECT_EQ(decode_handshake_header(plain).error(), kBadValue);
}

TEST(ChannelCodecs, CertificatesForJoinersAreCanonicalAndBounded) {
  World world;
  const std::vector<Certificate> both{world.coach_certificate(), world.jongere_certificate()};
  const Bytes bytes = encode_certificates(both);
  EXPECT_EQ(decode_certificates(bytes).value(), both);
  EXPECT_EQ(decode_certificates(encode_certificates({})).value(), std::vector<Certificate>());
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_certificates(ByteView(bytes).first(size)).ok());
  const std::vector<Certificate> many(kMaxHandshakeCertificates + 1, both[0]);
  EXPECT_FALSE(decode_certificates(encode_certificates(many)).ok());
}

TEST(ChannelCodecs, ARoomsPastIsCanonicalAndBounded) {
  World world;
  RoomPast past;
  past.silent.push_back({world.coach, DeviceId::random(world.rng), world.root.verify_key()});
  past.carried_over.push_back(world.jongere);
  past.jongeren_out.push_back(world.coach);
  past.chains = {world.jongere_chain(), world.coach_chain()};
  const Bytes bytes = encode_room_past(past);
  EXPECT_EQ(decode_room_past(bytes).value(), past);
  EXPECT_EQ(decode_room_past(encode_room_past({})).value(), RoomPast());
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_room_past(ByteView(bytes).first(size)).ok());
  for (auto* accounts : {&past.carried_over, &past.jongeren_out}) {
    accounts->assign(kMaxRoomPast, world.jongere);
    EXPECT_TRUE(decode_room_past(encode_room_past(past)).ok());
    accounts->push_back(world.jongere);
    EXPECT_FALSE(decode_room_past(encode_room_past(past)).ok());
    accounts->clear();
  }
  past.chains.assign(kMaxRoomPast + 1, world.coach_chain());
  EXPECT_FALSE(decode_room_past(encode_room_past(past)).ok());
}

TEST(ChannelCodecs, MessageHeaderHasOneLength) {
  EXPECT_EQ(encode_message_header({}).size(), kMessageHeaderSize);
  EXPECT_EQ(encode_message_header({sha256(as_bytes("t")), {~std::uint64_t{0}, sha256(as_bytes("h"))}}).size(),
            kMessageHeaderSize);
  EXPECT_EQ(decode_message_header(Bytes(kMessageHeaderSize + 1, 1)).error(), kBadLength);
}

TEST(ChannelCodecs, HandshakeCertificatesAreBounded) {
  World world;
  HandshakeHeader header;
  header.certificates.assign(kMaxHandshakeCertificates, world.coach_certificate());
  EXPECT_TRUE(decode_handshake_header(encode_handshake_header(header)).ok());
  header.certificates.push_back(world.coach_certificate());
  EXPECT_EQ(decode_handshake_header(encode_handshake_header(header)).error(), kTooLarge);
}

TEST(ChannelCodecs, BindingRefusesUnknownRoomsAndMissingIds) {
  World world;
  Bytes bytes = encode_channel_binding({world.channel, world.organisation.id, world.root.verify_key(), RoomKind::self});
  EXPECT_TRUE(decode_channel_binding(bytes).ok());
  bytes.back() = 6;
  EXPECT_EQ(decode_channel_binding(bytes).error(), kBadValue);
  bytes.back() = 0;
  EXPECT_EQ(decode_channel_binding(bytes).error(), kBadValue);
  EXPECT_EQ(decode_channel_binding(encode_channel_binding({{}, world.organisation.id, world.root.verify_key(), RoomKind::self}))
                .error(),
            kBadValue);
}

}  // namespace
}  // namespace steiger::identity
