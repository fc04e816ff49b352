// Rules S3, S4, S5.
#include "crypto/identity/invite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

class InviteTest : public ::testing::Test {
 protected:
  InviteSecret secret(InviteKind kind = InviteKind::link) { return InviteSecret::generate(world_.rng, kind); }
  World world_;
};

TEST_F(InviteTest, EveryTextFormRoundTrips) {
  for (const InviteKind kind : {InviteKind::qr, InviteKind::link}) {
    for (int i = 0; i < 200; ++i) {
      const InviteSecret s = secret(kind);
      const std::string text = invite_text(s);
      EXPECT_EQ(text.size(), kind == InviteKind::qr ? kQrTextLength : kLinkTextLength);
      std::string lower = text;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      std::string confused = text;  // how people read ones and zeros back
      std::replace(confused.begin(), confused.end(), '1', i % 2 == 0 ? 'l' : 'I');
      std::replace(confused.begin(), confused.end(), '0', i % 2 == 0 ? 'o' : 'O');
      for (const std::string& form : {text, lower, confused, invite_typed_text(s), "  " + invite_typed_text(s) + "\n",
                                      invite_url("https://chat.example/", s), invite_url("https://chat.example/#old", s),
                                      "#invite=" + text, "invite=" + text + "&lang=nl"}) {
        const auto parsed = parse_invite_text(form);
        ASSERT_TRUE(parsed.ok()) << form;
        EXPECT_TRUE(*parsed == s) << form;
      }
      EXPECT_TRUE(InviteSecret::from_bytes(kind, s.secret_bytes()).value() == s);
    }
  }
}

// S4: the link's secret itself, as 20 characters; never a short code.
// S3: face to face for a quarter of an hour, a link for a week.
TEST_F(InviteTest, LivesAsLongAsItsKind) {
  EXPECT_EQ(invite_life(InviteKind::qr), std::chrono::minutes(15));
  EXPECT_EQ(invite_life(InviteKind::link), Days(7));
}

TEST_F(InviteTest, TheUrlIsOfThePageThatWasGiven) {
  const InviteSecret secret = InviteSecret::generate(world_.rng, InviteKind::link);
  const std::string page = "https://chat.example/welkom";
  const std::string url = invite_url(page + "#old", secret);
  EXPECT_EQ(url.substr(0, page.size() + 1), page + "#");
  EXPECT_EQ(url.find("old"), std::string::npos);
  // Also a fragment that is the secret alone.
  EXPECT_EQ(invite_text(parse_invite_text("#" + invite_text(secret)).value()), invite_text(secret));
  EXPECT_EQ(invite_text(parse_invite_text(page + "#" + invite_text(secret)).value()), invite_text(secret));
}

TEST_F(InviteTest, TypedFormIsFourGroupsOfFive) {
  const std::string typed = invite_typed_text(secret());
  EXPECT_EQ(typed.size(), 23u);
  for (const std::size_t dash : {5u, 11u, 17u}) EXPECT_EQ(typed[dash], '-');
  EXPECT_EQ(typed.find_first_of("ILOU"), std::string::npos);
}

TEST_F(InviteTest, KnownValue) {
  // 100 bits 00000 00001 ... 10011: the characters in the order of the alphabet.
  const InviteSecret s = parse_invite_text("0123456789ABCDEFGHJK").value();
  EXPECT_EQ(to_hex(s.secret_bytes()), "00443214c74254b635cf846530");
  EXPECT_EQ(invite_text(s), "0123456789ABCDEFGHJK");
}

