// What only the SQLCipher store can do: survive. A second process writes and is killed; what it reported is there afterwards.
#include "gateway/store/sql_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "crypto/primitives/system_rng.h"
#include "gateway/store/sql_schema.h"

namespace steiger::gateway {
namespace {

namespace fs = std::filesystem;

class SqlStoreTest : public testing::Test {
 protected:
  SqlStoreTest() {
    std::string pattern = (fs::temp_directory_path() / "steiger-sql-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~SqlStoreTest() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return (folder_ / "store.db").string(); }
  Result<std::unique_ptr<Store>> open() { return open_sql_store({path(), key_.clone(), audit_key_.clone()}, rng_); }

  fs::path folder_;
  SystemRng rng_;
  sqlcipher::DatabaseKey key_ = sqlcipher::DatabaseKey::random(rng_);
  SecretboxKey audit_key_ = SecretboxKey::random(rng_);
  OrganisationId organisation_ = OrganisationId::random(rng_);
  VerifyKey root_;
};

// Appends messages 1, 2, 3, ... to a channel and reports each seq on `pipe` after its commit, until killed.
[[noreturn]] void write_until_killed(Store& store, Rng& rng, int pipe) {
  ChannelRow channel{0, ChannelId(ByteArray<kIdSize>{1}), to_bytes("g"), 0, 0, {}, 0};
  if (!store.begin().ok()) _exit(1);
  const auto number = store.open_channel(channel, {}, {"open", {1}, {}});
  if (!number.ok() || !store.commit().ok()) _exit(1);
  channel.number = *number;
  while (true) {
    MessageRow message;
    message.seq = ++channel.head_seq;
    message.id = MessageId::random(rng);
    message.payload = Bytes(300, 1);
    RelayBatch batch;
    batch.appended.push_back({channel.number, {&message}});
    batch.heads.push_back(&channel);
    if (!store.begin().ok() || !store.append(batch, {"relay", {1}, {}}).ok() || !store.commit().ok()) _exit(1);
    if (::write(pipe, &message.seq, sizeof message.seq) != sizeof message.seq) _exit(1);
  }
}

// Laws 2 and 12: whatever was reported is on disk after kill -9, in whole transactions.
TEST_F(SqlStoreTest, KilledAtAnyInstantKeepsWhatWasCommitted) {
  for (int round = 0; round < 5; ++round) {
    fs::remove(path());
    fs::remove(path() + "-wal");
    int pipes[2];
    ASSERT_EQ(::pipe(pipes), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipes[0]);
      auto store = open();
      if (!store.ok()) _exit(1);
      write_until_killed(**store, rng_, pipes[1]);
    }
    ::close(pipes[1]);
    std::uint64_t reported = 0;
    const std::uint64_t enough = 20 + 13 * static_cast<std::uint64_t>(round);
    std::uint64_t seq = 0;
    while (reported < enough && ::read(pipes[0], &seq, sizeof seq) == sizeof seq) reported = seq;
    ::kill(child, SIGKILL);
    while (::read(pipes[0], &seq, sizeof seq) == sizeof seq) reported = seq;
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(pipes[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";

    auto store = open();
    ASSERT_TRUE(store.ok()) << explain_store_error(store.error());
    const auto channel = (*store)->channel(ChannelId(ByteArray<kIdSize>{1})).value();
    ASSERT_TRUE(channel.has_value());
    EXPECT_GE(channel->head_seq, reported);
    EXPECT_LE(channel->head_seq, reported + 1) << "at most the one that could not be reported any more";
    const auto messages = (*store)->messages(channel->number, 1, {.max_messages = 100000, .max_bytes = 100000000}).value();
    EXPECT_EQ(messages.size(), channel->head_seq);
    // One leaf for the channel and one for every batch, in the same transaction (law 5).
    EXPECT_EQ((*store)->audit(0, 100000).value().size(), channel->head_seq + 1);
  }
}

TEST_F(SqlStoreTest, ReopeningKeepsTheIdentity) {
  VerifyKey head_key;
  {
    auto store = open();
    ASSERT_TRUE(store.ok());
    head_key = (*store)->bind(organisation_, root_, {1})->head_key.verify_key();
  }
  auto store = open();
  EXPECT_EQ((*store)->bind(organisation_, root_, {2})->head_key.verify_key(), head_key);
}

TEST_F(SqlStoreTest, WrongKeyIsNamed) {
  { ASSERT_TRUE(open().ok()); }
  key_ = sqlcipher::DatabaseKey::random(rng_);
  const auto store = open();
  ASSERT_FALSE(store.ok());
  EXPECT_STREQ(store.error().name, "store_key_wrong");
}

// A file of version 1, as the first release wrote it, opens in every later program.
TEST_F(SqlStoreTest, AFileOfVersionOneOpens) {
  {
    auto database = sqlcipher::Database::open(path(), key_);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(database->migrate(std::span(kSqlMigrations, 1)).ok());
    ASSERT_TRUE(database
                    ->execute("INSERT INTO channel VALUES(1, x'00112233445566778899aabbccddeeff', x'01', 4, 0, "
                              "zeroblob(32), 0); "
                              "INSERT INTO channel_group VALUES(1, x'05'); "
                              "INSERT INTO member VALUES(1, x'00112233445566778899aabbccddeef1', "
                              "x'00112233445566778899aabbccddeef2', 3, 4); "
                              "INSERT INTO welcome VALUES((1 << 32) | 3, 1, 1, x'06')")
                    .ok());
    ASSERT_TRUE(database
                    ->execute((std::string("INSERT INTO account VALUES(x'aa112233445566778899aabbccddeeff', x'11") +
                               std::string(62, '7') +
                               "', 1, x'02', 3); INSERT INTO device VALUES(x'bb112233445566778899aabbccddeeff', "
                               "x'aa112233445566778899aabbccddeeff', x'22" +
                               std::string(62, '7') +
                               "', 5, 0); INSERT INTO invite VALUES(x'cc112233445566778899aabbccddeeff', zeroblob(32), "
                               "x'aa112233445566778899aabbccddeeff', 2, 1, 2, x'01', 1, zeroblob(32), x'')")
                                  .c_str())
                    .ok());
  }
  auto store = open();
  ASSERT_TRUE(store.ok()) << explain_store_error(store.error());
  const auto channel = (*store)->channel(ChannelId::from_text("00112233445566778899aabbccddeeff").value()).value();
  ASSERT_TRUE(channel.has_value());
  EXPECT_EQ(channel->epoch, 4u);
  const auto account = (*store)->account(AccountId::from_text("aa112233445566778899aabbccddeeff").value()).value();
  const auto device = (*store)->device(DeviceId::from_text("bb112233445566778899aabbccddeeff").value()).value();
  ASSERT_TRUE(account.has_value() && device.has_value());
  EXPECT_EQ(device->account_key, account->key) << "every device was listed by the one key its account had";
  const auto invite = (*store)->invite(InviteId::from_text("cc112233445566778899aabbccddeeff").value()).value();
  ASSERT_TRUE(invite.has_value());
  EXPECT_EQ(invite->purpose, 0);
  EXPECT_TRUE(invite->account.is_none());
  EXPECT_EQ(channel->generation, 0u);
  const MemberRow member{DeviceId::from_text("00112233445566778899aabbccddeef1").value(),
                         AccountId::from_text("00112233445566778899aabbccddeef2").value(), 3, 4};
  EXPECT_THAT((*store)->members(1).value(), testing::ElementsAre(member)) << "in the roster, with its position";
  EXPECT_EQ((*store)->public_group(1).value(), Bytes{5});
  EXPECT_EQ((*store)->group_info(1).value(), Bytes{}) << "not kept then";
  EXPECT_EQ((*store)->welcome(1, 3).value()->generation, 0u);
}

// A file of version 2: what that version brought is kept, and its members are in the rosters of today.
TEST_F(SqlStoreTest, AFileOfVersionTwoOpens) {
  {
    auto database = sqlcipher::Database::open(path(), key_);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(database->migrate(std::span(kSqlMigrations, 2)).ok());
    ASSERT_TRUE(
        database
            ->execute("INSERT INTO channel VALUES(1, x'00112233445566778899aabbccddeeff', x'01', 4, 9, zeroblob(32), 0); "
                      "INSERT INTO channel_group VALUES(1, x'05'); "
                      "INSERT INTO member VALUES(1, x'bb112233445566778899aabbccddeeff', "
                      "x'aa112233445566778899aabbccddeeff', 3, 8); "
                      "INSERT INTO invite VALUES(x'cc112233445566778899aabbccddeeff', zeroblob(32), "
                      "x'aa112233445566778899aabbccddeeff', 2, 1, 2, x'01', 1, zeroblob(32), x'', 2, "
                      "x'aa112233445566778899aabbccddeeff', x'07'); "
                      "INSERT INTO standing VALUES(1, x'08', x'09'); "
                      "INSERT INTO offer VALUES(x'00112233445566778899aabbccddeeff', x'aa112233445566778899aabbccddeeff', "
                      "x'dd112233445566778899aabbccddeeff', 1, 2, x'0a', x'0b')")
            .ok());
  }
  auto store = open();
  ASSERT_TRUE(store.ok()) << explain_store_error(store.error());
  const auto device = DeviceId::from_text("bb112233445566778899aabbccddeeff").value();
  const auto account = AccountId::from_text("aa112233445566778899aabbccddeeff").value();
  EXPECT_THAT((*store)->members(1).value(), testing::ElementsAre(MemberRow{device, account, 3, 8}));
  EXPECT_EQ((*store)->public_group(1).value(), Bytes{5});
  EXPECT_EQ((*store)->group_info(1).value(), Bytes{}) << "not kept then";
  const auto invite = (*store)->invite(InviteId::from_text("cc112233445566778899aabbccddeeff").value()).value();
  ASSERT_TRUE(invite.has_value());
  EXPECT_EQ(invite->purpose, 2);
  EXPECT_EQ(invite->account, account);
  EXPECT_EQ(invite->accepted_sealed, Bytes{7});
  EXPECT_EQ((*store)->channel(ChannelId::from_text("00112233445566778899aabbccddeeff").value()).value()->generation, 0u);
}

// Every version that there was opens; whoever adds one says here how.
TEST_F(SqlStoreTest, EveryEarlierVersionHasATest) {
  EXPECT_EQ(std::size(kSqlMigrations), 3u) << "and a test AFileOfVersionThreeOpens";
}

TEST_F(SqlStoreTest, AFileOfALaterProgramIsRefused) {
  {
    auto database = sqlcipher::Database::open(path(), key_);
    ASSERT_TRUE(database->execute("PRAGMA user_version = 1000").ok());
  }
  const auto store = open();
  ASSERT_FALSE(store.ok());
  EXPECT_STREQ(store.error().name, "store_too_new");
}

// S26 in small: neither ciphertext ids nor audit records can be read from the files, and a planted plain text would be found.
TEST_F(SqlStoreTest, FilesHoldNoMarker) {
  auto store = open();
  ASSERT_TRUE(store.ok());
  const std::string marker = "marker-that-must-not-be-on-disk";
  ASSERT_TRUE((*store)->begin().ok());
  ASSERT_TRUE(
      (*store)->put_account({AccountId::random(rng_), root_, 1, to_bytes(marker), {1}}, {}, {"x", {1}, {{"m", marker}}}).ok());
  ASSERT_TRUE((*store)->commit().ok());
  std::ofstream(path() + "-control") << marker;
  const auto holds = [&](const char* suffix) {
    std::ifstream in(path() + suffix, std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(in), {}};
    return all.find(marker) != std::string::npos;
  };
  EXPECT_FALSE(holds(""));
  EXPECT_FALSE(holds("-wal"));
  EXPECT_TRUE(holds("-control"));
}

}  // namespace
}  // namespace steiger::gateway
