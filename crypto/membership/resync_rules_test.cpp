// External commits (S9): the same device under the same account key takes its own place again, and nothing else happens.
#include "crypto/membership/test_support.h"

namespace steiger::membership::test {
namespace {

TEST_F(RulesTest, AnExternalCommitIsOnlyTheSameDeviceAgain) {
  room({noors_laptop_, sams_phone_});
  facts_.external = true;
  facts_.removed.push_back({sams_phone_.leaf, {mls::SenderType::new_member_commit, 0}});
  facts_.committer = sams_phone_.leaf;
  after_ = {noors_laptop_, sams_phone_};
  EXPECT_TRUE(judged().value().resync);
  EXPECT_FALSE(judged().value().handover);
  after_ = {noors_laptop_, seat(1, sam_, device())};
  EXPECT_EQ(refused(), kBadResync) << "another device";
  after_ = {noors_laptop_,
            seat(1, client(noor_, Role::jongere, kNow - Days(1), Days(300), sam_.account), sams_phone_.who.device)};
  EXPECT_EQ(refused(), kBadResync) << "another account key";
  after_ = {noors_laptop_, sams_phone_};
  after_[1].role = Role::third_party;
  EXPECT_EQ(refused(), kBadResync) << "another role";
  const Seat stranger = seat(2, eva_, device());
  after_ = {noors_laptop_, sams_phone_, stranger};
  EXPECT_EQ(refused(), kBadResync) << "somebody with it";
  after_ = {stranger, sams_phone_};
  EXPECT_EQ(refused(), kBadResync) << "somebody instead of another";
  after_ = {seat(0, noor_, noors_laptop_.who.device, 2), sams_phone_};
  EXPECT_EQ(refused(), kBadResync) << "somebody else changes too";
  after_ = {noors_laptop_, sams_phone_};
  status({{identity::key_hash(sams_phone_.account_key), Standing::replaced, kNow - Days(1)}});
  EXPECT_EQ(refused(), identity::kKeyRevoked);
  trust_.status.reset();
  facts_.removed.push_back({noors_laptop_.leaf, {}});
  EXPECT_EQ(refused(), kBadResync) << "more than one Remove";
  facts_.removed.clear();
  EXPECT_EQ(refused(), kBadResync) << "no Remove";
}

}  // namespace
}  // namespace steiger::membership::test
