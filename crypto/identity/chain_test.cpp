// Rule S1, one test per way to break it, and the properties that hold for every chain.
#include "crypto/identity/chain.h"

#include <gtest/gtest.h>

#include "crypto/base/labels.h"
#include "crypto/identity/test_support.h"

namespace steiger::identity {
namespace {

using namespace test;

class ChainTest : public ::testing::Test {
 protected:
  World world_;
};

TEST(Labels, AreDistinctPrefixFreeAndUnlikeMls) {
  for (const auto a : labels::kAll) {
    EXPECT_FALSE(a.starts_with("MLS 1.0 "));
    const bool of_invites =
        std::find(std::begin(labels::kOfInvites), std::end(labels::kOfInvites), a) != std::end(labels::kOfInvites);
    EXPECT_TRUE(of_invites || a.starts_with("steiger ")) << a;
    for (const auto b : labels::kAll) {
      const bool same = a.data() == b.data();
      EXPECT_EQ(b.starts_with(a), same) << a << " / " << b;
    }
  }
}

TEST_F(ChainTest, StaffAndJongereVerify) {
  const VerifiedIdentity coach = world_.verify(world_.coach_chain()).value();
  EXPECT_EQ(coach.account, world_.coach);
  EXPECT_EQ(coach.role, Role::coach);
  EXPECT_FALSE(coach.certified_by.has_value());
  const VerifiedIdentity jongere = world_.verify(world_.jongere_chain()).value();
  EXPECT_EQ(jongere.account, world_.jongere);
  EXPECT_EQ(jongere.account_key, world_.jongere_key.verify_key());
  EXPECT_EQ(jongere.role, Role::jongere);
  EXPECT_EQ(jongere.certified_by, world_.coach);
  EXPECT_EQ(jongere.devices.devices.size(), 2u);
  EXPECT_TRUE(jongere.check_channel(world_.channel).ok());
}

TEST_F(ChainTest, EveryFlippedBitIsNoticed) {
  const Bytes bytes = encode_chain(world_.jongere_chain());
  for_each_bit_flip(bytes, [&](const Bytes& changed, std::size_t bit) {
    const auto chain = decode_chain(changed);
    EXPECT_FALSE(chain.ok() && world_.verify(*chain).ok()) << "bit " << bit;
  });
}

TEST_F(ChainTest, EncodingIsCanonicalAndEveryTruncationFails) {
  for (const IdentityChain& chain : {world_.coach_chain(), world_.jongere_chain()}) {
    const Bytes bytes = encode_chain(chain);
    EXPECT_EQ(decode_chain(bytes).value(), chain);
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_chain(ByteView(bytes).first(size)).ok());
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_EQ(decode_chain(longer).error(), kTrailingBytes);
  }
}

TEST_F(ChainTest, ACertificateNamesWhomItIsFrom) {
  const auto without = [&](const std::function<void(Certificate&)>& change) {
    Certificate fields = world_.staff_fields();
    change(fields);
    return issue_certificate(world_.root, fields).error();
  };
  EXPECT_EQ(without([](Certificate& c) { c.organisation = {}; }), kBadValue);
  EXPECT_EQ(without([](Certificate& c) { c.subject = {}; }), kBadValue);
  EXPECT_EQ(without([](Certificate& c) { c.not_after = c.not_before; }), kBadValue);
}

TEST_F(ChainTest, ExpiredAndNotYetValid) {
  const IdentityChain chain = world_.coach_chain();
  EXPECT_EQ(world_.verify(chain, kStart + Days(365)).error(), kCertificateExpired);
  EXPECT_TRUE(world_.verify(chain, kStart + Days(365) - Duration(1)).ok());
  EXPECT_TRUE(world_.verify(chain, kStart - kClockTolerance).ok());
  EXPECT_EQ(world_.verify(chain, kStart - kClockTolerance - Duration(1)).error(), kCertificateNotYetValid);
}

TEST_F(ChainTest, AccountOutlivesItsCoachsCertificate) {
  EXPECT_TRUE(world_.verify(world_.jongere_chain(), kStart + Days(800)).ok());
  EXPECT_EQ(world_.verify(world_.jongere_chain(), kStart + Days(365 * 3)).error(), kCertificateExpired);
}

TEST_F(ChainTest, CoachMustHaveBeenCertifiedWhenIssuing) {
  IdentityChain chain = world_.jongere_chain();
  Certificate late = world_.account_fields();
  late.not_before = kStart + Days(365);  // the instant at which the coach's own certificate ends
  chain.certificates[1] = issue_certificate(world_.coach_key, late).value();
  EXPECT_EQ(world_.verify(chain, kStart + Days(366)).error(), kIssuerNotValid);
  Certificate early = world_.account_fields();
  early.not_before = kStart - kClockTolerance - Duration(1);
  chain.certificates[1] = issue_certificate(world_.coach_key, early).value();
  EXPECT_EQ(world_.verify(chain).error(), kIssuerNotValid);
}

// A signed certificate that issue_certificate would refuse to make: what a hostile issuer can do.
Certificate sign_anyway(const SigningKey& issuer, Certificate c) {
  c.issuer_key_hash = key_hash(issuer.verify_key());
  c.signature = {};
  Bytes content = encode_certificate(c);
  content.resize(content.size() - kSignatureSize);
  c.signature = issuer.sign(to_be_signed(labels::kCertificate, content));
  return c;
}

TEST_F(ChainTest, SignAnywayMakesWhatIssueMakes) {
  EXPECT_EQ(sign_anyway(world_.root, world_.staff_fields()), world_.coach_certificate());
}

TEST_F(ChainTest, LifeTooLong) {
  Certificate staff = world_.staff_fields();
  staff.not_after = staff.not_before + kMaxStaffCertificateLife;
  EXPECT_TRUE(issue_certificate(world_.root, staff).ok());
  staff.not_after = staff.not_after + Duration(1);
  EXPECT_EQ(issue_certificate(world_.root, staff).error(), kCertificateLifeTooLong);
  IdentityChain chain = world_.coach_chain();
  chain.certificates[0] = sign_anyway(world_.root, staff);
  EXPECT_EQ(world_.verify(chain).error(), kCertificateLifeTooLong);

  Certificate account = world_.account_fields();
  account.not_after = account.not_before + kMaxAccountCertificateLife + Duration(1);
  chain = world_.jongere_chain();
  chain.certificates[1] = sign_anyway(world_.coach_key, account);
  EXPECT_EQ(world_.verify(chain).error(), kCertificateLifeTooLong);
}

TEST_F(ChainTest, ExtremeTimesAreRefusedWithoutOverflow) {
  Certificate c = world_.account_fields();
  c.not_before = Timestamp{std::numeric_limits<std::int64_t>::max() - 1};
  c.not_after = Timestamp{std::numeric_limits<std::int64_t>::max()};
  IdentityChain chain = world_.jongere_chain();
  chain.certificates[1] = sign_anyway(world_.coach_key, c);
  EXPECT_EQ(world_.verify(chain).error(), kIssuerNotValid);
  c.not_before = c.not_after;
  EXPECT_EQ(issue_certificate(world_.coach_key, c).error(), kBadValue);
}

TEST_F(ChainTest, WrongRoleForIssuer) {
  // The root may not certify a jongere directly, a coach may not certify staff, and nobody but a coach certifies accounts.
  Certificate direct = world_.account_fields();
  IdentityChain chain = world_.jongere_chain();
  chain.certificates = {sign_anyway(world_.root, direct)};
  EXPECT_EQ(world_.verify(chain).error(), kRoleNotAllowed);

  for (const Role role : {Role::coach, Role::teamleider, Role::beheerder, Role::fg, Role::auditor, Role::agent}) {
    chain = world_.jongere_chain();
    Certificate staff = world_.staff_fields(role);
    staff.subject = world_.jongere;
    staff.subject_key = world_.jongere_key.verify_key();
    chain.certificates[1] = sign_anyway(world_.coach_key, staff);
    EXPECT_EQ(world_.verify(chain).error(), kRoleNotAllowed) << role_name(role);

    chain = world_.jongere_chain();
    chain.certificates[0] = sign_anyway(world_.root, world_.staff_fields(role));
    EXPECT_EQ(world_.verify(chain).ok(), role == Role::coach) << role_name(role);
    EXPECT_TRUE(
        world_
            .verify(
                {{sign_anyway(world_.root, world_.staff_fields(role))}, world_.coach_key.verify_key(), world_.coach_devices()})
            .ok());
  }
}

TEST_F(ChainTest, PathTooLong) {
  IdentityChain chain = world_.jongere_chain();
  chain.certificates.insert(chain.certificates.begin(), world_.coach_certificate());
  EXPECT_EQ(world_.verify(chain).error(), kPathTooLong);
  EXPECT_EQ(decode_chain(encode_chain(chain)).error(), kPathTooLong);
}

TEST_F(ChainTest, NotCertifiedYet) {
  IdentityChain chain = world_.jongere_chain();
  chain.certificates.clear();
  EXPECT_EQ(world_.verify(chain).error(), kNotCertified);
  EXPECT_TRUE(verify_uncertified_chain(chain).ok());
  chain.account_key = world_.coach_key.verify_key();
  EXPECT_EQ(verify_uncertified_chain(chain).error(), kBadDeviceListSignature);
}

TEST_F(ChainTest, ThirdPartyIsBoundToItsChannel) {
  IdentityChain chain = world_.jongere_chain();
  chain.certificates[1] = issue_certificate(world_.coach_key, world_.account_fields(Role::third_party)).value();
  const VerifiedIdentity identity = world_.verify(chain).value();
  EXPECT_TRUE(identity.check_channel(world_.channel).ok());
  EXPECT_EQ(identity.check_channel(ChannelId::random(world_.rng)).error(), kWrongChannel);

  Certificate without = world_.account_fields(Role::third_party);
  without.channel.reset();
  EXPECT_EQ(issue_certificate(world_.coach_key, without).error(), kChannelRequired);
  chain.certificates[1] = sign_anyway(world_.coach_key, without);
  EXPECT_EQ(world_.verify(chain).error(), kChannelRequired);
  Certificate jongere_with = world_.account_fields();
  jongere_with.channel = world_.channel;
  chain.certificates[1] = sign_anyway(world_.coach_key, jongere_with);
  EXPECT_EQ(world_.verify(chain).error(), kChannelNotAllowed);
}

TEST_F(ChainTest, OtherRootOtherOrganisationOtherCoach) {
  World other(2);
  EXPECT_EQ(verify_chain(world_.coach_chain(), other.organisation.root_key, world_.organisation.id, kNow).error(), kWrongIssuer);
  EXPECT_EQ(verify_chain(world_.coach_chain(), world_.organisation.root_key, other.organisation.id, kNow).error(),
            kWrongOrganisation);
  IdentityChain chain = world_.jongere_chain();
  chain.certificates[1] = issue_certificate(other.coach_key, world_.account_fields()).value();
  EXPECT_EQ(world_.verify(chain).error(), kWrongIssuer);
  Certificate elsewhere = world_.account_fields();
  elsewhere.organisation = other.organisation.id;
  chain.certificates[1] = issue_certificate(world_.coach_key, elsewhere).value();
  EXPECT_EQ(world_.verify(chain).error(), kWrongOrganisation);
}

TEST_F(ChainTest, ForgedSignature) {
  IdentityChain chain = world_.coach_chain();
  chain.certificates[0].signature = world_.root.sign(as_bytes("something else"));
  EXPECT_EQ(world_.verify(chain).error(), kBadCertificateSignature);
}

TEST_F(ChainTest, CoachCannotCertifyItself) {
  Certificate self = world_.account_fields();
  self.subject = world_.coach;
  IdentityChain chain = world_.jongere_chain();
  chain.certificates[1] = issue_certificate(world_.coach_key, self).value();
  EXPECT_EQ(world_.verify(chain).error(), kAccountMismatch);
}

TEST_F(ChainTest, AccountKeyAndAccountMustMatchTheCertificate) {
  IdentityChain chain = world_.jongere_chain();
  chain.account_key = world_.coach_key.verify_key();
  EXPECT_EQ(world_.verify(chain).error(), kAccountKeyMismatch);
  chain = world_.jongere_chain();
  chain.device_list = sign_device_list(world_.jongere_key, world_.coach, 1, chain.device_list.devices).value();
  EXPECT_EQ(world_.verify(chain).error(), kAccountMismatch);
  chain = world_.jongere_chain();
  chain.device_list = sign_device_list(world_.coach_key, world_.jongere, 1, chain.device_list.devices).value();
  EXPECT_EQ(world_.verify(chain).error(), kBadDeviceListSignature);
}

TEST_F(ChainTest, CompleteChainFindsTheCertificatesButTrustsNothing) {
  const IdentityChain full = world_.jongere_chain();
  IdentityChain bare = full;
  bare.certificates.clear();
  EXPECT_EQ(complete_chain(bare, {world_.jongere_certificate(), world_.coach_certificate()}), full);
  EXPECT_EQ(complete_chain(bare, {world_.jongere_certificate()}), bare);
  EXPECT_EQ(complete_chain(bare, {}), bare);
  World other(2);
  EXPECT_EQ(complete_chain(bare, {other.jongere_certificate(), other.coach_certificate()}), bare);
  EXPECT_EQ(complete_chain(full, {}), full);
  // What it brings itself stays, whatever else is known.
  IdentityChain own = full;
  own.certificates.pop_back();
  EXPECT_EQ(complete_chain(own, {world_.jongere_certificate(), world_.coach_certificate()}), own);
}

TEST_F(ChainTest, LeafMustBeAListedDeviceWithItsKey) {
  const DeviceList devices = world_.jongere_devices();
  const DeviceIdentity phone{world_.jongere, world_.phone.id};
  const VerifyKey phone_key = world_.phone.leaf_key.verify_key();
  EXPECT_EQ(check_leaf(devices, encode_credential(phone), phone_key).value(), phone);
  EXPECT_EQ(check_leaf(devices, encode_credential(phone), world_.tablet.leaf_key.verify_key()).error(), kDeviceNotListed);
  EXPECT_EQ(check_leaf(devices, encode_credential({world_.jongere, world_.coach_device.id}), phone_key).error(),
            kDeviceNotListed);
  EXPECT_EQ(check_leaf(devices, encode_credential({world_.coach, world_.phone.id}), phone_key).error(), kAccountMismatch);
  EXPECT_EQ(check_leaf(devices, Bytes(31, 1), phone_key).error(), kBadCredential);
  EXPECT_EQ(check_leaf(devices, Bytes(32, 0), phone_key).error(), kBadCredential);
  for (const std::size_t half : {std::size_t{0}, kIdSize}) {  // nor with one of the two
    Bytes only_one(2 * kIdSize, 0);
    std::fill_n(only_one.begin() + static_cast<std::ptrdiff_t>(half), kIdSize, std::uint8_t{1});
    EXPECT_EQ(check_leaf(devices, only_one, phone_key).error(), kBadCredential);
  }
}

TEST_F(ChainTest, OrganisationRoundTripsAndBoundsItsName) {
  EXPECT_EQ(decode_organisation(encode_organisation(world_.organisation)).value(), world_.organisation);
  OrganisationPublic long_name = world_.organisation;
  long_name.name = std::string(kMaxOrganisationName + 1, 'x');
  EXPECT_EQ(decode_organisation(encode_organisation(long_name)).error(), kTooLarge);
}

}  // namespace
}  // namespace steiger::identity
