// The beheerder's status lists (S1): what is signed is what devices accept, versions only go up, standings never get weaker.
#include "client-sdk/src/organisation_status.h"

#include <gtest/gtest.h>

#include "crypto/primitives/system_rng.h"

namespace steiger::sdk {
namespace {

using identity::Standing;

class StatusTest : public ::testing::Test {
 protected:
  SystemRng rng;
  Timestamp now{1'790'000'000'000};
  Organisation organisation = Organisation::create(rng, "Gemeente Voorbeeld").value();
  StatusAuthority authority = appoint_status_key(organisation, SigningKey::generate(rng), now).value();
  VerifyKey coach = SigningKey::generate(rng).verify_key();
  StatusBook book;

  [[nodiscard]] Result<SignedStatus> sign(Timestamp when) const {
    return sign_next_status(organisation.facts, authority, book, when);
  }
};

TEST_F(StatusTest, EveryListIsAcceptedAfterTheOneBefore) {
  ASSERT_TRUE(book.note(identity::key_hash(coach), Standing::ended, now).ok());
  auto first = sign(now);
  ASSERT_TRUE(first.ok());
  ASSERT_NE(first->list.find(coach), nullptr);
  EXPECT_EQ(first->list.find(coach)->standing, Standing::ended);
  EXPECT_TRUE(identity::check_status_fresh(first->list, now).ok());
  EXPECT_LE(first->list.next_update - first->list.issued, identity::kMaxStatusListLife);
  book = first->book;
  const auto second = sign(now);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->list.version, first->list.version + 1);
  EXPECT_TRUE(identity::check_status_successor(first->list, second->list).ok());
  EXPECT_FALSE(identity::check_status_successor(second->list, first->list).ok());
}

TEST_F(StatusTest, AStandingNeverGetsWeaker) {
  const Hash key = identity::key_hash(coach);
  ASSERT_TRUE(book.note(key, Standing::replaced, now).ok());
  ASSERT_TRUE(book.note(key, Standing::ended, now + identity::Days(1)).ok());
  EXPECT_EQ(book.entries.at(0).since, now) << "the earlier time stays";
  ASSERT_TRUE(book.note(key, Standing::compromised, now - identity::Days(1)).ok());
  EXPECT_EQ(book.entries.at(0).since, now - identity::Days(1));
  EXPECT_EQ(book.note(key, Standing::ended, now).error(), kStandingFinal);
  EXPECT_EQ(book.note(key, Standing::replaced, now).error(), kStandingFinal);
  EXPECT_TRUE(book.note(key, Standing::compromised, now).ok());
  ASSERT_EQ(book.entries.size(), 1U);
  EXPECT_EQ(book.entries.at(0).standing, Standing::compromised);
}

TEST_F(StatusTest, TheBookHasABound) {
  for (std::size_t i = 0; i < identity::kMaxStatusEntries; ++i) {
    Hash key{};
    key[0] = static_cast<std::uint8_t>(i >> 8);
    key[1] = static_cast<std::uint8_t>(i);
    book.entries.push_back({key, Standing::ended, now});
  }
  EXPECT_EQ(book.note(identity::key_hash(coach), Standing::ended, now).error(), kStatusBookFull);
  EXPECT_TRUE(sign(now).ok());
}

TEST_F(StatusTest, AnAppointmentEndsAndIsRenewedForTheSameKey) {
  const Timestamp later = now + identity::kMaxDelegationLife;
  EXPECT_EQ(sign(later).error(), identity::kBadDelegation);
  authority = appoint_status_key(organisation, authority.key.clone(), later).value();
  EXPECT_TRUE(sign(later).ok());
}

TEST_F(StatusTest, AnAppointmentByAnotherRootIsNoticedBeforeTheListLeaves) {
  const Organisation other = Organisation::create(rng, "Gemeente Voorbeeld").value();
  organisation.facts.root_key = other.facts.root_key;
  EXPECT_EQ(sign(now).error(), identity::kBadDelegation);
}

TEST_F(StatusTest, KeyAndBookSurviveStorage) {
  const auto again = StatusAuthority::deserialize(authority.serialize().bytes());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->delegation, authority.delegation);
  EXPECT_EQ(again->key.verify_key(), authority.key.verify_key());
  ASSERT_TRUE(book.note(identity::key_hash(coach), Standing::compromised, now).ok());
  book = sign(now)->book;
  const Bytes stored = book.encode();
  const auto read = StatusBook::decode(stored);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->encode(), stored);
  EXPECT_EQ(read->version, 1U);
  EXPECT_EQ(read->next_update, book.next_update);
}

TEST_F(StatusTest, FilesOfSomethingElseAreRefused) {
  const Bytes stored = book.encode();
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_EQ(StatusBook::decode(ByteView(stored).first(size)).error(), kBadStatusBook) << size;
  }
  SecretBytes key = authority.serialize();
  EXPECT_EQ(StatusAuthority::deserialize(organisation.serialize().bytes()).error(), kBadStatusKey);
  key.writable()[1] ^= 1;  // another key than the delegation names
  EXPECT_EQ(StatusAuthority::deserialize(key.bytes()).error(), kBadStatusKey);
}

}  // namespace
}  // namespace steiger::sdk
