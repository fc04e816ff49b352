// Whose devices sit in a tree, as both ends read it (S1).
#include "crypto/membership/test_support.h"

namespace steiger::membership::test {
namespace {

class RosterTest : public RulesTest {
 protected:
  RosterTest() {
    leaf_.credential = mls::Credential::basic(identity::encode_credential(sams_phone_.who));
    leaf_.signature_key = to_bytes(root_.verify_key().bytes());  // the key that the fixture's lists name
    show(sams_phone_.chain);
  }
  void show(const IdentityChain& chain) { leaf_.extensions = {{identity::kIdentityExtension, identity::encode_chain(chain)}}; }
  Result<Seat> read(const std::vector<Certificate>& helpful = {}) {
    return read_seat({1}, leaf_, helpful, trust_, binding_.channel);
  }
  mls::LeafNode leaf_;
};

TEST_F(RosterTest, ALeafIsADeviceOfItsChainsAccount) {
  const Seat read_back = read().value();
  EXPECT_EQ(read_back.who, sams_phone_.who);
  EXPECT_EQ(read_back.account_key, sams_phone_.account_key);
  EXPECT_EQ(read_back.role, Role::jongere);
  EXPECT_EQ(read_back.certified_by, noor_.account);
  leaf_.credential.identity = identity::encode_credential({sam_.account, device()});
  EXPECT_EQ(read().error(), identity::kDeviceNotListed);
}

TEST_F(RosterTest, WithoutAChainNobodySitsThere) {
  leaf_.credential.type = mls::CredentialType::x509;
  EXPECT_EQ(read().error(), identity::kNotCertified);
  leaf_.credential.type = mls::CredentialType::basic;
  leaf_.extensions.clear();
  EXPECT_EQ(read().error(), identity::kNotCertified);
}

// S3: a newcomer's leaf was made before it was certified; whoever adds it shows the certificates.
TEST_F(RosterTest, CertificatesMayComeFromElsewhere) {
  auto bare = sams_phone_.chain;
  bare.certificates.clear();
  show(bare);
  EXPECT_EQ(read().error(), identity::kNotCertified);
  EXPECT_EQ(read(sam_.certificates).value().who, sams_phone_.who);
}

TEST_F(RosterTest, AnAccountsKeyIsTheOneCertifiedLast) {
  const Seat later = seat(2, client(noor_, Role::jongere, kNow, Days(300), sam_.account), device());
  for (const Roster& roster : {Roster{sams_phone_, later}, Roster{later, sams_phone_}}) {
    EXPECT_EQ(find_account(roster, sam_.account)->leaf, later.leaf);
  }
  EXPECT_EQ(find_account({later}, noor_.account), nullptr);
}

// One leaf for each device: a second one would be somebody who reads along unseen (S8).
TEST_F(RosterTest, NoDeviceSitsThereTwice) {
  mls::RatchetTree tree;
  ASSERT_TRUE(tree.add_leaf(leaf_).ok());
  EXPECT_EQ(read_roster(tree, {}, trust_, binding_.channel).value().size(), 1u);
  ASSERT_TRUE(tree.add_leaf(leaf_).ok());
  EXPECT_EQ(read_roster(tree, {}, trust_, binding_.channel).error(), kDeviceTwice);
}

}  // namespace
}  // namespace steiger::membership::test
