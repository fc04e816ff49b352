// S16: a true disclosure verifies, and every lie is found and has its name.
#include "crypto/disclosure/disclosure.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/identity/test_support.h"

namespace steiger::disclosure {
namespace {

using identity::test::kNow;

// A channel of eight places: even ones by the coach, odd ones by the jongere. Message 3 and 6 are opened, the head after 8 is signed.
class DisclosureTest : public ::testing::Test {
 protected:
  DisclosureTest() {
    Hash head = log::chain_start(world.channel);
    for (std::uint64_t seq = 1; seq <= kPlaces; ++seq) {
      const bool coach = seq % 2 == 0;
      const AccountId account = coach ? world.coach : world.jongere;
      const MessageId id = MessageId::random(world.rng);
      auto sealed = franking::seal_content(world.rng, {world.channel, account, id}, as_bytes("place " + std::to_string(seq)));
      Link link{sha256(as_bytes("ciphertext " + std::to_string(seq))),
                account,
                coach ? world.coach_device.id : world.phone.id,
                id,
                sealed->tag,
                kNow + std::chrono::minutes(seq)};
      if (seq < kFirst) {
        head = next(head, seq, link);
      } else {
        truth.links.push_back(link);
      }
      franked.push_back(std::move(sealed->plaintext));
    }
    truth.organisation = world.organisation;
    truth.channel = world.channel;
    truth.head_key = head_key.verify_key();
    truth.first_seq = kFirst;
    truth.before = head;
    truth.head_seq = kPlaces;
    open(truth, kFirst);
    open(truth, kSecond);
    truth.senders = {world.coach_chain(), world.jongere_chain()};
    if (world.jongere < world.coach) std::swap(truth.senders[0], truth.senders[1]);
    sign(truth);
  }

  [[nodiscard]] Hash next(const Hash& head, std::uint64_t seq, const Link& link) const {
    return log::chain_next(
        head, {world.channel, seq, link.envelope_hash, link.account, link.device, link.message, link.tag, link.accepted});
  }
  void open(Disclosure& d, std::uint64_t seq) { d.messages.push_back({seq, franked.at(seq - 1).clone()}); }
  // As the gateway would: for lies that it helps to tell, or that are not about the chain.
  void sign(Disclosure& d) const {
    Hash head = d.before;
    std::uint64_t seq = d.first_seq;
    for (const Link& link : d.links) head = next(head, seq++, link);
    d.head_signature = log::sign_head(head_key, world.organisation.id, d.channel, d.head_seq, head);
  }
  [[nodiscard]] Disclosure copy() const { return decode_disclosure(encode_disclosure(truth)).value(); }
  [[nodiscard]] std::string verdict(const Disclosure& d) const {
    const auto verified = verify_disclosure(d, trust);
    return verified.ok() ? "true" : verified.error().name;
  }
  // The verdict on the truth after `lie`.
  std::string told(const std::function<void(Disclosure&)>& lie) {
    Disclosure d = copy();
    lie(d);
    return verdict(d);
  }
  // The same when the gateway signs what the lie made of the chain.
  std::string told_and_signed(const std::function<void(Disclosure&)>& lie) {
    return told([&](Disclosure& d) {
      lie(d);
      sign(d);
    });
  }
  identity::IdentityChain& chain_of(Disclosure& d, const AccountId& account) {
    return d.senders[d.senders[0].device_list.account == account ? 0 : 1];
  }

