#include "client-sdk/src/organisation.h"

#include <gtest/gtest.h>

#include "crypto/primitives/system_rng.h"

namespace steiger::sdk {
namespace {

class OrganisationTest : public ::testing::Test {
 protected:
  OrganisationTest() {
    request.organisation = organisation.facts.id;
    request.name = "Noor";
    request.account_key = account.verify_key();
    request.device_list =
        *identity::sign_device_list(account, AccountId::random(rng), 1, {{DeviceId::random(rng), leaf.verify_key(), now}});
  }
  SystemRng rng;
  Timestamp now{1'790'000'000'000};
  Organisation organisation = Organisation::create(rng, "Gemeente Voorbeeld").value();
  SigningKey account = SigningKey::generate(rng);
  SigningKey leaf = SigningKey::generate(rng);
  StaffRequest request;
};

TEST_F(OrganisationTest, SurvivesStorage) {
  const auto again = Organisation::deserialize(organisation.serialize().bytes());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->facts, organisation.facts);
  EXPECT_EQ(again->root.verify_key(), organisation.facts.root_key);
}

TEST_F(OrganisationTest, ACertifiedRequestMakesAValidChain) {
  const auto read = decode_staff_request(encode_staff_request(request, account));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->name, "Noor");
  const auto certificate = certify_staff(organisation, *read, identity::Role::coach, now);
  ASSERT_TRUE(certificate.ok());
  const identity::IdentityChain chain{{*identity::decode_certificate(*certificate)}, read->account_key, read->device_list};
  const auto verified = identity::verify_chain(chain, organisation.facts.root_key, organisation.facts.id, now);
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified->role, identity::Role::coach);
}

TEST_F(OrganisationTest, EveryChangedByteOfARequestIsNoticed) {
  const Bytes good = encode_staff_request(request, account);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(decode_staff_request(bad).ok()) << i;
  }
}

TEST_F(OrganisationTest, OnlyStaffRolesOfThisOrganisationAreCertified) {
  EXPECT_EQ(certify_staff(organisation, request, identity::Role::jongere, now).error(), identity::kRoleNotAllowed);
  request.organisation = OrganisationId::random(rng);
  EXPECT_EQ(certify_staff(organisation, request, identity::Role::coach, now).error(), kBadStaffRequest);
  EXPECT_EQ(Organisation::create(rng, "").error(), kNameTooLong);
}

}  // namespace
}  // namespace steiger::sdk
