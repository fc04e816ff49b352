// Every form of this room that travels or is stored: read whole or not at all, and the same bytes as ever. Devices and gateways of
// different ages read each other's statements, and signatures are over these bytes; a form that must change gets a new version
// number and a reader for the old one, not another hash here.
#include <gtest/gtest.h>

#include <limits>

#include "crypto/identity/channel.h"
#include "crypto/identity/fields.h"
#include "crypto/identity/handover.h"
#include "crypto/identity/link.h"
#include "crypto/identity/nack.h"
#include "crypto/identity/room_past.h"
#include "crypto/identity/root_succession.h"
#include "crypto/identity/roster_certificates.h"
#include "crypto/identity/status_list.h"
#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

struct Form {
  const char* name;
  Bytes bytes;
  std::function<std::optional<Bytes>(ByteView)> again;  // decoded and encoded; nothing when it does not decode
  const char* hash;                                     // of the bytes, SHA-256, the first 8 bytes
};

template <class Decode, class Encode>
std::function<std::optional<Bytes>(ByteView)> through(Decode decode, Encode encode) {
  return [decode, encode](ByteView bytes) -> std::optional<Bytes> {
    auto decoded = decode(bytes);
    if (!decoded.ok()) return std::nullopt;
    return encode(*decoded);
  };
}

class WireForms : public ::testing::Test {
 protected:
  Bytes delegation_bytes() { return encode_delegation(delegation_); }
  StatusList status() {
    return sign_status_list(delegate_, {world_.organisation.id,
                                        3,
                                        kNow,
                                        kNow + Days(14),
                                        {{key_hash(world_.coach_key.verify_key()), Standing::ended, kNow}},
                                        delegation_,
                                        {}})
        .value();
  }
  Grant grant() {
    return sign_grant(world_.jongere_key, {world_.organisation.id,
                                           world_.channel,
                                           sha256(as_bytes("the group")),
                                           5,
                                           world_.coach,
                                           Role::third_party,
                                           GrantPurpose::housing,
                                           kNow,
                                           kNow + Days(7),
                                           kNow + Days(90),
                                           world_.jongere,
                                           {}})
        .value();
  }
  HandoverOffer offer() {
    return sign_handover_offer(world_.coach_key, {world_.organisation.id,
                                                  world_.channel,
                                                  world_.coach,
                                                  world_.jongere,
                                                  key_hash(world_.jongere_key.verify_key()),
                                                  kNow,
                                                  kNow + Days(30),
                                                  other_,
                                                  {}})
        .value();
  }
  Nack nack() {
    return sign_nack(world_.phone.leaf_key, {world_.organisation.id,
                                             world_.channel,
                                             to_bytes("group"),
                                             4,
                                             sha256(as_bytes("commit")),
                                             NackReason::unknown_psk,
                                             world_.jongere,
                                             world_.phone.id,
                                             {}})
        .value();
  }
  IdentityChain third_party_chain() {
    return {{world_.coach_certificate(), issue_certificate(world_.coach_key, world_.account_fields(Role::third_party)).value()},
            world_.jongere_key.verify_key(),
            world_.jongere_devices()};
  }
  HandshakeHeader handshake() {
    HandshakeHeader out{position_, {world_.coach_certificate()}};
    out.grants = {grant()};
    out.offer = offer();
    out.newer_chains = {world_.jongere_chain()};
    out.silent = {{world_.jongere, world_.phone.id}};
    out.returned = {{world_.jongere, world_.tablet.id}};
    return out;
  }
  InviteTerms terms() {
    InviteTerms out = world_.terms();
    out.purpose = InvitePurpose::third_party;
    out.channel = world_.channel;
    out.until = kNow + Days(60);
    out.reason = GrantPurpose::debts;
    return out;
  }
  std::vector<Form> forms();

  World world_{11};
  SigningKey delegate_ = SigningKey::generate(world_.rng);
  AccountId other_ = AccountId::random(world_.rng);
  Delegation delegation_ =
      issue_delegation(world_.root, {world_.organisation.id, delegate_.verify_key(), kStart, kStart + Days(365), {}}).value();
  ChainPosition position_{7, sha256(as_bytes("head"))};
};