  static constexpr std::uint64_t kPlaces = 8;
  static constexpr std::uint64_t kFirst = 3;   // by the jongere
  static constexpr std::uint64_t kSecond = 6;  // by the coach
  identity::test::World world;
  SigningKey head_key = SigningKey::generate(world.rng);
  std::vector<SecretBytes> franked;
  Disclosure truth;
  Trust trust{world.organisation, head_key.verify_key()};
};

TEST_F(DisclosureTest, TheTruthIsProven) {
  const auto proven = verify_disclosure(copy(), trust);
  ASSERT_TRUE(proven.ok()) << proven.error().name;
  ASSERT_EQ(proven->size(), 2U);
  const ProvenMessage& first = proven->at(0);
  EXPECT_EQ(first.seq, kFirst);
  EXPECT_EQ(first.account, world.jongere);
  EXPECT_EQ(first.device, world.phone.id);
  EXPECT_EQ(first.role, identity::Role::jongere);
  EXPECT_EQ(first.certified_by, world.coach);
  EXPECT_EQ(first.accepted, kNow + std::chrono::minutes(kFirst));
  EXPECT_EQ(as_text(first.content.bytes()), "place 3");
  EXPECT_EQ(proven->at(1).role, identity::Role::coach);
  EXPECT_EQ(proven->at(1).certified_by, std::nullopt);
  EXPECT_EQ(as_text(proven->at(1).content.bytes()), "place 6");
}

// The smallest one: what is opened is itself the last place before the signed head.
TEST_F(DisclosureTest, OnePlaceIsEnough) {
  EXPECT_EQ(told_and_signed([&](auto& d) {
              d.messages.pop_back();
              d.links.resize(1);
              d.head_seq = kFirst;
              d.senders = {world.jongere_chain()};
            }),
            "true");
}

TEST_F(DisclosureTest, AChangedTextIsNamed) {
  EXPECT_EQ(told([](auto& d) { d.messages[0].franked.writable().back() ^= 1; }), "disclosure_text_differs");
  EXPECT_EQ(told([](auto& d) { d.messages[0].franked = SecretBytes(5); }), "disclosure_text_differs");
  // The right words of another place.
  EXPECT_EQ(told([&](auto& d) { d.messages[0].franked = franked.at(3).clone(); }), "disclosure_text_differs");
  // The tag of the place changed with the text: the words fit again, the chain does not.
  const auto retold = [&](auto& d) {
    auto sealed = franking::seal_content(world.rng, {world.channel, world.jongere, d.links[0].message}, as_bytes("lie"));
    d.messages[0].franked = std::move(sealed->plaintext);
    d.links[0].tag = sealed->tag;
  };
  EXPECT_EQ(told(retold), "disclosure_not_signed");
}

TEST_F(DisclosureTest, AChangedTimeSenderOrCiphertextOfAnyPlaceIsNamed) {
  for (std::size_t i = 0; i < truth.links.size(); ++i) {
    EXPECT_EQ(told([&](auto& d) { d.links[i].accepted = d.links[i].accepted + Duration(1); }), "disclosure_not_signed") << i;
    EXPECT_EQ(told([&](auto& d) { d.links[i].device = DeviceId::random(world.rng); }), "disclosure_not_signed") << i;
    EXPECT_EQ(told([&](auto& d) { d.links[i].envelope_hash[0] ^= 1; }), "disclosure_not_signed") << i;
    const bool opened = i == 0 || i == kSecond - kFirst;
    const std::string elsewhere = opened ? "disclosure_from_elsewhere" : "disclosure_not_signed";
    EXPECT_EQ(told([&](auto& d) { d.links[i].account = AccountId::random(world.rng); }), elsewhere) << i;
    EXPECT_EQ(told([&](auto& d) { d.links[i].message = MessageId::random(world.rng); }), elsewhere) << i;
    EXPECT_EQ(told([&](auto& d) { d.links[i].tag[0] ^= 1; }), opened ? "disclosure_text_differs" : "disclosure_not_signed") << i;
  }
  EXPECT_EQ(told([](auto& d) { d.before[0] ^= 1; }), "disclosure_not_signed");
  // Another author, with the gateway's help: the words say who wrote them.
  EXPECT_EQ(told_and_signed([&](auto& d) { d.links[0].account = world.coach; }), "disclosure_from_elsewhere");
}

TEST_F(DisclosureTest, AMovedOrLeftOutPlaceIsNamed) {
  EXPECT_EQ(told([](auto& d) { d.messages[1].seq = kSecond - 1; }), "disclosure_text_differs");
  EXPECT_EQ(told([](auto& d) { d.messages[1].seq = kPlaces + 1; }), "disclosure_message_outside");
  EXPECT_EQ(told([](auto& d) { d.messages.erase(d.messages.begin()); }), "disclosure_message_outside");
  EXPECT_EQ(told([](auto& d) { std::swap(d.messages[0], d.messages[1]); }), "not_a_disclosure");
  EXPECT_EQ(told([](auto& d) { std::swap(d.links[1], d.links[2]); }), "disclosure_not_signed");
  for (std::size_t i = 0; i < truth.links.size(); ++i) {
    const auto without = [i](auto& d) { d.links.erase(d.links.begin() + static_cast<std::ptrdiff_t>(i)); };
    EXPECT_EQ(told(without), "disclosure_links_missing") << i;
  }
  // The head moved along: then it is not the one that was signed.
  const auto shorter = [](auto& d) {
    d.links.pop_back();
    --d.head_seq;
  };
  EXPECT_EQ(told(shorter), "disclosure_not_signed");
  const auto renumbered = [](auto& d) {
    ++d.first_seq;
    ++d.head_seq;
    for (auto& message : d.messages) ++message.seq;
  };
  EXPECT_EQ(told(renumbered), "disclosure_not_signed");
  EXPECT_EQ(told([](auto& d) { d.links.clear(); }), "disclosure_links_missing");
  EXPECT_EQ(told([](auto& d) { d.messages.clear(); }), "not_a_disclosure");
  EXPECT_EQ(told([](auto& d) { d.head_seq = ~std::uint64_t{0}; }), "disclosure_links_missing");
  EXPECT_EQ(told([](auto& d) { d.first_seq = 0; }), "disclosure_links_missing");
}

TEST_F(DisclosureTest, AnotherChannelGatewayOrOrganisationIsNamed) {
  EXPECT_EQ(told([&](auto& d) { d.channel = ChannelId::random(world.rng); }), "disclosure_from_elsewhere");
  const SigningKey other = SigningKey::generate(world.rng);
  EXPECT_EQ(told([&](auto& d) { d.head_key = other.verify_key(); }), "disclosure_other_gateway");
  EXPECT_EQ(told([](auto& d) { d.head_signature[0] ^= 1; }), "disclosure_not_signed");
  EXPECT_EQ(told([&](auto& d) { d.organisation.id = OrganisationId::random(world.rng); }), "disclosure_other_organisation");
  EXPECT_EQ(told([&](auto& d) { d.organisation.root_key = other.verify_key(); }), "disclosure_other_organisation");
  // A disclosure that is whole in itself, under keys of its maker.
  Disclosure own = copy();
  own.head_key = other.verify_key();
  trust.head_key = other.verify_key();
  EXPECT_EQ(verdict(own), "disclosure_not_signed");
}

TEST_F(DisclosureTest, SendersAreJudgedAtTheTimeOfTheirMessage) {
  EXPECT_EQ(told([](auto& d) { d.senders.pop_back(); }), "disclosure_sender_unknown");
  EXPECT_EQ(told([](auto& d) { std::swap(d.senders[0], d.senders[1]); }), "not_a_disclosure");
  EXPECT_EQ(told([](auto& d) { d.senders.push_back(d.senders[1]); }), "not_a_disclosure");
  EXPECT_EQ(told([&](auto& d) { chain_of(d, world.jongere).certificates.clear(); }), "disclosure_sender_not_certified");
  EXPECT_EQ(told([&](auto& d) { chain_of(d, world.coach).certificates[0].signature[0] ^= 1; }),
            "disclosure_sender_not_certified");
  // The same people, certified by another organisation's root.
  identity::test::World elsewhere(2);
  EXPECT_EQ(told([&](auto& d) {
              auto fields = world.staff_fields();
              chain_of(d, world.coach).certificates[0] = *issue_certificate(elsewhere.root, fields);
            }),
            "disclosure_sender_not_certified");
  const auto valid = [&](Timestamp from, Timestamp until) {
    return told([&](auto& d) {
      auto fields = world.staff_fields();
      fields.not_before = from;
      fields.not_after = until;
      chain_of(d, world.coach).certificates[0] = *issue_certificate(world.root, fields);
    });
  };
  const Timestamp sent = kNow + std::chrono::minutes(kSecond);
  EXPECT_EQ(valid(sent, sent + identity::Days(1)), "true");
  EXPECT_EQ(valid(sent - identity::Days(1), sent), "disclosure_sender_not_valid_then");
  EXPECT_EQ(valid(sent + identity::Days(1), sent + identity::Days(2)), "disclosure_sender_not_valid_then");
  // A third party belongs to one room (S1): it cannot have written in another.
  const auto by_third_party_of = [&](const ChannelId& room) {
    return told([&](auto& d) {
      auto fields = world.account_fields(identity::Role::third_party);
      fields.channel = room;
      chain_of(d, world.jongere).certificates[1] = *issue_certificate(world.coach_key, fields);
    });
  };
  EXPECT_EQ(by_third_party_of(world.channel), "true");
  EXPECT_EQ(by_third_party_of(ChannelId::random(world.rng)), "disclosure_sender_not_certified");
  // A device that the account never had, with the gateway's help.
  EXPECT_EQ(told_and_signed([&](auto& d) { d.links[0].device = world.coach_device.id; }), "disclosure_sender_device");
  // Somebody shown who wrote nothing that is opened.
  EXPECT_EQ(told([](auto& d) { d.messages.pop_back(); }), "not_a_disclosure");
}

// A new device or a new key is a new chain: each message is proven by the one that fits it.
TEST_F(DisclosureTest, AnAccountThatWentOnUnderAnotherChainIsShownUnderBoth) {
  identity::IdentityChain first = world.jongere_chain();
  first.device_list =
      identity::sign_device_list(world.jongere_key, world.jongere, 1, {{world.phone.id, world.phone.leaf_key.verify_key(), kNow}})
          .value();
  identity::IdentityChain later = world.jongere_chain();
  later.device_list = identity::sign_device_list(world.jongere_key, world.jongere, 2,
                                                 {{world.tablet.id, world.tablet.leaf_key.verify_key(), kNow}})
                          .value();
  Disclosure d = copy();
  d.links[2].device = world.tablet.id;  // the place after the first that the jongere wrote
  open(d, kFirst + 2);
  std::swap(d.messages[1], d.messages[2]);
  sign(d);
  ASSERT_TRUE(choose_senders(d, {later, world.coach_chain(), first, first}).ok());
  ASSERT_EQ(d.senders.size(), 3U);
  EXPECT_EQ(verdict(decode_disclosure(encode_disclosure(d)).value()), "true");
  // Each is needed, and nothing else is shown.
  Disclosure one_less = decode_disclosure(encode_disclosure(d)).value();
  std::erase(one_less.senders, later);
  EXPECT_EQ(verdict(one_less), "disclosure_sender_device");
  std::swap(d.senders[0], d.senders[1]);
  EXPECT_EQ(verdict(d), "not_a_disclosure");
  Disclosure only_phone = copy();
  ASSERT_TRUE(choose_senders(only_phone, {later, world.coach_chain(), first}).ok());
  EXPECT_EQ(only_phone.senders.size(), 2U);
  EXPECT_EQ(verdict(only_phone), "true");
  EXPECT_EQ(choose_senders(only_phone, {later, world.coach_chain()}).error(), kSenderDevice);
}

TEST_F(DisclosureTest, AReaderWhoKnowsALaterRootMayFollowTheSuccession) {
  const SigningKey later = SigningKey::generate(world.rng);
  trust.organisation.root_key = later.verify_key();
  EXPECT_EQ(verdict(truth), "disclosure_other_organisation");
  const auto step = identity::sign_root_succession(world.root, later, world.organisation.id, kNow + identity::Days(10));
  EXPECT_EQ(told([&](auto& d) { d.successions = {*step}; }), "true");
  auto forged = *step;
  forged.by_new[0] ^= 1;
  EXPECT_EQ(told([&](auto& d) { d.successions = {forged}; }), "disclosure_other_organisation");
}

TEST_F(DisclosureTest, EveryChangedByteIsRefused) {
  const Bytes good = encode_disclosure(truth);
  EXPECT_EQ(encode_disclosure(copy()), good);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] = static_cast<std::uint8_t>(bad[i] ^ (1U << (i % 8)));
    const auto decoded = decode_disclosure(bad);
    // The organisation's name is only claimed: the reader knows it from organisation.pub.
    if (!decoded.ok() || decoded->organisation.name != truth.organisation.name) continue;
    EXPECT_FALSE(verify_disclosure(*decoded, trust).ok()) << i;
  }
}

TEST_F(DisclosureTest, WhatIsNoDisclosureIsRefused) {
  const Bytes good = encode_disclosure(truth);
  for (std::size_t size = 0; size < good.size(); size += 7) {
    const auto decoded = decode_disclosure(ByteView(good).first(size));
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error(), kNotADisclosure);
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(decode_disclosure(longer).ok());
  EXPECT_FALSE(decode_disclosure(identity::encode_organisation(world.organisation)).ok());
  Disclosure many = copy();
  while (many.messages.size() <= kMaxMessages) many.messages.push_back({100 + many.messages.size(), franked.at(0).clone()});
  EXPECT_FALSE(decode_disclosure(encode_disclosure(many)).ok());
}

}  // namespace
}  // namespace steiger::disclosure
