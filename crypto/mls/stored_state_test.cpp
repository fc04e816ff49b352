// State that earlier versions stored still opens, reads and goes on. The examples were written by the code of their version;
// every new version adds one and changes none.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "crypto/mls/test_support.h"

namespace steiger::mls {
namespace {

struct Example {
  explicit Example(int version) {
    std::ifstream in(std::string(STEIGER_SOURCE_DIR) + "/tests/golden/mls-state-v" + std::to_string(version) + ".txt");
    EXPECT_TRUE(in.good());
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line);
      std::string name;
      std::string hex;
      words >> name >> hex;
      values[name] = from_hex(hex).value();
    }
  }
  [[nodiscard]] const Bytes& value(const std::string& name) const { return values.at(name); }
  [[nodiscard]] Group group() const { return Group::deserialize(value("group")).value(); }

  std::map<std::string, Bytes> values;
};

struct StoredState : testing::TestWithParam<int>, Example {
  StoredState() : Example(GetParam()) {}
};

TEST_P(StoredState, AGroupReadsWhatItCouldRead) {
  Group group = this->group();
  EXPECT_TRUE(equal(group.epoch_authenticator(), value("epoch_authenticator")));
  const auto text = [&](const char* name) { return std::string(as_text(group.decrypt(value(name)).value().plaintext.bytes())); };
  EXPECT_EQ(text("message_of_current_epoch"), "van nu");
  EXPECT_EQ(text("message_of_past_epoch"), "van voor de wissel");
  EXPECT_EQ(text("message_skipped"), "overgeslagen");
  EXPECT_EQ(group.decrypt(value("message_consumed")).error(), kGenerationConsumed);
}

TEST_P(StoredState, APendingCommitIsMergedAndTheFollowerTakesIt) {
  PendingCommit pending = PendingCommit::deserialize(value("pending_commit")).value();
  const PublicGroup follower = PublicGroup::deserialize(value("public_group")).value();
  EXPECT_TRUE(follower.check_bundle(pending.commit, pending.welcome, pending.group_info).ok());
  const Group next = std::move(pending).merge(group()).value();
  EXPECT_TRUE(equal(next.epoch_authenticator(), value("pending_commit_authenticator")));
  EXPECT_TRUE(Group::deserialize(next.serialize().bytes()).ok());  // written in the newest version
}

TEST_P(StoredState, KeyPackageSecretsOpen) {
  EXPECT_TRUE(KeyPackageSecrets::deserialize(value("key_package_secrets")).ok());
}

// Since version 2.
TEST(StoredStateOfVersion2, AnOwnUpdateIsFoundAgainAndAClosedGroupStaysClosed) {
  const Example example(2);
  const CommitResult result = example.group().handle_commit(example.value("commit_of_own_update"), no_psks()).value();
  EXPECT_TRUE(equal(result.next.epoch_authenticator(), example.value("commit_of_own_update_authenticator")));
  const Group closed = Group::deserialize(example.value("reinitialised_group")).value();
  EXPECT_EQ(closed.end(), GroupEnd::reinitialised);
  EXPECT_EQ(as_text(closed.reinit()->group_id), "next");
}

// A layout that changes gets a new number, and an example above.
TEST(StoredStateOfToday, SaysItsVersion) {
  test::SeededRng rng(5);
  test::Room room = test::Room::of(rng, 2);
  const auto version = [](ByteView bytes) { return Reader(bytes).u16().value(); };
  EXPECT_EQ(version(room.members[0].serialize().bytes()), 2);
  EXPECT_EQ(version(room.follower.serialize()), 2);
  EXPECT_EQ(version(room.members[0].commit(rng, {}).value().serialize().bytes()), 1);
  EXPECT_EQ(version(test::Device(rng, "x").package.secrets.serialize().bytes()), 1);
}

INSTANTIATE_TEST_SUITE_P(Versions, StoredState, testing::Values(1, 2));

}  // namespace
}  // namespace steiger::mls