std::vector<Form> WireForms::forms() {
  const auto encode_package = [](const LinkPackage& package) { return to_bytes(encode_link_package(package).bytes()); };
  const InviteSecret secret = InviteSecret::generate(world_.rng, InviteKind::link);
  const Bytes about = encode_invite_terms(terms());
  const RedeemProof proof =
      make_redeem_proof(secret, about, to_bytes("key package"), world_.jongere_key.verify_key(), world_.jongere_devices());
  const SigningKey next_root = SigningKey::generate(world_.rng);
  const std::vector<RootSuccession> steps{sign_root_succession(world_.root, next_root, world_.organisation.id, kNow).value()};
  RoomPast past;
  past.silent.push_back({world_.coach, world_.phone.id, world_.root.verify_key()});
  past.carried_over.push_back(world_.jongere);
  past.jongeren_out.push_back(world_.coach);
  past.chains.push_back(world_.jongere_chain());
  return {
      {"certificate", encode_certificate(world_.coach_certificate()), through(decode_certificate, encode_certificate),
       "e357fe9f03d0e305"},
      {"chain", encode_chain(third_party_chain()), through(decode_chain, encode_chain), "db61a5d45d52abdb"},
      {"organisation", encode_organisation(world_.organisation), through(decode_organisation, encode_organisation),
       "1091f01f7266cdff"},
      {"binding",
       encode_channel_binding({world_.channel, world_.organisation.id, world_.root.verify_key(), RoomKind::one_to_one}),
       through(decode_channel_binding, encode_channel_binding), "f2fa0c7b4f8a9150"},
      {"position", encode_chain_position(position_), through(decode_chain_position, encode_chain_position), "a7fc1660d5dfc3f5"},
      {"message header", encode_message_header({sha256(as_bytes("tag")), position_}),
       through(decode_message_header, encode_message_header), "dcd1104826066815"},
      {"handshake header", encode_handshake_header(handshake()), through(decode_handshake_header, encode_handshake_header),
       "71e7f7c6e3ce2fb5"},
      {"device list", encode_device_list(world_.jongere_devices()), through(decode_device_list, encode_device_list),
       "c3d59e211380f0a1"},
      {"grant", encode_grant(grant()), through(decode_grant, encode_grant), "438524115e667d34"},
      {"handover offer", encode_handover_offer(offer()), through(decode_handover_offer, encode_handover_offer),
       "b58bb211a30442a1"},
      {"invite terms", about, through(decode_invite_terms, encode_invite_terms), "0b71c434166d5927"},
      {"redeem proof", encode_redeem_proof(proof), through(decode_redeem_proof, encode_redeem_proof), "2a0c0694bfa2471b"},
      {"link package", encode_package(world_.link_package()), through(decode_link_package, encode_package), "d41a20b36815ec86"},
      {"nack", encode_nack(nack()), through(decode_nack, encode_nack), "2747ddb5f9d7a1f6"},
      {"room past", encode_room_past(past), through(decode_room_past, encode_room_past), "06ce07f4bec48e8c"},
      {"root successions", encode_root_successions(steps), through(decode_root_successions, encode_root_successions),
       "975b302afad3f005"},
      {"roster certificates", encode_certificates({world_.coach_certificate(), world_.jongere_certificate()}),
       through(decode_certificates, encode_certificates), "a990f02e918567a6"},
      {"delegation", delegation_bytes(), through(decode_delegation, encode_delegation), "9f487fc89fced1c2"},
      {"status list", encode_status_list(status()), through(decode_status_list, encode_status_list), "d33dff1b1109d581"},
  };
}

TEST_F(WireForms, AreReadWholeOrNotAtAll) {
  for (const Form& form : forms()) {
    EXPECT_EQ(form.again(form.bytes), form.bytes) << form.name;
    Bytes longer = form.bytes;
    longer.push_back(0);
    EXPECT_EQ(form.again(longer), std::nullopt) << form.name << ": a byte behind it";
    for (std::size_t size = 0; size < form.bytes.size(); ++size) {
      EXPECT_EQ(form.again(ByteView(form.bytes).first(size)), std::nullopt) << form.name << ": cut at " << size;
    }
  }
}

TEST_F(WireForms, AreTheSameAsEver) {
  for (const Form& form : forms()) EXPECT_EQ(to_hex(sha256(form.bytes)).substr(0, 16), form.hash) << form.name;
}

TEST(Timestamps, GoToTheLastOneAndNotBeyond) {
  constexpr auto kLast = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto read = [](std::uint64_t ms) {
    Writer writer;
    writer.u64(ms);
    Reader reader(writer.view());
    return read_timestamp(reader);
  };
  EXPECT_EQ(read(kLast).value().ms, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read(kLast + 1).error(), kBadValue);
}

}  // namespace
}  // namespace steiger::identity