TEST_F(InviteTest, TextErrorsAreNamed) {
  EXPECT_EQ(parse_invite_text("").error(), kInviteTextLength);
  EXPECT_EQ(parse_invite_text("01234-56789-ABCDE-FGHJ").error(), kInviteTextLength);
  EXPECT_EQ(parse_invite_text("01234-56789-ABCDE-FGHJK-M").error(), kInviteTextLength);
  EXPECT_EQ(parse_invite_text(std::string(53, '0')).error(), kInviteTextLength);
  EXPECT_EQ(parse_invite_text(std::string(kMaxInviteText + 1, ' ')).error(), kInviteTextLength);
  EXPECT_EQ(parse_invite_text("01234-56789-ABCDE-FGHJU").error(), kInviteTextCharacter);
  EXPECT_EQ(parse_invite_text("01234-56789-ABCDE-FGHJ\xc3\xa9").error(), kInviteTextCharacter);
  EXPECT_EQ(parse_invite_text("https://chat.example/").error(), kInviteTextCharacter);
  // 52 characters hold 260 bits: a QR text whose last four are not zero is not ours.
  EXPECT_TRUE(parse_invite_text(std::string(51, 'Z') + "G").ok());
  EXPECT_EQ(parse_invite_text(std::string(51, 'Z') + "H").error(), kInviteTextCharacter);
}

TEST_F(InviteTest, StoredBytesAreChecked) {
  EXPECT_EQ(InviteSecret::from_bytes(InviteKind::link, Bytes(12)).error(), kBadLength);
  EXPECT_EQ(InviteSecret::from_bytes(InviteKind::link, Bytes(13, 0x0f)).error(), kBadValue);
  EXPECT_EQ(InviteSecret::from_bytes(static_cast<InviteKind>(9), Bytes(13)).error(), kBadValue);
}

TEST_F(InviteTest, LookupAndPskAreDistinctPerSecretAndId) {
  const InviteSecret a = secret();
  const InviteSecret b = secret();
  EXPECT_EQ(invite_lookup(a), invite_lookup(parse_invite_text(invite_text(a)).value()));
  EXPECT_NE(invite_lookup(a), invite_lookup(b));
  const Bytes id1(kInvitePskIdSize, 1), id2(kInvitePskIdSize, 2);
  EXPECT_TRUE(invite_psk(a, id1) == invite_psk(a, id1));
  EXPECT_FALSE(invite_psk(a, id1) == invite_psk(a, id2));
  EXPECT_FALSE(invite_psk(a, id1) == invite_psk(b, id1));
  EXPECT_FALSE(equal(invite_psk(a, id1).bytes(), invite_lookup(a)));
}

TEST_F(InviteTest, TermsVerifyForTheInvited) {
  const InviteTerms terms = world_.terms();
  EXPECT_EQ(decode_invite_terms(encode_invite_terms(terms)).value(), terms);
  EXPECT_EQ(verify_invite_terms(terms, InviteKind::link, kNow).value().account, world_.coach);
  EXPECT_EQ(verify_invite_terms(terms, InviteKind::qr, kNow).error(), kInviteKindMismatch);
  EXPECT_EQ(verify_invite_terms(terms, InviteKind::link, terms.expires).error(), kInviteExpired);
  InviteTerms by_jongere = terms;
  by_jongere.coach = world_.jongere_chain();
  EXPECT_EQ(verify_invite_terms(by_jongere, InviteKind::link, kNow).error(), kInviterNotCoach);
  InviteTerms other_root = terms;
  other_root.organisation.root_key = world_.coach_key.verify_key();
  EXPECT_EQ(verify_invite_terms(other_root, InviteKind::link, kNow).error(), kWrongIssuer);
}

TEST_F(InviteTest, TermsSayWhatTheInviteIsFor) {
  InviteTerms third = world_.terms();
  third.purpose = InvitePurpose::third_party;
  third.channel = world_.channel;
  third.until = kNow + Days(90);
  third.reason = GrantPurpose::debts;
  EXPECT_EQ(decode_invite_terms(encode_invite_terms(third)).value(), third);
  EXPECT_TRUE(verify_invite_terms(third, InviteKind::link, kNow).ok());
  third.until.reset();
  EXPECT_EQ(verify_invite_terms(third, InviteKind::link, kNow).error(), kBadValue);

  InviteTerms comeback = world_.terms();
  comeback.purpose = InvitePurpose::comeback;
  comeback.account = world_.jongere;
  comeback.channel = world_.channel;
  EXPECT_EQ(decode_invite_terms(encode_invite_terms(comeback)).value(), comeback);
  EXPECT_TRUE(verify_invite_terms(comeback, InviteKind::link, kNow).ok());

  // Only the account itself links a device to it.
  InviteTerms device = world_.terms();
  device.purpose = InvitePurpose::device;
  device.coach = world_.jongere_chain();
  device.account = world_.jongere;
  EXPECT_EQ(decode_invite_terms(encode_invite_terms(device)).value(), device);
  EXPECT_EQ(verify_invite_terms(device, InviteKind::link, kNow).value().account, world_.jongere);
  device.account = world_.coach;
  EXPECT_EQ(verify_invite_terms(device, InviteKind::link, kNow).error(), kAccountMismatch);
}

TEST_F(InviteTest, ProofVerifiesOnlyUnchanged) {
  const InviteSecret s = secret();
  const Bytes terms = encode_invite_terms(world_.terms());
  const RedeemProof proof =
      make_redeem_proof(s, terms, to_bytes("key package"), world_.jongere_key.verify_key(), world_.jongere_devices());
  EXPECT_TRUE(verify_redeem_proof(s, terms, proof, kNow).ok());
  const Bytes bytes = encode_redeem_proof(proof);
  EXPECT_EQ(decode_redeem_proof(bytes).value(), proof);
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto decoded = decode_redeem_proof(changed);
    EXPECT_FALSE(decoded.ok() && verify_redeem_proof(s, terms, *decoded, kNow).ok()) << "bit " << bit;
  });
  // A gateway that showed the invited person other terms: every bit of them counts (S3).
  for_each_bit_flip(terms, [&](const Bytes& changed, std::size_t bit) {
    EXPECT_FALSE(verify_redeem_proof(s, changed, proof, kNow).ok()) << "bit " << bit;
  });
}

TEST_F(InviteTest, ProofNeedsTheSecretTheTimeAndTheAccountsOwnKey) {
  const InviteSecret s = secret();
  const InviteTerms terms = world_.terms();
  const Bytes terms_bytes = encode_invite_terms(terms);
  const auto proof_with = [&](const InviteSecret& with, DeviceList devices) {
    return make_redeem_proof(with, terms_bytes, to_bytes("kp"), world_.jongere_key.verify_key(), std::move(devices));
  };
  const RedeemProof proof = proof_with(s, world_.jongere_devices());
  EXPECT_TRUE(verify_redeem_proof(s, terms_bytes, proof, terms.expires - Duration(1)).ok());
  EXPECT_EQ(verify_redeem_proof(s, terms_bytes, proof, terms.expires).error(), kInviteExpired);
  EXPECT_EQ(verify_redeem_proof(secret(), terms_bytes, proof, kNow).error(), kBadRedeemMac);
  EXPECT_EQ(verify_redeem_proof(secret(InviteKind::qr), terms_bytes, proof, kNow).error(), kInviteKindMismatch);
  EXPECT_EQ(verify_redeem_proof(s, terms_bytes, proof_with(s, world_.coach_devices()), kNow).error(), kBadDeviceListSignature);
}

TEST_F(InviteTest, ProofForOneInviteIsNoneForAnother) {
  const InviteSecret s = secret();
  const Bytes first = encode_invite_terms(world_.terms());
  const Bytes second = encode_invite_terms(world_.terms());  // another invite id
  const RedeemProof proof =
      make_redeem_proof(s, first, to_bytes("kp"), world_.jongere_key.verify_key(), world_.jongere_devices());
  EXPECT_EQ(verify_redeem_proof(s, second, proof, kNow).error(), kBadRedeemMac);
}

TEST_F(InviteTest, KeyPackageIsBounded) {
  RedeemProof proof{Bytes(kMaxKeyPackageSize), world_.jongere_key.verify_key(), world_.jongere_devices(), {}};
  EXPECT_TRUE(decode_redeem_proof(encode_redeem_proof(proof)).ok());
  proof.key_package.push_back(0);
  EXPECT_EQ(decode_redeem_proof(encode_redeem_proof(proof)).error(), kTooLarge);
}

}  // namespace
}  // namespace steiger::identity
